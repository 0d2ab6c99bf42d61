#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "robiq/attack/gradient/momentum_ascent.h"
#include "robiq/core/error.h"
#include "robiq/core/options/option_rules.h"
#include "robiq/metric/distance/niqe.h"

namespace robiq {
namespace {

/// MI-FGSM whose radius follows how natural the picture looks. What natural pictures look like
/// comes from outside: NIQE's model of them is no part of robiq.
class AmiFgsm final : public Attack {
 public:
  static constexpr const char* kName = "ami-fgsm";
  static constexpr const char* kSummary =
      "raises the score by momentum steps; the radius is epsilon, or kappa over each picture's "
      "NIQE";
  static constexpr const char* kPaper =
      "Sang et al., 2022, as in MSU's benchmark of metrics' robustness, 2023";
  struct Options {
    double epsilon = 10.0 / 255, niqe = 0, kappa = 0.5, momentum = 1;
    std::int64_t steps = 10;
    std::string niqe_model, loss = "up";
    static OptionTable<Options> options() {
      using O = Options;
      return {
          {"epsilon", &O::epsilon, "radius of the l_inf ball where neither niqe is given", 0, 1,
           "(pixel values: 0 to 1)"},
          {"niqe_model", &O::niqe_model,
           "NIQE's modelparameters.mat: the radius is kappa over the NIQE of each picture (or "
           "view), "
           "which must have two blocks of 96 x 96 pixels"},
          {"niqe", &O::niqe,
           "NIQE of the picture, measured with another tool: the radius is kappa / niqe, one "
           "for all pictures of a run; 0: not given",
           0, 1000},
          {"kappa", &O::kappa, "strength, with niqe or niqe_model", 0, 1000},
          {"steps", &O::steps, "number of steps; each has the length radius / steps", 1, 100000},
          {"momentum", &O::momentum, "the share of the last direction that stays", 0, 100},
          {"loss", &O::loss, "the way the score goes", {"up", "down", "mid"}}};
    }
    static void settle(Options& o, const Params& given) {
      const OptionRules rules(given);
      const bool measured = !o.niqe_model.empty();
      rules.need(o.niqe > 0 || measured, {"kappa"}, "niqe=VALUE or niqe_model=FILE");
      rules.clash(o.niqe > 0 || measured, {"epsilon"}, "NIQE, which gives the radius");
      rules.clash(measured, {"niqe"}, "niqe_model, which measures it");
      if (o.niqe > 0) o.epsilon = std::min(1.0, o.kappa / o.niqe);
    }
  };
  explicit AmiFgsm(const Options& o)
      : card_{.name = kName,
              .paper = kPaper,
              .title = "AMI-FGSM",
              .rank = 31,
              .strength = o.niqe > 0 || !o.niqe_model.empty() ? "kappa" : "epsilon",
              .linf_budget = o.niqe_model.empty() ? o.epsilon : 1},
        kappa_(o.kappa),
        walk_{.objective = parse_objective(o.loss),
              .epsilon = o.epsilon,
              .step_size = o.epsilon / static_cast<double>(o.steps),
              .steps = o.steps,
              .momentum = o.momentum,
              .normalize = false} {
    if (!o.niqe_model.empty()) natural_ = read_natural_model(o.niqe_model);
  }
  [[nodiscard]] const AttackCard& card() const noexcept override { return card_; }

 protected:
  [[nodiscard]] AttackOutcome perturb(QualityModel& victim, const AttackBatch& batch,
                                      const AttackContext& context) const override {
    if (!natural_) return momentum_ascent(victim, batch, walk_, {}, {}, context);
    std::vector<at::Tensor> rows;
    for (std::int64_t i = 0; i < batch.images.size(0); ++i) {
      const AttackBatch row{batch.images.narrow(0, i, 1),
                            batch.clean_scores.narrow(0, i, 1),
                            {batch.ids[static_cast<std::size_t>(i)]}};
      rows.push_back(
          momentum_ascent(victim, row, walk_within(radius_of(row)), {}, {}, context).images);
    }
    return {at::cat(rows), walk_.steps, walk_.steps};
  }

 private:
  [[nodiscard]] double radius_of(const AttackBatch& row) const {
    const double measured = niqe(row.images[0], *natural_);
    if (std::isfinite(measured) && measured > 0) return std::min(1.0, kappa_ / measured);
    throw Error(ErrorKind::kData, {"the NIQE of a picture is undefined", row.ids.front(),
                                   "leave out pictures without texture, or give niqe=VALUE"});
  }
  [[nodiscard]] MomentumAscent walk_within(double radius) const {
    MomentumAscent walk = walk_;
    walk.epsilon = radius;
    walk.step_size = radius / static_cast<double>(walk.steps);
    return walk;
  }

  AttackCard card_;
  double kappa_;
  std::optional<NaturalModel> natural_;
  MomentumAscent walk_;
};

ROBIQ_REGISTER(Attack, AmiFgsm);

}  // namespace
}  // namespace robiq
