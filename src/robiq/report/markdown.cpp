#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "robiq/core/text.h"
#include "robiq/report/render.h"

namespace robiq {
namespace {

/// Bars end cells, line ends end rows.
std::string in_a_cell(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c == '\n' || c == '\r' ? ' ' : c;
  }
  return out.empty() ? "-" : out;
}

std::string text_of(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value.value)) return in_a_cell(*text);
  const double number = std::get<double>(value.value);
  if (!std::isfinite(number)) return std::isnan(number) ? "-" : number_text(number);
  std::string digits = fmt::format("{:.{}f}", number, value.decimals);
  if (std::isfinite(value.deviation)) {
    digits += fmt::format(" ± {:.{}f}", value.deviation, value.decimals);
  }
  return value.best ? "**" + digits + "**" : digits;
}

std::string text_of(const Cell& cell) {
  std::vector<std::string> parts;
  for (const Value& value : cell.values) parts.push_back(text_of(value));
  return join(parts, " / ");
}

bool holds_numbers(const Table& table, std::size_t column) {
  return std::all_of(table.rows.begin(), table.rows.end(), [&](const Row& row) {
    const std::vector<Value>& values = row.cells[column].values;
    return std::all_of(values.begin(), values.end(), [](const Value& value) {
      return std::holds_alternative<double>(value.value);
    });
  });
}

std::string table_markdown(const Table& table) {
  std::string out = "**" + table.caption + "**\n\n|";
  std::string rule = "|";
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    out += " " + in_a_cell(table.columns[c].name) + " |";
    rule += holds_numbers(table, c) ? "---:|" : "---|";
  }
  out += "\n" + rule + "\n";
  for (const Row& row : table.rows) {
    out += "|";
    for (const Cell& cell : row.cells) out += " " + text_of(cell) + " |";
    out += "\n";
  }
  out += "\n";
  for (const std::string& note : table.notes) out += "- " + note + "\n";
  return table.notes.empty() ? out : out + "\n";
}

}  // namespace

std::string render_markdown(const Report& report) {
  std::string out = "# " + report.title + "\n\n";
  if (!report.text.empty()) out += report.text + "\n\n";
  for (const Section& section : report.sections) {
    out += "## " + section.title + "\n\n";
    if (!section.text.empty()) out += section.text + "\n\n";
    for (const Block& block : section.blocks) {
      if (const auto* table = std::get_if<Table>(&block)) out += table_markdown(*table);
    }
  }
  out.pop_back();  // the last empty line
  return out;
}

}  // namespace robiq
