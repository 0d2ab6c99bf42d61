#include "robiq/attack/standard_set.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "robiq/attack/gradient/apgd.h"
#include "robiq/attack/gradient/projected_ascent.h"
#include "robiq/attack/norm_ball.h"
#include "robiq/attack/search/square_search.h"

namespace robiq {
namespace {

constexpr std::array<Objective, 2> kDirections{Objective::kUp, Objective::kDown};
constexpr std::array<const char*, 2> kDirectionNames{"up", "down"};

/// One batch on its way through the members.
class StandardRun {
 public:
  StandardRun(QualityModel& victim, const AttackBatch& batch, const StandardSet& set,
              const AttackContext& context)
      : victim_(victim), batch_(batch), set_(set), context_(context) {
    const RowAscent clean = row_ascent(victim, batch.images, Objective::kUp, batch.clean_scores);
    sign_ = clean.gradient.sign();
    const double factor = std::abs(victim.card().scale.factor());
    gradient_l1_ = clean.gradient.abs().sum({1, 2, 3}) / factor;
    carried_ = {batch.images, batch.images};
  }

  StandardOutcome run() {
    StandardOutcome outcome;
    outcome.gradient_l1 = gradient_l1_;
    for (std::size_t budget = 0; budget < set_.budgets.size(); ++budget) {
      const Rng rng = context_.rng.child(static_cast<std::uint64_t>(budget));
      outcome.budgets.push_back(at_budget(set_.budgets[budget], rng));
    }
    return outcome;
  }

 private:
  StandardBudget at_budget(double epsilon, const Rng& rng) {
    StandardBudget budget;
    const LinfBall ball(batch_.images, epsilon);
    budget.images = {ball.project(batch_.images + epsilon * sign_),
                     ball.project(batch_.images - epsilon * sign_)};
    for (std::size_t d = 0; d < kDirections.size(); ++d) {
      budget.images.push_back(walk(d, epsilon, rng, budget.walks[d]));
    }
    budget.images.push_back(set_.queries > 0 ? square(epsilon, rng.child("square"))
                                             : batch_.images);
    const at::Tensor noise = row_noise(batch_, rng.child("noise"), -1, 1);
    budget.images.push_back(
        ball.project(batch_.images + at::where(noise < 0, -epsilon, epsilon).to(at::kFloat)));
    return budget;
  }

  /// APGD from two starts, each row's better one; the next budget begins there.
  at::Tensor walk(std::size_t direction, double epsilon, const Rng& rng, StandardWalk& walked) {
    const ApgdWalk how{
        .objective = kDirections[direction], .epsilon = epsilon, .steps = set_.steps};
    const Rng position = rng.child("apgd").child(kDirectionNames[direction]);
    const ApgdOutcome first = apgd(victim_, batch_, how, carried_[direction], context_);
    const ApgdOutcome second = apgd(
        victim_, batch_, how, apgd_random_start(batch_, how.norm, epsilon, position), context_);
    const auto last = [&](const ApgdOutcome& outcome) { return outcome.best_values[set_.steps]; };
    const at::Tensor better = last(second) > last(first);
    walked.start1 = native_of(last(first), direction);
    walked.start2 = native_of(last(second), direction);
    constexpr std::int64_t kLate = 10;
    const auto rise = [&](const ApgdOutcome& outcome) {
      return last(outcome) - outcome.best_values[std::max<std::int64_t>(0, set_.steps - kLate)];
    };
    walked.late_rise = at::where(better, rise(second), rise(first));
    carried_[direction] = at::where(better.view({-1, 1, 1, 1}), second.images, first.images);
    return carried_[direction];
  }

  /// The native score of an objective's value, which is in points.
  [[nodiscard]] at::Tensor native_of(const at::Tensor& values, std::size_t direction) const {
    const ScoreScale& scale = victim_.card().scale;
    const at::Tensor points = direction == 0 ? values : -values;
    return scale.worst + points / 100 * (scale.best - scale.worst);
  }

  /// Square takes pictures one at a time, away from its own end of the scale.
  at::Tensor square(double epsilon, const Rng& rng) {
    const at::NoGradGuard no_grad;
    const SquareSearch search{
        .epsilon = epsilon, .iterations = set_.queries - 1, .schedule = set_.queries};
    std::vector<at::Tensor> rows;
    for (std::int64_t i = 0; i < batch_.images.size(0); ++i) {
      const at::Tensor score = batch_.clean_scores.slice(0, i, i + 1);
      constexpr double kMiddle = 50;
      const bool good = victim_.card().scale.normalise(score.item<double>()) > kMiddle;
      ScoreQueries queries(victim_, good ? Objective::kDown : Objective::kUp, score, set_.queries,
                           context_.stop);
      rows.push_back(square_search(queries, batch_.images.slice(0, i, i + 1), search,
                                   draws_at(rng.child(batch_.ids[static_cast<std::size_t>(i)]))));
    }
    return at::cat(rows);
  }

  QualityModel& victim_;
  const AttackBatch& batch_;
  const StandardSet& set_;
  const AttackContext& context_;
  at::Tensor sign_, gradient_l1_;
  std::array<at::Tensor, 2> carried_;  ///< where APGD begins, up and down
};

}  // namespace

std::optional<double> whole_levels(double radius) {
  constexpr double kLevels = 255, kRounding = 1e-9;
  const double levels = std::round(radius * kLevels);
  if (levels < 1 || std::abs(radius * kLevels - levels) >= kRounding) return std::nullopt;
  return levels;
}

double stored_radius(double radius) {
  const std::optional<double> levels = whole_levels(radius);
  return levels ? *levels / 255 : radius;
}

StandardSet StandardSet::without_queries() const {
  StandardSet set = *this;
  set.queries = 0;
  return set;
}

std::int64_t StandardSet::forwards() const {
  constexpr std::int64_t kSingle = 3;  // scores of FGSM up, FGSM down and noise
  const std::int64_t budget = 4 * (steps + 1) + queries + kSingle;
  return static_cast<std::int64_t>(budgets.size()) * budget + 2;
}

std::int64_t StandardSet::backwards() const {
  return static_cast<std::int64_t>(budgets.size()) * 4 * (steps + 1) + 1;
}

StandardOutcome run_standard_set(QualityModel& victim, const AttackBatch& batch,
                                 const StandardSet& set, const AttackContext& context) {
  return StandardRun(victim, batch, set, context).run();
}

}  // namespace robiq
