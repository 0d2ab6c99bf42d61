#pragma once
#include <ATen/core/Tensor.h>

#include <vector>

#include "robiq/dist/process_group.h"
#include "robiq/model/quality_model.h"

namespace robiq {

// A step on a batch that several processes share. Each does its own rows; in a step all of them
// call sum_over_processes() once, and before it, where a loss or a defense must see the scores of
// all, whole_batch() once, or skip_whole_batch() where they have no row.

/// What a model made of a whole batch.
struct WholeBatch {
  at::Tensor outputs;  ///< [N,K], detached
  at::Tensor mos;      ///< [N]
};

/// The rows of all processes, in the order of their ranks. A null group is a process alone.
/// \param outputs  [n,K], a model's training_outputs() of this process's rows, n > 0
/// \param mos      [n]
[[nodiscard]] WholeBatch whole_batch(const ProcessGroup* group, const at::Tensor& outputs,
                                     const at::Tensor& mos);

/// What a process without a row does instead.
void skip_whole_batch(const ProcessGroup& group);

/// Replaces the gradients of `parameters` by their sums over the processes, in buckets of 25 MiB,
/// and every number by its sum. A process without a gradient adds zero; a parameter that has none
/// in any process has none after.
void sum_over_processes(const ProcessGroup& group, const std::vector<at::Tensor>& parameters,
                        const std::vector<double*>& numbers);

/// Gives every process the running statistics of rank 0's model. After every step, so that what a
/// defense does in evaluation mode is the same in all of them, and after a resume as without one.
void broadcast_running_statistics(const ProcessGroup& group, const QualityModel& model);

/// Gives every process the parameters and buffers of rank 0's model.
void broadcast_state(const ProcessGroup& group, const QualityModel& model);

}  // namespace robiq
