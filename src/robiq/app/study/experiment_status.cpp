#include "robiq/app/study/experiment_status.h"

#include <fmt/format.h>

#include <filesystem>
#include <map>

#include "robiq/app/run/run_folder.h"
#include "robiq/app/study/study_record.h"
#include "robiq/app/study/study_setup.h"

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
  std::map<CellProgress, std::size_t> counts;
  for (const StudyCell& cell : setup.cells) {
    const auto it = begun.find(cell.name);
    const CellProgress state =
        it == begun.end() ? CellProgress::kToDo : progress_of(it->second.state, at_work);
    ++counts[state];
    const auto time = seconds.find(cell.name);
    status.rows.push_back({cell.name, state,
                           time == seconds.end() ? std::nullopt : std::optional(time->second),
                           it == begun.end() ? "" : it->second.error});
  }
  status.summary =
      fmt::format("{} of {} cells are done", counts[CellProgress::kDone], setup.cells.size());
  for (const auto& [state, count] : counts) {
    if (state != CellProgress::kDone)
      status.summary += fmt::format(", {} {}", count, word_of(state));
  }
  return status;
}

}  // namespace robiq
