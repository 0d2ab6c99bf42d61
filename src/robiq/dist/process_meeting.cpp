#include "robiq/dist/process_meeting.h"

#ifdef ROBIQ_HAVE_GLOO

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <future>
#include <stdexcept>
#include <thread>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#include <utility>

#include "robiq/core/log.h"
#include "robiq/core/stop.h"
#include "robiq/core/text/text.h"

namespace robiq {

namespace {

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

/// Blocks until all have come.
Meeting meet_now(const ProcessPlace& place, [[maybe_unused]] c10::Device device,
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

std::string meeting_place(const ProcessPlace& place) {
  return place.address + ":" + std::to_string(place.port);
}

Meeting meet(const ProcessPlace& place, c10::Device device, const Patience& patience) {
  std::promise<Meeting> promise;
  std::future<Meeting> meeting = promise.get_future();
  std::thread([place, device, patience, promise = std::move(promise)]() mutable {
    try {
      promise.set_value(meet_now(place, device, patience));
    } catch (...) {
      promise.set_exception(std::current_exception());
    }
  }).detach();
  return wait_for(meeting, place, patience.join_seconds);
}

}  // namespace robiq

#endif
