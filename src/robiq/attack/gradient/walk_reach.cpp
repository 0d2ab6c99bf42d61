#include "robiq/attack/gradient/walk_reach.h"

#include "robiq/core/text/text.h"

namespace robiq {

std::string short_walk_warning(const std::string& attack, const WalkReach& reach,
                               const std::string& moved) {
  constexpr double kRounding = 1e-9;
  const double most = static_cast<double>(reach.steps) * reach.step_size;
  if (reach.random_start || most >= reach.epsilon * (1 - kRounding)) return "";
  return attack + ": " + std::to_string(reach.steps) + (reach.steps == 1 ? " step" : " steps") +
         " of " + number_text(reach.step_size) + " move " + moved + " by " + number_text(most) +
         " at most, less than epsilon, " + number_text(reach.epsilon);
}

}  // namespace robiq
