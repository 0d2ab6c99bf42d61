#include "robiq/core/files/output.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "robiq/core/error.h"
#include "robiq/core/text/escape.h"
#include "robiq/core/text/text.h"

namespace robiq {
namespace {

using Json = nlohmann::ordered_json;

/// Objects inside a row become "outer.inner" columns.
Json flattened(const Json& row) {
  Json flat = Json::object();
  for (const auto& [key, value] : row.items()) {
    if (!value.is_object()) {
      flat[key] = value;
      continue;
    }
    for (const auto& [inner, inner_value] : value.items()) flat[key + "." + inner] = inner_value;
  }
  return flat;
}

std::string cell_text(const Json& value, bool for_people) {
  if (value.is_null()) return for_people ? "-" : "";
  if (value.is_string()) {
    // In quotes an end of line is part of a cell of CSV.
    return visible_text(value.get<std::string>(), for_people ? "" : "\n\t");
  }
  if (value.is_number_float()) {
    const double number = value.get<double>();
    if (!std::isfinite(number)) return for_people ? "-" : "";
    return for_people ? fmt::format("{:.6g}", number) : number_text(number);
  }
  return json_text(value);
}

}  // namespace

OutputFormat parse_output_format(std::string_view name) {
  if (name.empty() || name == "table") return OutputFormat::kTable;
  if (name == "csv") return OutputFormat::kCsv;
  if (name == "json") return OutputFormat::kJson;
  if (name == "jsonl") return OutputFormat::kJsonLines;
  throw Error(ErrorKind::kUsage, {"no output format is called '" + std::string(name) + "'",
                                  "--format", "use table, csv, json or jsonl"});
}

std::string json_text(const Json& value, int indent) {
  return visible_json(value.dump(indent, ' ', false, Json::error_handler_t::replace));
}

std::string render_rows(const Json& rows, OutputFormat format) {
  if (format == OutputFormat::kJson) {
    return json_text(rows.size() == 1 ? rows.front() : rows, 2) + "\n";
  }
  std::string out;
  if (rows.empty()) return out;
  if (format == OutputFormat::kJsonLines) {
    for (const Json& row : rows) out += json_text(row) + "\n";
    return out;
  }
  std::vector<std::string> header;
  for (const Json& row : rows) {
    const Json flat = flattened(row);
    for (const auto& [key, value] : flat.items()) {
      if (std::find(header.begin(), header.end(), key) == header.end()) header.push_back(key);
    }
  }
  std::vector<std::vector<std::string>> cells;
  for (const Json& row : rows) {
    const Json flat = flattened(row);
    std::vector<std::string> line;
    for (const std::string& key : header) {
      line.push_back(
          cell_text(flat.contains(key) ? flat[key] : Json(), format == OutputFormat::kTable));
    }
    cells.push_back(std::move(line));
  }
  for (std::string& name : header) name = visible_text(name);
  if (format == OutputFormat::kTable) return table_text(header, cells);
  const auto add_line = [&out](std::vector<std::string> line) {
    for (std::string& cell : line) cell = csv_cell(cell);
    out += join(line, ",") + "\n";
  };
  add_line(header);
  for (const auto& line : cells) add_line(line);
  return out;
}

}  // namespace robiq
