#include <algorithm>

#include "robiq/attack/gradient/projected_ascent.h"
#include "robiq/attack/gradient/walk_reach.h"
#include "robiq/core/text/text.h"

namespace robiq {
namespace {

constexpr const char* kEpsilonHelp = "radius of the l_inf ball around the clean picture";
constexpr const char* kStepHelp = "length of one step";
constexpr const char* kLossHelp =
    "the loss that the attack increases (section S4 of the paper's supplement); up or down: the "
    "score itself, in that direction";
constexpr const char* kStartHelp = "where the walk begins: auto is random for mae and mse";
constexpr const char* kUnit = "(pixel values: 0 to 1)";

/// FGSM and I-FGSM for a regressor: both walk along the gradient's sign inside a ball.
class SignAttack : public Attack {
 public:
  SignAttack(AttackCard card, const SignAscent& walk, const std::string& start)
      : card_(std::move(card)), walk_(walk) {
    const bool needed = needs_random_start(walk.objective);
    random_start_ = start == "random" || (start == "auto" && needed);
    stuck_ = needed && !random_start_;
  }
  [[nodiscard]] const AttackCard& card() const noexcept override { return card_; }
  [[nodiscard]] std::string warning() const override {
    if (stuck_) {
      return card_.name +
             ": with this loss the gradient is zero at the clean picture, so without a random "
             "start nothing moves; use start=random";
    }
    return short_walk_warning(card_.name,
                              {walk_.steps, walk_.step_size, walk_.epsilon, random_start_});
  }

 protected:
  [[nodiscard]] AttackOutcome perturb(QualityModel& victim, const AttackBatch& batch,
                                      const AttackContext& context) const override {
    at::Tensor start;
    if (random_start_) {
      start = row_noise(batch, context.rng.child("start"), -walk_.epsilon, walk_.epsilon);
    }
    return sign_ascent(victim, batch, walk_, start, context);
  }

 private:
  AttackCard card_;
  SignAscent walk_;
  bool random_start_ = false, stuck_ = false;
};

/// One step; the defaults are Table S3's, whose step is twice epsilon.
class Fgsm final : public SignAttack {
 public:
  static constexpr const char* kName = "fgsm";
  static constexpr const char* kSummary = "one step along the gradient's sign";
  static constexpr const char* kPaper =
      "Goodfellow et al., ICLR 2015; for quality scores Liu et al., CVPR 2024, supplement S4";
  struct Options {
    double epsilon = 0.005, step_size = 0.01;
    std::string loss = "mid", start = "auto";
    bool follows = false;  ///< no option: the step follows an epsilon that was given
    static OptionTable<Options> options() {
      using O = Options;
      return {{"epsilon", &O::epsilon, kEpsilonHelp, 0, 1, kUnit},
              {"step_size", &O::step_size,
               "length of the step; not given: twice epsilon, which reaches the ball's border from "
               "wherever the step begins",
               0, 1, kUnit},
              {"loss", &O::loss, kLossHelp, objective_names()},
              {"start", &O::start, kStartHelp, {"auto", "random", "none"}}};
    }
    static void settle(Options& o, const Params& given) {
      if (given.contains("step_size")) return;
      o.step_size = std::min(1.0, 2 * o.epsilon);
      o.follows = given.contains("epsilon");
    }
  };
  explicit Fgsm(const Options& o)
      : SignAttack(
            {.name = kName, .paper = kPaper, .title = "FGSM", .rank = 10, .linf_budget = o.epsilon},
            {parse_objective(o.loss), o.epsilon, o.step_size, 1}, o.start) {
    if (o.follows)
      note_ = "fgsm: step size " + number_text(o.step_size) + ", which follows epsilon";
  }
  [[nodiscard]] std::string note() const override { return note_; }

 private:
  std::string note_;
};

/// K steps; the defaults are those of Figure S6's strongest attack.
class Ifgsm final : public SignAttack {
 public:
  static constexpr const char* kName = "ifgsm";
  static constexpr const char* kSummary = "iterated steps along the gradient's sign";
  static constexpr const char* kPaper =
      "Kurakin et al., 2017; for quality scores Liu et al., CVPR 2024, supplement S4";
  struct Options {
    double epsilon = 0.01, step_size = 0.01;
    std::int64_t steps = 10;
    std::string loss = "mid", start = "auto";
    static OptionTable<Options> options() {
      using O = Options;
      return {{"epsilon", &O::epsilon, kEpsilonHelp, 0, 1, kUnit},
              {"step_size", &O::step_size, kStepHelp, 0, 1, kUnit},
              {"steps", &O::steps, "number of steps", 1, 100000},
              {"loss", &O::loss, kLossHelp, objective_names()},
              {"start", &O::start, kStartHelp, {"auto", "random", "none"}}};
    }
  };
  explicit Ifgsm(const Options& o)
      : SignAttack({.name = kName,
                    .paper = kPaper,
                    .title = "I-FGSM",
                    .rank = 20,
                    .linf_budget = o.epsilon},
                   {parse_objective(o.loss), o.epsilon, o.step_size, o.steps}, o.start) {}
};

ROBIQ_REGISTER(Attack, Fgsm);
ROBIQ_REGISTER(Attack, Ifgsm);

}  // namespace
}  // namespace robiq
