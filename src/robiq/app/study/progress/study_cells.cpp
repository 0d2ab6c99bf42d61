#include "robiq/app/study/progress/study_cells.h"

#include <cstdint>
#include <utility>

namespace robiq {

std::map<std::string, CellRow> study_cells(const ResultsStore& store, const std::string& study) {
  std::map<std::string, CellRow> cells;
  for (CellRow& row : store.cells()) {
    if (row.study == study) cells.emplace(row.cell, std::move(row));
  }
  return cells;
}

std::map<std::string, double> cell_seconds(const ResultsStore& store,
                                           const std::map<std::string, CellRow>& cells) {
  std::map<std::int64_t, double> by_run;
  for (const RunRow& run : store.runs()) {
    if (run.seconds() >= 0) by_run[run.id] = run.seconds();
  }
  std::map<std::string, double> seconds;
  for (const auto& [name, row] : cells) {
    const auto it = by_run.find(row.run);
    if (row.state == CellState::kDone && it != by_run.end()) seconds[name] = it->second;
  }
  return seconds;
}

}  // namespace robiq
