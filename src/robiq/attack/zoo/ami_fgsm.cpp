#include <algorithm>

#include "robiq/attack/gradient/momentum_ascent.h"
#include "robiq/core/options/option_rules.h"

namespace robiq {
namespace {

/// MI-FGSM whose radius follows how natural the picture looks. NIQE comes from outside: its model
/// of natural pictures is no part of robiq.
class AmiFgsm final : public Attack {
 public:
  static constexpr const char* kName = "ami-fgsm";
  static constexpr const char* kSummary =
      "raises the score by momentum steps; the radius is epsilon, or kappa over the picture's NIQE";
  static constexpr const char* kPaper =
      "Sang et al., 2022, as in MSU's benchmark of metrics' robustness, 2023";
  struct Options {
    double epsilon = 10.0 / 255, niqe = 0, kappa = 0.5, momentum = 1;
    std::int64_t steps = 10;
    std::string loss = "up";
    static OptionTable<Options> options() {
      using O = Options;
      return {
          {"epsilon", &O::epsilon, "radius of the l_inf ball where niqe is not given", 0, 1,
           "of [0,1]"},
          {"niqe", &O::niqe,
           "NIQE of the picture, measured with another tool: the radius is kappa / niqe, one "
           "for all pictures of a run; 0: not given",
           0, 1000},
          {"kappa", &O::kappa, "strength, with niqe", 0, 1000},
          {"steps", &O::steps, "number of steps; each has the length radius / steps", 1, 100000},
          {"momentum", &O::momentum, "the share of the last direction that stays", 0, 100},
          {"loss", &O::loss, "the way the score goes", {"up", "down", "mid"}}};
    }
    static void settle(Options& o, const Params& given) {
      const OptionRules rules(given);
      rules.need(o.niqe > 0, {"kappa"}, "niqe=VALUE");
      rules.clash(o.niqe > 0, {"epsilon"}, "niqe, which gives the radius");
      if (o.niqe > 0) o.epsilon = std::min(1.0, o.kappa / o.niqe);
    }
  };
  explicit AmiFgsm(const Options& o)
      : card_{.name = kName,
              .paper = kPaper,
              .title = "AMI-FGSM",
              .rank = 31,
              .strength = o.niqe > 0 ? "kappa" : "epsilon",
              .linf_budget = o.epsilon},
        walk_{.objective = parse_objective(o.loss),
              .epsilon = o.epsilon,
              .step_size = o.epsilon / static_cast<double>(o.steps),
              .steps = o.steps,
              .momentum = o.momentum,
              .normalize = false} {}
  [[nodiscard]] const AttackCard& card() const noexcept override { return card_; }

 protected:
  [[nodiscard]] AttackOutcome perturb(QualityModel& victim, const AttackBatch& batch,
                                      const AttackContext& context) const override {
    return momentum_ascent(victim, batch, walk_, {}, {}, context);
  }

 private:
  AttackCard card_;
  MomentumAscent walk_;
};

ROBIQ_REGISTER(Attack, AmiFgsm);

}  // namespace
}  // namespace robiq
