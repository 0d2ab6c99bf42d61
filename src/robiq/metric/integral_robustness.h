#pragma once
#include <span>

namespace robiq {

/// A measure at one budget.
struct BudgetValue {
  double budget = 0;  ///< epsilon, in levels of 1/255
  double value = 0;
};

/// IRS_M = (1 / (e_J - e_0)) times the integral of M from e_0 to e_J, by the trapezoid rule: the
/// mean of a measure over budgets from the first to the last. The first is budget 0 with the clean
/// value, where the measure has one. After the score of Chistyakova et al., Technologies 2024,
/// whose formula is robiq's own reading. NaN for fewer than two budgets. \param curve  budgets
/// ascending \throws Error{kInternal} for budgets that do not ascend
[[nodiscard]] double integral_robustness(std::span<const BudgetValue> curve);

}  // namespace robiq
