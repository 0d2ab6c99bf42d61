#pragma once
#include <ATen/core/Tensor.h>

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

 protected:
  /// apply() without the check and the clipping.
  [[nodiscard]] virtual at::Tensor filtered(const at::Tensor& images, double strength,
                                            const at::Tensor& draws) const = 0;
  /// Why a strength within the range is refused, or "".
  [[nodiscard]] virtual std::string objection(double /*strength*/) const { return ""; }
};

template <>
Registry<PictureFilter>& Registry<PictureFilter>::instance();

}  // namespace robiq
