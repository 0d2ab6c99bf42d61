#pragma once
#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "robiq/attack/objective.h"
#include "robiq/model/quality_model.h"

namespace robiq {

/// The only way in which a score-only attack sees the model: scores of candidates for one picture,
/// without gradients, counted and bounded.
class ScoreQueries {
 public:
  /// \param clean_score  [1], the native score of the picture; knowing it costs nothing
  /// \param most         how many candidates may be scored
  /// \param stop         asked before every query; true ends the attack
  ScoreQueries(QualityModel& victim, Objective objective, const at::Tensor& clean_score,
               std::int64_t most, const std::function<bool()>& stop);

  /// What is ascended, for each of the candidates [M,3,H,W]; costs M queries.
  /// \throws Error{kInternal} for more than left(), Interrupted when the user wants to stop
  [[nodiscard]] std::vector<double> values(const at::Tensor& candidates);
  /// The same for candidates [1,3,H,W] by their number, made a few at a time; it bounds memory.
  [[nodiscard]] std::vector<double> values_of(
      std::size_t count, const std::function<at::Tensor(std::size_t)>& candidate);
  /// The same for one candidate, [1,3,H,W].
  [[nodiscard]] double value(const at::Tensor& candidate);
  /// values() of the picture itself; costs nothing.
  [[nodiscard]] double clean_value() const { return clean_value_; }
  /// Scores on the normalised scale, 0 worst to 100 best; costs M queries.
  [[nodiscard]] std::vector<double> scores(const at::Tensor& candidates);
  /// scores() of the picture itself; costs nothing.
  [[nodiscard]] double clean_score() const;

  /// How many candidates of a picture [1,3,H,W] are worth making together; it bounds memory.
  [[nodiscard]] std::int64_t at_once(const at::Tensor& picture) const;
  [[nodiscard]] std::int64_t spent() const { return spent_; }
  [[nodiscard]] std::int64_t left() const { return most_ - spent_; }

 private:
  /// Native scores [M] as float64 on the CPU. Exact, so that "strictly better" means the same as on
  /// the model's own scale.
  [[nodiscard]] at::Tensor ask(const at::Tensor& candidates);
  [[nodiscard]] double value_of(const at::Tensor& native) const;

  QualityModel& victim_;
  Objective objective_;
  at::Tensor clean_;
  std::int64_t most_, spent_ = 0;
  std::function<bool()> stop_;
  double clean_value_;
};

}  // namespace robiq
