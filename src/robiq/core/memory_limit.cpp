#include "robiq/core/memory_limit.h"

#include <fcntl.h>
#include <malloc.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>

namespace robiq {
namespace {

constexpr std::uint64_t kMebibyte = std::uint64_t{1} << 20;

/// What OpenBLAS takes for each thread that multiplies, at once and whatever the size.
constexpr std::uint64_t kBlasBuffer = 128 * kMebibyte;

/// Address space that glibc keeps for the small blocks of one thread.
constexpr std::uint64_t kHeap = 64 * kMebibyte;

/// Tables that libraries make while they start (LibTorch 2.6: up to 130 MiB), and room for a small
/// picture and its model.
constexpr std::uint64_t kTables = 192 * kMebibyte;

/// Of a thread, as the C library chooses it.
std::uint64_t stack_size() noexcept {
  constexpr std::uint64_t kUsual = 8 * kMebibyte;
  rlimit limit{};
  if (::getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return kUsual;
  return limit.rlim_cur;
}

/// Pages in use: all that is mapped, and of that what is data and stack. Zeros when not known.
struct Pages {
  std::uint64_t all = 0, data = 0;
};

Pages used_pages() noexcept {
  const int file = ::open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  std::array<char, 256> text{};
  const ssize_t length = ::read(file, text.data(), text.size());
  ::close(file);
  std::array<std::uint64_t, 7> numbers{};  // size resident shared text lib data dt
  std::size_t place = 0;
  for (ssize_t i = 0; i < length && place < numbers.size(); ++i) {
    const char letter = text[static_cast<std::size_t>(i)];
    if (letter == ' ') {
      ++place;
    } else if (letter >= '0' && letter <= '9') {
      numbers[place] = numbers[place] * 10 + static_cast<std::uint64_t>(letter - '0');
    }
  }
  return {numbers[0], numbers[5]};
}

}  // namespace

std::optional<MemoryLimit> memory_limit() noexcept {
  rlimit space{}, data{};
  const bool has_space = ::getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY;
  const bool has_data = ::getrlimit(RLIMIT_DATA, &data) == 0 && data.rlim_cur != RLIM_INFINITY;
  if (!has_space && !has_data) return std::nullopt;
  const Pages pages = used_pages();
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  const MemoryLimit of_space{"ulimit -v", space.rlim_cur, pages.all * page};
  const MemoryLimit of_data{"ulimit -d", data.rlim_cur, pages.data * page};
  if (!has_data) return of_space;
  if (!has_space) return of_data;
  return of_space.left() <= of_data.left() ? of_space : of_data;
}

std::uint64_t starting_memory(std::int64_t cores) noexcept {
  return kTables + arithmetic_memory(std::max<std::int64_t>(cores, 1) - 1);
}

std::uint64_t arithmetic_memory(std::int64_t threads) noexcept {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(threads, 0)) *
         (kBlasBuffer + kHeap + stack_size());
}

ErrorText small_memory_text(const MemoryLimit& limit, std::uint64_t needed,
                            const std::string& purpose, const std::string& advice) {
  const std::uint64_t total = limit.used + needed;
  const std::string allowed = std::to_string(limit.allowed / kMebibyte);
  std::string hint = "allow more: " + std::string(limit.flag) + ' ' +
                     std::to_string((total + 1023) / 1024) + ", or larger, or unlimited";
  if (!advice.empty()) hint += "; " + advice;
  return {"memory is limited to " + allowed + " MiB, and robiq needs " +
              std::to_string((total + kMebibyte - 1) / kMebibyte) + " MiB " + purpose,
          limit.flag, hint};
}

std::int64_t usable_cores() noexcept {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  if (::sched_getaffinity(0, sizeof(mask), &mask) != 0) return 1;
  return CPU_COUNT(&mask);
}

void keep_freed_memory() noexcept {
  constexpr int kKept = 1 << 30;
  // A threshold for what counts as large ends at 32 MiB, less than the features of 25 crops, so
  // that no block at all is one of its own.
  ::mallopt(M_MMAP_MAX, 0);
  ::mallopt(M_TRIM_THRESHOLD, kKept);
}

}  // namespace robiq
