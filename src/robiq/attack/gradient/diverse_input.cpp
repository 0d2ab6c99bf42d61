#include "robiq/attack/gradient/diverse_input.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

namespace robiq {

ShrinkDraw draw_shrink(const Rng& rng, std::int64_t height, std::int64_t width,
                       double probability) {
  RandomStream stream(rng);
  const auto below = [&stream](std::int64_t n) {
    return static_cast<std::int64_t>(
        stream.below(static_cast<std::uint64_t>(std::max<std::int64_t>(n, 1))));
  };
  const auto least =
      std::max<std::int64_t>(1, static_cast<std::int64_t>(0.9 * static_cast<double>(width)));
  ShrinkDraw draw;
  draw.width = least + below(width - least);
  const double ratio = static_cast<double>(draw.width) / static_cast<double>(width);
  draw.height = std::max<std::int64_t>(1, std::llround(ratio * static_cast<double>(height)));
  draw.top = below(height - draw.height);
  draw.left = below(width - draw.width);
  draw.on = stream.uniform() < probability;
  return draw;
}

at::Tensor shrink_rows(const at::Tensor& images, const std::vector<ShrinkDraw>& draws) {
  std::vector<at::Tensor> rows;
  for (std::size_t i = 0; i < draws.size(); ++i) {
    const ShrinkDraw& draw = draws[i];
    const at::Tensor row = images.narrow(0, static_cast<std::int64_t>(i), 1);
    if (!draw.on) {
      rows.push_back(row);
      continue;
    }
    const at::Tensor small = at::upsample_bilinear2d(row, {draw.height, draw.width}, false);
    rows.push_back(at::constant_pad_nd(small, {draw.left, images.size(3) - draw.width - draw.left,
                                               draw.top, images.size(2) - draw.height - draw.top}));
  }
  return at::cat(rows);
}

}  // namespace robiq
