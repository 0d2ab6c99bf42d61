#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "robiq/attack/gradient/apgd.h"
#include "robiq/attack/gradient/projected_ascent.h"
#include "robiq/attack/gradient/walk_reach.h"

namespace robiq {
namespace {

constexpr const char* kBallNormHelp =
    "how the change is measured: linf by its largest value, l2 by the root of its sum of squares";
constexpr const char* kBallRadiusHelp =
    "radius of the ball around the clean picture; not given: 8/255 for linf, 1 for l2";
constexpr const char* kRestartsHelp =
    "number of walks; each picture keeps the one with the largest loss";
constexpr const char* kRestartLossHelp =
    "the loss that the attack increases (section S4 of the paper's supplement); up or down: the "
    "score itself, in that direction";
constexpr const char* kRestartStartHelp =
    "where the first walk begins: at a random picture of the ball, or none, at the clean one; "
    "later walks begin at random";

/// What the attacks with restarts share: a ball, starts and the choice of the best.
class RestartAttack : public Attack {
 public:
  RestartAttack(AttackCard card, Objective objective, BallNorm norm, std::int64_t restarts,
                bool random_first)
      : card_(std::move(card)),
        objective_(objective),
        norm_(norm),
        restarts_(restarts),
        random_first_(random_first) {}
  [[nodiscard]] const AttackCard& card() const noexcept override { return card_; }
  [[nodiscard]] std::string warning() const override {
    if (starts_at_random() || !needs_random_start(objective_)) return "";
    return card_.name +
           ": with this loss the gradient is zero at the clean picture, so without a random start "
           "nothing moves; use start=random";
  }

 protected:
  [[nodiscard]] bool starts_at_random() const { return random_first_ || restarts_ > 1; }
  [[nodiscard]] AttackOutcome perturb(QualityModel& victim, const AttackBatch& batch,
                                      const AttackContext& context) const override {
    return best_of_restarts(restarts_, [&](std::int64_t i) {
      const bool at_clean = i == 0 && !random_first_;
      const Rng rng = context.rng.child("start").child(static_cast<std::uint64_t>(i));
      return walk(victim, batch, at_clean ? batch.images : random_start(batch, rng), context);
    });
  }
  [[nodiscard]] virtual at::Tensor random_start(const AttackBatch& batch, const Rng& rng) const = 0;
  [[nodiscard]] virtual WalkEnd walk(QualityModel& victim, const AttackBatch& batch,
                                     const at::Tensor& start,
                                     const AttackContext& context) const = 0;

  AttackCard card_;
  Objective objective_;
  BallNorm norm_;
  std::int64_t restarts_;
  bool random_first_;
};

/// Steps of a fixed size.
class Pgd final : public RestartAttack {
 public:
  static constexpr const char* kName = "pgd";
  static constexpr const char* kSummary =
      "projected gradient steps from random starts, in an l_inf or l2 ball";
  static constexpr const char* kPaper = "Madry et al., ICLR 2018";
  struct Options {
    double epsilon = 8.0 / 255, step_size = 2.0 / 255;
    std::int64_t steps = 10, restarts = 1;
    std::string norm = "linf", loss = "mid", start = "random";
    static OptionTable<Options> options() {
      using O = Options;
      return {{"norm", &O::norm, kBallNormHelp, ball_norm_names()},
              {"epsilon", &O::epsilon, kBallRadiusHelp, 0, 1000, "(pixel values: 0 to 1)"},
              {"step_size", &O::step_size,
               "length of one step; not given: a quarter of epsilon for linf, a fifth for l2", 0,
               1000, "(pixel values: 0 to 1)"},
              {"steps", &O::steps, "number of steps of a walk", 1, 100000},
              {"restarts", &O::restarts, kRestartsHelp, 1, 1000},
              {"start", &O::start, kRestartStartHelp, {"random", "none"}},
              {"loss", &O::loss, kRestartLossHelp, objective_names()}};
    }
    static void settle(Options& o, const Params& given) {
      const BallNorm ball = parse_ball_norm(o.norm);
      if (!given.contains("epsilon")) o.epsilon = default_radius(ball);
      if (!given.contains("step_size")) o.step_size = o.epsilon / (ball == BallNorm::kL2 ? 5 : 4);
      check_radius(ball, o.epsilon, given);
    }
  };
  explicit Pgd(const Options& o)
      : RestartAttack({.name = kName,
                       .paper = kPaper,
                       .title = o.norm == "l2" ? "PGD-L2" : "PGD",
                       .rank = 21,
                       .strength_most = most_radius(parse_ball_norm(o.norm)),
                       .linf_budget = std::min(1.0, o.epsilon)},
                      parse_objective(o.loss), parse_ball_norm(o.norm), o.restarts,
                      o.start == "random"),
        walk_{objective_, norm_, o.epsilon, o.step_size, o.steps} {}
  [[nodiscard]] std::string warning() const override {
    const std::string stuck = RestartAttack::warning();
    if (!stuck.empty()) return stuck;
    return short_walk_warning(card_.name,
                              {walk_.steps, walk_.step_size, walk_.epsilon, starts_at_random()},
                              norm_ == BallNorm::kL2 ? "the picture" : "a value");
  }

 protected:
  [[nodiscard]] at::Tensor random_start(const AttackBatch& batch, const Rng& rng) const override {
    return NormBall(batch.images, norm_, walk_.epsilon).random_point(batch, rng);
  }
  [[nodiscard]] WalkEnd walk(QualityModel& victim, const AttackBatch& batch,
                             const at::Tensor& start, const AttackContext& context) const override {
    const AttackOutcome end = projected_ascent(victim, batch, walk_, start, context);
    const at::NoGradGuard no_grad;
    const at::Tensor values = row_objective(objective_, victim.score(end.images),
                                            batch.clean_scores, victim.card().scale);
    return {end.images, values, end.forwards + 1, end.backwards};
  }

 private:
  ProjectedAscent walk_;
};

/// Steps that shrink where they stop helping.
class Apgd final : public RestartAttack {
 public:
  static constexpr const char* kName = "apgd";
  static constexpr const char* kSummary =
      "gradient steps with momentum that choose their own size (Auto-PGD); no step size to set";
  static constexpr const char* kPaper = "Croce and Hein, ICML 2020";
  struct Options {
    double epsilon = 8.0 / 255, rho = 0.75;
    std::int64_t steps = 50, restarts = 1;
    std::string norm = "linf", loss = "mid", start = "random";
    static OptionTable<Options> options() {
      using O = Options;
      return {{"norm", &O::norm, kBallNormHelp, ball_norm_names()},
              {"epsilon", &O::epsilon, kBallRadiusHelp, 0, 1000, "(pixel values: 0 to 1)"},
              {"steps", &O::steps, "number of steps of a walk", 1, 100000},
              {"rho", &O::rho,
               "the step size is halved where at most this share of the last steps raised the loss",
               0, 1},
              {"restarts", &O::restarts, kRestartsHelp, 1, 1000},
              {"start", &O::start, kRestartStartHelp, {"random", "none"}},
              {"loss", &O::loss, kRestartLossHelp, objective_names()}};
    }
    static void settle(Options& o, const Params& given) {
      const BallNorm ball = parse_ball_norm(o.norm);
      if (!given.contains("epsilon")) o.epsilon = default_radius(ball);
      check_radius(ball, o.epsilon, given);
    }
  };
  explicit Apgd(const Options& o)
      : RestartAttack({.name = kName,
                       .paper = kPaper,
                       .title = o.norm == "l2" ? "APGD-L2" : "APGD",
                       .rank = 22,
                       .strength_most = most_radius(parse_ball_norm(o.norm)),
                       .linf_budget = std::min(1.0, o.epsilon)},
                      parse_objective(o.loss), parse_ball_norm(o.norm), o.restarts,
                      o.start == "random"),
        walk_{objective_, norm_, o.epsilon, o.steps, o.rho} {}

 protected:
  [[nodiscard]] at::Tensor random_start(const AttackBatch& batch, const Rng& rng) const override {
    return apgd_random_start(batch, norm_, walk_.epsilon, rng);
  }
  [[nodiscard]] WalkEnd walk(QualityModel& victim, const AttackBatch& batch,
                             const at::Tensor& start, const AttackContext& context) const override {
    const ApgdOutcome end = apgd(victim, batch, walk_, start, context);
    return {end.images, end.best_values[-1], end.forwards, end.backwards};
  }

 private:
  ApgdWalk walk_;
};

ROBIQ_REGISTER(Attack, Pgd);
ROBIQ_REGISTER(Attack, Apgd);

}  // namespace
}  // namespace robiq
