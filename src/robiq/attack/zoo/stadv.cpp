#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <cstdint>
#include <string>
#include <vector>

#include "robiq/attack/attack.h"
#include "robiq/attack/gradient/lbfgs_path.h"
#include "robiq/attack/gradient/perceptual_ascent.h"
#include "robiq/attack/local/flow_warp.h"
#include "robiq/attack/objective.h"
#include "robiq/core/error.h"

namespace robiq {
namespace {

/// Moves pixels instead of changing them: a smooth flow, found by L-BFGS, row by row.
class StAdv final : public Attack {
 public:
  static constexpr const char* kName = "stadv";
  static constexpr const char* kSummary = "shifts pixels by a smooth flow instead of adding noise";
  static constexpr const char* kPaper =
      "Xiao et al., Spatially Transformed Adversarial Examples, ICLR 2018";
  struct Options {
    double learning_rate = 2.5, score_weight = 50, smoothness = 1e-5;
    std::int64_t steps = 3;
    std::string loss = "mid";
    static OptionTable<Options> options() {
      using O = Options;
      return {{"learning_rate", &O::learning_rate,
               "length of an L-BFGS step; the first is shortened by its gradient", 0, 1000},
              {"steps", &O::steps, "number of steps", 1, 100000},
              {"score_weight", &O::score_weight, "of the score's part of the loss", 0, 1e9},
              {"smoothness", &O::smoothness, "of the flow's roughness in the loss", 0, 1e9},
              {"loss", &O::loss, kDirectionHelp, direction_names()}};
    }
  };
  explicit StAdv(const Options& o)
      : card_{.name = kName,
              .paper = kPaper,
              .title = "stAdv",
              .rank = 40,
              .strength = "learning_rate"},
        options_(o),
        objective_(parse_objective(o.loss)) {}
  [[nodiscard]] const AttackCard& card() const noexcept override { return card_; }

 protected:
  [[nodiscard]] AttackOutcome perturb(QualityModel& victim, const AttackBatch& batch,
                                      const AttackContext& context) const override {
    const at::Tensor directions =
        score_directions(objective_, batch.clean_scores, victim.card().scale);
    at::Tensor flow =
        at::zeros({batch.images.size(0), 2, batch.images.size(2), batch.images.size(3)},
                  batch.images.options());
    std::vector<LbfgsPath> paths(batch.ids.size(), LbfgsPath(options_.learning_rate));
    for (std::int64_t step = 0; step < options_.steps; ++step) {
      if (context.stop()) throw Interrupted("the attack was stopped");
      const at::Tensor leaf = flow.detach().requires_grad_(true);
      const at::Tensor value = loss(victim, batch.images, leaf, directions);
      at::Tensor gradient = torch::autograd::grad({value.sum()}, {leaf})[0];
      check_gradient(gradient, victim.card().name);
      gradient = gradient.nan_to_num(0, 0, 0);
      std::vector<at::Tensor> moves;
      for (std::size_t row = 0; row < paths.size(); ++row) {
        moves.push_back(paths[row].step(gradient[static_cast<std::int64_t>(row)]));
      }
      flow = leaf.detach() + at::stack(moves);
    }
    const at::NoGradGuard no_grad;
    return {flow_warped(batch.images, flow).clamp(0, 1), options_.steps, options_.steps};
  }

 private:
  /// weight s / (q + s) + smoothness roughness, [N]; q is the normalised score where it is pushed
  /// up, 100 less it where down, and s 1.5 times the range.
  [[nodiscard]] at::Tensor loss(QualityModel& victim, const at::Tensor& images,
                                const at::Tensor& flow, const at::Tensor& directions) const {
    constexpr double kRange = 100, kOffset = 1.5 * kRange;
    const ScoreScale& scale = victim.card().scale;
    const at::Tensor score =
        (victim.score(flow_warped(images, flow)) - scale.worst) * scale.factor();
    const at::Tensor pushed_up = at::where(directions > 0, score, kRange - score);
    return options_.score_weight * kOffset / (pushed_up + kOffset) +
           options_.smoothness * flow_roughness(flow);
  }

  AttackCard card_;
  Options options_;
  Objective objective_;
};

ROBIQ_REGISTER(Attack, StAdv);

}  // namespace
}  // namespace robiq
