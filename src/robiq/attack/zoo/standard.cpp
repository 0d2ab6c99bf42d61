#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "robiq/attack/standard_set.h"
#include "robiq/core/text/text.h"

namespace robiq {
namespace {

/// "2/255" or "0.01", as its results are stored. \throws Error{kUsage}
double budget_of(const std::string& text) {
  double value = 0;
  if (parse_fraction(text, value) && value > 0 && value <= 1) return stored_radius(value);
  throw Error(ErrorKind::kUsage, {"'" + text + "' is not a budget", "budget",
                                  "write radii in [0,1] such as 4/255, several with + between"});
}

/// The worst case over a fixed set of attacks; the picture that is returned is each row's worst at
/// the largest budget.
class Standard final : public Attack, public RunsStandardSet {
 public:
  static constexpr const char* kName = "standard";
  static constexpr const char* kSummary =
      "the worst case over FGSM, APGD, Square and noise, without a knob but the budget";
  static constexpr const char* kPaper =
      "after AutoAttack (Croce and Hein, ICML 2020), for scores; docs/attacks.md";
  struct Options {
    std::string budget = "2/255+4/255+8/255+16/255";
    static OptionTable<Options> options() {
      return {{"budget", &Options::budget,
               "l_inf radii of [0,1], several with + between: a subset measures only those"}};
    }
  };

  explicit Standard(const Options& options) {
    set_.budgets.clear();
    for (const std::string& text : split(options.budget, '+')) {
      set_.budgets.push_back(budget_of(text));
    }
    std::sort(set_.budgets.begin(), set_.budgets.end());
    set_.budgets.erase(std::unique(set_.budgets.begin(), set_.budgets.end()), set_.budgets.end());
    card_ = {.name = kName,
             .paper = kPaper,
             .title = "Standard",
             .rank = 5,
             .strength = "budget",
             .linf_budget = set_.budgets.back()};
  }
  [[nodiscard]] const AttackCard& card() const noexcept override { return card_; }
  [[nodiscard]] const StandardSet& standard_set() const noexcept override { return set_; }

 protected:
  [[nodiscard]] AttackOutcome perturb(QualityModel& victim, const AttackBatch& batch,
                                      const AttackContext& context) const override {
    const StandardOutcome outcome = run_standard_set(victim, batch, set_, context);
    const at::NoGradGuard no_grad;
    at::Tensor worst = batch.images, farthest = at::zeros_like(batch.clean_scores);
    for (const StandardBudget& budget : outcome.budgets) {
      for (const at::Tensor& images : budget.images) {
        const at::Tensor change = (victim.score(images) - batch.clean_scores).abs();
        const at::Tensor further = change > farthest;
        worst = at::where(further.view({-1, 1, 1, 1}), images, worst);
        farthest = at::where(further, change, farthest);
      }
    }
    return {worst, set_.forwards(), set_.backwards()};
  }

 private:
  StandardSet set_;
  AttackCard card_;
};

ROBIQ_REGISTER(Attack, Standard);

}  // namespace
}  // namespace robiq
