#include "robiq/app/study/progress/experiment_status.h"

#include <fmt/format.h>

#include <filesystem>
#include <map>

#include "robiq/app/run/run_folder.h"
#include "robiq/app/study/progress/study_cells.h"

namespace robiq {

OptionTable<ExperimentStatusRequest> ExperimentStatusRequest::options() {
  using R = ExperimentStatusRequest;
  return {{"file", &R::file, "the study"},
          {"out", &R::out, "folder of the study; \"\": runs/NAME"},
          {"data", &R::data, "data sets in place of the study's; may be repeated"}};
}

ResultColumns<CellStatus> CellStatus::columns() {
  using R = CellStatus;
  ResultColumns<R> columns;
  columns.add("cell", &R::cell)
      .add("state", &R::state)
      .add("seconds", &R::seconds)
      .add("error", &R::error);
  return columns;
}

namespace {

CellProgress progress_of(CellState state, bool at_work) {
  switch (state) {
    case CellState::kDone:
      return CellProgress::kDone;
    case CellState::kFailed:
      return CellProgress::kFailed;
    case CellState::kRunning:
      break;
  }
  return at_work ? CellProgress::kRunning : CellProgress::kStopped;
}

}  // namespace

ExperimentStatus status_of(const StudyFolder& folder, const NotedCells& cells) {
  std::map<std::string, CellRow> begun;
  std::map<std::string, double> seconds;
  if (std::filesystem::exists(folder.results())) {
    const ResultsStore store(folder.results(), ResultsStore::Access::kRead);
    begun = begun_cells(store, cells.study);
    seconds = cell_seconds(store, begun);
  }
  const bool at_work = FolderLock::held(folder.lock());
  ExperimentStatus status;
  std::map<CellProgress, std::size_t> counts;
  for (const std::string& cell : cells.cells) {
    const auto it = begun.find(cell);
    const CellProgress state =
        it == begun.end() ? CellProgress::kToDo : progress_of(it->second.state, at_work);
    ++counts[state];
    const auto time = seconds.find(cell);
    status.rows.push_back({cell, state,
                           time == seconds.end() ? std::nullopt : std::optional(time->second),
                           it == begun.end() ? "" : it->second.error});
  }
  status.summary =
      fmt::format("{} of {} cells are done", counts[CellProgress::kDone], cells.cells.size());
  for (const auto& [state, count] : counts) {
    if (state != CellProgress::kDone)
      status.summary += fmt::format(", {} {}", count, word_of(state));
  }
  return status;
}

std::optional<ExperimentStatus> noted_status(const ExperimentStatusRequest& request) {
  const auto cells = noted_cells(request.out, request.file, request.data);
  if (!cells) return std::nullopt;
  return status_of(study_folder(request.out, cells->study), *cells);
}

}  // namespace robiq
