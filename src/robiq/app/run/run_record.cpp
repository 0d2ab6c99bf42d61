#include "robiq/app/run/run_record.h"

#include "robiq/app/run/run_folder.h"
#include "robiq/core/error.h"
#include "robiq/core/log.h"
#include "robiq/core/version.h"
#include "robiq/store/database_check.h"
#include "robiq/tensor/device.h"

namespace robiq {

RunRow new_run_row(RunKind kind, const std::string& label) {
  RunRow row;
  row.kind = kind;
  row.label = label;
  row.command = command_line();
  row.robiq_version = version();
  row.torch_version = torch_version();
  row.started_utc = utc_now();
  return row;
}

RunRecord::RunRecord(const std::filesystem::path& file, const RunRow& row, bool resume) {
  if (!ResultsStore::available()) {
    log::warning("this robiq was built without its results database: the run is not recorded");
    return;
  }
  open(file, resume);
  const std::optional<RunRow> earlier = store_->find_run(row.config_sha256);
  run_ = earlier && resume ? earlier->id : store_->begin_run(row);
}

/// A damaged database keeps no training from going on: its checkpoints are files of their own.
void RunRecord::open(const std::filesystem::path& file, bool resume) {
  try {
    store_.emplace(file);
  } catch (const DamagedDatabase& damage) {
    if (!resume) throw;
    const std::filesystem::path aside = set_aside(file);
    log::warning(
        "{} ({}). It was set aside as {}, and a new one begun. Checkpoints are files of their own, "
        "and the training goes on from them; scores of evaluations into this folder are to be made "
        "anew",
        damage.text().what, damage.text().where, aside.filename().string());
    store_.emplace(file);
  }
}

void do_recorded(const std::function<void(RunStatus)>& end, const std::function<void()>& work) {
  try {
    work();
  } catch (const Interrupted&) {
    end(RunStatus::kInterrupted);
    throw;
  } catch (...) {
    end(RunStatus::kFailed);
    throw;
  }
  end(RunStatus::kFinished);
}

void do_recorded(ResultsStore& store, std::int64_t run, const std::function<void()>& work) {
  do_recorded([&](RunStatus status) { store.set_run_status(run, status, utc_now()); }, work);
}

void RunRecord::during(const std::function<void()>& work) {
  if (!store_) return work();
  do_recorded(*store_, run_, work);
}

void RunRecord::add_history(const ModelRow& model, const ModelTitleRow& title,
                            std::vector<HistoryRow> rows) {
  if (!store_) return;
  store_->add(std::vector{title});
  const std::int64_t id = store_->model_id(model);
  for (HistoryRow& row : rows) row.model = id;
  store_->add(rows);
}

}  // namespace robiq
