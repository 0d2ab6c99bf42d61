#include "robiq/attack/search/score_only_attack.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace robiq {

ScoreOnlyAttack::ScoreOnlyAttack(AttackCard card, Objective objective, std::int64_t queries)
    : card_(std::move(card)), objective_(objective), queries_(queries) {
  card_.white_box = false;
  card_.score_only = true;
}

AttackOutcome search_rows(
    QualityModel& victim, Objective objective, std::int64_t queries, const AttackBatch& batch,
    const AttackContext& context,
    const std::function<at::Tensor(std::int64_t row, ScoreQueries& queries)>& search) {
  std::vector<at::Tensor> found;
  std::vector<std::int64_t> spent;
  for (std::int64_t row = 0; row < batch.images.size(0); ++row) {
    ScoreQueries asked(victim, objective, batch.clean_scores.narrow(0, row, 1), queries,
                       context.stop);
    found.push_back(search(row, asked));
    spent.push_back(asked.spent());
  }
  const std::int64_t most = *std::max_element(spent.begin(), spent.end());
  return {at::cat(found), most, 0, std::move(spent)};
}

AttackOutcome ScoreOnlyAttack::perturb(QualityModel& victim, const AttackBatch& batch,
                                       const AttackContext& context) const {
  const at::NoGradGuard no_grad;
  const Rng rng = context.rng.child(card_.name);
  return search_rows(victim, objective_, queries_, batch, context,
                     [&](std::int64_t row, ScoreQueries& queries) {
                       return search(batch.images.narrow(0, row, 1).detach(), queries,
                                     rng.child(batch.ids[static_cast<std::size_t>(row)]));
                     });
}

}  // namespace robiq
