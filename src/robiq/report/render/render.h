#pragma once
#include <string>

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

}  // namespace robiq
