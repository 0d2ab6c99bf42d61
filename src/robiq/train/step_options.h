#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace robiq {

/// Passes of a penalty that can be taken in two points.
enum class StepScheme : std::uint8_t {
  kAuto,  ///< kUnit where a piece is one picture and the model has one output, else kShared
  /// f(x) serves the task and the penalty. In forward passes, of which a backward pass takes two, a
  /// step costs 7, and one without the penalty 3.
  kShared,
  /// Picture by picture: one backward pass of f(x) from 1 serves the penalty's point and, scaled,
  /// the weights; 6 forward passes, one graph at a time.
  kUnit
};
[[nodiscard]] constexpr std::array<std::string_view, 3> words_of(StepScheme /*type*/) {
  return {"auto", "shared", "unit"};
}

/// How a step is computed. `micro_batch` and `scheme` change what it computes by rounding only, and
/// in what sees a piece instead of the batch: the statistics of batch normalisation are those of a
/// piece, and running statistics are updated by every piece. Dropout draws the masks of the whole
/// batch.
struct StepOptions {
  std::int64_t micro_batch = 0;  ///< pictures in a piece, which bounds memory; 0: the whole batch
  StepScheme scheme = StepScheme::kAuto;
  /// Batch normalisation uses its running statistics throughout the step.
  bool running_statistics = false;
  std::int64_t least_rows = 1;  ///< that the model needs at once: a smaller rest joins a piece
};

}  // namespace robiq
