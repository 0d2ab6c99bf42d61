#pragma once
#include "robiq/defense/defense.h"

namespace robiq {

/// A penalty that depends on two scores a picture: f(x), and f at one other point, which the sign
/// or size of f's gradient at x names and which is a constant for the weights. One backward pass of
/// f(x) from 1 then gives both that gradient and, up to a factor known later, what f(x) adds to the
/// gradient of the weights.
class TwoPointPenalty {
 public:
  TwoPointPenalty() = default;
  virtual ~TwoPointPenalty() = default;
  TwoPointPenalty(const TwoPointPenalty&) = delete;
  TwoPointPenalty& operator=(const TwoPointPenalty&) = delete;

  /// The other points. \param images  [N,3,H,W] in [0,1]
  /// \param gradient  of the sum of their scores by them   \return [N,3,H,W], detached
  [[nodiscard]] virtual at::Tensor other_points(const QualityModel& model, const at::Tensor& images,
                                                const at::Tensor& gradient) const = 0;

  /// The scores there, [N], attached to the graph, with the dropout masks of f(x).
  /// \param step  the position whose "dropout" child seeded the pass of f(x)
  [[nodiscard]] virtual at::Tensor other_scores(QualityModel& model, const at::Tensor& points,
                                                const Rng& step) = 0;

  /// The penalty from both scores, [N] each, attached to whatever they are attached to.
  [[nodiscard]] virtual Penalty of_scores(const at::Tensor& scores,
                                          const at::Tensor& other_scores) const = 0;

  /// Whether a picture's score depends on the other pictures of its pass (batch statistics).
  [[nodiscard]] virtual bool couples_pictures(const QualityModel& model) const = 0;
};

}  // namespace robiq
