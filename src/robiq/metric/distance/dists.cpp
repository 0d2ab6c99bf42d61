#include "robiq/metric/distance/dists.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <array>
#include <numeric>
#include <utility>

#include "robiq/core/error.h"
#include "robiq/metric/distance/distance_file.h"
#include "robiq/metric/distance/fidelity.h"

namespace robiq {
namespace {

constexpr double kC = 1e-6;

/// What the channels of one stage add: alpha (1 - S1) + beta (1 - S2). Each difference from 1 is
/// computed as such, so that nothing is lost where pictures are nearly equal.
at::Tensor stage_distance(const at::Tensor& x, const at::Tensor& y, const at::Tensor& alpha,
                          const at::Tensor& beta) {
  const at::Tensor mean_x = plane_mean(x), mean_y = plane_mean(y);
  const auto from = [](const at::Tensor& maps, const at::Tensor& means) {
    return maps - means.unsqueeze(2).unsqueeze(3);
  };
  const at::Tensor from_x = from(x, mean_x), from_y = from(y, mean_y);
  const auto power = [](const at::Tensor& deviations) { return plane_mean(deviations.square()); };
  const at::Tensor texture = (mean_x - mean_y).square() / (mean_x.square() + mean_y.square() + kC);
  const at::Tensor structure = power(from_x - from_y) / (power(from_x) + power(from_y) + kC);
  return (alpha * texture + beta * structure).sum(1);
}

}  // namespace

at::Tensor l2_pool(const at::Tensor& x) {
  constexpr double kUnderRoot = 1e-12;
  const auto options = x.options().requires_grad(false);
  const at::Tensor row = at::tensor({0.25F, 0.5F, 0.25F}, options);
  const at::Tensor kernels = at::outer(row, row).expand({x.size(1), 1, 3, 3}).contiguous();
  const std::array<std::int64_t, 2> stride{2, 2}, padding{1, 1}, dilation{1, 1};
  const at::Tensor means =
      at::conv2d(x.square(), kernels, {}, at::IntArrayRef(stride), at::IntArrayRef(padding),
                 at::IntArrayRef(dilation), x.size(1));
  return at::sqrt(means + kUnderRoot);
}

Dists::Dists(const DistsFiles& files, Gradient gradient) : gradient_(gradient) {
  const DistanceFile weights(files.weights,
                             {"dists", "weights", "DISTS's own weights, alpha and beta",
                              "weights.pt from DISTS_pytorch/ of github.com/dingkeyan93/DISTS"});
  trunk_ = vgg16_trunk(l2_pool, files.trunk, "dists");
  std::vector<std::int64_t> channels = {3};
  channels.insert(channels.end(), trunk_.channels.begin(), trunk_.channels.end());
  const std::int64_t count = std::accumulate(channels.begin(), channels.end(), std::int64_t{0});
  const at::Tensor alpha = weights.tensor("alpha", {1, count, 1, 1}).flatten();
  const at::Tensor beta = weights.tensor("beta", {1, count, 1, 1}).flatten();
  const at::Tensor sum = alpha.sum() + beta.sum();
  if (sum.item<double>() <= 0) {
    throw Error(ErrorKind::kModel,
                {"alpha and beta sum to " + std::to_string(sum.item<double>()), files.weights,
                 "give the weights that DISTS's authors publish"});
  }
  alpha_ = (alpha / sum).split_with_sizes(channels);
  beta_ = (beta / sum).split_with_sizes(channels);
}

std::vector<at::Tensor> Dists::features(const at::Tensor& pictures) const {
  std::vector<at::Tensor> all = {pictures};
  const at::AutoGradMode mode(gradient_ == Gradient::kAll && at::GradMode::is_enabled());
  for (at::Tensor& stage : trunk_.stages(pictures)) all.push_back(std::move(stage));
  return all;
}

at::Tensor Dists::between(const std::vector<at::Tensor>& of_a,
                          const std::vector<at::Tensor>& of_b) const {
  const at::Tensor& a = of_a.front();
  at::Tensor distance = at::zeros({a.size(0)}, a.options().requires_grad(false));
  for (std::size_t k = 0; k < of_a.size(); ++k) {
    distance = distance +
               stage_distance(of_a[k], of_b[k], alpha_[k].to(a.device()), beta_[k].to(a.device()));
  }
  return distance;
}

at::Tensor Dists::compare(const at::Tensor& a, const at::Tensor& b) const {
  check_comparable(a, b, "dists");
  return between(features(a), features(b));
}

std::function<at::Tensor(const at::Tensor&)> Dists::against(const at::Tensor& a) const {
  const at::NoGradGuard no_grad;
  return [this, a, of_a = features(a)](const at::Tensor& b) {
    check_comparable(a, b, "dists");
    return between(of_a, features(b));
  };
}

}  // namespace robiq
