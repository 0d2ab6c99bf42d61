#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <string>

#include "robiq/attack/attack.h"
#include "robiq/attack/gradient/perceptual_ascent.h"
#include "robiq/attack/local/spatial_activity.h"
#include "robiq/attack/objective.h"

namespace robiq {
namespace {

/// Down to whole levels, as a picture that is cut off to 8 bits.
at::Tensor cut_to_levels(const at::Tensor& images) {
  constexpr double kRounding = 1e-3;  // of a level: 7 levels in float32 stay 7
  return (images.clamp(0, 1) * 255 + kRounding).floor() / 255;
}

/// One large step, of which only high frequencies in textured places are kept.
class Ioi final : public Attack {
 public:
  static constexpr const char* kName = "ioi";
  static constexpr const char* kSummary = "one step, kept where frequency and texture hide it";
  static constexpr const char* kPaper =
      "Shumitskaya et al., IOI: Invisible One-Iteration Adversarial Attack on No-Reference Image- "
      "and Video-Quality Metrics, ICML 2024";
  struct Options {
    double learning_rate = 0.1, keep = 0.07;
    std::string loss = "mid";
    static OptionTable<Options> options() {
      using O = Options;
      return {{"learning_rate", &O::learning_rate, "length of the step", 0, 1,
               "(pixel values: 0 to 1)"},
              {"keep", &O::keep, "part of the Fourier coefficients, the largest, that stays clean",
               0, 1},
              {"loss", &O::loss, kDirectionHelp, direction_names()}};
    }
  };
  explicit Ioi(const Options& o)
      : card_{.name = kName,
              .paper = kPaper,
              .title = "IOI",
              .rank = 44,
              .strength = "learning_rate"},
        step_(o.learning_rate),
        keep_(o.keep),
        objective_(parse_objective(o.loss)) {}
  [[nodiscard]] const AttackCard& card() const noexcept override { return card_; }

 protected:
  [[nodiscard]] AttackOutcome perturb(QualityModel& victim, const AttackBatch& batch,
                                      const AttackContext& /*context*/) const override {
    const at::Tensor& clean = batch.images;
    const at::Tensor directions =
        score_directions(objective_, batch.clean_scores, victim.card().scale);
    const at::Tensor leaf = clean.detach().requires_grad_(true);
    const at::Tensor value = (victim.score(leaf) * victim.card().scale.factor() * directions).sum();
    const at::Tensor gradient = torch::autograd::grad({value}, {leaf})[0];
    check_gradient(gradient, victim.card().name);
    const at::Tensor sign = gradient.nan_to_num(0, 1, -1).sign();
    const at::NoGradGuard no_grad;
    const at::Tensor stepped = cut_to_levels(clean + step_ * sign);
    const at::Tensor low = strongest_waves(clean, clean, keep_);
    const at::Tensor stepped_high = stepped - strongest_waves(stepped, clean, keep_);
    const at::Tensor mask = texture_mask(clean);
    const at::Tensor mixed = low + mask * stepped_high + (1 - mask) * (clean - low);
    return {cut_to_levels(mixed).clamp(0, 1), 1, 1};
  }

 private:
  AttackCard card_;
  double step_, keep_;
  Objective objective_;
};

ROBIQ_REGISTER(Attack, Ioi);

}  // namespace
}  // namespace robiq
