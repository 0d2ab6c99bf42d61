#pragma once
#include <string>
#include <string_view>

#include "robiq/report/report.h"

namespace robiq {

/// The whole report as GitHub's Markdown.
/// Figures are shown by their files.
/// \param figure_ending  "svg", or "vl.json" where there are no SVGs: a link then
[[nodiscard]] std::string render_markdown(const Report& report,
                                          const std::string& figure_ending = "svg");
/// One table as GitHub's Markdown: caption, table, notes.
[[nodiscard]] std::string render_markdown(const Table& table);

/// One table as CSV: a column for each key, numbers with full precision, empty where a value is
/// missing. A key whose values were taken over seeds has a second column KEY_sd; a table with
/// printed numbers has a column `source`, robiq or paper. "" for a table without rows.
[[nodiscard]] std::string render_csv(const Table& table);

/// One table as a LaTeX float that shrinks to the width it finds, and is cut into several where it
/// is longer than a page. Needs the packages booktabs and graphicx, and uses multirow where it is
/// loaded. Letters that LaTeX does not know are written "[U+4E2D]". "" for a table without rows.
[[nodiscard]] std::string render_latex(const Table& table);

/// Text in which nothing is markup to GitHub's Markdown, HTML included: letters that are are
/// escaped, line ends become spaces, other control characters are shown by their numbers ("\x1b").
[[nodiscard]] std::string markdown_text(std::string_view text);

/// A spec or a list of options with its numbers as people read them: "worst=4.49313798372287" as
/// "worst=4.493". Whole numbers, and digits inside names and paths, stay as they are.
/// \param digits  significant ones that a number keeps, 1 to 17
[[nodiscard]] std::string with_short_numbers(std::string_view text, int digits = 4);

}  // namespace robiq
