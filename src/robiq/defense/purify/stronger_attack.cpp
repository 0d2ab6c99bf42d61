#include "robiq/defense/purify/stronger_attack.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

namespace robiq {

bool StrongerAttack::adaptive_is_weak() const {
  const auto won = std::count(plain_won.begin(), plain_won.end(), true);
  return static_cast<double>(won) > kAdaptiveWeakShare * static_cast<double>(plain_won.size());
}

StrongerAttack stronger_attack(PurifiedModel& purified, const AttackBatch& batch,
                               const at::Tensor& adaptive, const at::Tensor& plain,
                               Objective objective) {
  const at::NoGradGuard no_grad;
  const at::Tensor with = purified.score_draws(adaptive).mean;
  const at::Tensor without = purified.score_draws(plain).mean;
  StrongerAttack stronger{adaptive.detach().clone(), {}, 2 * purified.draws()};
  for (std::int64_t i = 0; i < adaptive.size(0); ++i) {
    const auto value = [&](const at::Tensor& scores) {
      return objective_value(objective, scores.narrow(0, i, 1), batch.clean_scores.narrow(0, i, 1),
                             purified.card().scale)
          .item<double>();
    };
    const bool plain_wins = value(without) > value(with);
    stronger.plain_won.push_back(plain_wins);
    if (plain_wins) stronger.images[i].copy_(plain[i]);
  }
  return stronger;
}

}  // namespace robiq
