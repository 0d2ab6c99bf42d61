// Says that a memory limit is too small before any library starts. LibTorch and OpenBLAS ask for
// memory while they are loaded, long before main(): where there is none, the one crashes and the
// other asks again and again, for ever.
#include <unistd.h>

#include <optional>
#include <string>

#include "robiq/cli/computing_command.h"
#include "robiq/core/error.h"
#include "robiq/core/memory_limit.h"

// A sanitizer maps terabytes, and must itself start first.
#ifndef __SANITIZE_ADDRESS__
namespace robiq::cli {
namespace {

void check_memory(int argc, char** argv, char** /*environment*/) {
  const std::optional<MemoryLimit> limit = memory_limit();
  if (!limit) return;
  const std::int64_t cores = usable_cores();
  const bool computing = is_computing(command_word(argc, argv));
  const std::uint64_t needed = starting_memory(cores) + (computing ? arithmetic_memory(cores) : 0);
  if (limit->left() >= needed) return;
  const std::string purpose = std::string(computing ? "to compute" : "to start") + " on " +
                              std::to_string(cores) + (cores == 1 ? " core" : " cores");
  const Error error(
      ErrorKind::kDevice,
      small_memory_text(*limit, needed, purpose,
                        cores > 1 ? "one core needs less: taskset -c 0 robiq ..." : ""));
  const std::string text = std::string(error.what()) + '\n';
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
  ::_exit(error.exit_code());
}

// The loader calls these of a program before it starts the program's libraries.
[[gnu::section(".preinit_array"),
  gnu::used]] void (*const check_before_libraries)(int, char**, char**) = check_memory;

}  // namespace
}  // namespace robiq::cli
#endif
