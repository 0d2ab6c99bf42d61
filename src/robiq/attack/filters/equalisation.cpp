#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

#include "robiq/attack/filters/picture_filter.h"

namespace robiq {
namespace {

constexpr const char* kEqualisationPaper = "Siniukov et al., Hacking VMAF and VMAF NEG, 2021";

/// By how much `map` raises the 8-bit luma of each pixel. \return [N,1,H,W], of [0,1]
template <class Map>
at::Tensor luma_gain(const at::Tensor& images, const Map& map) {
  const at::Tensor luma = luma_bytes(images);
  std::vector<at::Tensor> rows;
  for (std::int64_t row = 0; row < luma.size(0); ++row) {
    const at::Tensor plane = luma[row][0];
    rows.push_back((map(plane).to(at::kFloat) - plane.to(at::kFloat)).div(255));
  }
  return at::stack(rows).unsqueeze(1).to(images.device());
}

/// x + t (E(Y) - Y), E the histogram equalisation of the luma.
class Equalize final : public PictureFilter {
 public:
  static constexpr const char* kName = "equalize";
  static constexpr const char* kSummary = "equalises the luma's histogram by that part";
  static constexpr const char* kPaper = kEqualisationPaper;
  using Options = NoOptions;
  explicit Equalize(const Options& /*none*/) {}
  [[nodiscard]] const FilterCard& card() const noexcept override { return card_; }

 protected:
  [[nodiscard]] at::Tensor filtered(const at::Tensor& images, double strength,
                                    const at::Tensor& /*draws*/) const override {
    return images + strength * luma_gain(images, equalized);
  }

 private:
  FilterCard card_{.name = kName, .strengths = {.25, .5, 1}, .damages = true};
};

/// x + (E(Y) - Y), E the contrast-limited adaptive equalisation of the luma.
class Clahe final : public PictureFilter {
 public:
  static constexpr const char* kName = "clahe";
  static constexpr const char* kSummary =
      "equalises the luma tile by tile; the strength limits the contrast";
  static constexpr const char* kPaper = kEqualisationPaper;
  struct Options {
    std::int64_t tiles = 8;
    static OptionTable<Options> options() {
      return {{"tiles", &Options::tiles, "tiles along each side of the picture", 1, 256}};
    }
  };
  explicit Clahe(const Options& options) : tiles_(options.tiles) {}
  [[nodiscard]] const FilterCard& card() const noexcept override { return card_; }

 protected:
  [[nodiscard]] at::Tensor filtered(const at::Tensor& images, double strength,
                                    const at::Tensor& /*draws*/) const override {
    return images + luma_gain(images, [&](const at::Tensor& plane) {
             return adaptively_equalized(plane, strength, tiles_);
           });
  }

 private:
  FilterCard card_{.name = kName,
                   .strengths = {1, 2, 3, 4},
                   .identity = 0.01,
                   .least = 0.01,
                   .most = 1000,
                   .damages = true};
  std::int64_t tiles_;
};

ROBIQ_REGISTER(PictureFilter, Equalize);
ROBIQ_REGISTER(PictureFilter, Clahe);

}  // namespace
}  // namespace robiq
