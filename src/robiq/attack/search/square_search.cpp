#include "robiq/attack/search/square_search.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace robiq {
namespace {

/// Closer than this, two windows are equal.
constexpr double kSameWindow = 1e-7;
/// Of the eight sign patterns at most one leaves a window as it is, so that so many tries fail
/// only where epsilon is too small to change anything.
constexpr int kMostRedraws = 64;

/// A value for each channel, [1,3,1,1], times epsilon.
at::Tensor channel_signs(const SquareSearch& walk, const SearchDraws& draws,
                         const at::Tensor& like) {
  std::array<double, 3> values{};
  for (double& value : values) value = walk.epsilon * draws.sign();
  return at::tensor(at::ArrayRef<double>(values), at::kDouble)
      .to(like.device(), like.scalar_type())
      .view({1, 3, 1, 1});
}

at::Tensor striped_start(const at::Tensor& picture, const SquareSearch& walk,
                         const SearchDraws& draws) {
  std::vector<double> values(static_cast<std::size_t>(3 * picture.size(3)));
  for (double& value : values) value = walk.epsilon * draws.sign();
  const at::Tensor stripes = at::tensor(values, at::kDouble)
                                 .to(picture.device(), picture.scalar_type())
                                 .view({1, 3, 1, picture.size(3)});
  return (picture + stripes).clamp(0, 1);
}

/// Sets one window of `delta` anew until it would differ from the best picture there.
void renew_window(at::Tensor& delta, const at::Tensor& picture, const at::Tensor& best,
                  std::int64_t side, const SquareSearch& walk, const SearchDraws& draws) {
  const std::int64_t height = picture.size(2), width = picture.size(3);
  const std::int64_t row = draws.below(std::max<std::int64_t>(1, height - side));
  const std::int64_t column = draws.below(std::max<std::int64_t>(1, width - side));
  const auto window = [&](const at::Tensor& whole) {
    return whole.narrow(2, row, side).narrow(3, column, side);
  };
  at::Tensor changed = window(delta);
  const at::Tensor clean = window(picture), kept = window(best);
  for (int tries = 0; tries < kMostRedraws; ++tries) {
    const at::Tensor apart = ((clean + changed).clamp(0, 1) - kept).abs().max();
    if (apart.item<double>() >= kSameWindow) return;
    changed.copy_(channel_signs(walk, draws, picture).expand_as(changed));
  }
}

}  // namespace

double square_share(double p_init, std::int64_t iteration, std::int64_t n) {
  constexpr std::array<std::int64_t, 9> kEnds = {10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000};
  const std::int64_t place = iteration * 10000 / n;
  double share = p_init;
  for (const std::int64_t end : kEnds) {
    if (place > end) share /= 2;
  }
  return share;
}

at::Tensor square_search(ScoreQueries& queries, const at::Tensor& picture, const SquareSearch& walk,
                         const SearchDraws& draws) {
  const std::int64_t height = picture.size(2), width = picture.size(3);
  const std::int64_t largest = std::max<std::int64_t>(1, std::min(height, width) - 1);
  at::Tensor best = picture;
  double value = queries.clean_value();
  if (walk.start == SquareStart::kStripes) {
    best = striped_start(picture, walk, draws);
    value = queries.value(best);
  }
  for (std::int64_t i = 0; i < walk.iterations; ++i) {
    const double share = square_share(walk.p_init, i, walk.schedule);
    const double side = std::nearbyint(std::sqrt(share * static_cast<double>(height * width)));
    const std::int64_t pixels =
        std::clamp<std::int64_t>(static_cast<std::int64_t>(side), 1, largest);
    at::Tensor delta = best - picture;
    for (std::int64_t window = 0; window < walk.windows; ++window) {
      renew_window(delta, picture, best, pixels, walk, draws);
    }
    const at::Tensor candidate = (picture + delta).clamp(0, 1);
    const double reached = queries.value(candidate);
    if (reached > value) {
      best = candidate;
      value = reached;
    }
  }
  return best;
}

}  // namespace robiq
