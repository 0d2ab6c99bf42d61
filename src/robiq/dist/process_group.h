#pragma once
#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "robiq/dist/process_place.h"

namespace robiq {

/// The processes of one run, over LibTorch's c10d: Gloo between CPUs, NCCL between GPUs where
/// LibTorch has it and Gloo where it has not. Every process calls the same members in the same
/// order; each of them waits for all.
///
/// Every member throws Error{kDevice} when a process is lost: at once when it has ended, after the
/// timeout when it no longer answers.
class ProcessGroup {
 public:
  /// Meets the others, and says so where that takes a while.
  /// \param device  where the tensors of sum() and broadcast() are
  /// \throws Error{kDevice} when they do not come, or this LibTorch was built without c10d;
  ///         Interrupted when the user stops the program meanwhile
  ProcessGroup(const ProcessPlace& place, c10::Device device, const Patience& patience);
  ~ProcessGroup();
  ProcessGroup(const ProcessGroup&) = delete;
  ProcessGroup& operator=(const ProcessGroup&) = delete;

  [[nodiscard]] std::int64_t rank() const { return place_.rank; }
  [[nodiscard]] std::int64_t size() const { return place_.world; }
  /// True for the one process that prints and writes the run's folder.
  [[nodiscard]] bool first() const { return place_.rank == 0; }

  /// Replaces a contiguous tensor by the sum over all processes.
  void sum(at::Tensor& tensor) const;
  /// Replaces a contiguous tensor by that of rank 0.
  void broadcast(at::Tensor& tensor) const;
  /// Everybody's tensors, by rank. \param rows  [n,...] on any device; only n may differ
  [[nodiscard]] std::vector<at::Tensor> gather(const at::Tensor& rows) const;
  /// Everybody's texts, by rank.
  [[nodiscard]] std::vector<std::string> gather(const std::string& text) const;
  /// Rank 0's text.
  [[nodiscard]] std::string broadcast(const std::string& text) const;
  /// True everywhere when it is true somewhere.
  [[nodiscard]] bool any(bool here) const;
  void barrier() const;

  /// Whether this build can have groups; `why` says what is missing.
  [[nodiscard]] static bool available(std::string* why = nullptr);

 private:
  struct Impl;

  ProcessPlace place_;
  std::unique_ptr<Impl> impl_;
};

/// True for a process alone and for the first of a group.
[[nodiscard]] inline bool is_first(const ProcessGroup* group) {
  return group == nullptr || group->first();
}

}  // namespace robiq
