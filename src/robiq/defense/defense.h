#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <string>

#include "robiq/core/options/registry.h"
#include "robiq/core/rng.h"
#include "robiq/model/quality_model.h"

namespace robiq {

/// One training batch as the trainer sees it.
struct TrainBatch {
  at::Tensor images;             ///< [N,3,H,W] in [0,1]
  at::Tensor mos;                ///< [N], native scale
  std::int64_t first_row = 0;    ///< of these rows in the batch that all processes share
  std::int64_t rows_of_all = 0;  ///< rows of that batch; 0: these are all
};

/// What a defense adds to the loss of one step.
struct Penalty {
  at::Tensor value;           ///< scalar, already weighted; undefined: nothing to add
  at::Tensor gradient_norms;  ///< [N], detached estimates of the l1 norm, for the log; or undefined
};

/// The task of one step, for defenses that attack it.
struct StepTask {
  /// The task's loss, without penalties. \param outputs  [n,K] of training_outputs()
  /// \param mos  [n]   \return scalar
  std::function<at::Tensor(const at::Tensor& outputs, const at::Tensor& mos)> loss;
  bool is_mean_over_pictures = false;  ///< of what each picture has alone
  std::int64_t micro_batch = 0;        ///< pictures in one pass, which bounds memory; 0: all
  bool running_statistics = false;     ///< the step normalises by the running statistics
  std::int64_t least_rows = 1;         ///< that the model needs at once
};

/// How tables show a defense, and what it does to a step.
struct DefenseCard {
  std::string name;                 ///< "": the registered name
  std::string title;                ///< in tables and figures, "NT"; "": the name
  std::string strength;             ///< the option by which it grows stronger; "" for none
  std::string symbol;               ///< of that option in tables and figures, "λ"; "": its name
  bool titled_by_strength = false;  ///< a title without its strength would not do: "NT 0.001"
  bool changes_pictures = false;    ///< prepare() changes pictures or labels
  bool penalises = true;            ///< penalty() may add to the loss
};

class TwoPointPenalty;

/// A way to make a model harder to fool. A step may take its batch in pieces; each piece's penalty
/// is then weighted by its share of the pictures.
class Defense {
 public:
  static constexpr const char* kNoun = "defense";
  virtual ~Defense() = default;

  /// By default a penalty that is titled by its registered name.
  [[nodiscard]] virtual DefenseCard card() const;

  /// True when batch normalisation is to use the running statistics, and to leave them as they are,
  /// in every pass of the step: those of prepare() too.
  [[nodiscard]] virtual bool freezes_statistics() const { return false; }

  /// Before prepare(): what the step trains for.
  virtual void see_task(const StepTask& task);

  /// Before a step, in training mode, with the whole batch of this process: may change pictures and
  /// labels, and how many rows there are (with first_row and rows_of_all, likewise in every
  /// process).
  [[nodiscard]] virtual TrainBatch prepare(QualityModel& model, TrainBatch batch, const Rng& step);

  /// prepare(), with the statistics frozen before it where that is wanted.
  [[nodiscard]] TrainBatch begin_step(QualityModel& model, TrainBatch batch, const Rng& step);

  /// Before the forward pass of each piece of the batch.
  virtual void before_pass(const QualityModel& model);

  /// True when penalty() differentiates by the pictures: the trainer then makes them a leaf.
  [[nodiscard]] virtual bool needs_image_gradient() const { return false; }

  /// True when penalty() wants to know the scores of the whole batch, not of its piece alone.
  [[nodiscard]] virtual bool needs_batch_scores() const { return false; }

  /// Before the first penalty() of a step, if needs_batch_scores().
  /// \param scores  [N], detached  \param mos  [N]
  virtual void see_batch(const at::Tensor& scores, const at::Tensor& mos);

  /// After the forward pass of a piece: a mean over its pictures.
  /// \param scores  [N], column 0 of model.training_outputs(batch.images), attached to the graph:
  ///                the pass is shared with the task's loss
  /// \param step    the position whose "dropout" child seeded that pass, so that masks can be
  ///                repeated
  [[nodiscard]] virtual Penalty penalty(QualityModel& model, const TrainBatch& batch,
                                        const at::Tensor& scores, const Rng& step);

  /// The same penalty in parts, for defenses that can give them; or null.
  [[nodiscard]] virtual TwoPointPenalty* two_points() { return nullptr; }
};

template <>
Registry<Defense>& Registry<Defense>::instance();

}  // namespace robiq
