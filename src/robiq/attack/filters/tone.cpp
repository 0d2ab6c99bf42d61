#include <ATen/ATen.h>

#include "robiq/attack/filters/picture_filter.h"

namespace robiq {
namespace {

constexpr const char* kTonePaper =
    "Siniukov et al., Hacking VMAF and VMAF NEG, 2021; Zvezdakova et al., Hacking VMAF with Video "
    "Color and Contrast Distortion, 2019";

class ToneFilter : public PictureFilter {
 public:
  using Options = NoOptions;
  explicit ToneFilter(FilterCard card) : card_(std::move(card)) {}
  [[nodiscard]] const FilterCard& card() const noexcept override { return card_; }

 private:
  FilterCard card_;
};

/// x^t: below 1 it brightens.
class Gamma final : public ToneFilter {
 public:
  static constexpr const char* kName = "gamma";
  static constexpr const char* kSummary = "raises every value to the power of the strength";
  static constexpr const char* kPaper = kTonePaper;
  explicit Gamma(const Options& /*none*/)
      : ToneFilter({kName, {.5, .67, .8, .9, 1.1, 1.25, 1.5, 2}, 1, 0.01, 20}) {}

 protected:
  [[nodiscard]] at::Tensor filtered(const at::Tensor& images, double strength,
                                    const at::Tensor& /*draws*/) const override {
    return images.pow(strength);
  }
};

/// m + t (x - m), m the mean luma of the picture.
class Contrast final : public ToneFilter {
 public:
  static constexpr const char* kName = "contrast";
  static constexpr const char* kSummary = "stretches values about the picture's mean luma";
  static constexpr const char* kPaper = kTonePaper;
  explicit Contrast(const Options& /*none*/)
      : ToneFilter({kName, {.5, .67, .8, 1.25, 1.5, 2}, 1, 0, 100}) {}

 protected:
  [[nodiscard]] at::Tensor filtered(const at::Tensor& images, double strength,
                                    const at::Tensor& /*draws*/) const override {
    const at::Tensor mean = luma_of(images).mean(at::IntArrayRef{1, 2, 3}, true);
    return mean + strength * (images - mean);
  }
};

/// Y + t (x - Y), Y the luma of the pixel.
class Saturation final : public ToneFilter {
 public:
  static constexpr const char* kName = "saturation";
  static constexpr const char* kSummary = "stretches colours about each pixel's luma";
  static constexpr const char* kPaper = kTonePaper;
  explicit Saturation(const Options& /*none*/)
      : ToneFilter({kName, {0, .5, .8, 1.25, 1.5, 2, 3}, 1, 0, 100}) {}

 protected:
  [[nodiscard]] at::Tensor filtered(const at::Tensor& images, double strength,
                                    const at::Tensor& /*draws*/) const override {
    const at::Tensor luma = luma_of(images);
    return luma + strength * (images - luma);
  }
};

/// x + t.
class Brightness final : public ToneFilter {
 public:
  static constexpr const char* kName = "brightness";
  static constexpr const char* kSummary = "adds the strength to every value";
  static constexpr const char* kPaper = kTonePaper;
  explicit Brightness(const Options& /*none*/)
      : ToneFilter({kName, {-.1, -.05, -.02, .02, .05, .1}, 0, -1, 1}) {}

 protected:
  [[nodiscard]] at::Tensor filtered(const at::Tensor& images, double strength,
                                    const at::Tensor& /*draws*/) const override {
    return images + strength;
  }
};

ROBIQ_REGISTER(PictureFilter, Gamma);
ROBIQ_REGISTER(PictureFilter, Contrast);
ROBIQ_REGISTER(PictureFilter, Saturation);
ROBIQ_REGISTER(PictureFilter, Brightness);

}  // namespace
}  // namespace robiq
