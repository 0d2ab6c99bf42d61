#include "robiq/app/evaluate/measures/msu_files.h"

#include <cmath>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "robiq/core/files/files.h"
#include "robiq/core/text/text.h"
#include "robiq/io/table/csv.h"
#include "robiq/store/run_inputs.h"

namespace robiq {
namespace {

constexpr double kLeastClear = 1e-3;  ///< below, the benchmark calls the ratio infinite

/// A stored picture under one attack: model, image, attack, options, level, surrogate.
using Key =
    std::tuple<std::int64_t, std::int64_t, std::string, std::string, std::string, std::string>;

template <class Row>
Key key_of(const Row& row) {
  return {row.model, row.image, row.attack, row.attack_options, row.level, row.surrogate};
}

template <class Row>
std::map<std::int64_t, Row> by_id(std::vector<Row> rows) {
  std::map<std::int64_t, Row> map;
  for (Row& row : rows) map.emplace(row.id, std::move(row));
  return map;
}

/// The values of one distance.
std::map<Key, double> values_of(const std::vector<DistanceRow>& rows, const std::string& name) {
  std::map<Key, double> values;
  for (const DistanceRow& row : rows) {
    if (row.distance == name) values[key_of(row)] = row.value;
  }
  return values;
}

std::string text_or_empty(double value) { return std::isnan(value) ? "" : number_text(value); }

std::string text_or_empty(const std::map<Key, double>& values, const Key& key) {
  const auto it = values.find(key);
  return it == values.end() ? "" : text_or_empty(it->second);
}

std::string ratio_text(double clear, double attacked) {
  return std::abs(clear) < kLeastClear ? "inf" : text_or_empty(attacked / clear);
}

std::string title_of(const ModelRow& model) {
  return model.name + (model.defense == "none" ? "" : "-" + model.defense);
}

/// Models that the newest runs of their kind scored: not those whose weights were remade under the
/// same name since.
std::set<std::int64_t> current_models(const ResultsStore& store) {
  std::set<std::pair<std::string, std::string>> seen;
  std::set<std::int64_t> current;
  const std::vector<RunRow> runs = store.runs();
  for (auto run = runs.rbegin(); run != runs.rend(); ++run) {
    const std::vector<ScoreRow> rows = store.scores(run->id);
    if (rows.empty() || !seen.emplace(run->label, sorted_options_in(run->config_toml)).second)
      continue;
    for (const ScoreRow& row : rows) current.insert(row.model);
  }
  return current;
}

/// A file for each model: the second of a name is called NAME-2.
std::map<std::int64_t, std::string> files_of(const ResultsStore& store) {
  constexpr std::string_view kEnding = ".csv";
  constexpr std::size_t kNumberBytes = 8;
  std::map<std::string, int> counts;
  std::map<std::int64_t, std::string> files;
  const std::set<std::int64_t> current = current_models(store);
  for (const ModelRow& model : store.models()) {
    if (!current.contains(model.id)) continue;  // its file, if any, is another's now
    const std::string stem =
        bounded_stem_of(title_of(model), kMostNameBytes - kEnding.size() - kNumberBytes);
    const int count = ++counts[stem];
    files[model.id] = stem + (count == 1 ? "" : "-" + std::to_string(count)) + std::string(kEnding);
  }
  return files;
}

/// What tells the rows of one file from those of another: model, attack, options, level, surrogate.
using Subject = std::tuple<std::int64_t, std::string, std::string, std::string, std::string>;

Subject subject_of(const ScoreRow& row) {
  return {row.model, row.attack, row.attack_options, row.level, row.surrogate};
}

/// Lines of the files, run by run.
class MsuTables {
 public:
  MsuTables(const ResultsStore& store, const AttackFolders& attacks)
      : store_(store), attacks_(attacks), images_(by_id(store.images())) {}

  /// The run's own rows.
  void add(std::int64_t run) {
    for (const ScoreRow& row : store_.scores(run)) {
      if (attacks_.contains({row.attack, row.attack_options})) subjects_.insert(subject_of(row));
    }
    add_sets(run);
  }
  /// Rows of another run that belong into the same files: of data sets that they do not have yet.
  void add_sets(std::int64_t run) {
    const std::vector<DistanceRow> distances = store_.distances(run);
    const auto ssim = values_of(distances, "ssim_skimage"), mse = values_of(distances, "mse");
    std::set<std::pair<Subject, std::string>> added;
    for (const ScoreRow& row : store_.scores(run)) {
      const Subject subject = subject_of(row);
      const ImageRow& image = images_.at(row.image);
      if (!subjects_.contains(subject) || sets_.contains({subject, image.dataset})) continue;
      added.emplace(subject, image.dataset);
      lines_[subject].push_back({image.name, image.dataset, text_or_empty(row.before_native),
                                 text_or_empty(row.after_native),
                                 ratio_text(row.before_native, row.after_native),
                                 text_or_empty(row.psnr_db), text_or_empty(ssim, key_of(row)),
                                 text_or_empty(mse, key_of(row))});
    }
    sets_.merge(added);
  }
  void write(const std::filesystem::path& folder) const {
    const std::map<std::int64_t, std::string> files = files_of(store_);
    for (const auto& [subject, lines] : lines_) {
      const auto& [model, attack, options, level, surrogate] = subject;
      const auto file = files.find(model);
      if (file == files.end()) continue;
      write_csv(
          folder / attacks_.at({attack, options}) / file->second,
          {"image_name", "test_dataset", "clear", "attacked", "rel_gain", "psnr", "ssim", "mse"},
          lines);
    }
  }

 private:
  const ResultsStore& store_;
  const AttackFolders& attacks_;
  std::map<std::int64_t, ImageRow> images_;
  std::set<Subject> subjects_;
  std::set<std::pair<Subject, std::string>> sets_;  ///< data sets that are there
  std::map<Subject, std::vector<std::vector<std::string>>> lines_;
};

}  // namespace

void write_msu_files(const ResultsStore& store, std::int64_t run, const AttackFolders& attacks,
                     const std::filesystem::path& folder) {
  MsuTables tables(store, attacks);
  tables.add(run);
  const std::vector<RunRow> runs = store.runs();
  for (auto other = runs.rbegin(); other != runs.rend(); ++other) {  // the newest counts
    if (other->id != run && other->kind == RunKind::kEvaluate) tables.add_sets(other->id);
  }
  tables.write(folder);
}

}  // namespace robiq
