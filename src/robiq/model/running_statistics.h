#pragma once
#include "robiq/model/quality_model.h"

namespace robiq {

/// Running mean, variance and count of every batch normalisation, by state-dict name; empty for
/// models without. They share memory with the model but not the version counters: they may be put
/// back while a graph holds them, whose gradients either do not read them (batch statistics) or
/// find the values they were made with (running statistics).
[[nodiscard]] TensorMap running_statistics(const QualityModel& model);

/// Whether it is the number of batches seen, neither a mean nor a variance.
[[nodiscard]] bool is_batch_count(const std::string& name);

/// Keeps the running statistics as they are for the life of the guard, whatever passes run.
class ScopedRunningStatistics {
 public:
  explicit ScopedRunningStatistics(const QualityModel& model);
  ~ScopedRunningStatistics();
  ScopedRunningStatistics(const ScopedRunningStatistics&) = delete;
  ScopedRunningStatistics& operator=(const ScopedRunningStatistics&) = delete;

 private:
  std::vector<std::pair<at::Tensor, at::Tensor>> kept_;  ///< the model's tensor, its copy
};

}  // namespace robiq
