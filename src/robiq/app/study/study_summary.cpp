#include "robiq/app/study/study_summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <tuple>

#include "robiq/app/attack/named_distances.h"
#include "robiq/app/run/run_folder.h"
#include "robiq/app/study/experiment_run.h"
#include "robiq/app/study/study_record.h"
#include "robiq/app/study/study_setup.h"
#include "robiq/core/version.h"
#include "robiq/store/attack_options.h"

namespace robiq {
namespace {

using Json = nlohmann::ordered_json;

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

/// Perturbations that the study fitted lie in files of their own for each seed.
std::string without_fitted_file(const std::string& stored, const StudyFolder& folder) {
  const AttackOptions options = AttackOptions::from_stored(stored);
  const bool fitted = options.value("file").starts_with((folder.path() / "uap").string() + "/");
  return (fitted ? options.with("file", "fitted") : options).text();
}

Json mean_row(const StudyCell& cell, const SummaryKey& key, const Values& values) {
  Json row = {{"robiq_version", version()},
              {"data", cell.data},
              {"model", cell.model},
              {"defense", cell.defense},
              {"purifier", cell.purifier},
              {"attack", key.attack},
              {"options", key.options},
              {"level", key.level},
              {"surrogate", key.surrogate},
              {"block", key.block},
              {"seeds", values.begin()->second.size()}};
  for (const auto& [measure, rows] : values) {
    double sum = 0, squares = 0;
    std::string note;
    const auto count = static_cast<double>(rows.size());
    for (const MeasureRow& one : rows) {
      sum += one.value;
      if (!std::isfinite(one.value)) note = one.note;
    }
    for (const MeasureRow& one : rows) squares += std::pow(one.value - sum / count, 2);
    const bool defined = std::isfinite(sum);
    row[measure] = defined ? Json(sum / count) : Json();
    row[measure + "_std"] =
        defined && rows.size() > 1 ? Json(std::sqrt(squares / (count - 1))) : Json();
    if (!defined) row[measure + "_note"] = note.empty() ? "undefined for a seed" : note;
  }
  return row;
}

}  // namespace

Json study_summary(const Study& study, const std::vector<StudyCell>& cells,
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
    if (cell.stage != "evaluate" || state == states.end() || state->second.state != "done") {
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
  Json rows = Json::array();
  for (const auto& [key, values] : table) {
    rows.push_back(mean_row(cells[key.group], key, values));
    if (key.attack.empty()) rows.back()["attack"] = "none";
  }
  return rows;
}

Json study_table(const Json& rows) {
  Json table = Json::array();
  const std::vector<std::string> attacks = attack_texts(rows);
  const bool behind = std::any_of(rows.begin(), rows.end(),
                                  [](const Json& row) { return row.value("purifier", "") != ""; });
  for (const Json& row : rows) {
    Json line;
    for (const char* key : {"data", "model", "defense", "purifier", "attack", "block", "seeds",
                            "rmse", "srocc", "krocc", "plcc", "r"}) {
      if (!behind && std::string_view(key) == "purifier") continue;
      line[key] = row.contains(key) ? row[key] : Json();
    }
    line["attack"] = attacks[table.size()];
    table.push_back(std::move(line));
  }
  return table;
}

using Json = nlohmann::ordered_json;

ExperimentStatus experiment_status(const ExperimentStatusRequest& request) {
  const StudySetup setup = set_up_study(request.file, request.out, request.data);
  std::map<std::string, CellRow> begun;
  std::map<std::string, double> seconds;
  if (std::filesystem::exists(setup.folder.results())) {
    const StudyRecord record(setup.folder, setup.study.head.name, ResultsStore::Access::kRead);
    begun = record.cells();
    seconds = record.seconds();
  }
  const bool at_work = FolderLock::held(setup.folder.lock());
  ExperimentStatus status;
  status.rows = Json::array();
  std::map<std::string, std::size_t> counts;
  for (const StudyCell& cell : setup.cells) {
    const auto it = begun.find(cell.name);
    std::string state = it == begun.end() ? "to do" : it->second.state;
    if (state == "running" && !at_work) state = "stopped";
    ++counts[state];
    const auto time = seconds.find(cell.name);
    status.rows.push_back({{"cell", cell.name},
                           {"state", state},
                           {"seconds", time == seconds.end() ? Json() : Json(time->second)},
                           {"error", it == begun.end() ? "" : it->second.error}});
  }
  status.summary = fmt::format("{} of {} cells are done", counts["done"], setup.cells.size());
  for (const char* state : {"running", "stopped", "failed", "to do"}) {
    if (counts[state] > 0) status.summary += fmt::format(", {} {}", counts[state], state);
  }
  return status;
}

}  // namespace robiq
