#pragma once
#include <ATen/core/Tensor.h>

#include <functional>
#include <string>
#include <vector>

namespace robiq {

/// An ImageNet network, frozen, that describes pictures by what it computes at several depths.
struct FeatureTrunk {
  /// From pictures, float32 [N,3,H,W] in [0,1] (normalised inside), to one tensor [N,C,h,w] per
  /// stage, rectified. The network follows the pictures to their device. Differentiable.
  using Stages = std::function<std::vector<at::Tensor>(const at::Tensor& pictures)>;

  std::vector<std::int64_t> channels;  ///< C of each stage
  std::int64_t least_side = 1;         ///< pixels; smaller pictures vanish in the poolings
  Stages stages;
};

/// What LPIPS looks at: the network `net`, vgg | alex | squeeze, in torchvision's form.
/// \param file      its torchvision weights, any container (io/checkpoint.h)
/// \param distance  that needs it, for messages
/// \throws Error{kUsage} for no file, Error{kModel} for one that cannot be read or does not fit
[[nodiscard]] FeatureTrunk feature_trunk(const std::string& net, const std::string& file,
                                         const std::string& distance);

/// VGG-16 with another pooling between its five stages. Otherwise as feature_trunk("vgg", ...).
[[nodiscard]] FeatureTrunk vgg16_trunk(std::function<at::Tensor(const at::Tensor&)> pooling,
                                       const std::string& file, const std::string& distance);

}  // namespace robiq
