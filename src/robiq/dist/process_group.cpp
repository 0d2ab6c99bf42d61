#include "robiq/dist/process_group.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <future>
#include <stdexcept>
#include <thread>
#include <utility>

#include "robiq/core/error.h"
#include "robiq/core/log.h"
#include "robiq/core/stop.h"
#include "robiq/core/text/text.h"
#include "robiq/tensor/device.h"

// LibTorch says whether it has Gloo and NCCL; their headers come apart from its own.
#if defined(USE_C10D_GLOO) && __has_include(<gloo/algorithm.h>)
#define ROBIQ_HAVE_GLOO
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#if defined(USE_C10D_NCCL) && __has_include(<nccl.h>)
#define ROBIQ_HAVE_NCCL
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif
#endif

namespace robiq {

bool ProcessGroup::available(std::string* why) {
#ifdef ROBIQ_HAVE_GLOO
  if (why != nullptr) why->clear();
  return true;
#else
  if (why != nullptr) {
#ifdef USE_C10D_GLOO
    *why = "the headers of Gloo (Debian's libgloo-dev) were missing when robiq was built";
#else
    *why = "the LibTorch that robiq was built with has no c10d with Gloo";
#endif
  }
  return false;
#endif
}

#ifdef ROBIQ_HAVE_GLOO

namespace {

using Tensors = std::vector<at::Tensor>;

/// Without the place in Gloo's own code, "[../gloo/transport/tcp/pair.cc:589] ".
std::string reason_of(const std::exception& error) {
  const std::string reason = torch_reason(error);
  const std::size_t end = reason.find("] ");
  return reason.starts_with('[') && end != reason.npos ? reason.substr(end + 2) : reason;
}

[[noreturn]] void throw_lost(const ProcessPlace& place, const std::string& what,
                             const std::string& hint, const std::exception& error) {
  throw LostProcess(
      ErrorKind::kDevice,
      {what + ": " + reason_of(error),
       "rank " + std::to_string(place.rank) + " of " + std::to_string(place.world), hint});
}

std::chrono::milliseconds milliseconds_of(double seconds) {
  return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

/// Debian's LibTorch is built without libuv, which a store of LibTorch >= 2.4 asks for unless told
/// otherwise.
template <class Options>
void without_libuv(Options& options) {
  if constexpr (requires { options.useLibUV; }) options.useLibUV = false;
}

c10::intrusive_ptr<c10d::Store> make_store(const ProcessPlace& place,
                                           std::chrono::milliseconds timeout) {
  c10d::TCPStoreOptions options;
  options.port = static_cast<std::uint16_t>(place.port);
  options.isServer = place.rank == 0 && !place.launcher_keeps_store;
  options.numWorkers = static_cast<std::size_t>(place.world);
  options.waitWorkers = !place.launcher_keeps_store;
  options.timeout = timeout;
  without_libuv(options);
  c10::intrusive_ptr<c10d::Store> store =
      c10::make_intrusive<c10d::TCPStore>(place.address, options);
  if (place.store_prefix.empty()) return store;
  return c10::make_intrusive<c10d::PrefixStore>(place.store_prefix, store);
}

/// Gloo listens where its peers can reach it: on the named interface, on the loopback where the
/// meeting place is there, else at this host's name.
auto gloo_device(const ProcessPlace& place) {
  const char* const interface = std::getenv("GLOO_SOCKET_IFNAME");
  if (interface != nullptr) return c10d::ProcessGroupGloo::createDeviceForInterface(interface);
  if (place.address == "127.0.0.1" || place.address == "localhost") {
    return c10d::ProcessGroupGloo::createDeviceForHostname("127.0.0.1");
  }
  return c10d::ProcessGroupGloo::createDefaultDevice();
}

/// What processes that have met share.
struct Meeting {
  c10::intrusive_ptr<c10d::Store> store;
  c10::intrusive_ptr<c10d::ProcessGroupGloo> gloo;
#ifdef ROBIQ_HAVE_NCCL
  c10::intrusive_ptr<c10d::ProcessGroupNCCL> nccl;
#endif
};

/// Blocks until all have come.
Meeting meet(const ProcessPlace& place, [[maybe_unused]] c10::Device device,
             const Patience& patience) {
  const std::chrono::milliseconds timeout = milliseconds_of(patience.lost_seconds);
  const int rank = static_cast<int>(place.rank), size = static_cast<int>(place.world);
  Meeting met;
  met.store =
      make_store(place, milliseconds_of(std::max(patience.lost_seconds, patience.join_seconds)));
  const auto options = c10d::ProcessGroupGloo::Options::create(timeout);
  options->devices.push_back(gloo_device(place));
  met.gloo = c10::make_intrusive<c10d::ProcessGroupGloo>(met.store, rank, size, options);
#ifdef ROBIQ_HAVE_NCCL
  if (device.is_cuda()) {
    // So that a lost process is an exception here and not a hang.
    ::setenv("NCCL_BLOCKING_WAIT", "1", 0);
    ::setenv("TORCH_NCCL_BLOCKING_WAIT", "1", 0);
    const auto own = c10d::ProcessGroupNCCL::Options::create();
    own->timeout = timeout;
    met.nccl = c10::make_intrusive<c10d::ProcessGroupNCCL>(
        c10::make_intrusive<c10d::PrefixStore>("nccl", met.store), rank, size, own);
  }
#endif
  return met;
}

std::string meeting_place(const ProcessPlace& place) {
  return place.address + ":" + std::to_string(place.port);
}

/// Waits for a meeting that goes on in a thread of its own: what LibTorch does there cannot be
/// interrupted, and its one timeout is that of later exchanges too.
Meeting wait_for(std::future<Meeting>& meeting, const ProcessPlace& place, double seconds) {
  using Clock = std::chrono::steady_clock;
  constexpr double kSilentSeconds = 2;
  const auto begun = Clock::now();
  bool said = false;
  while (meeting.wait_for(std::chrono::milliseconds(50)) != std::future_status::ready) {
    if (stop_requested()) throw Interrupted("nothing was begun; start all processes again");
    const double passed = std::chrono::duration<double>(Clock::now() - begun).count();
    if (!said && passed > kSilentSeconds) {
      said = true;
      log::info("rank {} waits at {} for the others of {} processes, for at most {} s", place.rank,
                meeting_place(place), place.world, number_text(seconds));
    }
    if (passed > seconds) {
      throw std::runtime_error("after " + number_text(seconds) + " s some are still missing");
    }
  }
  return meeting.get();
}

}  // namespace

struct ProcessGroup::Impl {
  ProcessPlace place;
  Meeting met;

  /// Runs one exchange, in place, between the CPUs or the GPUs.
  template <class Exchange>
  void run(const char* what, at::Tensor& tensor, Exchange&& exchange) const {
    try {
#ifdef ROBIQ_HAVE_NCCL
      if (met.nccl && tensor.is_cuda()) {
        Tensors list = {tensor};
        exchange(*met.nccl, list)->wait();
        return;
      }
#endif
      Tensors list = {tensor.is_cpu() ? tensor : tensor.cpu()};
      exchange(*met.gloo, list)->wait();
      if (!tensor.is_cpu()) tensor.copy_(list.front());
    } catch (const std::exception& error) {
      throw_lost(place, std::string("another process was lost while ") + what,
                 "its own message says why; start all of them again (train with --resume goes on)",
                 error);
    }
  }

  /// Equal shapes, by rank.
  [[nodiscard]] Tensors gather_equal(const at::Tensor& tensor) const {
    std::vector<Tensors> all(1);
    for (std::int64_t i = 0; i < place.world; ++i) all[0].push_back(at::empty_like(tensor));
    at::Tensor sent = tensor;
    run("results were gathered", sent,
        [&](auto& group, Tensors& list) { return group.allgather(all, list); });
    return all[0];
  }
};

ProcessGroup::ProcessGroup(const ProcessPlace& place, c10::Device device, const Patience& patience)
    : place_(place), impl_(std::make_unique<Impl>()) {
  impl_->place = place;
  std::promise<Meeting> promise;
  std::future<Meeting> meeting = promise.get_future();
  std::thread([place, device, patience, promise = std::move(promise)]() mutable {
    try {
      promise.set_value(meet(place, device, patience));
    } catch (...) {
      promise.set_exception(std::current_exception());
    }
  }).detach();
  try {
    impl_->met = wait_for(meeting, place, patience.join_seconds);
  } catch (const Interrupted&) {
    throw;
  } catch (const std::exception& error) {
    throw_lost(place, "the processes of the group did not all meet at " + meeting_place(place),
               "start all of them, let them reach that host, and choose a free port with "
               "MASTER_PORT; --join-timeout waits longer",
               error);
  }
#ifndef ROBIQ_HAVE_NCCL
  if (device.is_cuda() && first()) {
    log::info("this robiq was built without NCCL: gradients travel through the host's memory");
  }
#endif
}

ProcessGroup::~ProcessGroup() = default;

void ProcessGroup::sum(at::Tensor& tensor) const {
  impl_->run("gradients were summed", tensor,
             [](auto& group, Tensors& list) { return group.allreduce(list); });
}

void ProcessGroup::broadcast(at::Tensor& tensor) const {
  impl_->run("tensors were sent to all", tensor,
             [](auto& group, Tensors& list) { return group.broadcast(list); });
}

std::vector<at::Tensor> ProcessGroup::gather(const at::Tensor& rows) const {
  const at::Tensor own_rows = rows.detach().cpu().contiguous();
  std::vector<std::int64_t> counts;
  for (const at::Tensor& count : impl_->gather_equal(at::tensor({own_rows.size(0)}, at::kLong))) {
    counts.push_back(count.item<std::int64_t>());
  }
  const std::int64_t most = *std::max_element(counts.begin(), counts.end());
  std::vector<std::int64_t> shape = own_rows.sizes().vec();
  shape[0] = most;
  const at::Tensor padded = at::zeros(shape, own_rows.options());
  padded.narrow(0, 0, own_rows.size(0)).copy_(own_rows);
  std::vector<at::Tensor> all(counts.size(), padded);
  if (most > 0) all = impl_->gather_equal(padded);
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i] = all[i].narrow(0, 0, counts[i]).to(rows.device());
  }
  return all;
}

#else  // without c10d there are no groups

struct ProcessGroup::Impl {};

ProcessGroup::ProcessGroup(const ProcessPlace& place, c10::Device /*device*/,
                           const Patience& /*patience*/)
    : place_(place) {
  std::string why;
  static_cast<void>(available(&why));
  throw Error(ErrorKind::kDevice,
              {"several processes cannot work on one run: " + why, place.launcher,
               "start one process, or build robiq with a LibTorch that has it"});
}

ProcessGroup::~ProcessGroup() = default;
void ProcessGroup::sum(at::Tensor& /*tensor*/) const {}
void ProcessGroup::broadcast(at::Tensor& /*tensor*/) const {}
std::vector<at::Tensor> ProcessGroup::gather(const at::Tensor& rows) const { return {rows}; }

#endif

std::vector<std::string> ProcessGroup::gather(const std::string& text) const {
  const at::Tensor bytes = at::empty({static_cast<std::int64_t>(text.size())}, at::kByte);
  std::memcpy(bytes.data_ptr(), text.data(), text.size());
  std::vector<std::string> texts;
  for (const at::Tensor& part : gather(bytes)) {
    const at::Tensor whole = part.contiguous();
    texts.emplace_back(static_cast<const char*>(whole.data_ptr()),
                       static_cast<std::size_t>(whole.numel()));
  }
  return texts;
}

std::string ProcessGroup::broadcast(const std::string& text) const {
  return gather(first() ? text : "").front();
}

bool ProcessGroup::any(bool here) const {
  at::Tensor count = at::tensor({here ? 1.0F : 0.0F});
  sum(count);
  return count.item<float>() > 0;
}

void ProcessGroup::barrier() const { static_cast<void>(any(false)); }

}  // namespace robiq
