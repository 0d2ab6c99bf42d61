#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

#include "robiq/core/registry.h"
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

/// A way to make a model harder to fool.
class Defense {
 public:
  static constexpr const char* kNoun = "defense";
  virtual ~Defense() = default;

  /// Before the forward pass of a step, in training mode: may change the pictures or how batch
  /// normalisation behaves.
  [[nodiscard]] virtual TrainBatch prepare(QualityModel& model, TrainBatch batch, const Rng& step);

  /// True when penalty() differentiates by the pictures: the trainer then makes them a leaf.
  [[nodiscard]] virtual bool needs_image_gradient() const { return false; }

  /// After the forward pass.
  /// \param scores  [N], column 0 of model.training_outputs(batch.images), attached to the graph:
  /// the
  ///                pass is shared with the task's loss
  /// \param step    the position whose "dropout" child seeded that pass, so that masks can be
  /// repeated
  [[nodiscard]] virtual Penalty penalty(QualityModel& model, const TrainBatch& batch,
                                        const at::Tensor& scores, const Rng& step);
};

template <>
Registry<Defense>& Registry<Defense>::instance();

}  // namespace robiq
