#include "robiq/app/study/study_summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>

#include "robiq/app/run/run_folder.h"
#include "robiq/app/study/progress/study_record.h"
#include "robiq/app/study/study_setup.h"
#include "robiq/core/version.h"
#include "robiq/store/attack_options.h"

namespace robiq {
namespace {

/// One row of the summary: what its values have in common.
struct SummaryKey {
  std::size_t group;  ///< position of the first cell that differs in its seed alone
  std::string attack, options, level, surrogate, block;

  [[nodiscard]] auto tie() const {
    return std::tie(group, attack, options, level, surrogate, block);
  }
  bool operator<(const SummaryKey& other) const { return tie() < other.tie(); }
};
using Values = std::map<std::string, std::vector<MeasureRow>>;  ///< by measure

/// Whether the study fitted it, however its folder was spelled then, and wherever it was. What is
/// still there under its own name is another file.
bool is_fitted(const std::string& file, const StudyFolder& folder) {
  namespace fs = std::filesystem;
  const std::string path = "/" + file;
  const std::size_t place = path.rfind("/uap/");
  if (place == path.npos) return false;
  std::error_code code;
  const fs::path own = folder.path() / path.substr(place + 1);
  return fs::exists(own, code) && (!fs::exists(file, code) || fs::equivalent(file, own, code));
}

/// Perturbations that the study fitted lie in files of their own for each seed.
std::string without_fitted_file(const std::string& stored, const StudyFolder& folder) {
  const AttackOptions options = AttackOptions::from_stored(stored);
  const bool fitted = is_fitted(options.value("file"), folder);
  return (fitted ? options.with("file", "fitted") : options).text();
}

/// The mean over the seeds; NaN where it is undefined for one of them.
RowMeasure mean_of(const std::string& name, const std::vector<MeasureRow>& of_seeds) {
  const auto count = static_cast<double>(of_seeds.size());
  double sum = 0, squares = 0;
  std::string note;
  for (const MeasureRow& seed : of_seeds) {
    sum += seed.value;
    if (!std::isfinite(seed.value)) note = seed.note;
  }
  RowMeasure mean{.name = name};
  if (!std::isfinite(sum)) {
    mean.note = note.empty() ? "undefined for a seed" : note;
    return mean;
  }
  mean.value = sum / count;
  for (const MeasureRow& seed : of_seeds) squares += std::pow(seed.value - mean.value, 2);
  if (of_seeds.size() > 1) mean.deviation = std::sqrt(squares / (count - 1));
  return mean;
}

StudyRow mean_row(const StudyCell& cell, const SummaryKey& key, const Values& values) {
  StudyRow row;
  row.data = cell.data;
  row.model = cell.model;
  row.defense = cell.defense;
  row.purifier = cell.purifier;
  row.attack = key.attack.empty() ? "none" : key.attack;
  row.options = key.options;
  row.level = key.level;
  row.surrogate = key.surrogate;
  row.block = parse_block(key.block);
  row.seeds = values.begin()->second.size();
  for (const auto& [measure, of_seeds] : values) row.measures.push_back(mean_of(measure, of_seeds));
  return row;
}

void add_means(const StudyRow& row, nlohmann::ordered_json& cells) {
  for (const RowMeasure& measure : row.measures) {
    cells[measure.name] = result_cell(measure.value);
    cells[measure.name + "_std"] = result_cell(measure.deviation);
    if (!measure.note.empty()) cells[measure.name + "_note"] = measure.note;
  }
}

}  // namespace

ResultColumns<StudyRow> StudyRow::columns() {
  using R = StudyRow;
  const auto purifier_in_table = [](const R& row) {
    return row.shows_purifier ? std::optional(row.purifier) : std::nullopt;
  };
  ResultColumns<R> columns;
  columns
      .add(
          "robiq_version", [](const R&) { return std::string(version()); }, Shown::kData)
      .add("data", &R::data)
      .add("model", &R::model)
      .add("defense", &R::defense)
      .add("purifier", &R::purifier, Shown::kData)
      .add_present("purifier", purifier_in_table, Shown::kTable)
      .add("attack", &R::attack, Shown::kData)
      .add("attack", &R::attack_title, Shown::kTable)
      .add("options", &R::options, Shown::kData)
      .add("level", &R::level, Shown::kData)
      .add("surrogate", &R::surrogate, Shown::kData)
      .add("block", [](const R& row) { return std::string(block_name(row.block)); })
      .add("seeds", &R::seeds)
      .add_cells(add_means, Shown::kData)
      .add_cells(add_table_measures, Shown::kTable);
  return columns;
}

std::vector<StudyRow> study_summary(const Study& study, const std::vector<StudyCell>& cells,
                                    const StudyFolder& folder) {
  const ResultsStore store(folder.results(), ResultsStore::Access::kRead);
  const StudyRecord record(folder, study.head.name, ResultsStore::Access::kRead);
  const std::map<std::string, CellRow> states = record.cells();
  std::map<std::tuple<std::string, std::string, std::string, std::string, std::string, bool>,
           std::size_t>
      groups;
  std::set<std::tuple<std::string, std::string, std::string, std::string, std::int64_t>> clean;
  std::map<SummaryKey, Values> table;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const StudyCell& cell = cells[i];
    const auto state = states.find(cell.name);
    if (cell.stage != StudyStage::kEvaluate || state == states.end() ||
        state->second.state != CellState::kDone) {
      continue;
    }
    const bool transfer = std::get<EvaluateRequest>(cell.request).transfer;
    const std::size_t group =
        groups
            .try_emplace(
                {cell.data, cell.model, cell.defense, cell.purifier, cell.surrogate, transfer}, i)
            .first->second;
    // Every evaluation of a model scores the clean pictures; they count once.
    const bool first =
        clean.insert({cell.data, cell.model, cell.defense, cell.purifier, cell.seed}).second;
    for (MeasureRow& row : store.measures(state->second.run)) {
      if (row.attack == "none" && !first) continue;
      SummaryKey key{group,
                     row.attack,
                     without_fitted_file(row.attack_options, folder),
                     row.level,
                     row.surrogate.empty() ? "" : cell.surrogate,
                     row.block};
      if (key.attack == "none") key.attack.clear();  // the clean row first
      table[key][row.measure].push_back(std::move(row));
    }
  }
  std::vector<StudyRow> rows;
  for (const auto& [key, values] : table) {
    rows.push_back(mean_row(cells[key.group], key, values));
  }
  name_attacks(rows);
  const bool behind = std::any_of(rows.begin(), rows.end(),
                                  [](const StudyRow& row) { return !row.purifier.empty(); });
  for (StudyRow& row : rows) row.shows_purifier = behind;
  return rows;
}

}  // namespace robiq
