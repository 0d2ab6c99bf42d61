#include "robiq/attack/boundary/low_frequency_basis.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace robiq {
namespace {

constexpr double kBasisPi = 3.141592653589793;

/// cos(pi u (2 i + 1) / 2 n), row u, column i.
at::Tensor basis_cosines(std::int64_t n, c10::Device device) {
  const at::Tensor numbers = at::arange(n, at::kDouble);
  const at::Tensor angles =
      numbers.unsqueeze(1) * (2 * numbers + 1) * (kBasisPi / (2.0 * static_cast<double>(n)));
  return angles.cos().to(device);
}

}  // namespace

at::Tensor zigzag_half(std::int64_t height, std::int64_t width) {
  at::Tensor kept = at::zeros({height, width}, at::kBool);
  auto* const mask = kept.data_ptr<bool>();
  std::int64_t left = height * width / 2;
  for (std::int64_t sum = 0; left > 0; ++sum) {
    const std::int64_t lowest = std::max<std::int64_t>(0, sum - width + 1);
    const std::int64_t highest = std::min(sum, height - 1);
    for (std::int64_t i = 0; i <= highest - lowest && left > 0; ++i, --left) {
      const std::int64_t u = sum % 2 == 1 ? lowest + i : highest - i;
      mask[u * width + sum - u] = true;
    }
  }
  return kept;
}

LowFrequencyBasis::LowFrequencyBasis(const at::Tensor& picture)
    : down_(basis_cosines(picture.size(2), picture.device())),
      across_(basis_cosines(picture.size(3), picture.device())) {
  const at::Tensor spectrum = down_.matmul(picture[0].to(at::kDouble)).matmul(across_.t());
  const at::Tensor half = zigzag_half(picture.size(2), picture.size(3)).to(picture.device());
  kept_ = spectrum.ne(0).logical_and(half).to(at::kDouble);
}

at::Tensor LowFrequencyBasis::direction(const at::Tensor& signs) const {
  at::Tensor coefficients = signs.to(kept_.device(), at::kDouble) * kept_;
  coefficients.select(1, 0).mul_(0.5);
  coefficients.select(2, 0).mul_(0.5);
  const auto pixels = static_cast<double>(down_.size(0) * across_.size(0));
  return (down_.t().matmul(coefficients).matmul(across_) / pixels).to(at::kFloat).unsqueeze(0);
}

}  // namespace robiq
