#include "robiq/attack/boundary/score_boundary.h"

#include <ATen/ATen.h>

#include <cmath>

namespace robiq {

at::Tensor PointSpace::point(const at::Tensor& picture) const { return (picture - mean) / stddev; }

at::Tensor PointSpace::picture(const at::Tensor& point) const {
  return (point * stddev + mean).clamp(0, 1);
}

at::Tensor PointSpace::clip(const at::Tensor& point) const {
  return at::minimum(at::maximum(point, -mean / stddev), (1 - mean) / stddev);
}

double ScoreBoundary::score(const at::Tensor& point) {
  if (spent()) return clean_score();
  return queries_.scores(space_.picture(point)).front();
}

bool ScoreBoundary::is_beyond(double score, double boundary) const {
  const double clean = clean_score();
  const double way = boundary * std::fabs((up_ ? 100 : 0) - clean);
  return up_ ? score > clean + way : score < clean - way;
}

}  // namespace robiq
