#pragma once
#include <ATen/core/Tensor.h>

#include <functional>
#include <string>
#include <vector>

#include "robiq/metric/distance/feature_trunk.h"

namespace robiq {

/// What an Lpips is made from.
struct LpipsFiles {
  std::string net = "vgg";  ///< vgg | alex | squeeze
  std::string heads;        ///< LPIPS's own weights, version 0.1, for that network
  std::string trunk;        ///< the network's, torchvision's
};

/// Learned perceptual image patch similarity 0.1 (Zhang et al., CVPR 2018), a distance: at every
/// place of every stage of a trunk, the squared difference of the feature vectors, each scaled to
/// length 1, weighted by channel; the mean over places, summed over stages. Pictures are not
/// resized.
class Lpips {
 public:
  /// \throws Error{kUsage} for a file that is not named, Error{kModel} for one that does not fit
  explicit Lpips(const LpipsFiles& files);

  /// What each stage adds. Differentiable in both, once; where a picture excites no feature at all
  /// the gradient is finite. \param a,b  float32 [N,3,H,W] in [0,1]  \return [N, stages]
  /// \throws Error{kData} for pictures that differ in shape, or smaller than the trunk needs
  [[nodiscard]] at::Tensor parts(const at::Tensor& a, const at::Tensor& b) const;
  /// Their sum, 0 for equal pictures. \return [N]
  [[nodiscard]] at::Tensor compare(const at::Tensor& a, const at::Tensor& b) const;
  /// compare() with `a` given once, and its features kept; `a` gets no gradient.
  [[nodiscard]] std::function<at::Tensor(const at::Tensor&)> against(const at::Tensor& a) const;

 private:
  using Stages = std::vector<at::Tensor>;
  /// Feature vectors of length 1.
  [[nodiscard]] Stages features(const at::Tensor& pictures) const;
  [[nodiscard]] at::Tensor parts_between(const Stages& of_a, const Stages& of_b) const;

  FeatureTrunk trunk_;
  std::vector<at::Tensor> heads_;  ///< [1,C,1,1], on the CPU
};

}  // namespace robiq
