#pragma once
#include <string>
#include <string_view>

namespace robiq {

/// Whether the bytes are UTF-8: no cut-off, overlong or surrogate sequence, nothing above U+10FFFF.
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

/// The text with every byte that is no part of a UTF-8 sequence as \xFF, for messages.
[[nodiscard]] std::string with_bytes_shown(std::string_view text);

/// JSON, SQLite and TOML hold UTF-8 only: other names are refused before work begins.
/// \throws Error{kData} for such a name
void require_utf8_name(const std::string& name, const std::string& where);

/// A text without the UTF-8 byte order mark that some editors put before it.
[[nodiscard]] std::string_view without_byte_order_mark(std::string_view text) noexcept;

}  // namespace robiq
