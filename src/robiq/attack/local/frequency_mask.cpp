#include "robiq/attack/local/frequency_mask.h"

#include <ATen/ATen.h>

#include "robiq/attack/filters/picture_filter.h"

namespace robiq {
namespace {

/// db2 as correlation weights, low and high pass.
constexpr double kDb2Low[]{0.48296291314469025, 0.836516303737469, 0.22414386804185735,
                           -0.12940952255092145};
constexpr double kDb2High[]{-0.12940952255092145, -0.22414386804185735, 0.836516303737469,
                            -0.48296291314469025};
constexpr std::int64_t kDb2Taps = 4;

at::Tensor db2_taps(const double (&taps)[kDb2Taps], const at::Tensor& like) {
  return at::tensor(at::ArrayRef<double>(taps, kDb2Taps), at::kDouble)
      .to(like.device(), like.scalar_type());
}

/// What the transform reads of one side of n values: of so many in front of the first.
struct Db2Border {
  std::int64_t before, length;
  explicit Db2Border(std::int64_t n) {
    const std::int64_t out = (n + kDb2Taps - 1) / 2;
    const std::int64_t added = 2 * (out - 1) - n + kDb2Taps;
    before = added / 2;
    length = n + added;
  }
};

/// Correlated with `kernel`, [O,I,4,4], at every second place. \param groups  1, or the channels
at::Tensor db2_filtered(const at::Tensor& images, const at::Tensor& kernel, std::int64_t groups) {
  constexpr std::int64_t kMostBefore = 3;
  const Db2Border rows(images.size(2)), columns(images.size(3));
  const at::Tensor padded = mirror_pad(images, kMostBefore)
                                .narrow(2, kMostBefore - rows.before, rows.length)
                                .narrow(3, kMostBefore - columns.before, columns.length);
  constexpr std::int64_t kNoPadding = 0;
  return at::conv2d(padded, kernel, {}, 2, kNoPadding, 1, groups);
}

}  // namespace

std::vector<at::Tensor> wavelet_details(const at::Tensor& images, std::int64_t levels) {
  const std::int64_t channels = images.size(1);
  const at::Tensor low = db2_taps(kDb2Low, images), high = db2_taps(kDb2High, images);
  const at::Tensor details = at::outer(high, low) + at::outer(low, high) + at::outer(high, high);
  const at::Tensor detail_kernel = details.expand({1, channels, kDb2Taps, kDb2Taps});
  const at::Tensor low_kernel = at::outer(low, low).expand({channels, 1, kDb2Taps, kDb2Taps});
  std::vector<at::Tensor> found;
  at::Tensor rest = images;
  for (std::int64_t level = 0; level < levels; ++level) {
    found.push_back(db2_filtered(rest, detail_kernel, 1));
    if (level + 1 < levels) rest = db2_filtered(rest, low_kernel, channels);
  }
  return found;
}

at::Tensor frequency_mask(const at::Tensor& images) {
  constexpr double kSigma = 1;
  constexpr double kRounding = 1e-6;  // what float32 leaves of a flat picture
  constexpr std::int64_t kRadius = 2, kLevels = 2;
  at::Tensor mask =
      at::zeros({images.size(0), 1, images.size(2), images.size(3)}, images.options());
  for (const at::Tensor& detail : wavelet_details(images, kLevels)) {
    const at::Tensor size = detail.abs();
    const at::Tensor largest = size.amax({1, 2, 3}, true);
    const at::Tensor share =
        at::where(largest > kRounding, (2 * size / largest).clamp_max(1), at::zeros_like(size));
    const at::Tensor enlarged =
        at::upsample_bilinear2d(share, {images.size(2), images.size(3)}, false);
    mask = mask + gaussian_blur(enlarged, kSigma, kRadius);
  }
  return mask.clamp(0, 1);
}

}  // namespace robiq
