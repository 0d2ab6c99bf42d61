#pragma once
#include <c10/core/Device.h>

#include <string>

#include "robiq/dist/process_place.h"

// LibTorch says whether it has Gloo and NCCL; their headers come apart from its own.
#if defined(USE_C10D_GLOO) && __has_include(<gloo/algorithm.h>)
#define ROBIQ_HAVE_GLOO
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>
#if defined(USE_C10D_NCCL) && __has_include(<nccl.h>)
#define ROBIQ_HAVE_NCCL
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif
#endif

#ifdef ROBIQ_HAVE_GLOO

namespace robiq {

/// What processes that have met share.
struct Meeting {
  c10::intrusive_ptr<c10d::Store> store;
  c10::intrusive_ptr<c10d::ProcessGroupGloo> gloo;
#ifdef ROBIQ_HAVE_NCCL
  c10::intrusive_ptr<c10d::ProcessGroupNCCL> nccl;
#endif
};

/// Where processes meet, "host:port".
[[nodiscard]] std::string meeting_place(const ProcessPlace& place);

/// Waits until all have come, and says so where that takes a while.
/// \throws std::exception when they do not come in time; Interrupted when the user stops the
///         program meanwhile
[[nodiscard]] Meeting meet(const ProcessPlace& place, c10::Device device, const Patience& patience);

}  // namespace robiq

#endif
