#pragma once
#include <string>
#include <string_view>

namespace robiq {

/// Text for a terminal or a table: what would move the cursor, change colours, begin another line
/// or turn the direction of writing stands there as "\x1b", "\n", "\u202e"; bytes that are not
/// UTF-8 as
/// "\xff".
/// \param kept  control characters to leave as they are, e.g. "\n\t"
[[nodiscard]] std::string visible_text(std::string_view text, std::string_view kept = "");

/// Text as it stands in HTML and SVG, between tags and inside quotes: "&", "<", ">" and quotes as
/// entities, control characters and bytes that are not UTF-8 as visible_text() shows them.
[[nodiscard]] std::string markup_text(std::string_view text);

/// JSON that was written with every letter as it is: the same JSON with those letters as escapes
/// that visible_text() would not show.
[[nodiscard]] std::string visible_json(std::string_view json);

/// One cell of CSV: in quotes where needed, and guarded by an apostrophe where a spreadsheet would
/// take it for a formula ("=", "+", "-" or "@" at its begin). Numbers stay numbers.
[[nodiscard]] std::string csv_cell(std::string_view text);

/// A cell's text without the guard that csv_cell() gave it.
[[nodiscard]] std::string csv_unguarded(std::string text);

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
