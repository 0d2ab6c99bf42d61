#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "robiq/core/error.h"
#include "robiq/metric/distance/ssim.h"
#include "support/det.h"

namespace robiq {
namespace unpadded_ssim_test {

/// One colour of a picture, read straight: the test computes by loops in double.
struct Plane {
  std::int64_t h = 0, w = 0;
  std::vector<double> values;
  [[nodiscard]] double operator()(std::int64_t y, std::int64_t x) const {
    return y < 0 || x < 0 || y >= h || x >= w ? 0 : values[static_cast<std::size_t>(y * w + x)];
  }
};

Plane plane_of(const at::Tensor& picture, std::int64_t colour) {
  const at::Tensor plane = picture[0][colour].to(at::kDouble).contiguous();
  const auto* const first = plane.data_ptr<double>();
  return {plane.size(0), plane.size(1), {first, first + plane.numel()}};
}

Plane half(const Plane& plane) {
  const std::int64_t py = plane.h % 2, px = plane.w % 2;
  Plane out{(plane.h + 2 * py) / 2, (plane.w + 2 * px) / 2, {}};
  for (std::int64_t y = 0; y < out.h; ++y) {
    for (std::int64_t x = 0; x < out.w; ++x) {
      const std::int64_t top = 2 * y - py, left = 2 * x - px;
      out.values.push_back((plane(top, left) + plane(top, left + 1) + plane(top + 1, left) +
                            plane(top + 1, left + 1)) /
                           4);
    }
  }
  return out;
}

/// Means of the structure and of the whole.
std::pair<double, double> similarity(const Plane& a, const Plane& b) {
  double structure = 0, whole = 0, count = 0;
  for (std::int64_t y = 5; y + 5 < a.h; ++y) {
    for (std::int64_t x = 5; x + 5 < a.w; ++x) {
      double weight = 0, ma = 0, mb = 0, aa = 0, bb = 0, ab = 0;
      for (std::int64_t i = -5; i <= 5; ++i) {
        for (std::int64_t j = -5; j <= 5; ++j) {
          const double g = std::exp(-static_cast<double>(i * i + j * j) / 4.5);
          const double u = a(y + i, x + j), v = b(y + i, x + j);
          weight += g, ma += g * u, mb += g * v, aa += g * u * u, bb += g * v * v, ab += g * u * v;
        }
      }
      ma /= weight, mb /= weight;
      const double va = aa / weight - ma * ma, vb = bb / weight - mb * mb;
      const double cs = (2 * (ab / weight - ma * mb) + 9e-4) / (va + vb + 9e-4);
      structure += cs;
      whole += cs * (2 * ma * mb + 1e-4) / (ma * ma + mb * mb + 1e-4);
      ++count;
    }
  }
  return {structure / count, whole / count};
}

TEST(UnpaddedSsim, AgreesWithLoopsInDouble) {
  const at::Tensor a = det::picture({"u0", 24, 31, 128, 64});
  const at::Tensor b = (a + det::noise("u1", -0.1, 0.1, a.sizes())).clamp(0, 1);
  double wanted = 0;
  for (std::int64_t colour = 0; colour < 3; ++colour) {
    wanted += similarity(plane_of(a, colour), plane_of(b, colour)).second / 3;
  }
  EXPECT_LT(wanted, 0.95);
  EXPECT_NEAR(unpadded_ssim(a, b).item<double>(), wanted, 1e-5);
  EXPECT_NEAR(unpadded_ssim(a, a).item<double>(), 1, 1e-6);
}

TEST(UnpaddedSsim, FiveLevelsAgreeWithLoopsInDouble) {
  const at::Tensor a = det::picture({"u2", 161, 170, 128, 64});
  const at::Tensor b = (a + det::noise("u3", -0.2, 0.2, a.sizes())).clamp(0, 1);
  constexpr std::array kExponents = {0.0448, 0.2856, 0.3001, 0.2363, 0.1333};
  double wanted = 0;
  for (std::int64_t colour = 0; colour < 3; ++colour) {
    Plane x = plane_of(a, colour), y = plane_of(b, colour);
    double product = 1;
    for (std::size_t level = 0; level < 5; ++level) {
      if (level > 0) x = half(x), y = half(y);
      const auto [structure, whole] = similarity(x, y);
      product *= std::pow(std::max(0.0, level < 4 ? structure : whole), kExponents[level]);
    }
    wanted += product / 3;
  }
  EXPECT_LT(wanted, 0.99);
  EXPECT_NEAR(unpadded_ms_ssim(a, b).item<double>(), wanted, 1e-5);
}

TEST(UnpaddedSsim, SmallPicturesAreRefused) {
  const at::Tensor small = at::zeros({1, 3, 10, 20}), medium = at::zeros({1, 3, 160, 170});
  EXPECT_THROW(static_cast<void>(unpadded_ssim(small, small)), Error);
  EXPECT_THROW(static_cast<void>(unpadded_ms_ssim(medium, medium)), Error);
}

}  // namespace unpadded_ssim_test
}  // namespace robiq
