#include "robiq/app/training_record.h"

#include "robiq/app/run_folder.h"

namespace robiq {

void copy_training(const std::filesystem::path& run_folder, ResultsStore& into) {
  const ResultsStore from(RunFolder(run_folder).results(), ResultsStore::Access::kRead);
  for (const RunRow& run : from.runs()) {
    if (run.kind != "train" || into.find_run(run.config_sha256)) continue;
    into.set_run_status(into.begin_run(run), run.status, run.finished_utc);
  }
  std::map<std::int64_t, std::int64_t> ids;
  std::vector<HistoryRow> rows = from.history();
  const std::vector<ModelRow> models = from.models();
  for (const ModelRow& model : models) ids[model.id] = into.model_id(model);
  for (HistoryRow& row : rows) row.model = ids.at(row.model);
  into.add(rows);
}

}  // namespace robiq
