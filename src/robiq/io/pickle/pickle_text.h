#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace robiq {

/// The bytes of a Python string literal in quotes ('a\x00b\n'), as protocol 0 writes str.
/// \return nothing when it is none
[[nodiscard]] std::optional<std::string> unquote_python_string(std::string_view literal);

/// UTF-8 of Latin-1 text with \uXXXX and \UXXXXXXXX escapes, as protocol 0 writes unicode.
/// \return nothing when an escape is malformed or no character
[[nodiscard]] std::optional<std::string> decode_raw_unicode_escape(std::string_view text);

/// One byte for each character of UTF-8 text, as Python's encode("latin1").
/// \return nothing when a character is above U+00FF
[[nodiscard]] std::optional<std::string> encode_latin1(std::string_view text);

}  // namespace robiq
