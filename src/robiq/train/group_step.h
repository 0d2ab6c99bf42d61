#pragma once
#include <ATen/core/Tensor.h>

#include <vector>

#include "robiq/model/quality_model.h"
#include "robiq/tensor/process_group.h"
#include "robiq/train/loss.h"

namespace robiq {

// A step on a batch that several processes share. Each does its own rows; in a step all of them
// call loss_of_all() once, or skip_loss_of_all() where they have no row, and then
// sum_over_processes() once.

/// The task's loss of the whole batch: the scores of all processes are gathered, so that a loss
/// over the batch (norm-in-norm) is what it is in one process. The graph ends at this process's
/// rows, so that its gradients are this process's part of the sum. A null group is a process alone.
/// \param outputs  [n,K], a model's training_outputs() of this process's rows, n > 0
/// \param mos      [n]
[[nodiscard]] at::Tensor loss_of_all(const ProcessGroup* group, const Loss& loss,
                                     const at::Tensor& outputs, const at::Tensor& mos);

/// What a process without a row does instead.
void skip_loss_of_all(const ProcessGroup& group);

/// Replaces the gradients of `parameters` by their sums over the processes, in buckets of 25 MiB,
/// and every number by its sum. A process without a gradient adds zero; a parameter that has none
/// in any process has none after.
void sum_over_processes(const ProcessGroup& group, const std::vector<at::Tensor>& parameters,
                        const std::vector<double*>& numbers);

/// Gives every process the parameters and buffers of rank 0's model.
void broadcast_state(const ProcessGroup& group, const QualityModel& model);

}  // namespace robiq
