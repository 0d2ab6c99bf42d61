#include "robiq/metric/distance/niqe.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "robiq/core/error.h"
#include "robiq/io/matlab/mat.h"

namespace robiq {
namespace {

/// The side of a block in pixels, as the authors take it.
constexpr std::int64_t kNiqeBlock = 96;
constexpr std::int64_t kFeaturesOfScale = 18, kScales = 2;
constexpr std::int64_t kFeatures = kFeaturesOfScale * kScales;

/// An asymmetric generalised Gaussian.
struct AsymmetricGaussian {
  double shape, left, right;

  [[nodiscard]] double mean() const {
    return (right - left) * std::tgamma(2 / shape) / std::tgamma(1 / shape);
  }
};

/// Gamma(2/a)^2 / (Gamma(1/a) Gamma(3/a)) for the shapes that are tried.
const std::vector<std::pair<double, double>>& shape_table() {
  static const std::vector<std::pair<double, double>> kTable = [] {
    std::vector<std::pair<double, double>> table;
    constexpr int kThinnest = 200, kThickest = 10000;
    for (int i = kThinnest; i <= kThickest; ++i) {
      const double shape = i / 1000.0, two = std::tgamma(2 / shape);
      table.emplace_back(two * two / (std::tgamma(1 / shape) * std::tgamma(3 / shape)), shape);
    }
    return table;
  }();
  return kTable;
}

double shape_of(double ratio) {
  const auto& table = shape_table();  // grows with the shape
  const auto above = std::lower_bound(table.begin(), table.end(), std::pair(ratio, 0.0));
  if (above == table.begin()) return above->second;
  if (above == table.end()) return table.back().second;
  const auto below = above - 1;
  return ratio - below->first <= above->first - ratio ? below->second : above->second;
}

/// By its moments. NaN where values lie on one side alone.
AsymmetricGaussian fitted(const at::Tensor& values) {
  const auto root_mean = [](const at::Tensor& part) {
    return part.numel() == 0 ? std::numeric_limits<double>::quiet_NaN()
                             : std::sqrt(part.square().mean().item<double>());
  };
  const double left = root_mean(values.masked_select(values < 0));
  const double right = root_mean(values.masked_select(values > 0));
  if (std::isnan(left) || std::isnan(right)) {
    const double none = std::numeric_limits<double>::quiet_NaN();
    return {none, none, none};
  }
  const double g = left / right;
  const double absolute = values.abs().mean().item<double>();
  const double ratio = absolute * absolute / values.square().mean().item<double>();
  const double normal = ratio * (g * g * g + 1) * (g + 1) / ((g * g + 1) * (g * g + 1));
  const double shape = shape_of(normal);
  const double width = std::sqrt(std::tgamma(1 / shape) / std::tgamma(3 / shape));
  return {shape, left * width, right * width};
}

/// The features of one block of one scale.
void add_block_features(const at::Tensor& block, std::vector<double>& features) {
  const AsymmetricGaussian own = fitted(block);
  features.insert(features.end(), {own.shape, (own.left + own.right) / 2});
  constexpr std::array<std::array<std::int64_t, 2>, 4> kNeighbours{
      {{0, 1}, {1, 0}, {1, 1}, {-1, 1}}};
  for (const auto& [down, right] : kNeighbours) {
    const AsymmetricGaussian pair = fitted(block * block.roll({down, right}, {0, 1}));
    features.insert(features.end(), {pair.shape, pair.mean(), pair.left, pair.right});
  }
}

/// (x - mean) / (deviation + 1) under a Gaussian window of 7 x 7, sigma 7/6. [H,W]
at::Tensor locally_normalised(const at::Tensor& luma) {
  constexpr std::int64_t kRadius = 3;
  constexpr double kSigma = 7.0 / 6;
  const at::Tensor places = at::arange(-kRadius, kRadius + 1, at::kDouble);
  at::Tensor taps = (-places.square() / (2 * kSigma * kSigma)).exp();
  taps = taps / taps.sum();
  const at::Tensor kernel = at::outer(taps, taps).view({1, 1, 2 * kRadius + 1, 2 * kRadius + 1});
  const auto mean = [&](const at::Tensor& plane) {
    const at::Tensor padded = at::replication_pad2d(
        plane.view({1, 1, plane.size(0), plane.size(1)}), {kRadius, kRadius, kRadius, kRadius});
    return at::conv2d(padded, kernel)[0][0];
  };
  const at::Tensor mu = mean(luma);
  const at::Tensor deviation = (mean(luma.square()) - mu.square()).abs().sqrt();
  return (luma - mu) / (deviation + 1);
}

/// Half as large along one dimension, by the cubic filter (a = -1/2) stretched to twice its width;
/// the border is mirrored with its own pixels.
at::Tensor halved_along(const at::Tensor& plane, std::int64_t dimension) {
  constexpr std::array<double, 4> kTaps{0.43359375, 0.11328125, -0.03515625, -0.01171875};
  const std::int64_t n = plane.size(dimension), out = (n + 1) / 2;
  const at::Tensor first = at::arange(out, at::kLong) * 2;
  at::Tensor sum = at::zeros({}, plane.options());
  for (std::int64_t k = 0; k < 4; ++k) {
    for (const at::Tensor& place : {first - k, first + k + 1}) {
      const at::Tensor inside = at::where(place < 0, -1 - place, place);
      const at::Tensor kept = at::where(inside >= n, 2 * n - 1 - inside, inside).clamp(0, n - 1);
      sum = sum + kTaps[static_cast<std::size_t>(k)] * plane.index_select(dimension, kept);
    }
  }
  return sum;
}

at::Tensor luma_levels(const at::Tensor& picture) {
  const at::Tensor rgb = picture.to(at::kCPU, at::kDouble);
  return ((0.2989 * rgb[0] + 0.5870 * rgb[1] + 0.1140 * rgb[2]) * 255).round();
}

[[noreturn]] void throw_no_natural_model(const std::filesystem::path& file) {
  throw Error(ErrorKind::kModel, {"this is not NIQE's model of natural pictures", file.string(),
                                  "give NIQE's modelparameters.mat, with mu_prisparam (36 numbers) "
                                  "and cov_prisparam (36 x 36)"});
}

}  // namespace

NaturalModel read_natural_model(const std::filesystem::path& file) {
  const ObjectPtr variables = read_mat(file);
  const auto tensor = [&](const char* name) {
    const Object* const found = variables->find(name);
    const auto* const held = found == nullptr ? nullptr : found->get_if<at::Tensor>();
    if (held == nullptr) throw_no_natural_model(file);
    return held->to(at::kDouble);
  };
  const NaturalModel model{tensor("mu_prisparam").flatten(), tensor("cov_prisparam")};
  const bool fits = model.mean.numel() == kFeatures &&
                    model.covariance.sizes() == at::IntArrayRef{kFeatures, kFeatures};
  if (!fits || !at::isfinite(model.covariance).all().item<bool>()) throw_no_natural_model(file);
  return model;
}

at::Tensor niqe_features(const at::Tensor& picture) {
  const at::NoGradGuard no_grad;
  const std::int64_t rows = picture.size(1) / kNiqeBlock, columns = picture.size(2) / kNiqeBlock;
  if (rows * columns < 2) {
    throw Error(ErrorKind::kData, {"NIQE needs a picture of two blocks of 96 x 96 pixels", "",
                                   "take larger pictures, or attack them at level image"});
  }
  at::Tensor luma = luma_levels(picture)
                        .narrow(0, 0, rows * kNiqeBlock)
                        .narrow(1, 0, columns * kNiqeBlock)
                        .contiguous();
  std::vector<std::vector<double>> features(static_cast<std::size_t>(rows * columns));
  for (std::int64_t scale = 0; scale < kScales; ++scale) {
    const std::int64_t side = kNiqeBlock >> scale;
    const at::Tensor normalised = locally_normalised(luma);
    for (std::int64_t block = 0; block < rows * columns; ++block) {
      const std::int64_t top = block / columns * side, left = block % columns * side;
      add_block_features(normalised.narrow(0, top, side).narrow(1, left, side).contiguous(),
                         features[static_cast<std::size_t>(block)]);
    }
    luma = halved_along(halved_along(luma, 0), 1);
  }
  std::vector<at::Tensor> blocks;
  for (const auto& row : features) blocks.push_back(at::tensor(row, at::kDouble));
  return at::stack(blocks);
}

double niqe(const at::Tensor& picture, const NaturalModel& natural) {
  const at::NoGradGuard no_grad;
  const at::Tensor all = niqe_features(picture);
  const at::Tensor known = all.index({at::isfinite(all).all(1)});
  if (known.size(0) < 2) return std::numeric_limits<double>::quiet_NaN();
  const at::Tensor mean = known.mean(0), off = known - mean;
  const at::Tensor covariance = off.t().matmul(off) / static_cast<double>(known.size(0) - 1);
  const at::Tensor inverse = at::linalg_pinv((natural.covariance + covariance) / 2);
  const at::Tensor distance = natural.mean - mean;
  return std::sqrt(std::max(0.0, distance.dot(inverse.matmul(distance)).item<double>()));
}

}  // namespace robiq
