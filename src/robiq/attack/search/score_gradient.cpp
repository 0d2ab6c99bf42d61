#include <ATen/ATen.h>

#include <algorithm>

#include "robiq/attack/gradient/universal.h"
#include "robiq/attack/search/score_queries.h"

namespace robiq {

at::Tensor estimate_gradient(ScoreQueries& queries, const at::Tensor& picture, double reach,
                             std::int64_t probes, const ProbeDirections& direction) {
  const std::int64_t pairs_at_once = std::max<std::int64_t>(1, queries.at_once(picture) / 2);
  at::Tensor sum;
  for (std::int64_t first = 0; first < probes; first += pairs_at_once) {
    const std::int64_t last = std::min(probes, first + pairs_at_once);
    std::vector<at::Tensor> directions, candidates;
    for (std::int64_t probe = first; probe < last; ++probe) {
      directions.push_back(direction(probe));
      const at::Tensor moved = reach * tiled(directions.back(), picture.size(2), picture.size(3));
      candidates.push_back((picture + moved).clamp(0, 1));
      candidates.push_back((picture - moved).clamp(0, 1));
    }
    const std::vector<double> values = queries.values(at::cat(candidates));
    for (std::size_t i = 0; i < directions.size(); ++i) {
      const at::Tensor term = directions[i].to(at::kDouble) * (values[2 * i] - values[2 * i + 1]);
      sum = sum.defined() ? sum + term : term;
    }
  }
  return (sum / (2 * static_cast<double>(probes) * reach)).to(picture.scalar_type());
}

}  // namespace robiq
