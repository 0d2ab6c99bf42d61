#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "robiq/attack/boundary/score_boundary.h"

namespace robiq {

/// Directions of low frequency around a picture: the first half of its DCT coefficients with random
/// signs (SurFree: Maho et al., CVPR 2021).
class LowFrequencyBasis {
 public:
  /// \param picture  [1,3,H,W]
  explicit LowFrequencyBasis(const at::Tensor& picture);

  /// The inverse DCT of the signs, where the picture has that frequency at all; not normalised.
  /// \param signs  -1, 0 or 1, [3,H,W]   \return [1,3,H,W], float32
  [[nodiscard]] at::Tensor direction(const at::Tensor& signs) const;

 private:
  at::Tensor kept_;           ///< [3,H,W], 0 or 1
  at::Tensor down_, across_;  ///< cosines of the two sides
};

/// The first floor(height width / 2) positions in zigzag order of u + v: within an odd diagonal by
/// rising u, in an even one by falling u. \return bool [height,width]
[[nodiscard]] at::Tensor zigzag_half(std::int64_t height, std::int64_t width);

/// How directions are made orthogonal to those before them.
enum class Orthogonal {
  kSequential,  ///< to the last nine one after another, then to the current direction
  kTogether     ///< as the authors' code: to a list at once, in which early rounds repeat the first
};

/// The signs of direction k of an attack, -1, 0 or 1, [3,H,W].
using DirectionSigns = std::function<at::Tensor(std::int64_t k)>;

/// One round of SurFree (Maho et al., CVPR 2021) around a point: the nearest point beyond a score
/// boundary that rotations in planes of low-frequency directions find. Ten steps, and at most 100
/// counted queries; the one that is over them ends the round.
class SurfreeRound {
 public:
  /// \param centre    [1,3,H,W], a point of `space`, not beyond the boundary
  /// \param boundary  b, see ScoreBoundary
  /// \param drawn     directions drawn before this round
  SurfreeRound(ScoreBoundary& scores, const PointSpace& space, const at::Tensor& centre,
               double boundary, Orthogonal orthogonal, const DirectionSigns& signs,
               std::int64_t drawn);

  /// \param start  a point beyond the boundary   \return a nearer one
  [[nodiscard]] at::Tensor run(const at::Tensor& start);
  /// Queries counted so far, at most 101.
  [[nodiscard]] std::int64_t counted() const { return counted_; }
  /// Directions drawn so far, those before this round among them.
  [[nodiscard]] std::int64_t drawn() const { return drawn_; }

 private:
  [[nodiscard]] bool finished() const;
  [[nodiscard]] bool beyond(const at::Tensor& point);
  /// Halves the way to the centre ten times. \return a point beyond the boundary
  [[nodiscard]] at::Tensor bisect(const at::Tensor& point);
  /// Draws the next direction across the current one. \return false where it vanishes
  [[nodiscard]] bool draw_direction();
  [[nodiscard]] at::Tensor made_orthogonal(const at::Tensor& direction) const;
  void remember(const at::Tensor& direction);
  /// The point at `angle` degrees on the circle through the centre and the best point.
  [[nodiscard]] at::Tensor on_circle(double angle) const;
  /// An angle that lies beyond the boundary, of directions drawn until one has it; 0 for none.
  [[nodiscard]] double find_angle();
  /// The largest angle beyond the boundary that a bisection from `angle` finds.
  [[nodiscard]] double widen(double angle);

  ScoreBoundary& scores_;
  const PointSpace& space_;
  at::Tensor centre_;
  double boundary_;
  Orthogonal orthogonal_;
  const DirectionSigns& signs_;
  LowFrequencyBasis basis_;
  std::int64_t drawn_, counted_ = 0;
  double widest_;                      ///< theta, degrees
  at::Tensor best_, toward_, across_;  ///< the best point; unit vectors that span the plane
  double radius_ = 0;
  std::vector<at::Tensor> before_;  ///< directions to be orthogonal to
};

}  // namespace robiq
