#include "robiq/app/study/progress/study_record.h"

#include <fmt/format.h>

#include "robiq/app/run/run_folder.h"
#include "robiq/app/run/run_record.h"
#include "robiq/app/study/progress/study_cells.h"
#include "robiq/app/train/validation.h"
#include "robiq/core/error.h"
#include "robiq/core/files/files.h"
#include "robiq/core/text/text.h"

namespace robiq {
namespace {

std::string hash_of(const std::string& kind, const std::string& name, const std::string& config) {
  return sha256(kind + "\n" + name + "\n" + config);
}

}  // namespace

StudyRecord::StudyRecord(const StudyFolder& folder, std::string study, ResultsStore::Access access)
    : study_(std::move(study)), store_(std::make_unique<ResultsStore>(folder.results(), access)) {}

std::map<std::string, CellRow> StudyRecord::cells() const { return begun_cells(*store_, study_); }

std::map<std::string, double> StudyRecord::seconds() const {
  return cell_seconds(*store_, cells());
}

std::int64_t StudyRecord::threads() const {
  std::int64_t threads = 0;
  for (const RunRow& run : store_->runs()) {
    if (run.kind == RunKind::kExperiment) threads = run.threads;
  }
  return threads;
}

std::int64_t StudyRecord::threads_to_use(std::int64_t asked, std::int64_t usable) const {
  const std::int64_t earlier = threads();
  if (earlier == 0) return usable;
  if (asked == 0 || asked == earlier) return earlier;
  const auto begun = cells();
  const auto cut_off = std::count_if(begun.begin(), begun.end(), [](const auto& cell) {
    return cell.second.state != CellState::kDone;
  });
  if (cut_off == 0) return asked;
  throw Error(ErrorKind::kUsage,
              {fmt::format("{} of the study's cells are unfinished, begun with {} threads", cut_off,
                           earlier),
               "--threads", fmt::format("go on with --threads {}: results depend on it", earlier)});
}

ReadInputs StudyRecord::inputs() const {
  ReadInputs inputs;
  for (const RunRow& run : store_->runs()) {
    if (run.kind != RunKind::kExperiment || run.label != study_) continue;
    if (ReadInputs noted = inputs_in(run.config_toml); !noted.empty()) inputs = std::move(noted);
  }
  return inputs;
}

std::int64_t StudyRecord::begin_study(const Study& study, const ReadInputs& inputs,
                                      const std::string& device, std::int64_t threads) {
  RunRow row = new_run_row(RunKind::kExperiment, study_);
  row.config_toml = study_text(study) + inputs_text(inputs);
  row.config_sha256 = hash_of(word_of(row.kind), study_, row.config_toml + std::to_string(threads));
  row.device = device;
  row.threads = threads;
  row.seed = study.seeds().front();
  const std::optional<RunRow> earlier = store_->find_run(row.config_sha256);
  std::int64_t newest = 0;
  for (const RunRow& run : store_->runs()) newest = run.kind == row.kind ? run.id : newest;
  if (!earlier || earlier->id != newest) return store_->begin_run(row);
  store_->set_run_status(earlier->id, RunStatus::kRunning, "");
  return earlier->id;
}

void StudyRecord::end_study(std::int64_t run, RunStatus status) {
  store_->set_run_status(run, status, utc_now());
  if (status != RunStatus::kFinished) return;
  // What an earlier title or number of threads left unfinished is finished now.
  for (const RunRow& row : store_->runs()) {
    if (row.kind == RunKind::kExperiment && row.status != RunStatus::kFinished) {
      store_->set_run_status(row.id, status, utc_now());
    }
  }
}

void StudyRecord::begin_cell(const StudyCell& cell, const std::string& device,
                             std::int64_t threads) {
  run_ = 0;
  if (cell.stage != StudyStage::kEvaluate) {
    RunRow row = new_run_row(RunKind::kCell, cell.name);
    row.config_toml = cell_options(cell);
    row.config_sha256 = hash_of(word_of(row.kind), cell.name, row.config_toml);
    row.device = device;
    row.threads = threads;
    row.seed = cell.seed;
    run_ = store_->begin_run(row);
  }
  store_->set_cell({study_, cell.name, CellState::kRunning, run_, ""});
}

void StudyRecord::set_run(const StudyCell& cell, std::int64_t run) {
  run_ = run;
  store_->set_cell({study_, cell.name, CellState::kRunning, run_, ""});
}

void StudyRecord::end_own_run(const StudyCell& cell, RunStatus status) {
  if (cell.stage != StudyStage::kEvaluate) store_->set_run_status(run_, status, utc_now());
}

void StudyRecord::end_cell(const StudyCell& cell) {
  end_own_run(cell, RunStatus::kFinished);
  if (cell.stage == StudyStage::kTrain) {
    copy_training(std::get<TrainRequest>(cell.request).out, *store_, cell.model_label);
  }
  store_->set_cell({study_, cell.name, CellState::kDone, run_, ""});
}

void StudyRecord::fail_cell(const StudyCell& cell, const std::string& error) {
  end_own_run(cell, RunStatus::kFailed);
  store_->set_cell({study_, cell.name, CellState::kFailed, run_, error});
}

void StudyRecord::reopen_cells(const std::set<std::string>& names) {
  if (names.empty()) return;
  for (const auto& [name, row] : cells()) {
    if (names.contains(name)) store_->set_cell({study_, name, CellState::kRunning, row.run, ""});
  }
}

void StudyRecord::interrupt_cell(const StudyCell& cell) {
  end_own_run(cell, RunStatus::kInterrupted);
}

}  // namespace robiq
