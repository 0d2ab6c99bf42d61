#include "robiq/attack/gradient/projected_ascent.h"

namespace robiq {
namespace {

/// The one step of MSU's robustness benchmark, which raises the score by default.
class StdFgsm final : public Attack {
 public:
  static constexpr const char* kName = "std-fgsm";
  static constexpr const char* kSummary =
      "one step of length epsilon along the gradient's sign; by default it raises the score";
  static constexpr const char* kPaper =
      "Goodfellow et al., ICLR 2015, as in MSU's benchmark of metrics' robustness, 2023";
  struct Options {
    double epsilon = 10.0 / 255;
    std::string loss = "up";
    static OptionTable<Options> options() {
      return {{"epsilon", &Options::epsilon, "length of the step", 0, 1, "(pixel values: 0 to 1)"},
              {"loss", &Options::loss, "the way the score goes", {"up", "down", "mid"}}};
    }
  };
  explicit StdFgsm(const Options& o)
      : card_{.name = kName,
              .paper = kPaper,
              .title = "std-FGSM",
              .rank = 30,
              .linf_budget = o.epsilon},
        walk_{parse_objective(o.loss), o.epsilon, o.epsilon, 1} {}
  [[nodiscard]] const AttackCard& card() const noexcept override { return card_; }

 protected:
  [[nodiscard]] AttackOutcome perturb(QualityModel& victim, const AttackBatch& batch,
                                      const AttackContext& context) const override {
    return sign_ascent(victim, batch, walk_, {}, context);
  }

 private:
  AttackCard card_;
  SignAscent walk_;
};

ROBIQ_REGISTER(Attack, StdFgsm);

}  // namespace
}  // namespace robiq
