#include "robiq/app/study/experiment_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "robiq/app/run/error_boundary.h"
#include "robiq/app/run/run_folder.h"
#include "robiq/app/run/run_record.h"
#include "robiq/app/study/named_inputs.h"
#include "robiq/app/study/progress/study_record.h"
#include "robiq/app/study/progress/study_work.h"
#include "robiq/app/study/study_inputs.h"
#include "robiq/app/study/study_setup.h"
#include "robiq/app/study/study_summary.h"
#include "robiq/core/files/files.h"
#include "robiq/core/log.h"
#include "robiq/core/stop.h"
#include "robiq/core/text/text.h"
#include "robiq/dist/join_processes.h"
#include "robiq/tensor/device.h"

namespace robiq {

namespace {

using Json = nlohmann::ordered_json;

class Experiment {
 public:
  Experiment(const ExperimentRequest& request, StudySetup setup, std::vector<bool> chosen);
  ExperimentResult run();

 private:
  void open();
  void begin();
  void tell_others();
  [[nodiscard]] StudyWork::Positions done_of(const std::map<std::string, CellRow>& begun) const;
  void work_through();
  void work_on_stage(StudyStage stage);
  void work_on_cell(std::size_t position);
  [[nodiscard]] ExperimentResult result() const;

  ExperimentRequest request_;
  StudySetup setup_;
  JoinedProcesses processes_;
  std::string device_, device_text_;  ///< as a flag, and as it is recorded
  std::int64_t threads_ = 0;
  std::optional<FolderLock> lock_;
  std::optional<StudyRecord> record_;
  ReadInputs inputs_;                   ///< of the study, by content
  std::vector<std::size_t> forgotten_;  ///< cells that were done, with inputs that have changed
  std::int64_t run_ = 0;
  StudyWork work_;
  StudyClock clock_;
};

Experiment::Experiment(const ExperimentRequest& request, StudySetup setup, std::vector<bool> chosen)
    : request_(request),
      setup_(std::move(setup)),
      processes_(join_processes({request.device, request.threads, request.waiting.process_seconds,
                                 request.waiting.join_seconds})),
      device_(processes_.group ? processes_.device.str() : request.device),
      device_text_(device_description(processes_.device)),
      threads_(processes_.threads),
      work_(setup_, std::move(chosen), processes_.group.get()) {}

StudyWork::Positions Experiment::done_of(const std::map<std::string, CellRow>& begun) const {
  StudyWork::Positions done;
  for (std::size_t i = 0; i < setup_.cells.size(); ++i) {
    const auto it = begun.find(setup_.cells[i].name);
    if (it != begun.end() && it->second.state == CellState::kDone) done.insert(i);
  }
  return done;
}

/// By the first process: the folder is made ready.
void Experiment::open() {
  const StudyFolder& folder = setup_.folder;
  make_folder(folder.path());
  lock_.emplace(folder.lock(),
                ErrorText{"another robiq works on this study", folder.path().string(),
                          "wait until it has ended; `robiq experiment status` says how far it is"});
  record_.emplace(folder, setup_.study.head.name, ResultsStore::Access::kWrite);
  const auto begun = record_->cells();
  check_unchanged(setup_, begun);
  const StudyInputs inputs = study_inputs(setup_);
  const ReadInputs before = record_->inputs();
  const auto remade = remade_inputs(setup_, before, inputs, begun);
  inputs_ = with_earlier(inputs.all(), before);
  threads_ = record_->threads_to_use(request_.threads, threads_);
  keep_config(setup_);
  note_cells(folder, setup_.text, request_.data, names_of_cells(setup_));
  StudyWork::Positions done = done_of(begun);
  forgotten_ = forget_evaluations(setup_, remade, done);
  work_.set_done(std::move(done));
  for (const auto& [name, seconds] : record_->seconds()) {
    const auto stage = with_word<StudyStage>(name.substr(0, name.find('/')));
    if (stage) clock_.add_finished(*stage, seconds);
  }
}

/// The first process knows what is done already.
void Experiment::tell_others() {
  const ProcessGroup* const group = processes_.group.get();
  if (group == nullptr) return;
  std::string options = study_text(setup_.study);
  for (const std::string& cell : request_.cell) options += cell + "\n";
  check_agreement(group, options);
  const Json state = {{"threads", threads_}, {"done", work_.done()}};
  const auto first_state = Json::parse(group->broadcast(group->first() ? state.dump() : ""));
  threads_ = first_state["threads"].get<std::int64_t>();
  work_.set_done(first_state["done"].get<StudyWork::Positions>());
  if (!record_) {
    record_.emplace(setup_.folder, setup_.study.head.name, ResultsStore::Access::kWrite);
  }
}

void Experiment::work_on_cell(std::size_t position) {
  const StudyCell& cell = setup_.cells[position];
  const std::string number = fmt::format("[{}/{}]", position + 1, setup_.cells.size());
  const auto started = std::chrono::steady_clock::now();
  record_->begin_cell(cell, device_text_, threads_);
  log::info("{} {} {}", number, word_of(cell.stage), cell.title);
  try {
    within_error_boundary([&] {
      work_on(cell, {device_, threads_, [&](std::int64_t run) { record_->set_run(cell, run); }});
    });
    record_->end_cell(cell);
    work_.end_cell(position);
  } catch (const Interrupted&) {
    record_->interrupt_cell(cell);
    work_.stop();
    return;
  } catch (const Error& error) {
    record_->fail_cell(cell, one_line(error));
    work_.fail_cell({position, error.exit_code(), one_line(error)});
    log::warning("{} {} failed: {}", number, cell.name, one_line(error));
    return;
  }
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - started;
  clock_.add_finished(cell.stage, passed.count());
  const std::string left = clock_.left_text(work_.left());
  log::info("{} done in {}{}{}", number, duration_text(passed.count()), left.empty() ? "" : "; ",
            left);
}

void Experiment::work_on_stage(StudyStage stage) {
  for (const std::size_t position : work_.begin_stage(stage)) {
    if (work_.stopped() || stop_requested()) break;
    work_on_cell(position);
  }
  work_.end_stage();
}

void Experiment::work_through() {
  for (std::size_t stage = 0; stage < words_of(StudyStage{}).size(); ++stage) {
    work_on_stage(static_cast<StudyStage>(stage));
    if (work_.stopped()) {
      throw Interrupted("the study was stopped; go on with: " + command_line());
    }
  }
}

ExperimentResult Experiment::result() const {
  ExperimentResult result;
  result.first = processes_.first();
  result.failure = work_.failure();
  if (!result.first) return result;
  result.rows = study_summary(setup_.study, setup_.cells, setup_.folder);
  for (const StudyRow& row : result.rows) {
    const auto of_row = [&](const StudyCell& cell) {
      return cell.stage == StudyStage::kEvaluate && row.model == cell.model &&
             row.defense == cell.defense && row.purifier == cell.purifier;
    };
    const auto cell = std::find_if(setup_.cells.begin(), setup_.cells.end(), of_row);
    const std::string behind = cell->purifier.empty() ? "" : " behind " + cell->purifier;
    const std::string on = setup_.study.head.data.size() > 1 ? " on " + row.data : "";
    result.judged.push_back(
        {&row, cell->model + " " + cell->defense + behind + on, names_of(*cell)});
  }
  return result;
}

void Experiment::begin() {
  const StudyWork::Positions open = work_.open();
  NeededInputs needed(setup_.folder);
  for (const std::size_t position : open) needed.check(setup_.cells[position]);
  const std::string folder = setup_.folder.path().string();
  if (open.empty()) {
    log::info("nothing is left to do: {} of {} cells are done in {}", work_.done().size(),
              setup_.cells.size(), folder);
    return;
  }
  log::info("study {}: {} cells to do of {}, in {}", setup_.study.head.name, open.size(),
            work_.count_chosen(), folder);
  if (const std::string text = clock_.left_text(work_.left()); !text.empty()) {
    log::info("{}", text);
  }
  // Before the new inputs are noted: a later run must know what this one does not come to.
  std::set<std::string> forgotten;
  for (const std::size_t position : forgotten_) forgotten.insert(setup_.cells[position].name);
  record_->reopen_cells(forgotten);
  run_ = record_->begin_study(setup_.study, inputs_, device_text_, threads_);
}

ExperimentResult Experiment::run() {
  if (!processes_.first()) {
    tell_others();
    work_through();
    return result();
  }
  open();
  const ScopedLogCopy log_copy(setup_.folder.log());
  tell_others();
  begin();
  const auto end = [&](RunStatus status) {
    if (run_ == 0) return;
    const bool failed = status == RunStatus::kFinished && work_.has_failures();
    record_->end_study(run_, failed ? RunStatus::kFailed : status);
  };
  do_recorded(end, [&] { work_through(); });
  return result();
}

}  // namespace

ExperimentResult run_experiment(const ExperimentRequest& request,
                                const std::vector<Threshold>& fail_if) {
  StudySetup setup = set_up_study(request.file, request.out, request.data);
  check_thresholds(fail_if, judged_work(setup));
  std::vector<bool> chosen = chosen_cells(setup.cells, request.cell);
  return Experiment(request, std::move(setup), std::move(chosen)).run();
}

}  // namespace robiq
