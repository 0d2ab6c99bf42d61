#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace robiq {

/// How results are printed on stdout.
enum class OutputFormat { kTable, kCsv, kJson, kJsonLines };

/// "table", "csv", "json", "jsonl"; "" means table. \throws Error{kUsage}.
[[nodiscard]] OutputFormat parse_output_format(std::string_view name);

/// Rows of results as text, ready to print.
/// \param rows  an array of flat objects, or objects of scalars one deep, which become columns
///              "outer.inner"; null, and a key that a row lacks, is an empty cell. In a table
///              numbers have six significant digits, elsewhere full precision.
/// A single row is one JSON object; several are an array (json) or one object a line (jsonl).
[[nodiscard]] std::string render_rows(const nlohmann::ordered_json& rows, OutputFormat format);

}  // namespace robiq
