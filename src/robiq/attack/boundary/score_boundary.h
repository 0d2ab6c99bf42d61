#pragma once
#include <ATen/core/Tensor.h>

#include "robiq/attack/search/score_queries.h"

namespace robiq {

/// The space in which a boundary attack measures distances: points (x - mean) / stddev.
struct PointSpace {
  at::Tensor mean, stddev;  ///< [1,3,1,1]

  [[nodiscard]] at::Tensor point(const at::Tensor& picture) const;
  /// The picture of a point, clipped to [0,1].
  [[nodiscard]] at::Tensor picture(const at::Tensor& point) const;
  /// A point moved into the box of pictures.
  [[nodiscard]] at::Tensor clip(const at::Tensor& point) const;
};

/// A score that a picture is to pass: b of the way from its clean score to the end of the scale.
class ScoreBoundary {
 public:
  /// \param up  whether scores are raised, to 100, or lowered, to 0
  ScoreBoundary(ScoreQueries& queries, const PointSpace& space, bool up)
      : queries_(queries), space_(space), up_(up) {}

  /// The normalised score of a point, [1,3,H,W]; costs a query. Without one left, the clean score,
  /// which lies beyond no boundary.
  [[nodiscard]] double score(const at::Tensor& point);
  /// Whether a score lies strictly beyond the boundary b in [0,1].
  [[nodiscard]] bool is_beyond(double score, double boundary) const;
  /// No query is left.
  [[nodiscard]] bool spent() const { return queries_.left() == 0; }
  [[nodiscard]] double clean_score() const { return queries_.clean_score(); }

 private:
  ScoreQueries& queries_;
  const PointSpace& space_;
  bool up_;
};

}  // namespace robiq
