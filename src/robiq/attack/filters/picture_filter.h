#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "robiq/core/options/registry.h"

namespace robiq {

/// What a filter's strengths mean, and which of them a search tries.
struct FilterCard {
  std::string name;
  std::vector<double> strengths;  ///< graded, on both sides of the identity where there are two
  double identity = 0;            ///< the strength that changes least, or the end nearest to it
  double least = 0, most = 1;     ///< the strengths that it takes
  bool whole_numbers = false;     ///< only whole strengths mean something
  bool needs_draws = false;       ///< apply() needs standard normal draws
  bool damages = false;           ///< people see a worse picture, whatever the strength
};

/// An everyday edit of a picture with one knob: sharpening, gamma, compression and the like.
class PictureFilter {
 public:
  static constexpr const char* kNoun = "filter";
  virtual ~PictureFilter() = default;
  [[nodiscard]] virtual const FilterCard& card() const noexcept = 0;

  /// The filtered pictures, clipped to [0,1]; each row by itself.
  /// \param images    float32 [N,3,H,W] in [0,1]
  /// \param strength  within the card's range
  /// \param draws     standard normal [N,3,H,W], where the card asks for them; else ignored
  /// \throws Error{kUsage} for a strength that it does not take
  [[nodiscard]] at::Tensor apply(const at::Tensor& images, double strength,
                                 const at::Tensor& draws = {}) const;

  /// \throws Error{kUsage} for a strength that it does not take
  void check_strength(double strength) const;
  [[nodiscard]] bool takes(double strength) const { return refusal(strength).empty(); }

 protected:
  /// apply() without the check and the clipping.
  [[nodiscard]] virtual at::Tensor filtered(const at::Tensor& images, double strength,
                                            const at::Tensor& draws) const = 0;
  /// Why a strength within the range is refused, or "".
  [[nodiscard]] virtual std::string objection(double /*strength*/) const { return ""; }

 private:
  /// Why a strength is refused, or "".
  [[nodiscard]] std::string refusal(double strength) const;
};

template <>
Registry<PictureFilter>& Registry<PictureFilter>::instance();

/// Y = .299 R + .587 G + .114 B. \param images  [N,3,H,W]  \return [N,1,H,W]
[[nodiscard]] at::Tensor luma_of(const at::Tensor& images);

/// floor(255 Y + 1/2). \param images  float32 [N,3,H,W] in [0,1]  \return uint8 [N,1,H,W], CPU
[[nodiscard]] at::Tensor luma_bytes(const at::Tensor& images);

/// Continues pictures by `radius` pixels on each side as a mirror does, without repeating the
/// border: c b | a b c | b a. Any size will do. \param images  [N,C,H,W]
[[nodiscard]] at::Tensor mirror_pad(const at::Tensor& images, std::int64_t radius);

/// The Gaussian mean around every pixel: (2 radius + 1)^2 weights of sum 1 over mirrored borders.
/// \param images  [N,C,H,W]   \param sigma  pixels, > 0   \return the same shape
[[nodiscard]] at::Tensor gaussian_blur(const at::Tensor& images, double sigma, std::int64_t radius);

/// Histogram equalisation of one plane: with v0 the first occupied level, v becomes
/// round(255 (count of levels in (v0, v]) / (pixels - count of v0)); a flat plane stays.
/// \param plane  uint8 [H,W], CPU, contiguous   \return the same
[[nodiscard]] at::Tensor equalized(const at::Tensor& plane);

/// Contrast-limited adaptive equalisation (Zuiderveld, Graphics Gems IV, 1994): each tile's
/// histogram is cut at `clip` times its mean, what was cut is spread evenly, and the four nearest
/// tiles' maps are mixed bilinearly. A plane that `tiles` does not divide is continued by mirror.
/// \param plane  uint8 [H,W], CPU, contiguous   \param clip  0 for no limit   \return the same
[[nodiscard]] at::Tensor adaptively_equalized(const at::Tensor& plane, double clip,
                                              std::int64_t tiles);

}  // namespace robiq
