#include "robiq/attack/rank/rank_targets.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "robiq/attack/norm_ball.h"
#include "robiq/attack/objective.h"
#include "robiq/attack/rank/soft_rank.h"
#include "robiq/core/error.h"

namespace robiq {
namespace {

using Column = std::vector<double>;

constexpr double kHighest = 100;

double mean_of_column(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// Values less their mean, and their length.
struct CentredColumn {
  explicit CentredColumn(std::span<const double> column) : values(column.begin(), column.end()) {
    const double mean = mean_of_column(values);
    double sum = 0;
    for (double& value : values) {
      value -= mean;
      sum += value * value;
    }
    norm = std::sqrt(sum);
  }
  Column values;
  double norm = 0;
};

/// The objective against soft ranks that are known.
RankObjective objective_against(const CentredColumn& wanted, std::span<const double> original,
                                std::span<const double> targets, const RankTargetSearch& search) {
  RankObjective out;
  const SoftRank soft(targets, search.beta);
  const CentredColumn ranks(soft.ranks());
  for (std::size_t i = 0; i < targets.size(); ++i) {
    out.soft_srocc += wanted.values[i] / wanted.norm * (ranks.values[i] / ranks.norm);
  }
  Column cotangent;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    cotangent.push_back(
        (wanted.values[i] / wanted.norm - out.soft_srocc * ranks.values[i] / ranks.norm) /
        ranks.norm);
  }
  out.gradient = soft.backward(cotangent);
  const auto n = static_cast<double>(targets.size());
  const double mean = mean_of_column(targets);
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const double spread = targets[i] - mean, distance = targets[i] - original[i];
    out.variance_term -= search.spread_weight * spread * spread / (n - 1);
    out.distance_term -= search.distance_weight * distance * distance / n;
    out.gradient[i] -=
        2 * search.spread_weight * spread / (n - 1) + 2 * search.distance_weight * distance / n;
  }
  return out;
}

/// As the authors scale it: its sign, except next to zero. NaN counts as 0.
double unit_gradient(double g) {
  constexpr double kTiny = 1e-12;
  const double unit = g / std::abs(g + kTiny);
  return std::isfinite(unit) ? unit : 0;
}

/// One Adam over all targets.
class TargetAdam {
 public:
  TargetAdam(std::size_t n, double rate) : rate_(rate), first_(n), second_(n) {}

  void step(const Column& gradient, Column& targets) {
    constexpr double kBeta1 = 0.9, kBeta2 = 0.999, kEpsilon = 1e-8;
    power1_ *= kBeta1;
    power2_ *= kBeta2;
    for (std::size_t i = 0; i < targets.size(); ++i) {
      const double g = unit_gradient(gradient[i]);
      first_[i] = kBeta1 * first_[i] + (1 - kBeta1) * g;
      second_[i] = kBeta2 * second_[i] + (1 - kBeta2) * g * g;
      const double root = std::sqrt(second_[i]) / std::sqrt(1 - power2_) + kEpsilon;
      targets[i] -= rate_ / (1 - power1_) * first_[i] / root;
      targets[i] = std::clamp(targets[i], 0.0, kHighest);
    }
  }

 private:
  double rate_, power1_ = 1, power2_ = 1;
  Column first_, second_;
};

bool all_within(const Column& a, const Column& b, double distance) {
  return std::equal(a.begin(), a.end(), b.begin(),
                    [distance](double x, double y) { return std::abs(x - y) <= distance; });
}

void check_rank_columns(std::span<const double> original, std::span<const double> targets) {
  if (original.size() == targets.size() && original.size() >= 2) return;
  throw Error(ErrorKind::kInternal,
              {"rank targets need two columns of two scores or more", "", ""});
}

}  // namespace

RankObjective rank_objective(std::span<const double> original, std::span<const double> targets,
                             const RankTargetSearch& search) {
  check_rank_columns(original, targets);
  return objective_against(CentredColumn(SoftRank(original, search.beta).ranks()), original,
                           targets, search);
}

std::vector<double> learned_targets(std::span<const double> original, std::span<const double> noise,
                                    const RankTargetSearch& search,
                                    const std::function<bool()>& stop) {
  constexpr double kStill = 1e-3;
  constexpr std::int64_t kBetweenQuestions = 256;
  check_rank_columns(original, noise);
  const CentredColumn wanted(SoftRank(original, search.beta).ranks());
  Column targets(original.begin(), original.end());
  for (std::size_t i = 0; i < targets.size(); ++i) targets[i] += noise[i];
  TargetAdam adam(targets.size(), search.learning_rate);
  Column marked = targets;
  for (std::int64_t iteration = 1; iteration <= search.iterations; ++iteration) {
    if (iteration % kBetweenQuestions == 0 && stop()) throw Interrupted("the attack was stopped");
    adam.step(objective_against(wanted, original, targets, search).gradient, targets);
    if (search.patience == 0 || iteration % search.patience != 0) continue;
    if (all_within(marked, targets, kStill)) break;
    marked = targets;
  }
  return targets;
}

std::vector<double> threshold_targets(std::span<const double> original) {
  Column sorted(original.begin(), original.end());
  if (sorted.empty()) return sorted;
  std::sort(sorted.begin(), sorted.end());
  const std::size_t middle = sorted.size() / 2;
  const double median =
      sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  Column targets;
  for (const double score : original) targets.push_back(score <= median ? kHighest : 0);
  return targets;
}

AttackOutcome target_descent(QualityModel& victim, const AttackBatch& batch,
                             const TargetDescent& walk, const at::Tensor& targets,
                             const AttackContext& context) {
  const ScoreScale& scale = victim.card().scale;
  const LinfBall ball(batch.images, walk.epsilon);
  const at::Tensor wanted = targets.to(batch.images.options());
  at::Tensor images = batch.images.detach().clone();
  for (std::int64_t step = 0; step < walk.steps; ++step) {
    if (context.stop()) throw Interrupted("the attack was stopped");
    const at::Tensor leaf = images.detach().requires_grad_(true);
    const at::Tensor scores = (victim.score(leaf) - scale.worst) * scale.factor();
    const at::Tensor loss = (scores - wanted).square().sum();
    const at::Tensor gradient = torch::autograd::grad({loss}, {leaf})[0];
    check_gradient(gradient, victim.card().name);
    const at::Tensor direction = gradient.nan_to_num(0, 1, -1).sign();
    images = ball.project(leaf.detach() - walk.step_size * direction);
  }
  return {images, walk.steps, walk.steps};
}

}  // namespace robiq
