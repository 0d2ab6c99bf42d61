#pragma once
#include <array>
#include <cstdint>
#include <string_view>

#include "robiq/core/text/enum_words.h"

// Choices that several commands offer; their words are those of the flags.

namespace robiq {

/// --split: which pictures of a data set a command works on.
enum class SplitPart : std::uint8_t { kTest, kVal, kTrain, kAll };
[[nodiscard]] constexpr std::array<std::string_view, 4> words_of(SplitPart /*type*/) {
  return {"test", "val", "train", "all"};
}

/// --level: where an attack acts (docs/attacks.md).
enum class AttackLevel : std::uint8_t {
  kView,  ///< each view of the picture by itself, from its own score; results are means over them
  kImage  ///< the whole picture: gradients flow through the cuts
};
[[nodiscard]] constexpr std::array<std::string_view, 2> words_of(AttackLevel /*type*/) {
  return {"view", "image"};
}
inline constexpr const char* kLevelHelp = "attack each view by itself, or the whole picture";
inline constexpr const char* kQueryBudgetHelp =
    "largest number of scores that a score-only attack may ask for per picture (or view); 0: the "
    "attack's own limit";

}  // namespace robiq
