#pragma once
#include <cstdint>

namespace robiq {

/// Where the process's memory is limited: refuses threads of arithmetic that the limit leaves no
/// room for. OpenBLAS asks for a thread's buffer at its first product, and where there is none asks
/// again for ever. \throws Error{kDevice}
void require_arithmetic_memory(std::int64_t threads);

/// Where the process's memory is limited: starts the threads and takes OpenBLAS's buffers now, so
/// that numbers cannot fill what the buffers need. What is then too large is an error of
/// LibTorch's.
void take_arithmetic_memory(std::int64_t threads);

}  // namespace robiq
