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

/// JSON that was written with every letter as it is: the same JSON with those letters as escapes
/// that visible_text() would not show.
[[nodiscard]] std::string visible_json(std::string_view json);

/// One cell of CSV: in quotes where needed, and guarded by an apostrophe where a spreadsheet would
/// take it for a formula ("=", "+", "-" or "@" at its begin). Numbers stay numbers.
[[nodiscard]] std::string csv_cell(std::string_view text);

/// A cell's text without the guard that csv_cell() gave it.
[[nodiscard]] std::string csv_unguarded(std::string text);

}  // namespace robiq
