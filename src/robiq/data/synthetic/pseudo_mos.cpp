#include "robiq/data/synthetic/pseudo_mos.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace robiq::synthetic {
namespace {

constexpr std::int64_t kWindow = 11;
/// Standard deviation that every window is taken to have besides its own, in [0,1].
constexpr float kLeastActivity = 0.01F;
constexpr float kC1 = 0.01F * 0.01F, kC2 = 0.03F * 0.03F;

/// exp(-i^2 / (2 1.5^2)) / sum, i = -5..5.
constexpr std::array<float, kWindow> kWeights = {0.00102838F, 0.00759876F, 0.03600077F, 0.10936069F,
                                                 0.21300553F, 0.26601172F, 0.21300553F, 0.10936069F,
                                                 0.03600077F, 0.00759876F, 0.00102838F};

std::vector<float> luma_of(const BytePlanes& picture) {
  const auto area = static_cast<std::size_t>(picture.height * picture.width);
  const std::uint8_t* red = picture.values.data();
  std::vector<float> luma(area);
  for (std::size_t i = 0; i < area; ++i) {
    luma[i] = (0.299F * static_cast<float>(red[i]) + 0.587F * static_cast<float>(red[area + i]) +
               0.114F * static_cast<float>(red[2 * area + i])) /
              255.0F;
  }
  return luma;
}

/// One row of the Gaussian mean of `value(i)`, whole windows only. `lines` is scratch memory.
class Window {
 public:
  explicit Window(std::int64_t width) : width_(width), column_(static_cast<std::size_t>(width)) {}

  /// \param in  the first of eleven rows   \param out  width - 10 means
  void mean(const float* in, float* out) {
    std::fill(column_.begin(), column_.end(), 0.0F);
    for (std::int64_t k = 0; k < kWindow; ++k) {
      const float weight = kWeights[static_cast<std::size_t>(k)];
      for (std::int64_t x = 0; x < width_; ++x) {
        column_[static_cast<std::size_t>(x)] += weight * in[k * width_ + x];
      }
    }
    std::fill_n(out, width_ - kWindow + 1, 0.0F);
    for (std::int64_t k = 0; k < kWindow; ++k) {
      const float weight = kWeights[static_cast<std::size_t>(k)];
      const float* from = column_.data() + k;
      for (std::int64_t x = 0; x + kWindow <= width_; ++x) out[x] += weight * from[x];
    }
  }

 private:
  std::int64_t width_;
  std::vector<float> column_;
};

std::vector<float> product(const std::vector<float>& a, const std::vector<float>& b) {
  std::vector<float> out(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) out[i] = a[i] * b[i];
  return out;
}

}  // namespace

PseudoMos::PseudoMos(const BytePlanes& pristine)
    : height_(pristine.height), width_(pristine.width), luma_(luma_of(pristine)) {
  const std::int64_t rows = height_ - kWindow + 1, columns = width_ - kWindow + 1;
  mean_.resize(static_cast<std::size_t>(rows * columns));
  square_.resize(mean_.size());
  const std::vector<float> squares = product(luma_, luma_);
  Window window(width_);
  for (std::int64_t y = 0; y < rows; ++y) {
    window.mean(luma_.data() + y * width_, mean_.data() + y * columns);
    window.mean(squares.data() + y * width_, square_.data() + y * columns);
  }
}

double PseudoMos::ssim(const BytePlanes& other) const {
  const std::int64_t rows = height_ - kWindow + 1, columns = width_ - kWindow + 1;
  const std::vector<float> luma = luma_of(other);
  const std::vector<float> squares = product(luma, luma), mixed = product(luma_, luma);
  const auto length = static_cast<std::size_t>(columns);
  std::vector<float> mean(length), square(length), cross(length), map(length), weight(length);
  Window window(width_);
  double sum = 0, weights = 0;
  for (std::int64_t y = 0; y < rows; ++y) {
    window.mean(luma.data() + y * width_, mean.data());
    window.mean(squares.data() + y * width_, square.data());
    window.mean(mixed.data() + y * width_, cross.data());
    const float* a = mean_.data() + y * columns;
    const float* aa = square_.data() + y * columns;
    for (std::size_t x = 0; x < length; ++x) {
      const float product_of_means = a[x] * mean[x], a2 = a[x] * a[x], b2 = mean[x] * mean[x];
      const float top = (2 * product_of_means + kC1) * (2 * (cross[x] - product_of_means) + kC2);
      const float variances = (aa[x] - a2) + (square[x] - b2);
      weight[x] = std::sqrt(std::max(variances, 0.0F)) + kLeastActivity;
      // The quotient first: of equal pictures it is exactly 1.
      map[x] = weight[x] * (top / ((a2 + b2 + kC1) * (variances + kC2)));
    }
    for (std::size_t x = 0; x < length; ++x) {
      sum += static_cast<double>(map[x]);
      weights += static_cast<double>(weight[x]);
    }
  }
  return sum / weights;
}

double PseudoMos::mos(const BytePlanes& other) const { return mos_of_ssim(ssim(other)); }

double mos_of_ssim(double ssim) {
  const double half = (1 + std::clamp(ssim, -1.0, 1.0)) / 2;
  return 100 * half * half * half * half * half;
}

double noisy_rating(double mos, double deviation, const Rng& rng) {
  if (deviation == 0) return mos;
  return std::clamp(mos + deviation * RandomStream(rng).normal(), 0.0, 100.0);
}

}  // namespace robiq::synthetic
