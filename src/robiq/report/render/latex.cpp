#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "robiq/core/text/text.h"
#include "robiq/report/render/latex_layout.h"
#include "robiq/report/render/render.h"

namespace robiq {
namespace {

/// Letters of a row that fits a column of a two-column page, and of a text that is broken into
/// lines.
constexpr std::size_t kNarrow = 48, kSentence = 70;

std::string digits(double number, int decimals) {
  const std::string text = fmt::format("{:.{}f}", number, decimals);
  return text.starts_with('-') ? "$-$" + text.substr(1) : text;
}

std::string latex_of(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value.value)) {
    return text->empty() ? "--" : latex_text(*text);
  }
  const double number = std::get<double>(value.value);
  if (std::isnan(number)) return "--";
  if (!std::isfinite(number)) return number > 0 ? "$\\infty$" : "$-\\infty$";
  std::string text = digits(number, value.decimals);
  if (value.best) text = "\\textbf{" + text + "}";
  if (std::isfinite(value.deviation)) {
    text += fmt::format("{{\\scriptsize\\,$\\pm$\\,{:.{}f}}}", value.deviation, value.decimals);
  }
  return text;
}

std::string latex_of(const Row& row, std::size_t column) {
  std::vector<std::string> parts;
  for (const Value& value : row.cells[column].values) parts.push_back(latex_of(value));
  const std::string text = join(parts, " / ");
  return row.reference ? "\\textit{" + text + "}" : text;
}

/// Names as they stand in a cell of several rows: the first has the text, the others nothing.
std::string naming_cell(const Table& table, IndexRange rows, std::size_t row, std::size_t column) {
  if (row > rows.begin && same_names(table, row - 1, row, column)) return "";
  std::size_t end = row + 1;
  while (end < rows.end && same_names(table, row, end, column)) ++end;
  const std::string text = latex_of(table.rows[row], column);
  return end == row + 1 ? text : fmt::format("\\multirow{{{}}}{{*}}{{{}}}", end - row, text);
}

/// Sets one panel as a tabular.
class LatexPanel {
 public:
  LatexPanel(const Table& table, std::size_t naming, const TablePanel& panel)
      : table_(table), naming_(naming), rows_(panel.rows) {
    for (std::size_t c = 0; c < naming; ++c) columns_.push_back(c);
    for (std::size_t c = panel.columns.begin; c < panel.columns.end; ++c) columns_.push_back(c);
  }

  [[nodiscard]] std::string text() const {
    std::string out = "\\resizebox{\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi}{!}{%\n";
    out += "\\begin{tabular}{" + alignment() + "}\n\\toprule\n" + header() + "\\midrule\n";
    for (std::size_t row = rows_.begin; row < rows_.end; ++row) out += rule_before(row) + line(row);
    return out + "\\bottomrule\n\\end{tabular}}\n";
  }

 private:
  /// Where names go over several rows, a rule keeps the groups of the first ones apart.
  [[nodiscard]] std::string rule_before(std::size_t row) const {
    if (naming_ < 2 || row == rows_.begin || same_names(table_, row - 1, row, 0)) return "";
    for (std::size_t r = 1; r < table_.rows.size(); ++r) {
      if (same_names(table_, r - 1, r, 0)) return "\\midrule\n";
    }
    return "";
  }
  [[nodiscard]] std::string line(std::size_t row) const {
    std::vector<std::string> cells;
    for (const std::size_t c : columns_) {
      const bool merged = c + 1 < naming_;  // the last name is each row's own
      cells.push_back(merged ? naming_cell(table_, rows_, row, c) : latex_of(table_.rows[row], c));
    }
    return join(cells, " & ") + " \\\\\n";
  }

  /// Sentences are set in paragraphs.
  [[nodiscard]] std::string alignment() const {
    std::string text;
    for (const std::size_t c : columns_) {
      if (c < naming_) {
        text += letters_of(table_, {c, c + 1}) > kSentence ? "p{30em}" : "l";
      } else {
        text += table_.rows[0].cells[c].values.size() > 1 ? "c" : "r";
      }
    }
    return text;
  }

  /// Groups, names, and what stands below a name.
  [[nodiscard]] std::string header() const {
    std::vector<std::string> names, below;
    bool two_lines = false;
    for (const std::size_t c : columns_) {
      const std::vector<std::string> lines = split(table_.columns[c].name, '\n');
      const std::string name = latex_text(lines[0]);
      names.push_back(c < naming_ ? name : "\\multicolumn{1}{c}{" + name + "}");
      below.emplace_back();
      if (lines.size() == 1) continue;
      below.back() = "\\multicolumn{1}{c}{\\scriptsize " + latex_text(lines[1]) + "}";
      two_lines = true;
    }
    const std::string out = group_row() + join(names, " & ") + " \\\\\n";
    return two_lines ? out + join(below, " & ") + " \\\\\n" : out;
  }
  [[nodiscard]] std::string group_row() const {
    std::vector<std::string> cells;
    std::string rules;
    for (std::size_t c = 0; c < columns_.size();) {
      const std::string& group = table_.columns[columns_[c]].group;
      std::size_t end = c + 1;
      while (!group.empty() && end < columns_.size() &&
             table_.columns[columns_[end]].group == group) {
        ++end;
      }
      cells.emplace_back();
      if (!group.empty()) {
        cells.back() = fmt::format("\\multicolumn{{{}}}{{c}}{{{}}}", end - c, latex_text(group));
        rules += fmt::format("\\cmidrule(lr){{{}-{}}}", c + 1, end);
      }
      c = end;
    }
    return rules.empty() ? "" : join(cells, " & ") + " \\\\\n" + rules + "\n";
  }

  const Table& table_;
  std::size_t naming_;
  IndexRange rows_;
  std::vector<std::size_t> columns_;
};

std::string notes_text(const Table& table) {
  if (table.notes.empty()) return "";
  std::vector<std::string> lines;
  for (const std::string& note : table.notes) lines.push_back(latex_text(note));
  return "\n\\smallskip\n\\parbox{\\linewidth}{\\footnotesize\\raggedright " +
         join(lines, "\\\\\n") + "}\n";
}

std::string float_text(const Table& table, std::size_t naming,
                       const std::vector<TablePanel>& panels, bool first, bool last) {
  std::size_t widest = 0;
  std::vector<std::string> parts;
  for (const TablePanel& panel : panels) {
    widest = std::max(widest, letters_of(table, {0, naming}) + letters_of(table, panel.columns));
    parts.push_back(LatexPanel(table, naming, panel).text());
  }
  const std::string environment = widest > kNarrow ? "table*" : "table";
  std::string out = "\\begin{" + environment + "}[tp]\n\\centering\n";
  if (!first) out += "\\addtocounter{table}{-1}\n";
  out += "\\caption{" + latex_text(table.caption) + (first ? "}\n" : " (Continued.)}\n");
  if (first) out += "\\label{tab:" + table.id + "}\n";
  out += "\\smallskip\n";
  out += join(parts, "\n\\medskip\n") + (last ? notes_text(table) : "");
  return out + "\\end{" + environment + "}\n";
}

}  // namespace

std::string render_latex(const Table& table) {
  if (table.rows.empty()) return "";
  const std::size_t naming = naming_columns(table);
  const std::vector<std::vector<TablePanel>> floats = floats_of(table, naming);
  std::string out;
  for (std::size_t i = 0; i < floats.size(); ++i) {
    out += float_text(table, naming, floats[i], i == 0, i + 1 == floats.size());
  }
  if (out.find("\\multirow{") == out.npos) return out;
  return "% Without the package multirow a name stands in the first of its rows.\n"
         "\\providecommand{\\multirow}[3]{#3}\n" +
         out;
}

}  // namespace robiq
