#include <ATen/ATen.h>

#include <algorithm>
#include <array>

#include "robiq/app/tools/bench_run.h"
#include "robiq/app/tools/bench_tools.h"
#include "robiq/core/options/option_rules.h"
#include "robiq/core/version.h"
#include "robiq/tensor/device.h"
#include "robiq/tensor/random.h"
#include "robiq/train/train_step.h"

namespace robiq {

OptionTable<NtStepBench> NtStepBench::options() {
  using R = NtStepBench;
  return {
      {"model", &R::model, "what to train, with options as NAME:key=value; random weights"},
      {"batch", &R::batch, "pictures a step", 1, 4096},
      {"micro_batch", &R::micro_batch, "pictures at once; 0: all of the batch", 0, 4096},
      {"steps", &R::steps, "timed steps of each kind", 1, 100000},
      {"side", &R::side, "side of the square pictures; 0: the model's training crop", 0, 4096,
       "pixels"},
      {"nt_form", &R::nt_form, "form of the NT term"},
      {"nt_scheme", &R::nt_scheme, "passes of the NT step"},
      {"nt_batchnorm", &R::nt_batchnorm, "running statistics; frozen: in the baseline too"},
      {"official", &R::official, "also the NT step in the authors' three forward passes"},
      {"threads", &R::threads, "threads of arithmetic; 0: the cores the process may use", 0, 1024},
      {"seed", &R::seed, "seed of weights and pictures", 0, 9e18},
      {"device", &R::device, "cpu, cuda, cuda:N or auto"},
  };
}

void NtStepBench::settle(NtStepBench& request, const Params& given) {
  if (!request.official) return;
  OptionRules(given).clash(request.nt_form == NormForm::kExact, {"official"},
                           "--nt-form exact, which the authors' code does not have");
}

namespace {

/// Of the NT term: small, so that random weights do not diverge.
constexpr double kWeight = 1e-6;

/// One kind of step, and what it cost.
struct Kind {
  std::string name;
  std::function<void(const Rng&)> step;
  std::vector<double> seconds;
  std::int64_t peak_bytes = 0;
};

/// One model and one optimiser, which all kinds of step share: they meet the same machine and the
/// same memory.
class StepBench {
 public:
  explicit StepBench(const NtStepBench& request);
  NtStepTimes run();

 private:
  void make_kinds();
  void measure(Kind& kind, std::int64_t round, bool timed);
  [[nodiscard]] NtStepTimes times() const;
  [[nodiscard]] TrainBatch batch() const { return {images_.detach(), mos_}; }
  void train(Defense& defense, const StepOptions& how, const Rng& position);
  void train_officially(const Rng& position);

  NtStepBench request_;
  std::int64_t threads_;
  c10::Device device_;
  std::unique_ptr<QualityModel> model_;
  std::unique_ptr<Loss> loss_;
  std::unique_ptr<Defense> none_, nt_;
  Optimizer optimizer_;
  at::Tensor images_, mos_;
  std::vector<Kind> kinds_;
  StepResult last_nt_;
};

/// Height and width of a training input: as asked, or the recipe's crop, or what the model resizes
/// to.
std::pair<std::int64_t, std::int64_t> training_size(const ModelCard& card, std::int64_t side) {
  if (side <= 0) side = card.recipe.crop_side;
  if (side > 0) return {side, side};
  if (card.views.resize_height > 0) return {card.views.resize_height, card.views.resize_width};
  const std::int64_t least = std::max<std::int64_t>(224, card.min_side);
  return {least, least};
}

std::unique_ptr<Defense> defense_of(const std::string& spec) {
  return Registry<Defense>::instance().make(parse_spec(spec, "bench"), "bench");
}

StepBench::StepBench(const NtStepBench& request)
    : request_(request),
      threads_(prepare_arithmetic(request.threads)),
      device_(parse_device(request.device)),
      model_(random_model(request.model, Rng(static_cast<std::uint64_t>(request.seed)), device_)),
      loss_(Registry<Loss>::instance().make(model_->card().recipe.loss, {})),
      none_(defense_of("none")),
      nt_(defense_of("gradient-norm:weight=" + std::to_string(kWeight) + ",form=" +
                     word_of(request.nt_form) + ",batchnorm=" + word_of(request.nt_batchnorm))),
      optimizer_({OptimizerKind::kAdam, 1e-4, {}, 0}, model_->parameter_groups()) {
  const auto [height, width] = training_size(model_->card(), request.side);
  const Rng rng(static_cast<std::uint64_t>(request.seed));
  images_ = uniform_tensor(rng.child("images"), {request.batch, 3, height, width}, 0, 1, device_);
  mos_ = uniform_tensor(rng.child("mos"), {request.batch}, 0, 100, device_);
  make_kinds();
}

void StepBench::make_kinds() {
  const StepOptions shared{request_.micro_batch, StepScheme::kShared};
  const StepOptions asked{request_.micro_batch, request_.nt_scheme};
  kinds_.push_back(
      {"baseline", [=, this](const Rng& position) { train(*none_, shared, position); }, {}});
  kinds_.push_back({"nt", [=, this](const Rng& position) { train(*nt_, asked, position); }, {}});
  if (!request_.official || request_.nt_form == NormForm::kExact) return;
  kinds_.push_back({"official", [this](const Rng& position) { train_officially(position); }, {}});
}

void StepBench::train(Defense& defense, const StepOptions& how, const Rng& position) {
  const StepResult result =
      train_step({*model_, *loss_, defense, optimizer_, how}, batch(), position);
  if (&defense == nt_.get()) last_nt_ = result;
}

void StepBench::train_officially(const Rng& position) {
  const OfficialNt nt{.weight = kWeight, .square = request_.nt_form == NormForm::kSquare};
  optimizer_.zero_grad();
  official_nt_gradients(*model_, *loss_, batch(), nt, position);
  optimizer_.step();
}

void StepBench::measure(Kind& kind, std::int64_t round, bool timed) {
  throw_if_bench_stopped();
  model_->set_training(true);
  if (request_.nt_batchnorm == NtBatchnorm::kFrozen) model_->set_batch_statistics(false);
  if (!timed) reset_peak_memory(device_);
  const double seconds = seconds_of([&] {
    kind.step(Rng(0).child(static_cast<std::uint64_t>(round)));
    // A GPU works on after its commands were given: wait for the update.
    static_cast<void>(optimizer_.parameters().front().flatten()[0].item<double>());
  });
  if (timed) {
    kind.seconds.push_back(seconds);
  } else {
    kind.peak_bytes = peak_memory_bytes(device_);
  }
}

NtStepTimes StepBench::times() const {
  NtStepTimes times{.model = request_.model,
                    .batch = request_.batch,
                    .height = images_.size(2),
                    .width = images_.size(3),
                    .steps = request_.steps,
                    .threads = threads_,
                    .device = device_description(device_),
                    .scheme = last_nt_.unit ? "unit" : "shared",
                    .baseline_seconds = median(kinds_[0].seconds),
                    .nt_seconds = median(kinds_[1].seconds),
                    .baseline_peak_bytes = kinds_[0].peak_bytes,
                    .nt_peak_bytes = kinds_[1].peak_bytes};
  times.images_per_second = static_cast<double>(request_.batch) / times.nt_seconds;
  if (kinds_.size() > 2) {
    const double official = median(kinds_[2].seconds);
    times.official = {official, official / times.nt_seconds, kinds_[2].peak_bytes};
  }
  return times;
}

NtStepTimes StepBench::run() {
  // Peaks are taken while warming up: giving memory back before a step costs it time.
  constexpr std::int64_t kWarmup = 2;
  for (std::int64_t round = 0; round < kWarmup + request_.steps; ++round) {
    for (Kind& kind : kinds_) measure(kind, round, round >= kWarmup);
  }
  return times();
}

}  // namespace

NtStepTimes bench_nt_step(const NtStepBench& request) { return StepBench(request).run(); }

ResultColumns<NtStepTimes> NtStepTimes::columns() {
  using R = NtStepTimes;
  const auto official = [](const R& row, nlohmann::ordered_json& cells) {
    if (!row.official) return;
    cells["official_seconds"] = row.official->seconds;
    cells["official_over_nt"] = row.official->over_nt;
    cells["official_peak_bytes"] = row.official->peak_bytes;
  };
  ResultColumns<R> columns;
  columns.add("model", &R::model)
      .add("batch", &R::batch)
      .add("height", &R::height)
      .add("width", &R::width)
      .add("steps", &R::steps)
      .add("threads", &R::threads)
      .add("device", &R::device)
      .add("scheme", &R::scheme)
      .add("baseline_seconds", &R::baseline_seconds)
      .add("nt_seconds", &R::nt_seconds)
      .add("ratio", [](const R& row) { return row.nt_seconds / row.baseline_seconds; })
      .add("images_per_second", &R::images_per_second)
      .add("baseline_peak_bytes", &R::baseline_peak_bytes)
      .add("peak_bytes", &R::nt_peak_bytes)
      .add_cells(official)
      .add("robiq_version", [](const R&) { return std::string(version()); });
  return columns;
}

}  // namespace robiq
