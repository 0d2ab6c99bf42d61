#pragma once
#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "robiq/attack/attack.h"

namespace robiq {

/// The members of the worst-case set, in their order.
inline constexpr std::array<std::string_view, 6> kStandardMembers{
    "fgsm-up", "fgsm-down", "apgd-up", "apgd-down", "square", "noise"};

/// The worst-case set: a fixed ensemble without parameters but the budgets, after AutoAttack (Croce
/// and Hein, ICML 2020) for scores in place of classes.
struct StandardSet {
  std::vector<double> budgets{2.0 / 255, 4.0 / 255, 8.0 / 255, 16.0 / 255};  ///< ascending, l_inf
  std::int64_t steps = 50;                                                   ///< of APGD
  std::int64_t queries = 1000;  ///< of Square; 0: its picture is the clean one

  /// The set of the members that follow gradients, and of the noise.
  [[nodiscard]] StandardSet without_queries() const;
  /// Passes of the model for one row, the clean score and its gradient included.
  [[nodiscard]] std::int64_t forwards() const;
  [[nodiscard]] std::int64_t backwards() const;
};

/// The levels of 255 that a radius is, 1 or more; none where it is no whole number of them, but for
/// rounding.
[[nodiscard]] std::optional<double> whole_levels(double radius);

/// The radius by which results are stored: a decimal that means whole levels is their fraction.
[[nodiscard]] double stored_radius(double radius);

/// How APGD in one direction went, by row.
struct StandardWalk {
  at::Tensor start1, start2;  ///< [N] best native score from each of the two starts
  at::Tensor late_rise;       ///< [N] points that the better one rose in its last 10 steps
};

/// What the members made of a batch at one budget.
struct StandardBudget {
  std::vector<at::Tensor> images;     ///< by member, [N,3,H,W] in [0,1]
  std::array<StandardWalk, 2> walks;  ///< up, down
};

struct StandardOutcome {
  std::vector<StandardBudget> budgets;
  at::Tensor gradient_l1;  ///< [N] of the native score at the clean pictures
};

/// Runs every member at every budget. The second and later budgets begin APGD at the best picture
/// of the budget before. Randomness depends on the ids, the budget, the member and the direction.
/// \throws Interrupted when context.stop() asks for it
[[nodiscard]] StandardOutcome run_standard_set(QualityModel& victim, const AttackBatch& batch,
                                               const StandardSet& set,
                                               const AttackContext& context);

/// An attack that is a set: an evaluation then scores every member.
class RunsStandardSet {
 public:
  virtual ~RunsStandardSet() = default;
  [[nodiscard]] virtual const StandardSet& standard_set() const noexcept = 0;
};

}  // namespace robiq
