#pragma once
#include <string>
#include <string_view>

namespace robiq {

/// Whether the bytes are UTF-8: no cut-off, overlong or surrogate sequence, nothing above U+10FFFF.
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

/// The text with every byte that is no part of a UTF-8 sequence as \xFF, for messages.
[[nodiscard]] std::string with_bytes_shown(std::string_view text);

}  // namespace robiq
