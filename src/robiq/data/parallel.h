#pragma once
#include <cstdint>
#include <functional>

namespace robiq {

/// Calls work(0), ..., work(count - 1), each once, on `threads` threads (this one included), in no
/// particular order. After a call has thrown no new one begins, and its exception is thrown here.
/// \param threads  at least 1
void for_each_index(std::int64_t count, std::int64_t threads,
                    const std::function<void(std::int64_t)>& work);

}  // namespace robiq
