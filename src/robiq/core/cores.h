#pragma once
#include <cstdint>

namespace robiq {

/// The cores this process may run on (its affinity mask, not the machine's count).
[[nodiscard]] std::int64_t usable_cores() noexcept;

}  // namespace robiq
