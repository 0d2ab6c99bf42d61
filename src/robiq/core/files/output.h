#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace robiq {

/// How results are printed on stdout.
enum class OutputFormat { kTable, kCsv, kJson, kJsonLines };

/// "table", "csv", "json", "jsonl"; "" means table. \throws Error{kUsage}.
[[nodiscard]] OutputFormat parse_output_format(std::string_view name);

/// JSON as text: bytes that are not UTF-8 become U+FFFD, and what would be a command to a terminal
/// is written as an escape. \param indent  spaces a level; -1: all on one line
[[nodiscard]] std::string json_text(const nlohmann::ordered_json& value, int indent = -1);

/// Rows of results as text, ready to print.
/// \param rows  an array of flat objects, or objects of scalars one deep, which become columns
///              "outer.inner"; null, and a key that a row lacks, is an empty cell. In a table
///              numbers have six significant digits, elsewhere full precision.
/// What would be a command to a terminal, or a formula to a spreadsheet, is escaped
/// (core/text/escape.h). A single row is one JSON object; several are an array (json) or one object
/// a line (jsonl).
[[nodiscard]] std::string render_rows(const nlohmann::ordered_json& rows, OutputFormat format);

}  // namespace robiq
