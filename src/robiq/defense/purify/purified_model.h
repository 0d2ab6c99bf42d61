#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "robiq/defense/purify/purifier.h"
#include "robiq/model/quality_model.h"

namespace robiq {

/// When a purified model draws anew.
enum class PurifierDraws {
  kFixed,         ///< never: a picture has the same draws in every call, as a grade must
  kEachGradient,  ///< a call that wants a gradient begins a step; calls without one belong to it
  kEachCall       ///< every call is a step, as random search needs
};

/// How PurifiedModel scores.
struct Purification {
  std::int64_t draws = 1;  ///< K, of which the mean is taken; 1 or more
  bool adaptive = true;    ///< gradients know of the purifier; false: they are the bare model's
  PurifierDraws when = PurifierDraws::kFixed;
  Rng rng{0};  ///< draw k of a picture comes from rng.child(id).child(k), with steps from
               ///< rng.child(id).child(step).child(k); an attack's must differ from the grade's
};

/// Scores of several draws, each [N] on the model's scale.
struct PurifiedScores {
  at::Tensor mean;
  at::Tensor standard_error;  ///< s / sqrt(K), s with K - 1; NaN for one draw
};

/// f(T(x)): a model behind a purifier, as one model, so that attacks, thresholds and grades take it
/// as they take any other. Randomised purifiers are averaged over K draws, in value and in gradient
/// (EOT, Athalye et al., ICML 2018).
class PurifiedModel final : public QualityModel {
 public:
  /// \param model     must outlive this one; its card is this one's, but for the size of pictures,
  ///                  which it checks itself when the purifier has made them
  /// \param purifier  not null
  /// \throws Error{kUsage} for less than one draw
  PurifiedModel(QualityModel& model, std::shared_ptr<const Purifier> purifier,
                Purification purification);

  /// Says which pictures the rows of the next calls show, and begins at step 0. Row i of a call is
  /// ids[i mod size]: several versions of a batch may be scored together. Only randomised purifiers
  /// need it.
  void begin(std::vector<std::string> ids);

  /// The mean over the draws of the present step and how sure it is. No gradient is kept.
  [[nodiscard]] PurifiedScores score_draws(const at::Tensor& images);

  /// Forward passes of the model in one call of score().
  [[nodiscard]] std::int64_t draws() const noexcept { return purification_.draws; }
  [[nodiscard]] const Purifier& purifier() const noexcept { return *purifier_; }

  [[nodiscard]] std::vector<ParamGroup> parameter_groups() override {
    return model_.parameter_groups();
  }
  [[nodiscard]] TensorMap state() const override { return model_.state(); }
  void set_training(bool on) override { model_.set_training(on); }
  [[nodiscard]] bool training() const override { return model_.training(); }
  void set_batch_statistics(bool on) override { model_.set_batch_statistics(on); }
  void move_to(c10::Device device) override { model_.move_to(device); }
  [[nodiscard]] c10::Device device() const override { return model_.device(); }
  [[nodiscard]] at::ScalarType scalar_type() const override { return model_.scalar_type(); }

 protected:
  [[nodiscard]] at::Tensor forward(const at::Tensor& images) override;

 private:
  /// \throws Error{kInternal} when the rows are not those of begin()
  [[nodiscard]] std::vector<Rng> positions(std::int64_t rows, std::int64_t draw) const;

  QualityModel& model_;
  std::shared_ptr<const Purifier> purifier_;
  Purification purification_;
  std::vector<std::string> ids_;
  std::int64_t step_ = 0;
};

}  // namespace robiq
