#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "robiq/attack/attack.h"
#include "robiq/attack/objective.h"
#include "robiq/core/rng.h"

namespace robiq {

/// One picture made smaller inside its own frame, the rest black.
struct ShrinkDraw {
  bool on = false;                     ///< false: the picture stays as it is
  std::int64_t height = 0, width = 0;  ///< its new size, pixels
  std::int64_t top = 0, left = 0;      ///< where it lies in the frame
};

/// The transform of diverse inputs (Xie et al., CVPR 2019): the width is uniform in
/// [floor(0.9 W), W), the height keeps the ratio of sides, the place is uniform.
/// \param probability  of `on`
[[nodiscard]] ShrinkDraw draw_shrink(const Rng& rng, std::int64_t height, std::int64_t width,
                                     double probability);

/// Each row as its draw says: bilinear with half-pixel centres, padded with 0. Differentiable.
/// \param images  [N,3,H,W]   \param draws  N of them
[[nodiscard]] at::Tensor shrink_rows(const at::Tensor& images,
                                     const std::vector<ShrinkDraw>& draws);

/// How momentum_ascent() walks; the defaults are those of MI-FGSM.
struct MomentumAscent {
  Objective objective = Objective::kMid;
  double epsilon = 0;         ///< radius of the l_inf ball, [0,1] units
  double step_size = 0;       ///< alpha, [0,1] units
  std::int64_t steps = 10;    ///< K
  double momentum = 1;        ///< nu, the share of the last direction that stays
  bool normalize = true;      ///< gradients are divided by their mean absolute value
  bool nesterov = false;      ///< the gradient is taken nu alpha m ahead
  std::int64_t scales = 1;    ///< the gradient is the mean over the picture times 1, 1/2, 1/4, ...
  double diversity = 0;       ///< probability that the model sees the picture shrunk
  std::int64_t kernel = 1;    ///< side of the kernel that smooths the gradient; 1: none
  std::int64_t variance = 0;  ///< neighbours that tune the gradient's variance; 0: none
};

/// Random parts of a walk.
struct MomentumDraws {
  std::function<std::vector<ShrinkDraw>(std::int64_t step)> shrink;  ///< one for each row
  /// A neighbour's distance, [N,3,H,W], uniform within 1.5 epsilon.
  std::function<at::Tensor(std::int64_t step, std::int64_t neighbour)> neighbour;
};

/// Draws at each row's id and step; `batch` outlives the result.
[[nodiscard]] MomentumDraws momentum_draws(const AttackBatch& batch, const MomentumAscent& walk,
                                           const Rng& rng);

/// m <- n(g) + nu m, x <- P(x + alpha sign m), K times: the family of MI-FGSM (Dong et al. 2018),
/// NI and SI (Lin et al. 2020), DI (Xie et al. 2019), TI (Dong et al. 2019) and variance tuning
/// (Wang and He 2021: g <- g + v, v the mean gradient of last step's neighbours less its gradient).
/// n divides by the mean absolute value of a row; P is the projection on the l_inf ball and [0,1].
/// A zero gradient stays zero. \param start  perturbation to begin with, [N,3,H,W], or undefined
/// for none
[[nodiscard]] AttackOutcome momentum_ascent(QualityModel& victim, const AttackBatch& batch,
                                            const MomentumAscent& walk, const at::Tensor& start,
                                            const MomentumDraws& draws,
                                            const AttackContext& context);

/// The kernel of TI-FGSM: normal densities at `side` equal steps from -3 to 3, outer product,
/// sum 1. \return [side,side]
[[nodiscard]] at::Tensor smoothing_kernel(std::int64_t side);

}  // namespace robiq
