#include "robiq/dist/process_group.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <utility>

#include "robiq/core/error.h"
#include "robiq/core/log.h"
#include "robiq/dist/process_meeting.h"
#include "robiq/tensor/device.h"

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
  try {
    impl_->met = meet(place, device, patience);
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
  if (!text.empty()) std::memcpy(bytes.data_ptr(), text.data(), text.size());
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
