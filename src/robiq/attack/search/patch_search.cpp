#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "robiq/attack/search/block_search.h"
#include "robiq/attack/search/square_search.h"

namespace robiq {
namespace {

constexpr int kStartSquares = 1000;
/// Every so many candidates the patch moves instead of changing its colours.
constexpr std::int64_t kMovePeriod = 4;
/// The longest move at the start, as a share of the height.
constexpr double kLongestMove = 0.75;

/// A patch and the place of its upper left corner.
struct PlacedPatch {
  at::Tensor colours;  ///< [3,side,side], 0 or 1
  std::int64_t row = 0, column = 0;
};

at::Tensor patch_square(const at::Tensor& colours, std::int64_t row, std::int64_t column,
                        std::int64_t side) {
  return colours.narrow(1, row, side).narrow(2, column, side);
}

/// One of the eight colours, [3,1,1].
at::Tensor drawn_colour(const SearchDraws& draws, const at::Tensor& like) {
  std::array<double, 3> values{};
  for (double& value : values) value = draws.sign() > 0 ? 1 : 0;
  return at::tensor(at::ArrayRef<double>(values), at::kDouble)
      .to(like.device(), like.scalar_type())
      .view({3, 1, 1});
}

at::Tensor start_colours(std::int64_t side, const at::Tensor& like, const SearchDraws& draws) {
  const at::Tensor colours = at::zeros({3, side, side}, like.options());
  const auto root = static_cast<std::int64_t>(std::ceil(std::sqrt(static_cast<double>(side))));
  for (int i = 0; i < kStartSquares; ++i) {
    const std::int64_t size = 1 + draws.below(std::max<std::int64_t>(1, root - 1));
    const std::int64_t row = draws.below(side - size + 1), column = draws.below(side - size + 1);
    patch_square(colours, row, column, size)
        .copy_(drawn_colour(draws, like).expand({3, size, size}));
  }
  return colours;
}

/// The side of the square that candidate i recolours.
std::int64_t changed_side(const PatchSearch& walk, std::int64_t i, std::int64_t side) {
  const double share = square_share(walk.p_init, i, walk.queries);
  return std::clamp<std::int64_t>(
      static_cast<std::int64_t>(std::sqrt(share) * static_cast<double>(side)), 1, side);
}

/// The first candidate that flips a single channel.
std::int64_t first_channel_flip(const PatchSearch& walk, std::int64_t side) {
  std::int64_t i = 0;
  while (i + 1 < walk.queries && changed_side(walk, i, side) > 1) ++i;
  return i + (walk.queries - i) / 2;
}

PlacedPatch recoloured_patch(const PlacedPatch& patch, std::int64_t size, bool one_channel,
                             const SearchDraws& draws) {
  PlacedPatch changed = patch;
  changed.colours = patch.colours.clone();
  const std::int64_t room = patch.colours.size(1) - size + 1;
  const std::int64_t row = draws.below(room), column = draws.below(room);
  at::Tensor square = patch_square(changed.colours, row, column, size);
  if (one_channel) {
    const at::Tensor value = square[draws.below(3)];
    value.copy_(1 - value);
    return changed;
  }
  at::Tensor colour = drawn_colour(draws, square);
  while (size == 1 && at::equal(colour, square)) colour = drawn_colour(draws, square);
  square.copy_(colour.expand_as(square));
  return changed;
}

PlacedPatch moved_patch(const PlacedPatch& patch, std::int64_t reach, const at::Tensor& picture,
                        const SearchDraws& draws) {
  const std::int64_t side = patch.colours.size(1);
  PlacedPatch changed = patch;
  const auto move = [&](std::int64_t from, std::int64_t length) {
    const std::int64_t to = from - reach + draws.below(2 * reach + 1);
    return std::clamp<std::int64_t>(to, 0, length - side);
  };
  changed.row = move(patch.row, picture.size(2));
  changed.column = move(patch.column, picture.size(3));
  return changed;
}

at::Tensor with_patch(const at::Tensor& picture, const PlacedPatch& patch) {
  const at::Tensor images = picture.clone();
  patch_square(images[0], patch.row, patch.column, patch.colours.size(1)).copy_(patch.colours);
  return images;
}

}  // namespace

at::Tensor patch_search(ScoreQueries& queries, const at::Tensor& picture, const PatchSearch& walk,
                        const SearchDraws& draws) {
  const std::int64_t height = picture.size(2), width = picture.size(3);
  const auto asked =
      static_cast<std::int64_t>(std::ceil(std::sqrt(static_cast<double>(walk.area))));
  const std::int64_t side = std::min({asked, height, width});
  const std::int64_t flips_from = first_channel_flip(walk, side);
  PlacedPatch best;
  best.row = draws.below(std::max<std::int64_t>(1, height - side));
  best.column = draws.below(std::max<std::int64_t>(1, width - side));
  best.colours = start_colours(side, picture, draws);
  double value = queries.value(with_patch(picture, best));
  for (std::int64_t i = 1; i < walk.queries; ++i) {
    const double remaining =
        static_cast<double>(walk.queries - i) / static_cast<double>(walk.queries);
    const auto reach =
        static_cast<std::int64_t>(kLongestMove * remaining * static_cast<double>(height));
    const std::int64_t size = changed_side(walk, i, side);
    const bool one_channel = size == 1 && i >= flips_from;
    const PlacedPatch candidate = i % kMovePeriod == 0 && reach > 0
                                      ? moved_patch(best, reach, picture, draws)
                                      : recoloured_patch(best, size, one_channel, draws);
    const double reached = queries.value(with_patch(picture, candidate));
    if (!(reached > value)) continue;
    best = candidate;
    value = reached;
  }
  return with_patch(picture, best);
}

}  // namespace robiq
