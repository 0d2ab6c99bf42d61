#pragma once
#include <c10/core/Device.h>

#include <cstdint>
#include <exception>
#include <string>

#include "robiq/core/memory_limit.h"

namespace robiq {

/// "cpu", "cuda", "cuda:1", or "auto": CUDA where there is one. \throws Error{kUsage} for another
/// word, Error{kDevice} when that device is not there.
[[nodiscard]] c10::Device parse_device(const std::string& name);

/// Sets the threads of tensor arithmetic, 0 for usable_cores(), and what makes results repeat:
/// deterministic algorithms, no TF32, no cuDNN search. Call it where nothing computes.
/// Where memory is limited (`ulimit -v`), takes what the threads need at once.
/// \return the number of threads
/// \throws Error{kDevice} when the limit leaves too little for so many threads
std::int64_t prepare_arithmetic(std::int64_t threads);

/// "1.13.0".
[[nodiscard]] std::string torch_version();

/// What follows "key" and a colon, without the blanks around it, in the first such line of a file
/// that Linux writes, e.g. "flags" of /proc/cpuinfo; empty when there is none.
[[nodiscard]] std::string system_field(const char* file, const std::string& key);

/// "Intel(R) Xeon(R) Processor, 2 threads" or the name of the GPU.
[[nodiscard]] std::string device_description(c10::Device device);

/// The largest memory this process has held so far, in bytes (VmHWM; a GPU's memory is not
/// counted).
[[nodiscard]] std::int64_t peak_memory_bytes(c10::Device device);

/// Gives freed memory back and forgets the peak so far, where the system allows it.
void reset_peak_memory(c10::Device device);

/// What an exception of LibTorch says, in one line of at most 200 letters: without the traces of
/// its C++ and of TorchScript's interpreter, which name places that the user never wrote.
[[nodiscard]] std::string torch_reason(const std::exception& error);

/// Where the process's memory is limited: refuses threads of arithmetic that the limit leaves no
/// room for. OpenBLAS asks for a thread's buffer at its first product, and where there is none asks
/// again for ever. \throws Error{kDevice}
void require_arithmetic_memory(std::int64_t threads);

/// Where the process's memory is limited: starts the threads and takes OpenBLAS's buffers now, so
/// that numbers cannot fill what the buffers need. What is then too large is an error of
/// LibTorch's.
void take_arithmetic_memory(std::int64_t threads);

}  // namespace robiq
