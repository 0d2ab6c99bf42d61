#include "robiq/train/trainer.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <chrono>
#include <cmath>

#include "robiq/core/error.h"
#include "robiq/core/log.h"
#include "robiq/core/progress.h"
#include "robiq/core/text.h"

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
    total_steps_ = plan.epochs * per_epoch_;
    if (plan.max_steps > 0) total_steps_ = std::min(total_steps_, plan.max_steps);
    state_.config_sha256 = plan.config_sha256;
  }

  void resume();
  RunState run();

 private:
  void run_epoch(Progress& progress);
  void one_step(const Batch& batch);
  void finish_epoch(double seconds, std::int64_t steps_here);
  void save_checkpoint() const;
  [[nodiscard]] TrainPosition position() const { return {state_.step, per_epoch_, total_steps_}; }

  const TrainPlan& plan_;
  const TrainParts& parts_;
  Rng rng_;
  std::int64_t per_epoch_ = 0, total_steps_ = 0;
  RunState state_;
};

/// Processes that go on from different places would wait for each other for ever.
void check_same_checkpoint(const ProcessGroup* group, const std::vector<fs::path>& found) {
  if (group == nullptr) return;
  const std::string mine = found.empty() ? "none" : found.front().filename().string();
  for (const std::string& other : group->gather(mine)) {
    if (other == mine) continue;
    throw Error(
        ErrorKind::kData,
        {"the processes see different checkpoints: " + mine + " and " + other,
         "rank " + std::to_string(group->rank()), "put the run's folder where all of them see it"});
  }
}

void Training::resume() {
  const ProcessGroup* const group = parts_.step.group;
  if (is_first(group)) clear_unfinished(plan_.checkpoints);
  const std::vector<fs::path> found = checkpoints_in(plan_.checkpoints);
  check_same_checkpoint(group, found);
  if (found.empty()) {
    log::info("no checkpoint in {}: starting anew", plan_.checkpoints.string());
    return;
  }
  const Checkpoint checkpoint = Checkpoint::load(found.front());
  if (checkpoint.state.config_sha256 != plan_.config_sha256) {
    throw Error(ErrorKind::kUsage,
                {"the run to resume was started with another configuration or other data",
                 found.front().string(),
                 "repeat its command (config.toml beside it), or choose another --out"});
  }
  parts_.step.model.load_state(checkpoint.model);
  parts_.step.optimizer.load(checkpoint.optimizer);
  state_ = checkpoint.state;
  // A run killed right after its last checkpoint has not written this one.
  if (is_first(group) && !state_.history.empty()) write_history(state_.history, plan_.history_file);
  if (group != nullptr) group->barrier();  // the first may write once all have read
  log::info("resuming after {} ({} steps)", found.front().filename().string(), state_.step);
}

void Training::save_checkpoint() const {
  if (!is_first(parts_.step.group)) return;
  const fs::path folder = plan_.checkpoints / checkpoint_name(state_);
  Checkpoint{state_, parts_.step.model.state(), parts_.step.optimizer.save()}.save(folder);
  constexpr std::size_t kKept = 2;
  const std::vector<fs::path> all = checkpoints_in(plan_.checkpoints);
  for (std::size_t i = kKept; i < all.size(); ++i) {
    std::error_code code;
    fs::remove_all(all[i], code);
  }
}

void Training::one_step(const Batch& batch) {
  const c10::Device device = parts_.step.model.device();
  const at::Tensor labels = batch.mos.to(device) * plan_.labels.factor + plan_.labels.offset;
  parts_.step.optimizer.set_rate_factor(plan_.schedule.at(position()));
  try {
    const StepResult result =
        train_step(parts_.step,
                   {batch.images(device), labels, batch.first_row, batch.rows_of_all},
                   rng_.child("step").child(static_cast<std::uint64_t>(state_.step)));
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

void Training::finish_epoch(double seconds, std::int64_t steps_here) {
  const auto steps = static_cast<double>(std::max<std::int64_t>(1, state_.sums.steps));
  EpochReport report;
  report.epoch = ++state_.epoch;
  report.step = state_.step;
  report.loss = state_.sums.loss / steps;
  report.penalty = state_.sums.penalty / steps;
  report.gradient_norm = state_.sums.gradient_norm / steps;
  TrainPosition last = position();
  --last.step;
  report.learning_rate = plan_.schedule.at(last);
  report.validation = parts_.validate(parts_.step.model);
  report.seconds = seconds;
  const double rows = static_cast<double>(parts_.loader.samples_per_epoch()) *
                      static_cast<double>(steps_here) / static_cast<double>(per_epoch_);
  report.images_per_second = rows / std::max(seconds, 1e-9);
  state_.sums = {};
  state_.step_in_epoch = 0;
  state_.history.push_back(report);

  const auto it = report.validation.find(plan_.select_by);
  const double value = it == report.validation.end() ? NAN : it->second;
  // Without pictures to validate on, the last epoch stands for the best one.
  const bool best =
      state_.best_epoch == 0 || report.validation.empty() || value > state_.best_value;
  if (best) {
    state_.best_epoch = report.epoch;
    state_.best_value = std::isnan(value) ? -1 : value;
  }
  std::string measures;
  for (const auto& [name, number] : report.validation) {
    measures += fmt::format(", {} {:.4f}", name, number);
  }
  log::info("epoch {}: loss {:.4f}, penalty {:.4f}, gradient norm {:.4g}{}, {} ({:.0f} images/s)",
            report.epoch, report.loss, report.penalty, report.gradient_norm, measures,
            duration_text(seconds), report.images_per_second);
  // The best weights first: a run killed between the two repeats this epoch and writes them again.
  parts_.epoch_done(state_, best);
  save_checkpoint();
  if (is_first(parts_.step.group)) write_history(state_.history, plan_.history_file);
}

void Training::run_epoch(Progress& progress) {
  parts_.step.model.set_training(true);
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
  while (state_.epoch < plan_.epochs && state_.step < total_steps_) run_epoch(progress);
  return state_;
}

}  // namespace

RunState train(const TrainPlan& plan, const TrainParts& parts, const Rng& rng, bool resume) {
  Training training(plan, parts, rng);
  if (resume) training.resume();
  return training.run();
}

}  // namespace robiq
