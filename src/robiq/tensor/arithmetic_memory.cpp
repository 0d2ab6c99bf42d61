#include "robiq/tensor/arithmetic_memory.h"

#include <ATen/Parallel.h>
#include <dlfcn.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "robiq/core/cores.h"
#include "robiq/core/error.h"
#include "robiq/core/memory_limit.h"

namespace robiq {

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
