#include "robiq/train/trainer.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <utility>

#include "robiq/core/error.h"
#include "robiq/core/log.h"
#include "robiq/core/progress.h"
#include "robiq/core/text/text.h"
#include "robiq/io/safetensors.h"
#include "robiq/train/checkpoint.h"
#include "robiq/train/group_step.h"
#include "robiq/train/history.h"

namespace robiq {
namespace fs = std::filesystem;

namespace {

using Clock = std::chrono::steady_clock;

/// One run of train(): what its steps share.
class Training {
 public:
  Training(const TrainPlan& plan, const TrainParts& parts, const Rng& rng)
      : plan_(plan), parts_(parts), rng_(rng) {
    per_epoch_ = parts.loader.batches_per_epoch();
    if (per_epoch_ == 0) {
      throw Error(ErrorKind::kUsage, {"there are too few training pictures for one batch", "",
                                      "train on more, or lower --batch-size"});
    }
    std::int64_t epochs = 0;
    for (const TrainPhase& phase : parts.phases) {
      first_epochs_.push_back(epochs);
      epochs += phase.epochs;
    }
    total_steps_ = epochs * per_epoch_;
    if (plan.max_steps > 0) total_steps_ = std::min(total_steps_, plan.max_steps);
    state_.config_sha256 = plan.config_sha256;
  }

  void resume();
  RunState run();

 private:
  void check_position(const RunState& state, const fs::path& folder) const;
  void enter_phases_due();
  void begin_epoch();
  void run_epoch(Progress& progress);
  void one_step(const Batch& batch);
  void say_how(const StepResult& result);
  void finish_epoch(double seconds, std::int64_t steps_here);
  void save_checkpoint();
  void save_checkpoint_when_due();
  [[nodiscard]] std::size_t number() const { return static_cast<std::size_t>(state_.phase); }
  [[nodiscard]] const TrainPhase& phase() const { return parts_.phases[number()]; }
  [[nodiscard]] const ProcessGroup* processes() const { return parts_.phases.front().step.group; }
  [[nodiscard]] QualityModel& model() const { return phase().step.model; }
  [[nodiscard]] bool last_phase() const { return number() + 1 == parts_.phases.size(); }
  /// Epochs of this phase that are finished.
  [[nodiscard]] std::int64_t epoch_of_phase() const {
    return state_.epoch - first_epochs_[number()];
  }
  [[nodiscard]] bool phase_is_over() const { return epoch_of_phase() >= phase().epochs; }
  [[nodiscard]] fs::path best_of_phase() const {
    return plan_.checkpoints / fmt::format("phase-{}-best.safetensors", state_.phase + 1);
  }
  [[nodiscard]] TrainPosition position() const;

  const TrainPlan& plan_;
  const TrainParts& parts_;
  Rng rng_;
  std::vector<std::int64_t> first_epochs_;  ///< of each phase
  std::int64_t per_epoch_ = 0, total_steps_ = 0;
  RunState state_;
  bool said_how_ = false;
  Clock::time_point saved_at_ = Clock::now();
};

/// Within the phase: its schedule begins anew.
TrainPosition Training::position() const {
  const std::int64_t first = first_epochs_[number()] * per_epoch_;
  return {state_.step - first, per_epoch_,
          std::min(phase().epochs * per_epoch_, total_steps_ - first)};
}

/// Positions that this run can stand at; others come from a damaged or foreign file.
void Training::check_position(const RunState& state, const fs::path& folder) const {
  const auto phases = std::ssize(parts_.phases);
  const auto last = static_cast<std::size_t>(phases - 1);
  const std::int64_t epochs = first_epochs_[last] + parts_.phases[last].epochs;
  const bool sound = state.phase >= 0 && state.phase < phases && state.epoch >= 0 &&
                     state.epoch <= epochs && state.step >= 0 && state.step <= total_steps_ &&
                     state.step_in_epoch >= 0 && state.step_in_epoch <= per_epoch_ &&
                     state.sums.steps >= 0 && state.sums.steps <= per_epoch_ &&
                     state.epoch >= first_epochs_[static_cast<std::size_t>(
                                        std::clamp<std::int64_t>(state.phase, 0, phases - 1))];
  if (sound) return;
  throw Error(ErrorKind::kModel, {"the checkpoint stands at a place that the run does not have",
                                  folder.string(), "remove it, or start anew"});
}

void Training::resume() {
  const ProcessGroup* const group = processes();
  if (is_first(group)) clear_unfinished(plan_.checkpoints);
  const auto sound = furthest_sound_checkpoint(plan_.checkpoints, group);
  if (!sound) {
    log::info("no checkpoint in {}: starting anew", plan_.checkpoints.string());
    return;
  }
  const auto& [folder, checkpoint] = *sound;
  if (checkpoint.state.config_sha256 != plan_.config_sha256) {
    throw Error(ErrorKind::kUsage,
                {"the run to resume was started with another configuration, with other pictures or "
                 "labels, or by an older robiq",
                 folder.string(),
                 "repeat its command (config.toml beside it) on the same data, remove the run's "
                 "folder to begin anew, or choose another --out"});
  }
  check_position(checkpoint.state, folder);
  state_ = checkpoint.state;
  model().load_state(checkpoint.model);
  phase().step.optimizer.load_state(checkpoint.optimizer);
  // A run killed right after its last checkpoint has not written this one.
  if (is_first(group) && !state_.history.empty()) write_history(state_.history, plan_.history_file);
  if (group != nullptr) group->barrier();  // the first may write once all have read
  log::info("resuming after {} ({} steps)", folder.filename().string(), state_.step);
}

void Training::save_checkpoint() {
  saved_at_ = Clock::now();
  if (!is_first(processes())) return;
  const fs::path folder = plan_.checkpoints / checkpoint_name(state_);
  Checkpoint{state_, model().state(), phase().step.optimizer.state()}.save(folder);
  constexpr std::size_t kKept = 2;
  const std::vector<fs::path> all = checkpoints_in(plan_.checkpoints);
  for (std::size_t i = kKept; i < all.size(); ++i) {
    std::error_code code;
    fs::remove_all(all[i], code);
  }
}

/// An epoch may take hours, and a machine may fail in the middle of it.
void Training::save_checkpoint_when_due() {
  const std::chrono::duration<double> since = Clock::now() - saved_at_;
  if (since.count() >= plan_.save_every_seconds) save_checkpoint();
}

void Training::one_step(const Batch& batch) {
  const c10::Device device = model().device();
  const at::Tensor labels = batch.mos.to(device) * plan_.labels.factor + plan_.labels.offset;
  phase().step.optimizer.set_rate_factor(phase().schedule.at(position()));
  StepParts parts = phase().step;
  parts.options.running_statistics = phase().running_statistics;
  try {
    const StepResult result =
        train_step(parts, {batch.images(device), labels, batch.first_row, batch.rows_of_all},
                   rng_.child("step").child(static_cast<std::uint64_t>(state_.step)));
    say_how(result);
    state_.sums.loss += result.loss;
    state_.sums.penalty += result.penalty;
    state_.sums.gradient_norm += result.gradient_norm;
  } catch (Error& error) {
    std::vector<std::string> ids(
        batch.ids.begin(), batch.ids.begin() + std::min<std::ptrdiff_t>(3, std::ssize(batch.ids)));
    error.add_context(fmt::format("training epoch {}, step {}, on {}, ...", state_.epoch + 1,
                                  state_.step + 1, join(ids, ", ")));
    throw;
  }
  ++state_.sums.steps;
  ++state_.step;
  ++state_.step_in_epoch;
}

/// Once a run: how its steps are computed, where that is not the plain way.
void Training::say_how(const StepResult& result) {
  if (said_how_) return;
  said_how_ = true;
  if (result.pieces > 1) log::info("a step takes its batch in {} pieces", result.pieces);
  if (result.unit) {
    log::info("the penalty is taken picture by picture (scheme=unit): about a seventh less work");
  }
}

void Training::finish_epoch(double seconds, std::int64_t steps_here) {
  const auto steps = static_cast<double>(std::max<std::int64_t>(1, state_.sums.steps));
  EpochReport report;
  report.phase = state_.phase + 1;
  report.step = state_.step;
  report.loss = state_.sums.loss / steps;
  report.penalty = state_.sums.penalty / steps;
  report.gradient_norm = state_.sums.gradient_norm / steps;
  TrainPosition last = position();
  --last.step;
  report.learning_rate = phase().step.optimizer.first_rate(phase().schedule.at(last));
  report.validation = parts_.validate(model());
  report.seconds = seconds;
  const double pictures = static_cast<double>(parts_.loader.pictures_per_epoch()) *
                          static_cast<double>(steps_here) / static_cast<double>(per_epoch_);
  report.images_per_second = pictures / std::max(seconds, 1e-9);
  report.epoch = ++state_.epoch;
  state_.sums = {};
  state_.step_in_epoch = 0;
  state_.history.push_back(report);
  log::info("{}", epoch_text(report));
  const bool best = note_best(state_, plan_.select_by);
  // The best weights first: a run killed between the two repeats this epoch and writes them again.
  parts_.epoch_done(state_, best);
  if (best && !last_phase() && is_first(processes()))
    write_safetensors(best_of_phase(), {model().state(), {}});
  save_checkpoint();
  if (is_first(processes())) write_history(state_.history, plan_.history_file);
}

/// Leaves a phase that is over for the next, with its best weights.
void Training::enter_phases_due() {
  while (!last_phase() && phase_is_over()) {
    if (state_.best_epoch > 0 && is_first(processes())) {
      model().load_state(read_safetensors(best_of_phase()).tensors);
    }
    if (processes() != nullptr) broadcast_state(*processes(), model());
    phase().step.optimizer.learn_only({});
    ++state_.phase;
    state_.best_epoch = 0;
    state_.best_value = 0;
    log::info("phase {} of {}: {}", state_.phase + 1, parts_.phases.size(), phase().name);
  }
}

/// Makes model and optimiser what the phase and the epoch of it want.
void Training::begin_epoch() {
  std::vector<std::string> learning;
  const std::vector<std::string>& once = phase().first_epoch_only;
  for (const ParamGroup& group : model().parameter_groups()) {
    const std::vector<std::string>& all = phase().groups;
    const bool learns = all.empty() || std::ranges::find(all, group.name) != all.end();
    const bool no_more = epoch_of_phase() > 0 && std::ranges::find(once, group.name) != once.end();
    if (learns && !no_more) learning.push_back(group.name);
  }
  Optimizer& optimizer = phase().step.optimizer;
  if (phase().new_optimizer_every_epoch && state_.step_in_epoch == 0) optimizer.restart();
  optimizer.learn_only(learning);
  model().set_training(true);
  if (phase().running_statistics) model().set_batch_statistics(false);
}

void Training::run_epoch(Progress& progress) {
  begin_epoch();
  parts_.loader.start(state_.epoch, state_.step_in_epoch);
  const std::int64_t first_step = state_.step;
  const auto started = Clock::now();
  while (state_.step < total_steps_) {
    if (parts_.stop()) {
      save_checkpoint();
      throw Interrupted("training was stopped and saved; the same command with --resume goes on");
    }
    const std::optional<Batch> batch = parts_.loader.next();
    if (!batch) break;
    one_step(*batch);
    save_checkpoint_when_due();
    progress.update(state_.step,
                    fmt::format("epoch {}, loss {:.3f}", state_.epoch + 1,
                                state_.sums.loss / static_cast<double>(state_.sums.steps)));
  }
  finish_epoch(std::chrono::duration<double>(Clock::now() - started).count(),
               state_.step - first_step);
}

RunState Training::run() {
  Progress progress("train", total_steps_, "steps");
  progress.update(state_.step);
  for (;;) {
    if (state_.step < total_steps_) enter_phases_due();
    // An epoch whose steps are all done may still want its end: it was saved before that.
    const bool steps_done = state_.step >= total_steps_ && state_.step_in_epoch == 0;
    if (phase_is_over() || steps_done) break;
    run_epoch(progress);
  }
  phase().step.optimizer.learn_only({});
  return state_;
}

}  // namespace

RunState train(const TrainPlan& plan, const TrainParts& parts, const Rng& rng, bool resume) {
  Training training(plan, parts, rng);
  if (resume) training.resume();
  return training.run();
}

}  // namespace robiq
