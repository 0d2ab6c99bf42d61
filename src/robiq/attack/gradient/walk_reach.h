#pragma once
#include <cstdint>
#include <string>

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
[[nodiscard]] std::string short_walk_warning(const std::string& attack, const WalkReach& reach,
                                             const std::string& moved = "a value");

}  // namespace robiq
