#pragma once
#include <cstdint>
#include <functional>

namespace robiq {

/// Calls work(0), ..., work(count - 1), each once, on `threads` threads (this one included), in no
/// particular order. After a call has thrown no new one begins, and its exception is thrown here.
/// Where the system starts fewer threads, those do all of it.
/// \param threads  at least 1
void for_each_index(std::int64_t count, std::int64_t threads,
                    const std::function<void(std::int64_t)>& work);

/// Calls work(begin, end) for ranges that together are 0 .. count, likewise. Loops of arithmetic
/// use this in place of at::parallel_for(), which is a template: it has one thread in a program
/// that is not compiled with OpenMP.
/// \param least  a range has at least so many indices: as many as are worth starting a thread for
void for_each_range(std::int64_t count, std::int64_t least, std::int64_t threads,
                    const std::function<void(std::int64_t begin, std::int64_t end)>& work);

}  // namespace robiq
