#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "robiq/core/text/text.h"
#include "robiq/report/render/render.h"

namespace robiq {
namespace {

/// A cell that is empty would be taken for a gap.
std::string in_a_cell(const std::string& text) { return text.empty() ? "-" : markdown_text(text); }

/// With the group above it, for which Markdown has no row of its own.
std::string heading(const Table& table, std::size_t column) {
  const std::string& group = table.columns[column].group;
  const auto in_other = [&](const Column& other) { return other.group != group; };
  const bool grouped = !group.empty() && std::any_of(table.columns.begin(), table.columns.end(),
                                                     [&](const Column& c) {
                                                       return !c.group.empty() && in_other(c);
                                                     });
  return in_a_cell((grouped ? group + ": " : "") + table.columns[column].name);
}

std::string text_of(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value.value)) return in_a_cell(*text);
  const double number = std::get<double>(value.value);
  if (!std::isfinite(number)) return std::isnan(number) ? "-" : number_text(number);
  std::string digits = fmt::format("{:.{}f}", number, value.decimals);
  if (value.best) digits = "**" + digits + "**";
  if (std::isfinite(value.deviation)) {
    digits += fmt::format(" ± {:.{}f}", value.deviation, value.decimals);
  }
  return digits;
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

}  // namespace

std::string render_markdown(const Table& table) {
  std::string out = "**" + markdown_text(table.caption) + "**\n\n|";
  std::string rule = "|";
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    out += " " + heading(table, c) + " |";
    rule += holds_numbers(table, c) ? "---:|" : "---|";
  }
  out += "\n" + rule + "\n";
  for (const Row& row : table.rows) {
    out += "|";
    for (const Cell& cell : row.cells) out += " " + text_of(cell) + " |";
    out += "\n";
  }
  if (!table.notes.empty()) out += "\n";
  for (const std::string& note : table.notes) out += "- " + markdown_text(note) + "\n";
  return out;
}

namespace {

std::string figure_markdown(const Figure& figure, const std::string& ending) {
  const std::string link = "[" + figure.id + "](figures/" + figure.id + "." + ending + ")";
  return (ending == "svg" ? "!" : "") + link + "\n\n" + markdown_text(figure.caption) + "\n";
}

}  // namespace

std::string render_markdown(const Report& report, const std::string& figure_ending) {
  std::string out = "# " + markdown_text(report.title) + "\n\n";
  if (!report.text.empty()) out += report.text + "\n\n";
  for (const Section& section : report.sections) {
    out += "## " + markdown_text(section.title) + "\n\n";
    if (!section.text.empty()) out += section.text + "\n\n";
    for (const ReportBlock& block : section.blocks) {
      if (const auto* table = std::get_if<Table>(&block)) out += render_markdown(*table) + "\n";
      if (const auto* figure = std::get_if<Figure>(&block)) {
        out += figure_markdown(*figure, figure_ending) + "\n";
      }
    }
  }
  out.pop_back();  // the last empty line
  return out;
}

}  // namespace robiq
