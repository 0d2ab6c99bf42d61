#include "robiq/attack/gradient/lbfgs_path.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstddef>

namespace robiq {
namespace {

double inner_product(const at::Tensor& a, const at::Tensor& b) { return a.dot(b).item<double>(); }

}  // namespace

void LbfgsPath::remember(const at::Tensor& gradient) {
  constexpr std::size_t kMostPairs = 100;
  constexpr double kLeastCurvature = 1e-10;
  const at::Tensor turned = gradient - last_gradient_;
  const double curvature = inner_product(turned, last_move_);
  if (curvature <= kLeastCurvature) return;
  if (pairs_.size() == kMostPairs) pairs_.erase(pairs_.begin());
  pairs_.push_back({last_move_, turned, 1 / curvature});
  scale_ = curvature / inner_product(turned, turned);
}

at::Tensor LbfgsPath::direction(const at::Tensor& gradient) const {
  at::Tensor q = -gradient;
  std::vector<double> shares(pairs_.size());
  for (std::size_t i = pairs_.size(); i-- > 0;) {
    shares[i] = inner_product(pairs_[i].moved, q) * pairs_[i].weight;
    q = q - shares[i] * pairs_[i].turned;
  }
  at::Tensor r = scale_ * q;
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    const double share = inner_product(pairs_[i].turned, r) * pairs_[i].weight;
    r = r + (shares[i] - share) * pairs_[i].moved;
  }
  return r;
}

at::Tensor LbfgsPath::step(const at::Tensor& gradient) {
  constexpr double kFlat = 1e-7, kLeastDescent = 1e-9;
  const at::Tensor flat = gradient.detach().flatten();
  if (flat.abs().max().item<double>() <= kFlat) return at::zeros_like(gradient);
  const bool first = !last_gradient_.defined();
  if (!first) remember(flat);
  const at::Tensor ahead = direction(flat);
  const double length = first ? rate_ * std::min(1.0, 1 / flat.abs().sum().item<double>()) : rate_;
  last_gradient_ = flat.clone();
  if (inner_product(flat, ahead) > -kLeastDescent) {
    last_move_ = at::zeros_like(flat);
    return at::zeros_like(gradient);
  }
  last_move_ = length * ahead;
  return last_move_.view_as(gradient);
}

}  // namespace robiq
