#include "robiq/metric/distance/lpips.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "robiq/metric/distance/distance_file.h"
#include "robiq/metric/distance/fidelity.h"

namespace robiq {
namespace {

/// Every feature vector by its length. Unlike the square root of a sum, at::norm has a gradient,
/// 0, where all features are 0.
at::Tensor unit_length(const at::Tensor& features) {
  constexpr double kAdded = 1e-10;
  return features / (at::norm(features, 2, {1}, true) + kAdded);
}

}  // namespace

Lpips::Lpips(const LpipsFiles& files) {
  const DistanceFile heads(files.heads,
                           {"lpips", "heads", "LPIPS's own weights for net=" + files.net,
                            files.net + ".pth from lpips/weights/v0.1/ of "
                                        "github.com/richzhang/PerceptualSimilarity"});
  trunk_ = feature_trunk(files.net, files.trunk, "lpips");
  for (std::size_t k = 0; k < trunk_.channels.size(); ++k) {
    heads_.push_back(
        heads.tensor("lin" + std::to_string(k) + ".model.1.weight", {1, trunk_.channels[k], 1, 1}));
  }
}

Lpips::Stages Lpips::features(const at::Tensor& pictures) const {
  check_large_enough(pictures, trunk_.least_side, "lpips");
  Stages stages = trunk_.stages(pictures);
  for (at::Tensor& stage : stages) stage = unit_length(stage);
  return stages;
}

at::Tensor Lpips::parts_between(const Stages& of_a, const Stages& of_b) const {
  Stages values;
  for (std::size_t k = 0; k < of_a.size(); ++k) {
    const at::Tensor difference = (of_a[k] - of_b[k]).square();
    values.push_back(picture_mean((difference * heads_[k].to(difference.device())).sum(1, true)));
  }
  return at::stack(values, 1);
}

at::Tensor Lpips::parts(const at::Tensor& a, const at::Tensor& b) const {
  check_comparable(a, b, "lpips");
  return parts_between(features(a), features(b));
}

std::function<at::Tensor(const at::Tensor&)> Lpips::against(const at::Tensor& a) const {
  const at::NoGradGuard no_grad;
  return [this, a, of_a = features(a)](const at::Tensor& b) {
    check_comparable(a, b, "lpips");
    return parts_between(of_a, features(b)).sum(1);
  };
}

at::Tensor Lpips::compare(const at::Tensor& a, const at::Tensor& b) const {
  return parts(a, b).sum(1);
}

}  // namespace robiq
