#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

#include "robiq/attack/attack.h"
#include "robiq/attack/search/score_queries.h"
#include "robiq/core/options/options.h"

namespace robiq {

/// Searches each picture of a batch by itself, and counts what each took.
/// \param queries  the most scores asked for one picture
/// \param search   what is found for a row, [1,3,H,W]
[[nodiscard]] AttackOutcome search_rows(
    QualityModel& victim, Objective objective, std::int64_t queries, const AttackBatch& batch,
    const AttackContext& context,
    const std::function<at::Tensor(std::int64_t row, ScoreQueries& queries)>& search);

/// An attack that searches with scores alone. Each picture is searched by itself: which candidate
/// is taken depends on comparisons of scores, and a score may differ in its last bit with the
/// batch's size.
class ScoreOnlyAttack : public Attack {
 public:
  /// \param card     without what follows from asking for scores only
  /// \param queries  the most scores asked for one picture
  ScoreOnlyAttack(AttackCard card, Objective objective, std::int64_t queries);
  [[nodiscard]] const AttackCard& card() const noexcept override { return card_; }

 protected:
  /// \param picture  [1,3,H,W] in [0,1]
  /// \param rng      the picture's own
  /// \return the attacked picture, [1,3,H,W] in [0,1]
  [[nodiscard]] virtual at::Tensor search(const at::Tensor& picture, ScoreQueries& queries,
                                          const Rng& rng) const = 0;
  [[nodiscard]] AttackOutcome perturb(QualityModel& victim, const AttackBatch& batch,
                                      const AttackContext& context) const final;
  [[nodiscard]] std::int64_t queries() const { return queries_; }

 private:
  AttackCard card_;
  Objective objective_;
  std::int64_t queries_;
};

/// The help of options that these attacks share.
inline constexpr const char* kQueriesHelp = "the most scores asked for one picture";
inline constexpr const char* kSearchLossHelp =
    "what is raised: mid moves scores up to 50 up and others down, up and down always do so, mae "
    "and mse move away from the clean score";
inline constexpr const char* kSearchEpsilonHelp =
    "radius of the l_inf ball around the clean picture";

}  // namespace robiq
