#include "robiq/tensor/squares.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <vector>

namespace robiq {
namespace {

/// How many values the squares of one strip may hold together; bounds memory.
constexpr std::int64_t kValuesAtOnce = 16'000'000;

}  // namespace

at::Tensor over_squares(const at::Tensor& padded, std::int64_t side,
                        const std::function<at::Tensor(const at::Tensor&)>& work) {
  const std::int64_t rows = padded.size(1) - side + 1, columns = padded.size(2) - side + 1;
  const std::int64_t values_of_row = padded.size(0) * columns * side * side;
  const std::int64_t step = std::max<std::int64_t>(1, kValuesAtOnce / values_of_row);
  std::vector<at::Tensor> strips;
  for (std::int64_t row = 0; row < rows; row += step) {
    const std::int64_t height = std::min(step, rows - row);
    const at::Tensor strip = padded.narrow(1, row, height + side - 1);
    strips.push_back(work(strip.unfold(1, side, 1).unfold(2, side, 1).flatten(-2)));
  }
  return at::cat(strips, 1);
}

}  // namespace robiq
