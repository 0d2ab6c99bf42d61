#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "robiq/core/text.h"
#include "robiq/report/latex_text.h"
#include "robiq/report/render.h"

namespace robiq {
namespace {

/// Rows of one float, and letters of the widest row that fit a column of a two-column page.
constexpr std::size_t kMostRows = 45, kNarrow = 48;
/// Letters of a text that is broken into lines.
constexpr std::size_t kSentence = 70;

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

bool holds_words(const Table& table, std::size_t column) {
  return std::any_of(table.rows.begin(), table.rows.end(), [&](const Row& row) {
    const std::vector<Value>& values = row.cells[column].values;
    return std::any_of(values.begin(), values.end(), [](const Value& value) {
      return std::holds_alternative<std::string>(value.value);
    });
  });
}

/// The leading columns of words: those that name a row.
std::size_t naming_columns(const Table& table) {
  std::size_t count = 0;
  while (count < table.columns.size() && holds_words(table, count)) ++count;
  return count;
}

bool same_names(const Table& table, std::size_t a, std::size_t b, std::size_t last_column) {
  for (std::size_t c = 0; c <= last_column; ++c) {
    if (latex_of(table.rows[a], c) != latex_of(table.rows[b], c)) return false;
  }
  return true;
}

/// One float's part of a table: rows [begin, end).
struct Piece {
  std::size_t begin = 0, end = 0;
};

/// Cut between rows whose first names differ, where there is such a place.
std::vector<Piece> pieces_of(const Table& table) {
  std::vector<Piece> pieces;
  for (std::size_t begin = 0; begin < table.rows.size();) {
    std::size_t end = std::min(begin + kMostRows, table.rows.size());
    if (end < table.rows.size()) {
      std::size_t cut = end;
      while (cut > begin && same_names(table, cut - 1, cut, 0)) --cut;
      if (cut > begin) end = cut;
    }
    pieces.push_back({begin, end});
    begin = end;
  }
  return pieces;
}

/// Names as they stand in a cell of several rows: the first has the text, the others nothing.
std::string naming_cell(const Table& table, const Piece& piece, std::size_t row,
                        std::size_t column) {
  if (row > piece.begin && same_names(table, row - 1, row, column)) return "";
  std::size_t end = row + 1;
  while (end < piece.end && same_names(table, row, end, column)) ++end;
  const std::string text = latex_of(table.rows[row], column);
  return end == row + 1 ? text : fmt::format("\\multirow{{{}}}{{*}}{{{}}}", end - row, text);
}

class LatexTable {
 public:
  explicit LatexTable(const Table& table)
      : table_(table), naming_(naming_columns(table)), pieces_(pieces_of(table)) {}

  [[nodiscard]] std::string text() const {
    std::string out;
    for (const Piece& piece : pieces_) out += piece_text(piece);
    return out;
  }

 private:
  [[nodiscard]] std::string piece_text(const Piece& piece) const {
    const std::string environment = widest() > kNarrow ? "table*" : "table";
    const bool first = piece.begin == 0, last = piece.end == table_.rows.size();
    std::string out = "\\begin{" + environment + "}[tp]\n\\centering\n\\caption{" +
                      latex_text(table_.caption) + (first ? "}\n" : " (Continued.)}\n");
    if (first) out += "\\label{tab:" + table_.id + "}\n";
    out += "\\resizebox{\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi}{!}{%\n";
    out += "\\begin{tabular}{" + alignment() + "}\n\\toprule\n" + header() + "\\midrule\n";
    for (std::size_t row = piece.begin; row < piece.end; ++row) {
      out += rule_before(piece, row) + row_text(piece, row);
    }
    out += "\\bottomrule\n\\end{tabular}}\n";
    if (last) out += notes();
    return out + "\\end{" + environment + "}\n";
  }

  /// Of cells with several rows, a rule keeps the groups of the first names apart.
  [[nodiscard]] std::string rule_before(const Piece& piece, std::size_t row) const {
    if (naming_ < 2 || row == piece.begin || same_names(table_, row - 1, row, 0)) return "";
    for (std::size_t r = 1; r < table_.rows.size(); ++r) {
      if (same_names(table_, r - 1, r, 0)) return "\\midrule\n";
    }
    return "";
  }
  [[nodiscard]] std::string row_text(const Piece& piece, std::size_t row) const {
    std::vector<std::string> cells;
    for (std::size_t c = 0; c < table_.columns.size(); ++c) {
      const bool merged = c + 1 < naming_;  // the last name is each row's own
      cells.push_back(merged ? naming_cell(table_, piece, row, c) : latex_of(table_.rows[row], c));
    }
    return join(cells, " & ") + " \\\\\n";
  }

  /// Sentences are set in paragraphs.
  [[nodiscard]] std::string alignment() const {
    std::string text;
    for (std::size_t c = 0; c < table_.columns.size(); ++c) {
      if (c < naming_) {
        text += widest(c) > kSentence ? "p{30em}" : "l";
      } else {
        text += table_.rows[0].cells[c].values.size() > 1 ? "c" : "r";
      }
    }
    return text;
  }
  [[nodiscard]] bool grouped() const {
    return std::any_of(table_.columns.begin(), table_.columns.end(),
                       [](const Column& column) { return !column.group.empty(); });
  }
  /// Groups, names, and what stands below a name.
  [[nodiscard]] std::string header() const {
    std::vector<std::string> names, below;
    bool two_lines = false;
    for (const Column& column : table_.columns) {
      const std::vector<std::string> lines = split(column.name, '\n');
      names.push_back(centred(lines[0]));
      below.push_back(
          lines.size() > 1 ? "\\multicolumn{1}{c}{\\scriptsize " + latex_text(lines[1]) + "}" : "");
      two_lines = two_lines || lines.size() > 1;
    }
    for (std::size_t c = 0; c < naming_; ++c) names[c] = latex_text(table_.columns[c].name);
    std::string out = grouped() ? group_row() : "";
    out += join(names, " & ") + " \\\\\n";
    return two_lines ? out + join(below, " & ") + " \\\\\n" : out;
  }
  [[nodiscard]] static std::string centred(const std::string& text) {
    return "\\multicolumn{1}{c}{" + latex_text(text) + "}";
  }
  [[nodiscard]] std::string group_row() const {
    std::vector<std::string> cells;
    std::string rules;
    for (std::size_t c = 0; c < table_.columns.size();) {
      const std::string& group = table_.columns[c].group;
      std::size_t end = c + 1;
      while (!group.empty() && end < table_.columns.size() && table_.columns[end].group == group) {
        ++end;
      }
      if (group.empty()) {
        cells.emplace_back();
      } else {
        cells.push_back(fmt::format("\\multicolumn{{{}}}{{c}}{{{}}}", end - c, latex_text(group)));
        rules += fmt::format("\\cmidrule(lr){{{}-{}}}", c + 1, end);
      }
      c = end;
    }
    return join(cells, " & ") + " \\\\\n" + rules + "\n";
  }
  [[nodiscard]] std::string notes() const {
    if (table_.notes.empty()) return "";
    std::vector<std::string> lines;
    for (const std::string& note : table_.notes) lines.push_back(latex_text(note));
    return "\n\\smallskip\n\\parbox{\\linewidth}{\\footnotesize\\raggedright " +
           join(lines, "\\\\\n") + "}\n";
  }

  /// Letters of the widest row as it is printed, more or less.
  [[nodiscard]] std::size_t widest() const {
    std::size_t sum = 0;
    for (std::size_t c = 0; c < table_.columns.size(); ++c) sum += widest(c) + 2;
    return sum;
  }
  [[nodiscard]] std::size_t widest(std::size_t column) const {
    std::size_t most = 0;
    for (const std::string& line : split(table_.columns[column].name, '\n')) {
      most = std::max(most, line.size());
    }
    for (const Row& row : table_.rows) most = std::max(most, letters(row.cells[column]));
    return most;
  }
  [[nodiscard]] static std::size_t letters(const Cell& cell) {
    std::size_t sum = 0;
    for (const Value& value : cell.values) {
      const auto* text = std::get_if<std::string>(&value.value);
      sum += text != nullptr ? text->size() : static_cast<std::size_t>(value.decimals) + 3;
      if (std::isfinite(value.deviation)) sum += static_cast<std::size_t>(value.decimals) + 3;
      sum += 3;  // " / "
    }
    return sum < 3 ? 0 : sum - 3;
  }

  const Table& table_;
  std::size_t naming_;
  std::vector<Piece> pieces_;
};

}  // namespace

std::string render_latex(const Table& table) {
  return table.rows.empty() ? "" : LatexTable(table).text();
}

}  // namespace robiq
