#include <ATen/ATen.h>

#include <cstdint>
#include <memory>
#include <string>

#include "robiq/attack/attack.h"
#include "robiq/attack/gradient/adam_walk.h"
#include "robiq/attack/gradient/perceptual_ascent.h"
#include "robiq/core/error.h"
#include "robiq/core/options/option_rules.h"
#include "robiq/metric/distance/fidelity.h"

namespace robiq {
namespace {

/// The perceptual attack made simple: one Adam, and both terms with the same weight.
class Zhang final : public Attack {
 public:
  static constexpr const char* kName = "zhang";
  static constexpr const char* kSummary =
      "the perceptual attack made simple: Adam on a distance less the score";
  static constexpr const char* kPaper =
      "after Zhang et al., NeurIPS 2022, as Gushchin et al., Guardians of Image Quality, 2024, run "
      "it";
  struct Options {
    std::string constraint = "ssim", heads, trunk, loss = "mid";
    double learning_rate = 5e-3;
    std::int64_t steps = 10;
    static OptionTable<Options> options() {
      using O = Options;
      return {{"constraint",
               &O::constraint,
               "the distance that keeps the picture alike; for ssim, 1 - SSIM",
               {"ssim", "lpips", "dists"}},
              {"learning_rate", &O::learning_rate, "of Adam on the picture", 0, 1,
               "(pixel values: 0 to 1)"},
              {"steps", &O::steps, "number of steps", 1, 100000},
              {"loss", &O::loss, kDirectionHelp, direction_names()},
              {"heads", &O::heads, "weights file of LPIPS's heads or of DISTS"},
              {"trunk", &O::trunk, "weights file of the VGG-16 below them"}};
    }
    static void settle(Options& o, const Params& given) {
      const bool learned = o.constraint != "ssim";
      OptionRules(given).need(learned, {"heads", "trunk"}, "constraint=lpips or dists");
      if (!learned || (!o.heads.empty() && !o.trunk.empty())) return;
      throw Error(ErrorKind::kUsage, {"constraint=" + o.constraint + " needs weights", kName,
                                      "give heads=FILE,trunk=FILE; docs/weights.md says which"});
    }
  };
  explicit Zhang(const Options& o)
      : card_{.name = kName,
              .paper = kPaper,
              .title = o.constraint == "ssim"    ? "Zhang-SSIM"
                       : o.constraint == "lpips" ? "Zhang-LPIPS"
                                                 : "Zhang-DISTS",
              .rank = 32,
              .strength = "learning_rate"} {
    Params params;
    if (o.constraint == "lpips") params["heads"] = {o.heads, kName};
    if (o.constraint == "dists") params["weights"] = {o.heads, kName};
    if (o.constraint != "ssim") params["trunk"] = {o.trunk, kName};
    const std::shared_ptr<Fidelity> measure =
        Registry<Fidelity>::instance().make(o.constraint, params);
    walk_.objective = parse_objective(o.loss);
    walk_.step_size = o.learning_rate;
    walk_.steps = o.steps;
    walk_.penalty_to = [measure](const at::Tensor& clean) {
      return [measure, compared = measure->against(clean)](const at::Tensor& images) {
        const at::Tensor value = compared(images);
        return measure->higher_is_closer() ? 1 - value : value;
      };
    };
  }
  [[nodiscard]] const AttackCard& card() const noexcept override { return card_; }

 protected:
  [[nodiscard]] AttackOutcome perturb(QualityModel& victim, const AttackBatch& batch,
                                      const AttackContext& context) const override {
    return adam_walk(victim, batch, walk_, context);
  }

 private:
  AttackCard card_;
  AdamWalk walk_;
};

ROBIQ_REGISTER(Attack, Zhang);

}  // namespace
}  // namespace robiq
