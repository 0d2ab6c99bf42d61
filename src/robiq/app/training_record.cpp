#include "robiq/app/training_record.h"

#include "robiq/app/run_folder.h"

namespace robiq {

void copy_training(const std::filesystem::path& run_folder, ResultsStore& into,
                   const std::string& label) {
  const ResultsStore from(RunFolder(run_folder).results(), ResultsStore::Access::kRead);
  for (RunRow run : from.runs()) {
    if (run.kind != "train" || into.find_run(run.config_sha256)) continue;
    if (!label.empty()) run.label = label + run.label.substr(run.label.rfind(' '));
    into.set_run_status(into.begin_run(run), run.status, run.finished_utc);
  }
  std::map<std::int64_t, std::int64_t> ids;
  for (ModelRow model : from.models()) {
    const std::int64_t id = model.id;
    if (!label.empty()) model.name = label;
    ids[id] = into.model_id(model);
  }
  std::vector<HistoryRow> rows = from.history();
  for (HistoryRow& row : rows) row.model = ids.at(row.model);
  into.add(rows);
}

}  // namespace robiq
