#include <ATen/ATen.h>

#include <algorithm>
#include <array>

#include "robiq/metric/distance/fidelity.h"
#include "robiq/metric/distance/ssim.h"

namespace robiq {
namespace {

/// The paper's exponents, from the finest level to the coarsest.
constexpr std::array kExponents = {0.0448, 0.2856, 0.3001, 0.2363, 0.1333};
/// SSIM's window must fit the coarsest level.
constexpr std::int64_t kLeastSide = (kSsimWindow - 1) * 16 + 1;

/// \return [N,1,H,W]
at::Tensor grey_of(const at::Tensor& images) {
  const auto options = images.options().requires_grad(false);
  return (images * at::tensor({0.2989F, 0.587F, 0.114F}, options).view({1, 3, 1, 1})).sum(1, true);
}

/// Half the size; a picture with an odd side is first continued by one pixel, left and above.
at::Tensor halved(const at::Tensor& planes) {
  const std::int64_t odd = std::max(planes.size(2) % 2, planes.size(3) % 2);
  const at::Tensor even = odd == 0 ? planes : at::replication_pad2d(planes, {odd, 0, odd, 0});
  return at::avg_pool2d(even, {2, 2});
}

/// Multi-scale SSIM of the grey pictures, as piq computes it, with the perceptual attack's
/// gaussian_mean(). The structure counts at every level, the luminance at the coarsest; what is
/// negative counts as 0.
class MsSsim final : public Fidelity {
 public:
  using Options = NoOptions;
  static constexpr const char* kName = "ms_ssim";
  static constexpr const char* kSummary = "multi-scale structural similarity, grey, five levels";
  static constexpr const char* kPaper = "Wang, Simoncelli and Bovik, ACSSC 2003; piq";

  explicit MsSsim(const Options&) {}

  [[nodiscard]] at::Tensor compare(const at::Tensor& a, const at::Tensor& b) const override {
    check_comparable(a, b, kName);
    check_large_enough(a, kLeastSide, kName);
    at::Tensor x = grey_of(a), y = grey_of(b);
    at::Tensor product = at::ones({a.size(0)}, a.options().requires_grad(false));
    for (std::size_t level = 0; level < kExponents.size(); ++level) {
      if (level > 0) {
        x = halved(x);
        y = halved(y);
      }
      const SsimFactors factors = ssim_factors(x, y, gaussian_mean);
      const bool last = level + 1 == kExponents.size();
      const at::Tensor map = last ? factors.luminance * factors.structure : factors.structure;
      product = product * at::relu(picture_mean(map)).pow(kExponents[level]);
    }
    return product;
  }
  [[nodiscard]] bool higher_is_closer() const override { return true; }
};

ROBIQ_REGISTER(Fidelity, MsSsim);

}  // namespace
}  // namespace robiq
