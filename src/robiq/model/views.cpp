#include "robiq/model/views.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>

#include "robiq/core/error.h"

namespace robiq {
namespace {

/// round(i (length - side) / (n - 1)); the middle for n = 1.
std::vector<std::int64_t> grid_offsets(std::int64_t length, std::int64_t side, std::int64_t n) {
  std::vector<std::int64_t> offsets;
  const auto room = static_cast<double>(length - side);
  for (std::int64_t i = 0; i < n; ++i) {
    const double offset =
        n == 1 ? room / 2 : static_cast<double>(i) * room / static_cast<double>(n - 1);
    offsets.push_back(std::llround(offset));
  }
  offsets.erase(std::unique(offsets.begin(), offsets.end()), offsets.end());
  return offsets;
}

std::vector<std::int64_t> tile_offsets(std::int64_t length, std::int64_t side) {
  std::vector<std::int64_t> offsets;
  for (std::int64_t offset = 0; offset + side <= length; offset += side) offsets.push_back(offset);
  if (length % side != 0) offsets.push_back(length - side);
  return offsets;
}

std::vector<View> crossed(const std::vector<std::int64_t>& tops,
                          const std::vector<std::int64_t>& lefts, std::int64_t side) {
  std::vector<View> views;
  for (const std::int64_t top : tops) {
    for (const std::int64_t left : lefts) views.push_back({top, left, side, side});
  }
  return views;
}

/// `count` of them, evenly spread over the list.
std::vector<View> thinned(const std::vector<View>& views, std::int64_t count) {
  const auto size = static_cast<std::int64_t>(views.size());
  if (count <= 0 || count >= size) return views;
  std::vector<View> kept;
  for (std::int64_t i = 0; i < count; ++i) {
    kept.push_back(views[static_cast<std::size_t>((2 * i + 1) * size / (2 * count))]);
  }
  return kept;
}

}  // namespace

std::vector<View> make_views(const ViewPolicy& policy, std::int64_t height, std::int64_t width,
                             const Rng& rng) {
  if (policy.kind == ViewPolicy::Kind::kWhole) return {{0, 0, height, width}};
  const std::int64_t side = policy.side;
  if (height < side || width < side) {
    throw Error(ErrorKind::kData,
                {"the picture is " + std::to_string(width) + "x" + std::to_string(height) +
                     ", smaller than the model's crop of " + std::to_string(side) + "x" +
                     std::to_string(side),
                 "", "give a picture of at least that size, or let --fit enlarge it"});
  }
  if (policy.kind == ViewPolicy::Kind::kGrid) {
    return thinned(crossed(grid_offsets(height, side, policy.rows),
                           grid_offsets(width, side, policy.columns), side),
                   policy.count);
  }
  if (policy.kind == ViewPolicy::Kind::kTiles) {
    return thinned(crossed(tile_offsets(height, side), tile_offsets(width, side), side),
                   policy.count);
  }
  std::vector<View> views;
  RandomStream stream(rng);
  for (std::int64_t i = 0; i < policy.count; ++i) {
    const auto top = stream.below(static_cast<std::uint64_t>(height - side + 1));
    const auto left = stream.below(static_cast<std::uint64_t>(width - side + 1));
    views.push_back({static_cast<std::int64_t>(top), static_cast<std::int64_t>(left), side, side});
  }
  return views;
}

namespace {

/// Where every value of every view lies in a flattened channel of the picture.
at::Tensor view_index(const std::vector<View>& views, std::int64_t width) {
  const std::int64_t area = views.front().height * views.front().width;
  const at::Tensor index = at::empty({std::ssize(views) * area}, at::kLong);
  std::int64_t* to = index.data_ptr<std::int64_t>();
  for (const View& view : views) {
    for (std::int64_t y = 0; y < view.height; ++y) {
      const std::int64_t first = (view.top + y) * width + view.left;
      for (std::int64_t x = 0; x < view.width; ++x) *to++ = first + x;
    }
  }
  return index;
}

}  // namespace

at::Tensor cut_views(const at::Tensor& picture, const std::vector<View>& views) {
  const auto count = std::ssize(views);
  if (count > 1 && at::GradMode::is_enabled() && picture.requires_grad()) {
    // The backward pass of a cut fills a picture of zeros for every view; that of an index, one.
    const at::Tensor index = view_index(views, picture.size(3)).to(picture.device());
    const at::Tensor cuts = picture.reshape({3, -1}).index_select(1, index);
    return cuts.view({3, count, views.front().height, views.front().width}).transpose(0, 1);
  }
  std::vector<at::Tensor> cuts;
  cuts.reserve(views.size());
  for (const View& view : views) {
    cuts.push_back(picture.narrow(2, view.top, view.height).narrow(3, view.left, view.width));
  }
  return count == 1 ? cuts.front() : at::cat(cuts);
}

}  // namespace robiq
