#pragma once
#include <ATen/core/Tensor.h>

#include <string_view>
#include <vector>

#include "robiq/attack/attack.h"
#include "robiq/core/options/options.h"
#include "robiq/core/rng.h"

namespace robiq {

/// How the size of a perturbation is measured.
enum class BallNorm {
  kLinf,  ///< the largest |value|
  kL2     ///< the square root of the sum of squares over a whole picture
};

/// The words of the option `norm`: linf, l2.
[[nodiscard]] std::vector<std::string_view> ball_norm_names();

/// \throws Error{kUsage} for another word.
[[nodiscard]] BallNorm parse_ball_norm(std::string_view name);

/// The radius where `epsilon` is not given: 8/255 for l_inf, 1 for l2.
[[nodiscard]] double default_radius(BallNorm norm) noexcept;

/// 1 for l_inf, the whole range of a picture; no end for l2.
[[nodiscard]] double most_radius(BallNorm norm) noexcept;

/// \throws Error{kUsage} for an l_inf radius above 1, which covers every picture.
void check_radius(BallNorm norm, double epsilon, const Params& given);

/// The box of pictures in [0,1] within `epsilon` of `clean` in every value. Both are boxes, so that
/// clamping to it is the exact projection on their intersection.
struct LinfBall {
  /// \param clean  [N,3,H,W] in [0,1]   \param epsilon  in [0,1] units
  LinfBall(const at::Tensor& clean, double epsilon);
  [[nodiscard]] at::Tensor project(const at::Tensor& images) const;

  at::Tensor low, high;  ///< the ends, [N,3,H,W]
};

/// The pictures in [0,1] within `epsilon` of a clean one, row by row.
class NormBall {
 public:
  /// \param clean  [N,3,H,W] in [0,1]   \param epsilon  in [0,1] units
  NormBall(const at::Tensor& clean, BallNorm norm, double epsilon);

  /// A point of the ball in [0,1]. For l_inf it is the nearest; for l2 the perturbation is first
  /// shortened to epsilon, then clipped to [0,1], which shortens it further.
  [[nodiscard]] at::Tensor project(const at::Tensor& images) const;

  /// The steepest direction of length 1: sign(g) for l_inf, g / ||g||_2 for l2, 0 where g is 0.
  [[nodiscard]] at::Tensor steepest(const at::Tensor& gradient) const;

  /// A random picture of the ball: U(-epsilon, epsilon) in every value for l_inf, a uniform
  /// direction times U(0, epsilon) for l2. Every row is drawn at its id.
  [[nodiscard]] at::Tensor random_point(const AttackBatch& batch, const Rng& rng) const;

 private:
  at::Tensor clean_, low_, high_;
  BallNorm norm_;
  double epsilon_;
};

/// The size of every row, [N,1,1,1].
[[nodiscard]] at::Tensor row_size(const at::Tensor& rows, BallNorm norm);

/// Standard normal, each row drawn at its own id. \return [N,3,H,W]
[[nodiscard]] at::Tensor row_normal_noise(const AttackBatch& batch, const Rng& rng);

}  // namespace robiq
