#pragma once
#include <cstdint>
#include <functional>
#include <string_view>

#include "robiq/io/pickle/pickle_input.h"
#include "robiq/io/pickle/pickle_tree.h"

namespace robiq {

/// What a pickle may cost. The defaults are several times what the largest checkpoints need.
struct PickleLimits {
  std::uint32_t nodes = 2'000'000;   ///< values made
  std::uint32_t pushes = 8'000'000;  ///< values put on the stack, shared ones again each time
};

/// Whether a pickle may name "module.name". Python 2's `__builtin__` and NumPy's `numpy._core` come
/// as `builtins` and `numpy.core`.
using PickleAllows = std::function<bool(std::string_view name)>;

/// Reads one pickle (protocols 0 to 5) from the input's place up to its STOP. Nothing is imported,
/// called or executed: calls become PickleCall nodes for the caller to make sense of, and a name
/// that is not allowed ends the reading at once. Time and memory are linear in the bytes read.
/// Format: Python's pickletools.
/// \throws Error{kModel} "the file asks for os.system, which robiq does not run"; or what is wrong.
[[nodiscard]] PickleTree read_pickle(PickleInput& input, const PickleAllows& allows,
                                     const PickleLimits& limits = {});

}  // namespace robiq
