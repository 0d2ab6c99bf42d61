#pragma once
#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "robiq/attack/objective.h"
#include "robiq/core/rng.h"
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

/// Where a random search takes its numbers from. A search draws them in an order that its header
/// states, so that another program's numbers can be handed over.
struct SearchDraws {
  std::function<std::int64_t(std::int64_t n)> below;  ///< uniform in {0, ..., n - 1}; n > 0
  std::function<double()> uniform;                    ///< uniform in [0, 1)

  /// +1 or -1.
  [[nodiscard]] double sign() const { return uniform() < 0.5 ? -1.0 : 1.0; }
};

/// Numbers of one position.
[[nodiscard]] SearchDraws draws_at(const Rng& position);

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
