#include "robiq/metric/lpips.h"

#include <ATen/ATen.h>

#include "robiq/metric/distance_file.h"
#include "robiq/metric/fidelity.h"

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

at::Tensor Lpips::parts(const at::Tensor& a, const at::Tensor& b) const {
  check_comparable(a, b, "lpips");
  check_large_enough(a, trunk_.least_side, "lpips");
  const std::vector<at::Tensor> of_a = trunk_.stages(a), of_b = trunk_.stages(b);
  std::vector<at::Tensor> values;
  for (std::size_t k = 0; k < of_a.size(); ++k) {
    const at::Tensor difference = (unit_length(of_a[k]) - unit_length(of_b[k])).square();
    values.push_back((difference * heads_[k].to(a.device())).sum(1).mean({1, 2}));
  }
  return at::stack(values, 1);
}

at::Tensor Lpips::compare(const at::Tensor& a, const at::Tensor& b) const {
  return parts(a, b).sum(1);
}

}  // namespace robiq
