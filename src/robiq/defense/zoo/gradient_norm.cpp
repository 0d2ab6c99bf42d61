#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <optional>

#include "robiq/defense/gradient_norm_shape.h"
#include "robiq/defense/two_point_penalty.h"
#include "robiq/model/recipe.h"
#include "robiq/model/running_statistics.h"
#include "robiq/tensor/compat.h"
#include "robiq/tensor/random.h"
#include "robiq/tensor/row_extremes.h"

namespace robiq {
namespace {

constexpr double kBatchNormMomentum = 0.1;

/// Gradient-norm regularisation, the NT strategy: the l1 norm of the score's gradient, estimated by
/// a finite difference along the gradient's sign (supplement S2 and Eq. S9; the square form is that
/// of the authors' code). The step's own forward pass serves as f(x), so a step costs two forward
/// passes, one backward pass to the picture and one through the sum. The direction is a constant;
/// neither f(x) nor f(x + h d) is.
class GradientNorm final : public Defense, public TwoPointPenalty {
 public:
  static constexpr const char* kName = "gradient-norm";
  static constexpr const char* kSummary = "NT: penalises the l1 norm of the score's gradient";
  static constexpr const char* kPaper =
      "Liu et al., Defense Against Adversarial Attacks on No-Reference Image Quality Models with "
      "Gradient Norm Regularization, CVPR 2024";
  struct Options {
    double weight = 1e-3;
    GradientNormShape shape;
    NtBatchnorm batchnorm = NtBatchnorm::kClean;
    static OptionTable<Options> options() {
      using O = Options;
      return joined_tables<O>(
          {{{"weight", &O::weight, "lambda, the factor of the penalty in the loss", 0, 1e9}},
           gradient_norm_rows<O>(
               &O::shape, {"batchnorm", &O::batchnorm,
                           "running statistics: updated by the clean pass once, as the authors' "
                           "three passes do, or used and left alone in every pass"})});
    }
  };

  explicit GradientNorm(Options options) : options_(std::move(options)) {}

  [[nodiscard]] DefenseCard card() const override {
    return {.name = kName,
            .title = "NT",
            .strength = "weight",
            .symbol = "λ",
            .titled_by_strength = true};
  }

  [[nodiscard]] bool needs_image_gradient() const override { return true; }

  [[nodiscard]] bool needs_batch_scores() const override {
    return options_.shape.scale == SlopeScale::kLabel;
  }

  [[nodiscard]] bool freezes_statistics() const override {
    return options_.batchnorm == NtBatchnorm::kFrozen;
  }

  [[nodiscard]] TrainBatch prepare(QualityModel& /*model*/, TrainBatch batch,
                                   const Rng& /*step*/) override {
    // Programs that are not robiq's own may not have called prepare_arithmetic().
    compat::forbid_tf32();
    return batch;
  }

  void before_pass(const QualityModel& model) override {
    if (options_.batchnorm != NtBatchnorm::kOfficial) return;
    before_.clear();
    for (const auto& [name, tensor] : running_statistics(model)) {
      before_.emplace(name, tensor.clone());
    }
  }

  void see_batch(const at::Tensor& scores, const at::Tensor& mos) override {
    // Neither one picture nor equal scores have a spread, and so no penalty.
    label_ratio_ = at::zeros_like(scores.sum());
    if (scores.size(0) < 2) return;
    const at::Tensor spread = scores.std();
    label_ratio_ = at::where(spread > 0, mos.std() / spread, label_ratio_);
  }

  [[nodiscard]] Penalty penalty(QualityModel& model, const TrainBatch& batch,
                                const at::Tensor& scores, const Rng& step) override {
    const bool exact = options_.shape.form == NormForm::kExact;
    const at::Tensor gradient =
        torch::autograd::grad({scores.sum()}, {batch.images}, {}, /*retain_graph=*/true,
                              /*create_graph=*/exact)[0];
    if (exact) return exact_penalty(model, batch, gradient);
    const at::Tensor points = other_points(model, batch.images.detach(), gradient);
    return of_scores(scores, other_scores(model, points, step));
  }

  [[nodiscard]] TwoPointPenalty* two_points() override {
    return options_.shape.form == NormForm::kExact ? nullptr : this;
  }

  [[nodiscard]] at::Tensor other_points(const QualityModel& model, const at::Tensor& images,
                                        const at::Tensor& gradient) const override {
    if (any_row_is_nan(gradient)) {
      throw Error(ErrorKind::kNumeric,
                  {"the gradient of a score is NaN everywhere, and has no norm to penalise",
                   model.card().name, "look for square roots and divisions at 0 in the model"});
    }
    return at::addcmul(images, gradient.sign(), unit(model, images));
  }

  [[nodiscard]] at::Tensor other_scores(QualityModel& model, const at::Tensor& points,
                                        const Rng& step) override {
    if (options_.batchnorm == NtBatchnorm::kOfficial) repeat_clean_update(model);
    std::optional<ScopedRunningStatistics> kept;
    if (options_.batchnorm == NtBatchnorm::kClean) kept.emplace(model);
    seed_torch_globals(step.child("dropout"));
    return model.training_outputs(points).select(1, 0);
  }

  [[nodiscard]] Penalty of_scores(const at::Tensor& scores,
                                  const at::Tensor& other_scores) const override {
    const at::Tensor slopes = (other_scores - scores) / options_.shape.step;
    const at::Tensor scaled = in_label_units(slopes);
    const at::Tensor value =
        options_.shape.form == NormForm::kSquare ? scaled.square().mean() / 2 : scaled.abs().mean();
    return {options_.weight * value, slopes.detach()};
  }

  [[nodiscard]] bool couples_pictures(const QualityModel& model) const override {
    return options_.batchnorm != NtBatchnorm::kFrozen && !running_statistics(model).empty();
  }

 private:
  /// A step of h in the chosen space, in image units: [1,3,1,1].
  [[nodiscard]] at::Tensor unit(const QualityModel& model, const at::Tensor& images) const {
    const at::Tensor scale = stddev_like(model.card(), images);
    return options_.shape.step *
           (options_.shape.space == NormSpace::kPixel ? at::ones_like(scale) : scale);
  }

  [[nodiscard]] at::Tensor in_label_units(const at::Tensor& slopes) const {
    return needs_batch_scores() ? slopes * label_ratio_ : slopes;
  }

  [[nodiscard]] Penalty exact_penalty(const QualityModel& model, const TrainBatch& batch,
                                      const at::Tensor& gradient) const {
    const at::Tensor by_space = gradient * (unit(model, batch.images) / options_.shape.step);
    const at::Tensor norms =
        by_space.abs().sum(3).sum({1, 2}, false, at::kDouble).to(by_space.scalar_type());
    return {options_.weight * in_label_units(norms).mean(), norms.detach()};
  }

  /// The authors' code runs the clean batch twice; the shared pass updated the statistics once:
  /// r1 = r0 + m (s - r0), and again r2 = r1 + (1 - m)(r1 - r0).
  void repeat_clean_update(const QualityModel& model) const {
    const at::NoGradGuard no_grad;
    for (const auto& [name, tensor] : running_statistics(model)) {
      if (is_batch_count(name)) {
        tensor.add_(1);
      } else {
        tensor.add_(tensor - before_.at(name), 1 - kBatchNormMomentum);
      }
    }
  }

  Options options_;
  TensorMap before_;        ///< running statistics before the clean pass of a piece
  at::Tensor label_ratio_;  ///< std(MOS) / std(scores) of the batch, if scale=label
};

ROBIQ_REGISTER(Defense, GradientNorm);

}  // namespace
}  // namespace robiq
