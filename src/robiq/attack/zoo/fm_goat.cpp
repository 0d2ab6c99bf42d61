#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "robiq/attack/attack.h"
#include "robiq/attack/gradient/perceptual_ascent.h"
#include "robiq/attack/local/frequency_mask.h"
#include "robiq/attack/objective.h"
#include "robiq/core/error.h"
#include "robiq/core/options/option_rules.h"
#include "robiq/metric/distance/fidelity.h"

namespace robiq {
namespace {

/// Sums over all but the first dimension, [N,1,1,1].
at::Tensor goat_dot(const at::Tensor& a, const at::Tensor& b) {
  return (a * b).sum({1, 2, 3}, true);
}

/// The last of the gradients without its parts along the others, which are made orthogonal to each
/// other in their order (classical Gram-Schmidt); those of nearly no length are passed over.
at::Tensor across_all(const std::vector<at::Tensor>& gradients) {
  constexpr double kNoLength = 1e-10;
  std::vector<at::Tensor> normals;
  for (const at::Tensor& gradient : gradients) {
    at::Tensor normal = gradient;
    for (const at::Tensor& earlier : normals) {
      const at::Tensor size = goat_dot(earlier, earlier);
      const at::Tensor along =
          at::where(size > kNoLength, goat_dot(earlier, gradient) / size, at::zeros_like(size));
      normal = normal - along * earlier;
    }
    normals.push_back(normal);
  }
  return normals.back();
}

/// Steps in high frequencies that leave perceptual distances alone to first order.
class FmGoat final : public Attack {
 public:
  static constexpr const char* kName = "fm-goat";
  static constexpr const char* kSummary =
      "steps where frequencies are high, orthogonal to the gradients of SSIM, MSE and LPIPS";
  static constexpr const char* kPaper = "FM-GOAT, github.com/X1716/FM-GOAT";
  struct Options {
    double alpha = 1;
    std::int64_t steps = 10;
    std::string keeps = "ssim-mse", net = "alex", heads, trunk, loss = "mid";
    static OptionTable<Options> options() {
      using O = Options;
      return {{"alpha", &O::alpha,
               "length of a step: a multiple of the gradient of the score / 100", 0, 1e6},
              {"steps", &O::steps, "number of steps", 1, 100000},
              {"keeps",
               &O::keeps,
               "what steps leave alone to first order; the authors' with lpips needs its weights",
               {"ssim-mse", "lpips-ssim-mse"}},
              {"net", &O::net, "network of LPIPS's trunk", {"vgg", "alex", "squeeze"}},
              {"heads", &O::heads, "weights file of LPIPS's heads"},
              {"trunk", &O::trunk, "weights file of the network below them"},
              {"loss", &O::loss, kDirectionHelp, direction_names()}};
    }
    static void settle(Options& o, const Params& given) {
      const bool learned = o.keeps == "lpips-ssim-mse";
      OptionRules(given).need(learned, {"net", "heads", "trunk"}, "keeps=lpips-ssim-mse");
      if (!learned || (!o.heads.empty() && !o.trunk.empty())) return;
      throw Error(ErrorKind::kUsage, {"keeps=lpips-ssim-mse needs the weights of LPIPS", kName,
                                      "give heads=FILE,trunk=FILE; docs/weights.md says which"});
    }
  };
  explicit FmGoat(const Options& o)
      : card_{.name = kName, .paper = kPaper, .title = "FM-GOAT", .rank = 43, .strength = "alpha"},
        options_(o),
        objective_(parse_objective(o.loss)) {
    if (o.keeps == "lpips-ssim-mse") {
      distances_.push_back(Registry<Fidelity>::instance().make(
          "lpips",
          {{"net", {o.net, kName}}, {"heads", {o.heads, kName}}, {"trunk", {o.trunk, kName}}}));
    }
    distances_.push_back(Registry<Fidelity>::instance().make("ssim", {}));
    distances_.push_back(Registry<Fidelity>::instance().make("mse", {}));
  }
  [[nodiscard]] const AttackCard& card() const noexcept override { return card_; }

 protected:
  [[nodiscard]] AttackOutcome perturb(QualityModel& victim, const AttackBatch& batch,
                                      const AttackContext& context) const override {
    const at::Tensor clean = batch.images.detach();
    const ScoreScale& scale = victim.card().scale;
    const at::Tensor directions = score_directions(objective_, batch.clean_scores, scale);
    const at::Tensor mask = frequency_mask(clean);
    std::vector<Fidelity::Comparison> compared;
    for (const auto& distance : distances_) compared.push_back(distance->against(clean));
    at::Tensor added = at::zeros_like(clean);
    for (std::int64_t step = 0; step < options_.steps; ++step) {
      if (context.stop()) throw Interrupted("the attack was stopped");
      const auto gradient_of = [&](const auto& value) {
        const at::Tensor leaf = added.detach().requires_grad_(true);
        const at::Tensor images = (clean + mask * leaf).clamp(0, 1);
        return torch::autograd::grad({value(images).sum()}, {leaf})[0];
      };
      std::vector<at::Tensor> gradients;
      for (const Fidelity::Comparison& distance : compared) {
        gradients.push_back(gradient_of(distance).nan_to_num(0, 0, 0));
      }
      constexpr double kRange = 100;
      const at::Tensor uphill = gradient_of([&](const at::Tensor& images) {
        return victim.score(images) * (scale.factor() * directions);
      });
      check_gradient(uphill, victim.card().name);
      gradients.push_back(uphill.nan_to_num(0, 0, 0));
      added = added + options_.alpha / kRange * across_all(gradients);
    }
    const at::NoGradGuard no_grad;
    return {(clean + mask * added).clamp(0, 1), options_.steps, options_.steps};
  }

 private:
  AttackCard card_;
  Options options_;
  Objective objective_;
  std::vector<std::shared_ptr<const Fidelity>> distances_;
};

ROBIQ_REGISTER(Attack, FmGoat);

}  // namespace
}  // namespace robiq
