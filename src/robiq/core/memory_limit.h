#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "robiq/core/error.h"

namespace robiq {

/// A limit that the shell set on this process's memory.
struct MemoryLimit {
  const char* flag;             ///< how it is set: "ulimit -v" or "ulimit -d"
  std::uint64_t allowed, used;  ///< bytes
  [[nodiscard]] std::uint64_t left() const { return allowed > used ? allowed - used : 0; }
};

/// The limit that leaves least; empty where there is none. Asks the system only, so that it may be
/// called before any library has started.
[[nodiscard]] std::optional<MemoryLimit> memory_limit() noexcept;

/// Bytes that the libraries take while they start: OpenBLAS begins a thread for each core but one,
/// and each takes a buffer.
[[nodiscard]] std::uint64_t starting_memory(std::int64_t cores) noexcept;

/// Bytes that threads of arithmetic take before they hold any number: a stack, a heap and a buffer
/// of OpenBLAS for each.
[[nodiscard]] std::uint64_t arithmetic_memory(std::int64_t threads) noexcept;

/// What to tell a user whose limit leaves less than `needed` bytes.
/// \param purpose  "to start", "for 2 threads of arithmetic"
/// \param advice   another way out than a larger limit; may be empty
[[nodiscard]] ErrorText small_memory_text(const MemoryLimit& limit, std::uint64_t needed,
                                          const std::string& purpose, const std::string& advice);

/// The cores this process may run on (its affinity mask, not the machine's count).
[[nodiscard]] std::int64_t usable_cores() noexcept;

/// For programs that do nothing but arithmetic: memory that was freed stays with the process.
/// glibc gives large blocks back to the system at once and asks for them again at the next step,
/// which then costs a page fault every 4 KiB: a third of a training step's time. A library leaves
/// this to its program.
void keep_freed_memory() noexcept;

}  // namespace robiq
