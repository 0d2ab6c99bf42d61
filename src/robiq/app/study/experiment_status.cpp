#include <fmt/format.h>

#include <map>

#include "robiq/app/run/folder_lock.h"
#include "robiq/app/study/experiment_run.h"
#include "robiq/app/study/study_record.h"
#include "robiq/app/study/study_setup.h"

namespace robiq {

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
