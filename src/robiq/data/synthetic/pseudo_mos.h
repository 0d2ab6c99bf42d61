#pragma once
#include <vector>

#include "robiq/core/rng.h"
#include "robiq/data/synthetic/scene/planes.h"

namespace robiq::synthetic {

/// Compares pictures with one pristine picture by SSIM (Wang, Bovik, Sheikh and Simoncelli, 2004)
/// on the luma (0.299, 0.587, 0.114) of 8-bit pictures: 11x11 Gaussian window with sigma 1.5, whole
/// windows only, K1 0.01, K2 0.03. Windows count by their activity, sqrt(the two variances) + 0.01,
/// so that empty parts of a scene do not decide its label. Not a measure of robiq's (see robiq list
/// measures): it makes labels, in plain C++, with the pristine side computed once. Safe to use from
/// several threads.
class PseudoMos {
 public:
  /// \param pristine  sides >= 11
  explicit PseudoMos(const BytePlanes& pristine);

  /// The weighted mean SSIM, at most 1. \param other  same size
  [[nodiscard]] double ssim(const BytePlanes& other) const;

  /// 0..100: mos_of_ssim(ssim(other)).
  [[nodiscard]] double mos(const BytePlanes& other) const;

 private:
  std::int64_t height_, width_;
  std::vector<float> luma_, mean_, square_;
};

/// 100 ((1 + ssim) / 2)^5: 100 for equal pictures, 50 at 0.74, 3 at 0, falling strictly with ssim.
[[nodiscard]] double mos_of_ssim(double ssim);

/// A rating with the scatter of human ones: mos + deviation x normal, kept within 0..100.
[[nodiscard]] double noisy_rating(double mos, double deviation, const Rng& rng);

}  // namespace robiq::synthetic
