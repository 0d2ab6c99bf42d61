#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "robiq/attack/filters/picture_filter.h"
#include "robiq/tensor/resample.h"
#include "robiq/tensor/squares.h"

namespace robiq {
namespace {

class SharpnessFilter : public PictureFilter {
 public:
  using Options = NoOptions;
  explicit SharpnessFilter(FilterCard card) : card_(std::move(card)) {}
  [[nodiscard]] const FilterCard& card() const noexcept override { return card_; }

 private:
  FilterCard card_;
};

/// x + t (x - G x), with a Gaussian of one pixel.
class Unsharp final : public SharpnessFilter {
 public:
  static constexpr const char* kName = "unsharp";
  static constexpr const char* kSummary = "sharpens: adds what a blur of one pixel takes away";
  static constexpr const char* kPaper = "Siniukov et al., Hacking VMAF and VMAF NEG, 2021";
  explicit Unsharp(const Options& /*none*/)
      : SharpnessFilter({kName, {.25, .5, 1, 2, 4}, 0, 0, 100}) {}

 protected:
  [[nodiscard]] at::Tensor filtered(const at::Tensor& images, double strength,
                                    const at::Tensor& /*draws*/) const override {
    return images + strength * (images - gaussian_blur(images, 1, 3));
  }
};

/// A Gaussian of t pixels, cut off at three of them.
class Blur final : public SharpnessFilter {
 public:
  static constexpr const char* kName = "blur";
  static constexpr const char* kSummary = "a Gaussian blur of that many pixels";
  static constexpr const char* kPaper = "a common distortion of quality data sets";
  explicit Blur(const Options& /*none*/)
      : SharpnessFilter({.name = kName,
                         .strengths = {.5, .8, 1.2, 2},
                         .identity = 0.05,
                         .least = 0.05,
                         .most = 100,
                         .damages = true}) {}

 protected:
  [[nodiscard]] at::Tensor filtered(const at::Tensor& images, double strength,
                                    const at::Tensor& /*draws*/) const override {
    return gaussian_blur(images, strength, static_cast<std::int64_t>(std::ceil(3 * strength)));
  }
};

/// The median of t x t values, each channel by itself.
class Median final : public SharpnessFilter {
 public:
  static constexpr const char* kName = "median";
  static constexpr const char* kSummary = "the median of a square of that side";
  static constexpr const char* kPaper = "a common distortion of quality data sets";
  explicit Median(const Options& /*none*/) : SharpnessFilter({kName, {3, 5}, 1, 1, 31, true}) {}

 protected:
  [[nodiscard]] at::Tensor filtered(const at::Tensor& images, double strength,
                                    const at::Tensor& /*draws*/) const override {
    const auto side = static_cast<std::int64_t>(strength);
    std::vector<at::Tensor> rows;
    for (std::int64_t row = 0; row < images.size(0); ++row) {
      const at::Tensor padded = mirror_pad(images.narrow(0, row, 1), side / 2)[0];
      rows.push_back(over_squares(
          padded, side, [](const at::Tensor& squares) { return std::get<0>(squares.median(-1)); }));
    }
    return at::stack(rows);
  }
  [[nodiscard]] std::string objection(double strength) const override {
    return static_cast<std::int64_t>(strength) % 2 == 0 ? "its side is odd" : "";
  }
};

/// Down to t of its size and back.
class Rescale final : public SharpnessFilter {
 public:
  static constexpr const char* kName = "rescale";
  static constexpr const char* kSummary = "shrinks to that part of the size and enlarges again";
  static constexpr const char* kPaper = "a common distortion of quality data sets";
  explicit Rescale(const Options& /*none*/) : SharpnessFilter({kName, {.9, .75, .5}, 1, 0.01, 1}) {}

 protected:
  [[nodiscard]] at::Tensor filtered(const at::Tensor& images, double strength,
                                    const at::Tensor& /*draws*/) const override {
    const auto shrunk = [strength](std::int64_t side) {
      const double wanted = std::nearbyint(strength * static_cast<double>(side));
      return std::max<std::int64_t>(1, static_cast<std::int64_t>(wanted));
    };
    const std::int64_t height = images.size(2), width = images.size(3);
    return resize_float(resize_float(images, shrunk(height), shrunk(width)), height, width);
  }
};

ROBIQ_REGISTER(PictureFilter, Unsharp);
ROBIQ_REGISTER(PictureFilter, Blur);
ROBIQ_REGISTER(PictureFilter, Median);
ROBIQ_REGISTER(PictureFilter, Rescale);

}  // namespace
}  // namespace robiq
