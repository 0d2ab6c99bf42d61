#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

#include "robiq/attack/search/score_queries.h"

namespace robiq {

/// A probe direction by its number. It may be smaller than the picture: it is then tiled over it.
using ProbeDirections = std::function<at::Tensor(std::int64_t probe)>;

/// The gradient of what is ascended, estimated from scores alone with antithetic probes:
///   1/(2 n r) sum_i u_i (L(clip01(x + r u_i)) - L(clip01(x - r u_i))),
/// with u_i tiled over the picture (NES: Ilyas et al., ICML 2018; SPSA: Uesato et al., ICML 2018).
/// Costs 2 n queries.
/// \param picture  x, [1,3,H,W]   \param reach  r > 0, [0,1] units   \param probes  n > 0
/// \return of the shape of a direction
[[nodiscard]] at::Tensor estimate_gradient(ScoreQueries& queries, const at::Tensor& picture,
                                           double reach, std::int64_t probes,
                                           const ProbeDirections& direction);

}  // namespace robiq
