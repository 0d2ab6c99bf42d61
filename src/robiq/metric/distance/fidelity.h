#pragma once
#include <ATen/core/Tensor.h>

#include <functional>
#include <string>

#include "robiq/core/options/registry.h"

namespace robiq {

/// One number per pair of pictures (ssim, psnr, linf, lpips, ...); differentiable in both. Pictures
/// may be on any device; what is read from files follows them there.
class Fidelity {
 public:
  static constexpr const char* kNoun = "distance";
  virtual ~Fidelity() = default;

  /// \param a,b  float32 [N,3,H,W] in [0,1], same shape   \return float32 [N]
  /// \throws Error{kData} for pictures it cannot compare (too small, shapes that differ)
  [[nodiscard]] virtual at::Tensor compare(const at::Tensor& a, const at::Tensor& b) const = 0;
  /// compare() with its first picture given once: for many calls, what can be kept of it is.
  using Comparison = std::function<at::Tensor(const at::Tensor& b)>;
  [[nodiscard]] virtual Comparison against(const at::Tensor& a) const;
  /// True for similarities, false for distances.
  [[nodiscard]] virtual bool higher_is_closer() const = 0;
};

template <>
Registry<Fidelity>& Registry<Fidelity>::instance();

/// \throws Error{kData} unless both are float32 [N,3,H,W] of the same shape.
/// \param who  the one that compares, for the message
void check_comparable(const at::Tensor& a, const at::Tensor& b, const std::string& who);

/// \throws Error{kData} unless both sides of the pictures, [N,3,H,W], have `side` pixels or more.
void check_large_enough(const at::Tensor& images, std::int64_t side, const std::string& who);

// Sums over whole pictures. float32 has seven digits, and a running sum of a hundred million values
// loses three of them: so only a row is summed in float32, and the rows are summed in double.
// All are differentiable.

/// \param maps  [N,C,H,W]   \return [N], of the maps' type: the mean over each picture
[[nodiscard]] at::Tensor picture_mean(const at::Tensor& maps);

/// \param maps  [N,C,H,W]   \return [N,C]: the mean over each plane
[[nodiscard]] at::Tensor plane_mean(const at::Tensor& maps);

/// The square root of the sum of squares over each picture; its gradient is 0 where that is 0.
/// \param maps  [N,C,H,W]   \return [N]
[[nodiscard]] at::Tensor picture_norm(const at::Tensor& maps);

}  // namespace robiq
