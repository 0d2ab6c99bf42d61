#include "robiq/model/views.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/custom_function.h>

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

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

/// Views of one size, as autograd keeps them: top, left, height and width of each in turn.
std::vector<std::int64_t> flattened(const std::vector<View>& views) {
  std::vector<std::int64_t> numbers;
  numbers.reserve(views.size() * 4);
  for (const View& view : views) {
    numbers.insert(numbers.end(), {view.top, view.left, view.height, view.width});
  }
  return numbers;
}

/// The part of a picture that the i-th view shows.
at::Tensor part_of(const at::Tensor& picture, const std::vector<std::int64_t>& views,
                   std::int64_t i) {
  const std::int64_t* const view = views.data() + 4 * i;
  return picture.narrow(2, view[0], view[2]).narrow(3, view[1], view[3]);
}

at::Tensor cut(const at::Tensor& picture, const std::vector<std::int64_t>& views) {
  std::vector<at::Tensor> parts;
  for (std::int64_t i = 0; 4 * i < std::ssize(views); ++i) {
    parts.push_back(part_of(picture, views, i));
  }
  return at::cat(parts);
}

/// cut() and its adjoint, which adds views up in one picture: each is the other's backward pass.
/// LibTorch's own backward pass of a cut fills a picture of zeros for every view.
class CutViews : public torch::autograd::Function<CutViews> {
 public:
  static Variable forward(AutogradContext* context, const Variable& picture,
                          const std::vector<std::int64_t>& views) {
    context->saved_data["views"] = views;
    context->saved_data["size"] = picture.sizes().vec();
    return cut(picture, views);
  }
  static variable_list backward(AutogradContext* context, const variable_list& slopes);
};

class AddViews : public torch::autograd::Function<AddViews> {
 public:
  static Variable forward(AutogradContext* context, const Variable& cuts,
                          const std::vector<std::int64_t>& views,
                          const std::vector<std::int64_t>& size) {
    context->saved_data["views"] = views;
    Variable picture = at::zeros(size, cuts.options());
    for (std::int64_t i = 0; 4 * i < std::ssize(views); ++i) {
      part_of(picture, views, i).add_(cuts.narrow(0, i, 1));
    }
    return picture;
  }
  static variable_list backward(AutogradContext* context, const variable_list& slopes) {
    return {CutViews::apply(slopes[0], context->saved_data["views"].toIntVector()), {}, {}};
  }
};

variable_list CutViews::backward(AutogradContext* context, const variable_list& slopes) {
  return {AddViews::apply(slopes[0], context->saved_data["views"].toIntVector(),
                          context->saved_data["size"].toIntVector()),
          {}};
}

}  // namespace

at::Tensor cut_views(const at::Tensor& picture, const std::vector<View>& views) {
  const std::vector<std::int64_t> numbers = flattened(views);
  if (views.size() == 1) return part_of(picture, numbers, 0);
  if (!at::GradMode::is_enabled() || !picture.requires_grad()) return cut(picture, numbers);
  return CutViews::apply(picture, numbers);
}

}  // namespace robiq
