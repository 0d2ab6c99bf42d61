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

AttackOutcome ScoreOnlyAttack::perturb(QualityModel& victim, const AttackBatch& batch,
                                       const AttackContext& context) const {
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> found;
  std::vector<std::int64_t> spent;
  for (std::int64_t i = 0; i < batch.images.size(0); ++i) {
    ScoreQueries queries(victim, objective_, batch.clean_scores.narrow(0, i, 1), queries_,
                         context.stop);
    const Rng rng = context.rng.child(card_.name).child(batch.ids[static_cast<std::size_t>(i)]);
    found.push_back(search(batch.images.narrow(0, i, 1).detach(), queries, rng));
    spent.push_back(queries.spent());
  }
  const std::int64_t most = *std::max_element(spent.begin(), spent.end());
  return {at::cat(found), most, 0, std::move(spent)};
}

}  // namespace robiq
