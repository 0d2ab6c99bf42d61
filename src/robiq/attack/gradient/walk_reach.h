#pragma once
#include <cstdint>
#include <string>

#include "robiq/core/text/text.h"

namespace robiq {

/// How far a walk of steps of one length can come inside its ball: what users get of epsilon.
struct WalkReach {
  std::int64_t steps = 0;
  double step_size = 0, epsilon = 0;  ///< both in the ball's norm, units of [0,1]
  bool random_start = false;          ///< the walk begins anywhere in the ball
};

/// A warning for a walk from the clean picture that ends before the ball's border, "" for others:
/// "mi: 2 steps of 0.0075 move a value by 0.015 at most, less than epsilon, 0.03".
/// \param moved  what moves: "a value" in an l_inf ball, "the picture" in an l2 ball
[[nodiscard]] inline std::string short_walk_warning(const std::string& attack,
                                                    const WalkReach& reach,
                                                    const std::string& moved = "a value") {
  constexpr double kRounding = 1e-9;
  const double most = static_cast<double>(reach.steps) * reach.step_size;
  if (reach.random_start || most >= reach.epsilon * (1 - kRounding)) return "";
  return attack + ": " + std::to_string(reach.steps) + (reach.steps == 1 ? " step" : " steps") +
         " of " + number_text(reach.step_size) + (reach.steps == 1 ? " moves " : " move ") + moved +
         " by " + number_text(most) + " at most, less than epsilon, " + number_text(reach.epsilon);
}

}  // namespace robiq
