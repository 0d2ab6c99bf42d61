#include <ATen/ATen.h>

#include <algorithm>

#include "robiq/attack/attack.h"
#include "robiq/attack/gradient/projected_ascent.h"
#include "robiq/core/error.h"

namespace robiq {
namespace {

/// Length of a step back towards the clean picture, [0,1] units.
constexpr double kMadcStepBack = 0.0005;

/// Root mean square of each row, [N,1,1,1].
at::Tensor madc_rmse(const at::Tensor& change) {
  return change.square().mean({1, 2, 3}, true).sqrt();
}

/// The gradient without its part along the change, in which the RMSE grows fastest; the whole of it
/// where nothing has changed yet.
at::Tensor across_rmse(const at::Tensor& gradient, const at::Tensor& change) {
  const at::Tensor size = change.square().sum({1, 2, 3}, true);
  const at::Tensor along = (gradient * change).sum({1, 2, 3}, true);
  return gradient - at::where(size > 0, along / size, at::zeros_like(size)) * change;
}

/// Moves the score while the distance to the clean picture grows as little as it can.
class Madc final : public Attack {
 public:
  static constexpr const char* kName = "madc";
  static constexpr const char* kSummary =
      "sign steps across the gradient of the RMSE (maximum differentiation)";
  static constexpr const char* kPaper =
      "Wang and Simoncelli, 2008, as in MSU's benchmark of metrics' robustness, 2023";
  struct Options {
    double step_size = 0.001, rmse = 10.0 / 255;
    std::int64_t steps = 8;
    std::string loss = "up";
    static OptionTable<Options> options() {
      using O = Options;
      return {{"step_size", &O::step_size, "length of one step", 0, 1, "(pixel values: 0 to 1)"},
              {"steps", &O::steps, "number of steps", 1, 100000},
              {"rmse", &O::rmse,
               "largest root mean square of the change; beyond it the picture is led back", 0.001,
               1, "(pixel values: 0 to 1)"},
              {"loss", &O::loss, "the way the score goes", {"up", "down", "mid"}}};
    }
  };
  explicit Madc(const Options& o)
      : card_{.name = kName,
              .paper = kPaper,
              .title = "MADC",
              .rank = 32,
              .strength = "rmse",
              .linf_budget = std::min(1.0, o.step_size * static_cast<double>(o.steps))},
        options_(o),
        objective_(parse_objective(o.loss)) {}
  [[nodiscard]] const AttackCard& card() const noexcept override { return card_; }

 protected:
  [[nodiscard]] AttackOutcome perturb(QualityModel& victim, const AttackBatch& batch,
                                      const AttackContext& context) const override {
    at::Tensor images = batch.images.detach();
    for (std::int64_t step = 0; step < options_.steps; ++step) {
      if (context.stop()) throw Interrupted("the attack was stopped");
      const at::Tensor gradient =
          row_ascent(victim, images, objective_, batch.clean_scores).gradient;
      const at::Tensor across = across_rmse(gradient, images - batch.images);
      images = led_back(images + options_.step_size * across.sign(), batch.images).clamp(0, 1);
    }
    return {images, options_.steps, options_.steps};
  }

 private:
  /// Steps towards the clean picture until no row's RMSE exceeds the limit.
  [[nodiscard]] at::Tensor led_back(at::Tensor images, const at::Tensor& clean) const {
    for (;;) {
      const at::Tensor change = images - clean;
      const at::Tensor beyond = madc_rmse(change) > options_.rmse;
      if (!beyond.any().item<bool>()) return images;
      const at::Tensor back = (images - kMadcStepBack * change.sign()).clamp(0, 1);
      images = at::where(beyond, back, images);
    }
  }

  AttackCard card_;
  Options options_;
  Objective objective_;
};

ROBIQ_REGISTER(Attack, Madc);

}  // namespace
}  // namespace robiq
