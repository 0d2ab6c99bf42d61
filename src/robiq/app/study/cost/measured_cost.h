#pragma once
#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "robiq/app/train/train_run.h"
#include "robiq/data/dataset.h"
#include "robiq/defense/purify/purifier.h"
#include "robiq/model/picture_scorer.h"

namespace robiq {

/// What one pass over a picture, views and all, was seen to take on this machine.
struct PassCost {
  double forward_seconds = 0, backward_seconds = 0;
  std::int64_t peak_bytes = 0;  ///< of the whole process, with the gradient
  std::size_t views = 0;
};

/// Scores a picture with the model and takes its gradient. \param bytes  uint8 [3,H,W]
[[nodiscard]] PassCost measure_pass(const PictureScorer& scorer, const at::Tensor& bytes);

/// Seconds of a purifier on a whole picture, and of its gradient. \param images  [1,3,H,W] in [0,1]
[[nodiscard]] PassCost measure_purifier(const Purifier& purifier, const at::Tensor& images);

/// What the steps of a training were seen to take.
struct TrainingCost {
  /// A stretch of it with an optimiser of its own.
  struct Phase {
    std::int64_t epochs = 0;
    double step_seconds = 0;
  };
  std::vector<Phase> phases;  ///< in order
  std::int64_t batch = 0, batches_per_epoch = 0;
  std::int64_t peak_bytes = 0;  ///< of the whole process, the optimiser's state among it
  PassCost validation;          ///< of one picture

  /// Optimiser steps of each phase. \param most  of all together; 0: no limit
  [[nodiscard]] std::vector<std::int64_t> steps(std::int64_t most) const;
};

/// Takes two steps of each phase with random weights on the first pictures, as `robiq train` would:
/// with the request's defense, optimiser, pieces and precision.
/// \param training    indexes into the data set's records, all that are trained on
/// \param validation  likewise; may be empty
[[nodiscard]] TrainingCost measure_training(TrainRequest request, const Dataset& dataset,
                                            const std::vector<std::size_t>& training,
                                            const std::vector<std::size_t>& validation,
                                            c10::Device device);

}  // namespace robiq
