#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cstdint>
#include <string>
#include <vector>

#include "robiq/attack/attack.h"
#include "robiq/attack/gradient/perceptual_ascent.h"
#include "robiq/attack/gradient/projected_ascent.h"
#include "robiq/attack/local/spatial_activity.h"
#include "robiq/attack/norm_ball.h"
#include "robiq/core/error.h"
#include "robiq/model/several_models.h"

namespace robiq {
namespace {

/// 1 where a picture is more active than in the middle of its pixels, else 0; [N,1,H,W].
at::Tensor active_half(const at::Tensor& images) {
  const at::Tensor activity = spatial_activity(images, ActivityRule::kOriginal);
  const at::Tensor middle = std::get<0>(activity.flatten(1).median(1)).view({-1, 1, 1, 1});
  return (activity > middle).to(images.scalar_type());
}

/// One step along the signs of smoothed gradients, added up over the models that the attacker has.
class Sega final : public Attack {
 public:
  static constexpr const char* kName = "sega";
  static constexpr const char* kSummary =
      "one step along smoothed gradients of one or several surrogates; experimental";
  static constexpr const char* kPaper =
      "after the abstract of SEGA, IEEE TPAMI 2026 (arXiv 2509.18546); its constants are robiq's";
  struct Options {
    double epsilon = 8.0 / 255, sigma = 8.0 / 255;
    std::int64_t samples = 20;
    std::string mask = "activity", loss = "mid";
    static OptionTable<Options> options() {
      using O = Options;
      return {
          {"epsilon", &O::epsilon, "length of the step", 0, 1, "(pixel values: 0 to 1)"},
          {"sigma", &O::sigma, "standard deviation of the noise that gradients are smoothed by", 0,
           1, "(pixel values: 0 to 1)"},
          {"samples", &O::samples, "noisy pictures whose gradients are added up", 1, 100000},
          {"mask", &O::mask, "activity spares the calmer half of a picture", {"activity", "none"}},
          {"loss", &O::loss, kDirectionHelp, direction_names()}};
    }
  };
  explicit Sega(const Options& o)
      : card_{.name = kName,
              .paper = kPaper,
              .title = "SEGA",
              .rank = 36,
              .white_box = false,
              .linf_budget = o.epsilon},
        options_(o),
        objective_(parse_objective(o.loss)) {}
  [[nodiscard]] const AttackCard& card() const noexcept override { return card_; }

 protected:
  [[nodiscard]] AttackOutcome perturb(QualityModel& victim, const AttackBatch& batch,
                                      const AttackContext& context) const override {
    const at::Tensor directions =
        score_directions(objective_, batch.clean_scores, victim.card().scale).view({-1, 1, 1, 1});
    at::Tensor votes = at::zeros_like(batch.images);
    for (QualityModel* const model : models_in(victim)) {
      votes += smoothed_gradient(*model, batch, context).sign();
    }
    at::Tensor step = options_.epsilon * directions * votes.sign();
    if (options_.mask == "activity") step = step * active_half(batch.images);
    return {(batch.images + step).clamp(0, 1).to(at::kFloat), options_.samples, options_.samples};
  }

 private:
  /// The sum over noisy pictures; the same noise for every model.
  [[nodiscard]] at::Tensor smoothed_gradient(QualityModel& model, const AttackBatch& batch,
                                             const AttackContext& context) const {
    at::Tensor sum = at::zeros_like(batch.images);
    for (std::int64_t sample = 0; sample < options_.samples; ++sample) {
      if (context.stop()) throw Interrupted("the attack was stopped");
      const Rng rng = context.rng.child("noise").child(static_cast<std::uint64_t>(sample));
      const at::Tensor noisy =
          (batch.images + options_.sigma * row_normal_noise(batch, rng)).clamp(0, 1);
      sum += row_ascent(model, noisy, Objective::kUp, batch.clean_scores).gradient;
    }
    return sum;
  }

  AttackCard card_;
  Options options_;
  Objective objective_;
};

ROBIQ_REGISTER(Attack, Sega);

}  // namespace
}  // namespace robiq
