#include "robiq/attack/boundary/surfree_round.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

namespace robiq {
namespace {

constexpr std::int64_t kSurfreeSteps = 10, kCountedQueries = 100, kDrawsOfStep = 80,
                       kAngleHalvings = 10;
constexpr double kWidestAngle = 30, kAngleNarrowing = 0.98;  ///< theta and tau
constexpr double kSameCosine = 0.01;
constexpr std::size_t kRememberedDirections = 10;
constexpr double kRadiansOfDegree = 3.141592653589793 / 180;

double point_product(const at::Tensor& a, const at::Tensor& b) {
  return (a * b).sum(at::kDouble).item<double>();
}

double point_length(const at::Tensor& a) { return std::sqrt(point_product(a, a)); }

}  // namespace

SurfreeRound::SurfreeRound(ScoreBoundary& scores, const PointSpace& space, const at::Tensor& centre,
                           double boundary, Orthogonal orthogonal, const DirectionSigns& signs,
                           std::int64_t drawn)
    : scores_(scores),
      space_(space),
      centre_(centre),
      boundary_(boundary),
      orthogonal_(orthogonal),
      signs_(signs),
      basis_(centre),
      drawn_(drawn),
      widest_(kWidestAngle) {}

bool SurfreeRound::finished() const { return counted_ > kCountedQueries || scores_.spent(); }

bool SurfreeRound::beyond(const at::Tensor& point) {
  const bool answer = scores_.is_beyond(scores_.score(point), boundary_);
  if (counted_ <= kCountedQueries) ++counted_;
  return answer;
}

at::Tensor SurfreeRound::bisect(const at::Tensor& point) {
  const at::Tensor nearer = 0.2 * centre_ + 0.8 * point;
  const bool jumped = beyond(nearer);
  const at::Tensor inner = jumped ? centre_ : nearer, outer = jumped ? nearer : point;
  double low = 0, high = 1;
  for (std::int64_t i = 0; i < kAngleHalvings; ++i) {
    const double middle = (low + high) / 2;
    (beyond((1 - middle) * inner + middle * outer) ? high : low) = middle;
  }
  return (1 - high) * inner + high * outer;
}

at::Tensor SurfreeRound::made_orthogonal(const at::Tensor& direction) const {
  at::Tensor out = direction;
  for (const at::Tensor& other : before_) {
    const at::Tensor& from = orthogonal_ == Orthogonal::kTogether ? direction : out;
    out = out - point_product(from, other) * other;
  }
  if (orthogonal_ == Orthogonal::kSequential) out = out - point_product(out, toward_) * toward_;
  return out;
}

void SurfreeRound::remember(const at::Tensor& direction) {
  if (orthogonal_ == Orthogonal::kSequential) {
    before_.push_back(direction);
    if (before_.size() == kRememberedDirections) before_.erase(before_.begin());
    return;
  }
  // A start before the list's beginning counts from its end, which repeats the first direction.
  const auto size = static_cast<std::int64_t>(before_.size());
  std::int64_t first = 1 + size - static_cast<std::int64_t>(kRememberedDirections);
  if (first < 0) first = std::max<std::int64_t>(0, first + size);
  std::vector<at::Tensor> kept = {before_.front()};
  kept.insert(kept.end(), before_.begin() + static_cast<std::ptrdiff_t>(first), before_.end());
  kept.push_back(direction);
  before_ = std::move(kept);
}

bool SurfreeRound::draw_direction() {
  const at::Tensor drawn = made_orthogonal(basis_.direction(signs_(drawn_++)));
  const double length = point_length(drawn);
  if (!(length > 0)) return false;
  across_ = drawn / length;
  remember(across_);
  return true;
}

at::Tensor SurfreeRound::on_circle(double angle) const {
  const double cosine = std::cos(angle * kRadiansOfDegree),
               sine = std::sin(angle * kRadiansOfDegree);
  return space_.clip(centre_ + (cosine * toward_ + sine * across_) * (radius_ * cosine));
}

double SurfreeRound::find_angle() {
  radius_ = point_length(best_ - centre_);
  if (!(radius_ > 0)) return 0;
  toward_ = (best_ - centre_) / radius_;
  for (std::int64_t draw = 0; draw < kDrawsOfStep && !finished(); ++draw) {
    if (!draw_direction()) continue;
    for (const double angle : {widest_, -widest_}) {
      if (!beyond(on_circle(angle))) continue;
      widest_ /= kAngleNarrowing;
      return angle;
    }
    widest_ *= kAngleNarrowing;
  }
  return 0;
}

double SurfreeRound::widen(double angle) {
  double lower = angle, upper = angle + (angle > 0 ? widest_ : -widest_);
  bool opposite = angle > 0;
  const auto apart = [&] {
    return std::fabs(std::cos(upper * kRadiansOfDegree) - std::cos(lower * kRadiansOfDegree)) >
           kSameCosine;
  };
  for (std::int64_t i = 0; i < kAngleHalvings && apart() && !finished(); ++i) {
    const double middle = (lower + upper) / 2;
    const bool here = beyond(on_circle(middle));
    const bool there = opposite && beyond(on_circle(-middle));
    if (here) {
      lower = middle;
    } else if (there) {
      lower = -middle;
      upper = -upper;
    }
    if (std::fabs(lower) != std::fabs(middle)) upper = middle;
    opposite = there && lower > 0;
  }
  return lower;
}

at::Tensor SurfreeRound::run(const at::Tensor& start) {
  best_ = bisect(start);
  if (orthogonal_ == Orthogonal::kTogether) {
    before_ = {(best_ - centre_) / std::max(point_length(best_ - centre_), 1e-30)};
  }
  for (std::int64_t step = 0; step < kSurfreeSteps && !finished(); ++step) {
    const double angle = find_angle();
    if (angle == 0 || finished()) continue;
    const at::Tensor candidate = on_circle(widen(angle));
    if (finished()) break;
    if (point_length(candidate - centre_) < point_length(best_ - centre_)) best_ = candidate;
  }
  return finished() ? best_ : bisect(best_);
}

namespace {

constexpr double kBasisPi = 3.141592653589793;

/// cos(pi u (2 i + 1) / 2 n), row u, column i.
at::Tensor basis_cosines(std::int64_t n, c10::Device device) {
  const at::Tensor numbers = at::arange(n, at::kDouble);
  const at::Tensor angles =
      numbers.unsqueeze(1) * (2 * numbers + 1) * (kBasisPi / (2.0 * static_cast<double>(n)));
  return angles.cos().to(device);
}

}  // namespace

at::Tensor zigzag_half(std::int64_t height, std::int64_t width) {
  at::Tensor kept = at::zeros({height, width}, at::kBool);
  auto* const mask = kept.data_ptr<bool>();
  std::int64_t remaining = height * width / 2;
  for (std::int64_t sum = 0; remaining > 0; ++sum) {
    const std::int64_t lowest = std::max<std::int64_t>(0, sum - width + 1);
    const std::int64_t highest = std::min(sum, height - 1);
    for (std::int64_t i = 0; i <= highest - lowest && remaining > 0; ++i, --remaining) {
      const std::int64_t u = sum % 2 == 1 ? lowest + i : highest - i;
      mask[u * width + sum - u] = true;
    }
  }
  return kept;
}

LowFrequencyBasis::LowFrequencyBasis(const at::Tensor& picture)
    : down_(basis_cosines(picture.size(2), picture.device())),
      across_(basis_cosines(picture.size(3), picture.device())) {
  const at::Tensor spectrum = down_.matmul(picture[0].to(at::kDouble)).matmul(across_.t());
  const at::Tensor half = zigzag_half(picture.size(2), picture.size(3)).to(picture.device());
  kept_ = spectrum.ne(0).logical_and(half).to(at::kDouble);
}

at::Tensor LowFrequencyBasis::direction(const at::Tensor& signs) const {
  at::Tensor coefficients = signs.to(kept_.device(), at::kDouble) * kept_;
  coefficients.select(1, 0).mul_(0.5);
  coefficients.select(2, 0).mul_(0.5);
  const auto pixels = static_cast<double>(down_.size(0) * across_.size(0));
  return (down_.t().matmul(coefficients).matmul(across_) / pixels).to(at::kFloat).unsqueeze(0);
}

}  // namespace robiq
