#include "robiq/app/msu_files.h"

#include <cmath>
#include <tuple>
#include <vector>

#include "robiq/core/file_names.h"
#include "robiq/core/text.h"
#include "robiq/io/csv.h"

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

std::string file_of(const ModelRow& model) {
  const std::string defense = model.defense == "none" ? "" : "-" + model.defense;
  constexpr std::string_view kEnding = ".csv";
  return bounded_stem_of(model.name + defense, kMostNameBytes - kEnding.size()) +
         std::string(kEnding);
}

}  // namespace

void write_msu_files(const ResultsStore& store, std::int64_t run, const AttackFolders& attacks,
                     const std::filesystem::path& folder) {
  const auto images = by_id(store.images());
  const auto models = by_id(store.models());
  const std::vector<DistanceRow> distances = store.distances(run);
  const auto ssim = values_of(distances, "ssim_skimage"), mse = values_of(distances, "mse");
  std::map<std::filesystem::path, std::vector<std::vector<std::string>>> files;
  for (const ScoreRow& row : store.scores(run)) {
    const auto attack = attacks.find({row.attack, row.attack_options});
    if (attack == attacks.end()) continue;
    const ImageRow& image = images.at(row.image);
    files[folder / attack->second / file_of(models.at(row.model))].push_back(
        {image.name, image.dataset, text_or_empty(row.before_native),
         text_or_empty(row.after_native), ratio_text(row.before_native, row.after_native),
         text_or_empty(row.psnr_db), text_or_empty(ssim, key_of(row)),
         text_or_empty(mse, key_of(row))});
  }
  for (const auto& [file, rows] : files) {
    write_csv(
        file,
        {"image_name", "test_dataset", "clear", "attacked", "rel_gain", "psnr", "ssim", "mse"},
        rows);
  }
}

}  // namespace robiq
