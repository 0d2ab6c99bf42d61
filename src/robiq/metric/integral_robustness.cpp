#include "robiq/metric/integral_robustness.h"

#include <cstddef>
#include <limits>

#include "robiq/core/error.h"

namespace robiq {

double integral_robustness(std::span<const BudgetValue> curve) {
  if (curve.size() < 2) return std::numeric_limits<double>::quiet_NaN();
  double area = 0;
  for (std::size_t i = 1; i < curve.size(); ++i) {
    const double width = curve[i].budget - curve[i - 1].budget;
    if (!(width > 0)) {
      throw Error(ErrorKind::kInternal,
                  {"the budgets do not ascend", "integral robustness score", ""});
    }
    area += width * (curve[i].value + curve[i - 1].value) / 2;
  }
  return area / (curve.back().budget - curve.front().budget);
}

}  // namespace robiq
