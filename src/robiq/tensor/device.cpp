#include "robiq/tensor/device.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <c10/util/Exception.h>
#include <dlfcn.h>
#include <malloc.h>
#include <torch/cuda.h>
#include <torch/version.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "robiq/core/error.h"
#include "robiq/core/memory_limit.h"
#include "robiq/core/text/text.h"
#include "robiq/tensor/compat.h"

namespace robiq {

c10::Device parse_device(const std::string& name) {
  if (name == "cpu") return c10::kCPU;
  if (name == "auto") return at::hasCUDA() ? c10::Device(c10::kCUDA, 0) : c10::Device(c10::kCPU);
  std::int64_t index = 0;
  if (name != "cuda" && !(name.starts_with("cuda:") && parse_integer(name.substr(5), index) &&
                          index >= 0 && index < 128)) {
    throw Error(ErrorKind::kUsage, {"no device is called '" + name + "'", "--device",
                                    "use cpu, cuda, cuda:N or auto"});
  }
  if (!at::hasCUDA()) {
    throw Error(ErrorKind::kDevice, {"'" + name +
                                         "' was asked for, but this machine or this build of "
                                         "LibTorch has no CUDA",
                                     "--device", "use --device cpu"});
  }
  const auto devices = static_cast<std::int64_t>(torch::cuda::device_count());
  if (index >= devices) {
    throw Error(ErrorKind::kDevice, {"'" + name +
                                         "' was asked for, but the CUDA devices of this machine "
                                         "end with cuda:" +
                                         std::to_string(devices - 1),
                                     "--device", "use one of those, or --device cpu"});
  }
  return {c10::kCUDA, static_cast<c10::DeviceIndex>(index)};
}

namespace {

/// OpenBLAS built with threads of its own does not ask LibTorch how many; other libraries do.
void set_blas_threads(std::int64_t count) {
  using SetThreads = void (*)(int);
  const auto set = reinterpret_cast<SetThreads>(::dlsym(RTLD_DEFAULT, "openblas_set_num_threads"));
  if (set != nullptr) set(static_cast<int>(count));
}

}  // namespace

std::int64_t prepare_arithmetic(std::int64_t threads) {
  const std::int64_t count = threads > 0 ? threads : usable_cores();
  // cuBLAS reads this once, at its first call; without it deterministic algorithms are refused.
  ::setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", 0);
  require_arithmetic_memory(count);
  at::set_num_threads(static_cast<int>(count));
  set_blas_threads(count);
  take_arithmetic_memory(count);
  compat::forbid_tf32();
  at::globalContext().setBenchmarkCuDNN(false);
  at::globalContext().setDeterministicCuDNN(true);
  at::globalContext().setDeterministicAlgorithms(true, /*warn_only=*/true);
  return count;
}

std::string torch_version() { return TORCH_VERSION; }

std::string system_field(const char* file, const std::string& key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const std::size_t colon = line.find(':');
    if (colon != line.npos && trim(std::string_view(line).substr(0, colon)) == key) {
      return std::string(trim(std::string_view(line).substr(colon + 1)));
    }
  }
  return "";
}

std::string device_description(c10::Device device) {
  if (device.is_cuda()) return device.str();
  const std::string cpu = system_field("/proc/cpuinfo", "model name");
  const int threads = at::get_num_threads();
  return (cpu.empty() ? "cpu" : cpu) + ", " + std::to_string(threads) +
         (threads == 1 ? " thread" : " threads");
}

std::int64_t peak_memory_bytes(c10::Device /*device*/) {
  std::int64_t kibibytes = 0;
  const std::string text = system_field("/proc/self/status", "VmHWM");
  if (!parse_integer(text.substr(0, text.find(' ')), kibibytes)) return 0;
  return kibibytes * 1024;
}

void reset_peak_memory(c10::Device /*device*/) {
  ::malloc_trim(0);                               // what earlier work kept is not to be counted
  std::ofstream("/proc/self/clear_refs") << "5";  // resets VmHWM to what is held now (proc(5))
}

std::string torch_reason(const std::exception& error) {
  constexpr std::size_t kLongest = 200;
  const auto* const of_torch = dynamic_cast<const c10::Error*>(&error);
  std::string text = of_torch != nullptr ? of_torch->what_without_backtrace() : error.what();
  // The interpreter writes its trace first, then "RuntimeError: " and what went wrong.
  constexpr std::string_view kMark = "Error: ";
  if (const std::size_t mark = text.rfind(kMark); mark != text.npos) {
    text.erase(0, mark + kMark.size());
  }
  const std::string_view trimmed = trim(text);
  std::string line(trimmed.substr(0, trimmed.find('\n')));
  if (const auto trace = line.find("Exception raised from"); trace != line.npos) line.erase(trace);
  while (!line.empty() && std::string_view(" .:").find(line.back()) != std::string_view::npos) {
    line.pop_back();
  }
  if (line.size() > kLongest) line = line.substr(0, kLongest - 3) + "...";
  // A corrupt file's bytes may be quoted in it.
  const auto printable = [](char c) { return c >= ' ' && c <= '~'; };
  std::replace_if(line.begin(), line.end(), std::not_fn(printable), '?');
  return line.empty() ? "no reason was given" : line;
}

void require_arithmetic_memory(std::int64_t threads) {
  const std::optional<MemoryLimit> limit = memory_limit();
  // OpenBLAS has begun a thread for each core, and begins more where more are wanted.
  const std::uint64_t needed =
      arithmetic_memory(threads + std::max<std::int64_t>(0, threads - usable_cores()));
  if (!limit || limit->left() >= needed) return;
  throw Error(
      ErrorKind::kDevice,
      small_memory_text(*limit, needed,
                        "for " + std::to_string(threads) +
                            (threads == 1 ? " thread of arithmetic" : " threads of arithmetic"),
                        threads > 1 ? "one thread needs less: --threads 1" : ""));
}

void take_arithmetic_memory(std::int64_t threads) {
  if (!memory_limit()) return;
  at::parallel_for(0, threads, 1, [](std::int64_t /*begin*/, std::int64_t /*end*/) {});
  using Take = void* (*)(int);
  using GiveBack = void (*)(void*);
  const auto take = reinterpret_cast<Take>(::dlsym(RTLD_DEFAULT, "blas_memory_alloc"));
  const auto give_back = reinterpret_cast<GiveBack>(::dlsym(RTLD_DEFAULT, "blas_memory_free"));
  if (take == nullptr || give_back == nullptr) return;  // another library than OpenBLAS
  std::vector<void*> buffers;
  for (std::int64_t i = 0; i < threads; ++i) buffers.push_back(take(0));
  for (void* const buffer : buffers) give_back(buffer);  // kept by OpenBLAS for its next product
}

}  // namespace robiq
