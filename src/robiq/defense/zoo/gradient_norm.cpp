#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include "robiq/defense/defense.h"
#include "robiq/tensor/random.h"

namespace robiq {
namespace {

constexpr double kBatchNormMomentum = 0.1;

/// Running mean and variance of every batch normalisation, by state-dict name. Without their
/// version counters: they are put back while a graph holds them, whose gradients either do not read
/// them (batch statistics) or find the values they were made with (running statistics).
TensorMap running_statistics(const QualityModel& model) {
  TensorMap statistics;
  for (const auto& [name, tensor] : model.state()) {
    if (name.ends_with("running_mean") || name.ends_with("running_var") ||
        name.ends_with("num_batches_tracked")) {
      statistics.emplace(name, tensor.variable_data());
    }
  }
  return statistics;
}

TensorMap copied(const TensorMap& tensors) {
  TensorMap copy;
  for (const auto& [name, tensor] : tensors) copy.emplace(name, tensor.clone());
  return copy;
}

/// Gradient-norm regularisation, the NT strategy: the l1 norm of the score's gradient, estimated by
/// a finite difference along the gradient's sign (supplement S2 and Eq. S9; the square form is that
/// of the authors' code). The step's own forward pass serves as f(x), so a step costs two forward
/// passes, one backward pass to the picture and one through the sum. The direction is a constant;
/// neither f(x) nor f(x + h d) is.
class GradientNorm final : public Defense {
 public:
  static constexpr const char* kName = "gradient-norm";
  static constexpr const char* kSummary = "NT: penalises the l1 norm of the score's gradient";
  static constexpr const char* kPaper =
      "Liu et al., Defense Against Adversarial Attacks on No-Reference Image Quality Models with "
      "Gradient Norm Regularization, CVPR 2024";
  struct Options {
    double weight = 1e-3, step = 1e-2;
    std::string space = "normalized", form = "square", batchnorm = "clean";
    static OptionTable<Options> options() {
      using O = Options;
      return {{"weight", &O::weight, "lambda, the factor of the penalty in the loss", 0, 1e9},
              {"step", &O::step, "h, length of the finite difference", 1e-6, 1, "of `space`"},
              {"space",
               &O::space,
               "where h and the norm live: after the model's normalisation, or "
               "[0,1]",
               {"normalized", "pixel"}},
              {"form",
               &O::form,
               "mean(slope^2)/2 as the authors' code, mean|slope| as Eq. 6, or the "
               "true norm by double backward",
               {"square", "abs", "exact"}},
              {"batchnorm",
               &O::batchnorm,
               "running statistics: updated by the clean pass once, as "
               "the authors' three passes do, or used and left alone in every pass",
               {"clean", "official", "frozen"}}};
    }
  };

  explicit GradientNorm(Options options) : options_(std::move(options)) {}

  [[nodiscard]] bool needs_image_gradient() const override { return true; }

  [[nodiscard]] TrainBatch prepare(QualityModel& model, TrainBatch batch,
                                   const Rng& /*step*/) override {
    if (options_.batchnorm == "frozen") model.set_batch_statistics(false);
    if (options_.batchnorm == "official") before_ = copied(running_statistics(model));
    return batch;
  }

  [[nodiscard]] Penalty penalty(QualityModel& model, const TrainBatch& batch,
                                const at::Tensor& scores, const Rng& step) override {
    const bool exact = options_.form == "exact";
    const at::Tensor gradient =
        torch::autograd::grad({scores.sum()}, {batch.images}, {}, /*retain_graph=*/true,
                              /*create_graph=*/exact)[0];
    if (exact) return exact_penalty(model, batch, gradient);
    const at::Tensor moved = batch.images.detach() + unit(model, batch) * gradient.sign();
    const at::Tensor slopes = (perturbed_scores(model, moved, step) - scores) / options_.step;
    const at::Tensor value =
        options_.form == "square" ? slopes.square().mean() / 2 : slopes.abs().mean();
    return {options_.weight * value, slopes.detach()};
  }

 private:
  /// A step of h in the chosen space, in image units: [1,3,1,1].
  [[nodiscard]] at::Tensor unit(const QualityModel& model, const TrainBatch& batch) const {
    const at::Tensor scale = stddev_like(model.card(), batch.images);
    return options_.step * (options_.space == "pixel" ? at::ones_like(scale) : scale);
  }

  [[nodiscard]] Penalty exact_penalty(const QualityModel& model, const TrainBatch& batch,
                                      const at::Tensor& gradient) const {
    const at::Tensor norms = (gradient * (unit(model, batch) / options_.step)).abs().sum({1, 2, 3});
    return {options_.weight * norms.mean(), norms.detach()};
  }

  /// f(x + h d), with the dropout masks of f(x), and the running statistics as the option says.
  [[nodiscard]] at::Tensor perturbed_scores(QualityModel& model, const at::Tensor& moved,
                                            const Rng& step) {
    const at::NoGradGuard no_grad;
    const TensorMap statistics = running_statistics(model);
    if (options_.batchnorm == "official") repeat_clean_update(statistics);
    const TensorMap kept = options_.batchnorm == "official" ? TensorMap{} : copied(statistics);
    seed_torch_globals(step.child("dropout"));
    at::Tensor scores;
    {
      const at::AutoGradMode gradients(true);
      scores = model.training_outputs(moved).select(1, 0);
    }
    for (const auto& [name, tensor] : kept) statistics.at(name).copy_(tensor);
    return scores;
  }

  /// The authors' code runs the clean batch twice; the shared pass updated the statistics once:
  /// r1 = r0 + m (s - r0), and again r2 = r1 + (1 - m)(r1 - r0).
  void repeat_clean_update(const TensorMap& statistics) const {
    for (const auto& [name, tensor] : statistics) {
      if (name.ends_with("num_batches_tracked")) {
        tensor.add_(1);
      } else {
        tensor.add_(tensor - before_.at(name), 1 - kBatchNormMomentum);
      }
    }
  }

  Options options_;
  TensorMap before_;  ///< running statistics before the clean pass of this step
};

ROBIQ_REGISTER(Defense, GradientNorm);

}  // namespace
}  // namespace robiq
