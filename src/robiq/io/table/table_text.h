#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace robiq {

/// A table's text without its byte order mark. \param source  named in errors
/// \throws Error{kData} for what holds no UTF-8 text; UTF-16 and UTF-32 are named as what they are
[[nodiscard]] std::string_view table_text(std::string_view text, const std::string& source);

/// What stands between the cells of a CSV file: ',' for "comma", ';', '\t', '|' for "semicolon",
/// "tab", "bar".
[[nodiscard]] char separator_named(const std::string& name);

/// The name of the separator that a header of one column holds in place of `separator`:
/// "semicolon"; "" where it holds none.
[[nodiscard]] std::string other_separator_in(std::string_view header, char separator);

/// The position of the first byte that is no text in UTF-8 (RFC 3629; NUL counts as no text), or
/// npos. Overlong forms, surrogates and code points above U+10FFFF are refused.
[[nodiscard]] std::size_t find_non_text(std::string_view text);

}  // namespace robiq
