#pragma once
#include <string>

#include "robiq/report/report.h"

namespace robiq {

/// The whole report as GitHub's Markdown.
[[nodiscard]] std::string render_markdown(const Report& report);

/// One table as CSV: a column for each key, numbers with full precision, empty where a value is
/// missing. "" for a table without rows.
[[nodiscard]] std::string render_csv(const Table& table);

}  // namespace robiq
