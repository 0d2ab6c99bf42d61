#pragma once
#include <string_view>

namespace robiq {

/// robiq's own version, "MAJOR.MINOR.PATCH".
[[nodiscard]] std::string_view version() noexcept;

}  // namespace robiq
