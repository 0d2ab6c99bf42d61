#pragma once
#include <ATen/core/Tensor.h>

#include <functional>
#include <string>
#include <vector>

#include "robiq/metric/distance/feature_trunk.h"

namespace robiq {

/// DISTS's pooling: sqrt of the Hanning-weighted mean of squares, 3x3, stride 2, zeros around.
/// \param x  [N,C,H,W]  \return [N,C,h,w], half the size, rounded up
[[nodiscard]] at::Tensor l2_pool(const at::Tensor& x);

/// What a Dists is made from.
struct DistsFiles {
  std::string weights;  ///< DISTS's own: alpha and beta
  std::string trunk;    ///< VGG-16's, torchvision's
};

/// Deep image structure and texture similarity (Ding et al., TPAMI 2022), a distance: per channel
/// of the picture itself and of the five stages of a VGG-16 with l2_pool(), how far its mean and
/// its spatial course differ; weighted, between 0 and about 1.
class Dists {
 public:
  /// Where gradients come from. The published release runs the network without, so that only the
  /// picture's own three channels have any.
  enum class Gradient { kAll, kPixels };

  /// \throws Error{kUsage} for a file that is not named, Error{kModel} for one that does not fit
  explicit Dists(const DistsFiles& files, Gradient gradient = Gradient::kAll);

  /// Differentiable in both; 0 for equal pictures. No picture is resized.
  /// \param a,b  float32 [N,3,H,W] in [0,1], any size  \return [N]
  /// \throws Error{kData} for pictures that differ in shape
  [[nodiscard]] at::Tensor compare(const at::Tensor& a, const at::Tensor& b) const;
  /// compare() with `a` given once, and its features kept; `a` gets no gradient.
  [[nodiscard]] std::function<at::Tensor(const at::Tensor&)> against(const at::Tensor& a) const;

 private:
  /// The picture and the five stages.
  [[nodiscard]] std::vector<at::Tensor> features(const at::Tensor& pictures) const;
  [[nodiscard]] at::Tensor between(const std::vector<at::Tensor>& of_a,
                                   const std::vector<at::Tensor>& of_b) const;

  FeatureTrunk trunk_;
  Gradient gradient_;
  std::vector<at::Tensor> alpha_, beta_;  ///< one [C] per stage, all together of sum 1, on the CPU
};

}  // namespace robiq
