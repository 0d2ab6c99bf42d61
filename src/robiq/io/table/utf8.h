#pragma once
#include <cstddef>
#include <string_view>

namespace robiq {

/// The position of the first byte that is no text in UTF-8 (RFC 3629; NUL counts as no text), or
/// npos. Overlong forms, surrogates and code points above U+10FFFF are refused.
[[nodiscard]] std::size_t find_non_text(std::string_view text);

}  // namespace robiq
