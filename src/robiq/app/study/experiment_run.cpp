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
  Experiment(const ExperimentRequest& request, StudySetup setup);
  ExperimentResult run();

 private:
  void open();
  void begin();
  void tell_others();
  void note_done(const std::map<std::string, CellRow>& begun);
  void work_through();
  void work_on_stage(StudyStage stage);
  void work_on_cell(std::size_t position);
  void exchange(std::vector<CellFailure> failures);
  [[nodiscard]] bool blocked(std::size_t position) const;
  [[nodiscard]] StudyClock::Cells cells_left() const;
  [[nodiscard]] ExperimentResult result() const;
  void log_here() const {
    if (processes_.first()) log::copy_to(setup_.folder.log());
  }

  ExperimentRequest request_;
  StudySetup setup_;
  std::vector<bool> chosen_;
  JoinedProcesses processes_;
  std::string device_, device_text_;  ///< as a flag, and as it is recorded
  std::int64_t threads_ = 0;
  std::optional<FolderLock> lock_;
  std::optional<StudyRecord> record_;
  ReadInputs inputs_;  ///< of the study, by content
  std::int64_t run_ = 0;
  std::set<std::size_t> done_;
  std::vector<CellFailure> failures_,
      failed_here_;  ///< of all processes; of this stage and process
  bool stopped_ = false;
  StudyClock clock_;
  std::optional<StudyStage> stage_;  ///< under way; none before the first
  std::set<std::size_t> mine_;       ///< of that stage, the cells of this process
};

Experiment::Experiment(const ExperimentRequest& request, StudySetup setup)
    : request_(request),
      setup_(std::move(setup)),
      chosen_(chosen_cells(setup_.cells, request.cell)),
      processes_(join_processes({request.device, request.threads, request.waiting.process_seconds,
                                 request.waiting.join_seconds})),
      device_(processes_.group ? processes_.device.str() : request.device),
      device_text_(device_description(processes_.device)),
      threads_(processes_.threads) {}

void Experiment::note_done(const std::map<std::string, CellRow>& begun) {
  for (std::size_t i = 0; i < setup_.cells.size(); ++i) {
    const auto it = begun.find(setup_.cells[i].name);
    if (it != begun.end() && it->second.state == CellState::kDone) done_.insert(i);
  }
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
  const auto remade = remade_inputs(setup_, record_->inputs(), inputs, begun);
  inputs_ = inputs.all();
  threads_ = record_->threads_to_use(request_.threads, threads_);
  keep_config(setup_);
  note_cells(folder, setup_.text, request_.data, names_of_cells(setup_));
  note_done(begun);
  forget_evaluations(setup_, remade, done_);
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
  const Json state = {{"threads", threads_}, {"done", done_}};
  const auto first_state = Json::parse(group->broadcast(group->first() ? state.dump() : ""));
  threads_ = first_state["threads"].get<std::int64_t>();
  done_ = first_state["done"].get<std::set<std::size_t>>();
  if (!record_) {
    record_.emplace(setup_.folder, setup_.study.head.name, ResultsStore::Access::kWrite);
  }
}

bool Experiment::blocked(std::size_t position) const {
  const auto& needs = setup_.cells[position].needs;
  return std::any_of(needs.begin(), needs.end(),
                     [&](std::size_t need) { return !done_.contains(need); });
}

void Experiment::work_on_cell(std::size_t position) {
  const StudyCell& cell = setup_.cells[position];
  const std::string number = fmt::format("[{}/{}]", position + 1, setup_.cells.size());
  const auto started = std::chrono::steady_clock::now();
  log::info("{} {} {}", number, word_of(cell.stage), cell.title);
  record_->begin_cell(cell, device_text_, threads_);
  try {
    within_error_boundary([&] {
      work_on(cell, {device_, threads_, [&](std::int64_t run) { record_->set_run(cell, run); }});
    });
    record_->end_cell(cell);
    done_.insert(position);
  } catch (const Interrupted&) {
    record_->interrupt_cell(cell);
    stopped_ = true;
    log_here();
    return;
  } catch (const Error& error) {
    record_->fail_cell(cell, one_line(error));
    failed_here_.push_back({position, error.exit_code(), one_line(error)});
    log_here();
    log::warning("{} {} failed: {}", number, cell.name, one_line(error));
    return;
  }
  log_here();
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - started;
  clock_.add_finished(cell.stage, passed.count());
  const std::string remaining = clock_.left_text(cells_left());
  log::info("{} done in {}{}{}", number, duration_text(passed.count()),
            remaining.empty() ? "" : "; ", remaining);
}

/// What this process will still work on, about: its own cells of the stage under way, and its share
/// of later stages; without what failed and what needs it.
StudyClock::Cells Experiment::cells_left() const {
  std::set<std::size_t> lost;
  for (const auto* failures : {&failures_, &failed_here_}) {
    for (const CellFailure& failure : *failures) lost.insert(failure.cell);
  }
  StudyClock::Cells remaining;
  for (std::size_t i = 0; i < setup_.cells.size(); ++i) {
    const StudyCell& cell = setup_.cells[i];
    const bool needs_lost = std::any_of(cell.needs.begin(), cell.needs.end(),
                                        [&](std::size_t need) { return lost.contains(need); });
    if (needs_lost) lost.insert(i);
    if (!chosen_[i] || done_.contains(i) || lost.contains(i)) continue;
    if (cell.stage == stage_) {
      remaining[cell.stage] += mine_.contains(i) ? 1 : 0;
    } else {
      remaining[cell.stage] += 1.0 / static_cast<double>(processes_.size());
    }
  }
  return remaining;
}

/// At the end of a stage every process learns what the others did.
void Experiment::exchange(std::vector<CellFailure> failures) {
  const ProcessGroup* const group = processes_.group.get();
  if (group == nullptr) {
    failures_.insert(failures_.end(), failures.begin(), failures.end());
    return;
  }
  Json own_state = {
      {"done", done_}, {"stopped", stopped_ || stop_requested()}, {"failed", Json::array()}};
  for (const CellFailure& failure : failures) {
    own_state["failed"].push_back({failure.cell, failure.exit_code, failure.text});
  }
  for (const std::string& text :
       group->gather(own_state.dump(-1, ' ', false, Json::error_handler_t::replace))) {
    const Json state = Json::parse(text);
    for (const auto& position : state["done"]) done_.insert(position.get<std::size_t>());
    stopped_ = stopped_ || state["stopped"].get<bool>();
    for (const auto& failure : state["failed"]) {
      failures_.push_back(
          {failure[0].get<std::size_t>(), failure[1].get<int>(), failure[2].get<std::string>()});
    }
  }
}

void Experiment::work_on_stage(StudyStage stage) {
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < setup_.cells.size(); ++i) {
    if (chosen_[i] && setup_.cells[i].stage == stage && !done_.contains(i) && !blocked(i)) {
      open.push_back(i);
    }
  }
  stage_ = stage;
  const auto size = static_cast<std::size_t>(processes_.size());
  for (auto next = static_cast<std::size_t>(processes_.rank()); next < open.size(); next += size) {
    mine_.insert(open[next]);
  }
  for (const std::size_t position : mine_) {
    if (stopped_ || stop_requested()) break;
    work_on_cell(position);
  }
  mine_.clear();
  stopped_ = stopped_ || stop_requested();
  exchange(std::exchange(failed_here_, {}));
}

void Experiment::work_through() {
  for (std::size_t stage = 0; stage < words_of(StudyStage{}).size(); ++stage) {
    work_on_stage(static_cast<StudyStage>(stage));
    if (stopped_) {
      throw Interrupted("the study was stopped; go on with: " + command_line());
    }
  }
}

ExperimentResult Experiment::result() const {
  ExperimentResult result;
  result.first = processes_.first();
  std::size_t remaining = 0;
  for (std::size_t i = 0; i < setup_.cells.size(); ++i) {
    remaining += chosen_[i] && !done_.contains(i) ? 1 : 0;
  }
  result.failure = failure_of(setup_, failures_, remaining);
  if (!result.first) return result;
  result.rows = study_summary(setup_.study, setup_.cells, setup_.folder);
  for (const StudyRow& row : result.rows) {
    const auto of_row = [&](const StudyCell& cell) {
      return cell.stage == StudyStage::kEvaluate && row.model == cell.model &&
             row.defense == cell.defense && row.purifier == cell.purifier;
    };
    const auto cell = std::find_if(setup_.cells.begin(), setup_.cells.end(), of_row);
    const std::string behind = cell->purifier.empty() ? "" : " behind " + cell->purifier;
    result.judged.push_back({&row, cell->model + " " + cell->defense + behind, names_of(*cell)});
  }
  return result;
}

void Experiment::begin() {
  const auto chosen_count =
      std::count_if(chosen_.begin(), chosen_.end(), [](bool is_chosen) { return is_chosen; });
  NeededInputs needed(setup_.folder);
  std::size_t to_do = 0;
  for (std::size_t i = 0; i < chosen_.size(); ++i) {
    if (!chosen_[i] || done_.contains(i)) continue;
    needed.check(setup_.cells[i]);
    ++to_do;
  }
  if (to_do == 0) {
    log::info("nothing is left to do: {} of {} cells are done in {}", done_.size(),
              setup_.cells.size(), setup_.folder.path().string());
    return;
  }
  log::info("study {}: {} cells to do of {}, in {}", setup_.study.head.name, to_do, chosen_count,
            setup_.folder.path().string());
  if (const std::string text = clock_.left_text(cells_left()); !text.empty()) {
    log::info("{}", text);
  }
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
    const bool failed = status == RunStatus::kFinished && !failures_.empty();
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
  return Experiment(request, std::move(setup)).run();
}

}  // namespace robiq
