#include "robiq/attack/norm_ball.h"

#include <ATen/ATen.h>

#include <limits>

#include "robiq/core/error.h"
#include "robiq/core/text/text.h"
#include "robiq/tensor/random.h"

namespace robiq {

std::vector<std::string_view> ball_norm_names() { return {"linf", "l2"}; }

BallNorm parse_ball_norm(std::string_view name) {
  if (name == "linf") return BallNorm::kLinf;
  if (name == "l2") return BallNorm::kL2;
  throw Error(ErrorKind::kUsage,
              {"no norm is called '" + std::string(name) + "'", "norm", "use linf or l2"});
}

double default_radius(BallNorm norm) noexcept { return norm == BallNorm::kLinf ? 8.0 / 255 : 1.0; }

double most_radius(BallNorm norm) noexcept {
  return norm == BallNorm::kLinf ? 1 : std::numeric_limits<double>::infinity();
}

void check_radius(BallNorm norm, double epsilon, const Params& given) {
  if (epsilon <= most_radius(norm)) return;
  const auto entry = given.find("epsilon");
  throw Error(ErrorKind::kUsage,
              {"epsilon is " + number_text(epsilon) + ", above 1, the whole range of a picture",
               entry == given.end() ? "epsilon" : entry->second.where,
               "give epsilon in units of [0,1]: 4 levels of 255 are 0.0157"});
}

at::Tensor row_size(const at::Tensor& rows, BallNorm norm) {
  if (norm == BallNorm::kLinf) return rows.abs().amax({1, 2, 3}, true);
  return rows.square().sum({1, 2, 3}, true).sqrt();
}

at::Tensor row_normal_noise(const AttackBatch& batch, const Rng& rng) {
  std::vector<at::Tensor> rows;
  for (const std::string& id : batch.ids) {
    rows.push_back(normal_tensor(rng.child(id), batch.images.sizes().slice(1)));
  }
  return at::stack(rows).to(batch.images.device());
}

LinfBall::LinfBall(const at::Tensor& clean, double epsilon)
    : low((clean - epsilon).clamp_(0, 1)), high((clean + epsilon).clamp_(0, 1)) {}

at::Tensor LinfBall::project(const at::Tensor& images) const {
  return at::min(at::max(images, low), high);
}

NormBall::NormBall(const at::Tensor& clean, BallNorm norm, double epsilon)
    : clean_(clean), norm_(norm), epsilon_(epsilon) {
  const LinfBall box(clean, norm == BallNorm::kLinf ? epsilon : 1.0);
  low_ = box.low;
  high_ = box.high;
}

at::Tensor NormBall::project(const at::Tensor& images) const {
  at::Tensor inside = images;
  if (norm_ == BallNorm::kL2) {
    const at::Tensor change = images - clean_;
    inside = clean_ + change * (epsilon_ / (row_size(change, norm_) + 1e-12)).clamp_max(1);
  }
  return at::min(at::max(inside, low_), high_);
}

at::Tensor NormBall::steepest(const at::Tensor& gradient) const {
  if (norm_ == BallNorm::kLinf) return gradient.sign();
  const at::Tensor size = row_size(gradient, norm_);
  return at::where(size > 0, gradient / size, at::zeros_like(gradient));
}

at::Tensor NormBall::random_point(const AttackBatch& batch, const Rng& rng) const {
  if (norm_ == BallNorm::kLinf) {
    return project(batch.images + row_noise(batch, rng, -epsilon_, epsilon_));
  }
  const at::Tensor direction = steepest(row_normal_noise(batch, rng.child("direction")));
  std::vector<at::Tensor> lengths;
  for (const std::string& id : batch.ids) {
    RandomStream stream(rng.child("length").child(id));
    lengths.push_back(at::full({1, 1, 1}, epsilon_ * stream.uniform(), direction.options()));
  }
  return project(batch.images + direction * at::stack(lengths));
}

}  // namespace robiq
