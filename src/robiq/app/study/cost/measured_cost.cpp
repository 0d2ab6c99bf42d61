#include "robiq/app/study/cost/measured_cost.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "robiq/app/run/flag_parts.h"
#include "robiq/app/tools/bench_tools.h"
#include "robiq/app/train/train_setup.h"
#include "robiq/app/train/training_plan.h"
#include "robiq/data/loader.h"
#include "robiq/defense/defense_chain.h"
#include "robiq/model/reduced_precision.h"
#include "robiq/tensor/device.h"

namespace robiq {
namespace {

/// Seconds of work that was warmed up: the shortest of several runs, which other work on the
/// machine disturbed least.
double warm_seconds(const std::function<void()>& work) {
  constexpr double kEnough = 2;
  constexpr int kMostRuns = 10;
  throw_if_bench_stopped();
  work();
  double shortest = 0, all = 0;
  for (int run = 0; run < kMostRuns && all < kEnough; ++run) {
    throw_if_bench_stopped();
    const double seconds = seconds_of(work);
    shortest = run == 0 ? seconds : std::min(shortest, seconds);
    all += seconds;
  }
  return shortest;
}

}  // namespace

PassCost measure_pass(const PictureScorer& scorer, const at::Tensor& bytes) {
  const ModelInput input = scorer.input(bytes);
  PassCost cost;
  cost.views = input.views.size();
  cost.forward_seconds = warm_seconds([&] { static_cast<void>(scorer.score(input)); });
  reset_peak_memory(input.picture.device());
  const double both = warm_seconds([&] { static_cast<void>(scorer.gradient(input)); });
  cost.backward_seconds = std::max(0.0, both - cost.forward_seconds);
  cost.peak_bytes = peak_memory_bytes(input.picture.device());
  return cost;
}

PassCost measure_purifier(const Purifier& purifier, const at::Tensor& images) {
  const std::vector<Rng> rows = row_positions(Rng(0), {"picture"});
  PassCost cost;
  cost.forward_seconds = warm_seconds([&] { static_cast<void>(purifier.purify(images, rows)); });
  const double both = warm_seconds([&] {
    const at::Tensor leaf = images.detach().requires_grad_(true);
    const at::Tensor sum = purifier.purify_attached(leaf, rows).sum();
    static_cast<void>(torch::autograd::grad({sum}, {leaf})[0].flatten()[0].item<double>());
  });
  cost.backward_seconds = std::max(0.0, both - cost.forward_seconds);
  return cost;
}

std::vector<std::int64_t> TrainingCost::steps(std::int64_t most) const {
  std::vector<std::int64_t> steps;
  std::int64_t remaining = most;
  for (const Phase& phase : phases) {
    std::int64_t of_phase = phase.epochs * batches_per_epoch;
    if (most > 0) of_phase = std::min(of_phase, remaining);
    remaining -= of_phase;
    steps.push_back(of_phase);
  }
  return steps;
}

namespace {

/// A model with random weights that takes the steps of a training.
class StepMeter {
 public:
  StepMeter(TrainRequest request, const Dataset& dataset, const std::vector<std::size_t>& training,
            c10::Device device)
      : request_(std::move(request)), model_(random_model(request_.model, Rng(0), device)) {
    recipe_ = recipe_for(model_->card(), request_.compat);
    fill_from_recipe(request_, recipe_);
    // A lambda of the study's could let random weights diverge, and takes no time of its own.
    constexpr double kWeight = 1e-9;
    if (request_.nt) request_.nt_weight = kWeight;
    loss_ = Registry<Loss>::instance().make(parse_spec(request_.loss.value(), "loss"), "loss");
    defense_ = make_defense(defense_text(request_), "[[defense]]");
    none_ = make_defense("none", "[[defense]]");
    labels_ = label_map(recipe_, dataset, training);
    const ScoreScale& scale = dataset.card().scale;
    model_->set_scale({labels_(scale.worst), labels_(scale.best)});
    model_ = with_precision(std::move(model_), request_.precision);
  }

  TrainingCost measure(const Dataset& dataset, const std::vector<std::size_t>& training) {
    TrainingCost cost;
    const Batch batch = first_batch(dataset, training, cost);
    const StepOptions how = step_options(request_);
    const auto parts = [&](Optimizer& optimizer, bool defended) {
      return StepParts{*model_, *loss_, defended ? *defense_ : *none_, optimizer, how};
    };
    const Phases phases = make_phases(request_, recipe_, *model_, parts);
    reset_peak_memory(model_->device());
    for (const TrainPhase& phase : phases.phases) {
      cost.phases.push_back({phase.epochs, step_seconds(phase, batch)});
    }
    cost.peak_bytes = peak_memory_bytes(model_->device());
    return cost;
  }

  [[nodiscard]] PassCost measure_validation(const Dataset& dataset, std::size_t record) const {
    ViewPolicy views = parse_views(request_.views, model_->card());
    const PictureSize size = picture_size(recipe_, dataset);
    if (size.height > 0) views.resize_height = size.height, views.resize_width = size.width;
    model_->set_training(false);
    return measure_pass(PictureScorer(*model_, views), dataset.read(dataset.records()[record]));
  }

 private:
  Batch first_batch(const Dataset& dataset, const std::vector<std::size_t>& training,
                    TrainingCost& cost) const {
    const CropPolicy policy = crop_policy(recipe_, dataset);
    const LoaderOptions options{
        .batch_size = request_.batch_size.value(),
        .least_batch = least_last_batch(recipe_, request_.batch_size.value(), /*processes=*/1)};
    cost.batch = request_.batch_size.value();
    cost.batches_per_epoch = Loader(dataset, training, policy, options, Rng(0)).batches_per_epoch();
    const auto few = std::min<std::ptrdiff_t>(request_.batch_size.value(), std::ssize(training));
    Loader loader(dataset, {training.begin(), training.begin() + few}, policy, options, Rng(0));
    loader.start(0);
    std::optional<Batch> batch = loader.next();
    if (batch) return std::move(*batch);
    throw Error(ErrorKind::kUsage, {"there are too few training pictures for one batch",
                                    dataset.card().spec, "train on more, or lower batch_size"});
  }

  double step_seconds(const TrainPhase& phase, const Batch& batch) {
    StepParts parts = phase.step;
    parts.options.running_statistics = phase.running_statistics;
    parts.optimizer.learn_only(phase.groups);
    model_->set_training(true);
    const at::Tensor labels = batch.mos.to(model_->device()) * labels_.factor + labels_.offset;
    const at::Tensor images = batch.images(model_->device());
    const double seconds = warm_seconds([&] {
      static_cast<void>(
          train_step(parts, {images, labels, batch.first_row, batch.rows_of_all}, Rng(0)));
      // A GPU works on after its commands were given: wait for the update.
      static_cast<void>(parts.optimizer.parameters().front().flatten()[0].item<double>());
    });
    parts.optimizer.learn_only({});
    return seconds;
  }

  TrainRequest request_;
  std::unique_ptr<QualityModel> model_;
  TrainingRecipe recipe_;
  std::unique_ptr<Loss> loss_;
  std::unique_ptr<Defense> defense_, none_;
  LabelMap labels_;
};

}  // namespace

TrainingCost measure_training(TrainRequest request, const Dataset& dataset,
                              const std::vector<std::size_t>& training,
                              const std::vector<std::size_t>& validation, c10::Device device) {
  StepMeter meter(std::move(request), dataset, training, device);
  TrainingCost cost = meter.measure(dataset, training);
  if (!validation.empty()) cost.validation = meter.measure_validation(dataset, validation.front());
  return cost;
}

}  // namespace robiq
