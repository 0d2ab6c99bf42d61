#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

#include "robiq/attack/search/score_queries.h"

namespace robiq {

/// Where square_search() begins.
enum class SquareStart {
  kStripes,  ///< +-epsilon for each channel and column; costs one query, kept even if it is worse
  kClean     ///< the picture itself; costs nothing
};

/// How square_search() walks. The direction is the objective of the queries.
struct SquareSearch {
  double epsilon = 3.0 / 255;     ///< radius of the l_inf ball, [0,1] units
  double p_init = 0.04;           ///< share of the picture that the first windows cover
  std::int64_t windows = 2;       ///< windows changed together in one iteration
  std::int64_t iterations = 999;  ///< candidates after the start
  std::int64_t schedule = 1000;   ///< n, over which the share of iteration i shrinks: i of n
  SquareStart start = SquareStart::kStripes;
};

/// The share of the picture that windows cover at `iteration` of `n`: p_init divided by 1, 2, 4,
/// ... 512 (Andriushchenko et al., ECCV 2020).
[[nodiscard]] double square_share(double p_init, std::int64_t iteration, std::int64_t n);

/// The picture with the largest value that random windows of +-epsilon find. Windows are set one
/// after another into the same candidate, which is taken if its value is strictly larger. A window
/// that already differs from the best picture, because an earlier one overlaps it, is left as it
/// is. Draws: the stripes by channel, then column; for each window its row, its column, then a sign
/// per channel until the window differs from the best picture. \param picture  [1,3,H,W] in [0,1]
/// \return [1,3,H,W] within epsilon of it and in [0,1]
[[nodiscard]] at::Tensor square_search(ScoreQueries& queries, const at::Tensor& picture,
                                       const SquareSearch& walk, const SearchDraws& draws);

}  // namespace robiq
