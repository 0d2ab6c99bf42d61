#include "robiq/io/table/csv.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "robiq/core/error.h"
#include "robiq/core/files/files.h"
#include "robiq/core/text/escape.h"
#include "robiq/core/text/text.h"
#include "robiq/io/table/table_text.h"

namespace robiq {
namespace {

// A cell costs far more memory than the byte or two it may have in the file, so a file that fits
// into memory may not fit as a table.
constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 30;
constexpr std::size_t kMaxColumns = 16384;
constexpr std::size_t kMaxRows = 10'000'000;
constexpr std::size_t kMaxCells = 100'000'000;
constexpr std::size_t kNamesInMessages = 20;

[[noreturn]] void refuse(const std::string& what, const std::string& source, std::int64_t line,
                         const std::string& hint) {
  throw Error(ErrorKind::kData, {what, source + ":" + std::to_string(line), hint});
}

/// A cell or name for a message: long ones are cut at a character's end.
std::string shown(const std::string& text) {
  constexpr std::size_t kLongest = 60;
  if (text.size() <= kLongest) return "'" + text + "'";
  std::size_t end = kLongest;
  while ((static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return "'" + text.substr(0, end) + "...'";
}

/// Which bytes end an unquoted run.
std::array<bool, 256> special_bytes(char separator) {
  std::array<bool, 256> table{};
  for (const char c : {separator, '"', '\r', '\n'}) table[static_cast<unsigned char>(c)] = true;
  return table;
}

/// Cuts text into records, one next() each.
class Records {
 public:
  Records(std::string_view text, const std::string& source, char separator)
      : text_(text), source_(source), separator_(separator), special_(special_bytes(separator)) {}

  /// Reads the next record that is no blank line. \return false at the end of the text
  bool next(std::vector<std::string>& cells) {
    skip_blank_lines();
    if (at_end()) return false;
    record_line_ = line_;
    cells.clear();
    for (;;) {
      cells.push_back(csv_unguarded(peek() == '"' ? quoted_cell() : plain_cell()));
      if (cells.size() > kMaxColumns) {
        refuse("the row has more than " + std::to_string(kMaxColumns) + " cells", source_,
               record_line_, "give a table with fewer columns");
      }
      if (peek() != separator_) break;
      ++at_;
    }
    end_line();
    return true;
  }

  /// The line at which the last record began.
  [[nodiscard]] std::int64_t record_line() const { return record_line_; }

 private:
  [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }
  /// The byte here; '\n' at the end of the text, which ends a record as a newline does.
  [[nodiscard]] char peek() const { return at_end() ? '\n' : text_[at_]; }

  void skip_blank_lines() {
    while (!at_end() && (text_[at_] == '\n' || text_[at_] == '\r')) end_line();
  }

  void end_line() {
    if (peek() == '\r') {
      ++at_;
      if (at_end() || text_[at_] != '\n') {
        refuse("a carriage return without a line feed after it", source_, line_,
               "save the table with LF or CRLF line ends, or put quotes around the cell");
      }
    }
    ++at_;
    ++line_;
  }

  std::string plain_cell() {
    const std::size_t start = at_;
    while (!at_end() && !special_[static_cast<unsigned char>(text_[at_])]) ++at_;
    if (peek() == '"') {
      refuse("a quote inside a cell that does not begin with one", source_, line_,
             "put the whole cell in quotes and write quotes inside it twice");
    }
    return std::string(text_.substr(start, at_ - start));
  }

  std::string quoted_cell() {
    const std::int64_t first_line = line_;
    std::string cell;
    ++at_;
    for (;;) {
      const std::size_t quote = text_.find('"', at_);
      if (quote == text_.npos) {
        refuse("a quote is opened and never closed", source_, first_line,
               "close the quote, or write quotes inside a cell twice");
      }
      const std::string_view part = text_.substr(at_, quote - at_);
      cell += part;
      line_ += std::count(part.begin(), part.end(), '\n');
      at_ = quote + 1;
      if (peek() != '"') break;
      cell += '"';
      ++at_;
    }
    if (const char after = peek(); after != separator_ && after != '\n' && after != '\r') {
      refuse("text after the closing quote of a cell", source_, line_,
             "put the whole cell in quotes and write quotes inside it twice");
    }
    return cell;
  }

  std::string_view text_;
  const std::string& source_;
  char separator_;
  std::array<bool, 256> special_;
  std::size_t at_ = 0;
  std::int64_t line_ = 1, record_line_ = 1;
};

void check_header(const CsvTable& table, char separator, std::int64_t line) {
  const std::string other =
      table.header.size() == 1 ? other_separator_in(table.header.front(), separator) : "";
  if (!other.empty()) {
    refuse("the header is one cell with a " + other + " in it: " + shown(table.header.front()),
           table.source, line,
           separator == ',' ? "save the table with commas between its cells, or, for a data set, "
                              "say so: csv:FILE,separator=" +
                                  other
                            : "say separator=" + other);
  }
  std::unordered_set<std::string_view> seen;
  for (const std::string& name : table.header) {
    if (!seen.insert(name).second) {
      refuse("the column name '" + name + "' stands there twice", table.source, line,
             "give every column a name of its own");
    }
  }
}

void check_row(const CsvTable& table, std::size_t cells, std::int64_t line) {
  if (cells != table.header.size()) {
    refuse("the row has " + std::to_string(cells) + " cells, the header " +
               std::to_string(table.header.size()),
           table.source, line, "give every row one cell a column; cells with commas need quotes");
  }
  if (table.rows.size() >= kMaxRows || table.rows.size() * cells >= kMaxCells) {
    refuse("the table has more than " + std::to_string(kMaxRows) + " rows or " +
               std::to_string(kMaxCells) + " cells",
           table.source, line, "split the file");
  }
}

bool finite_number(std::string_view cell, double& value) {
  cell = trim(cell);
  if (cell.size() > 1 && cell[0] == '+' && cell[1] != '-') cell.remove_prefix(1);
  return parse_number(cell, value) && std::isfinite(value);
}

std::string column_names(const std::vector<std::string>& header) {
  std::vector<std::string> names;
  for (const std::string& name : header) {
    if (names.size() == kNamesInMessages) {
      names.push_back(std::to_string(header.size() - kNamesInMessages) + " more");
      break;
    }
    names.push_back(shown(name));
  }
  return join(names, ", ");
}

}  // namespace

bool CsvTable::has_column(const std::string& name) const {
  return std::find(header.begin(), header.end(), name) != header.end();
}

std::size_t CsvTable::column(const std::string& name) const {
  const auto it = std::find(header.begin(), header.end(), name);
  if (it != header.end()) return static_cast<std::size_t>(it - header.begin());
  const std::string near = nearest_of(name, header);
  throw Error(ErrorKind::kData, {"there is no column " + shown(name), source,
                                 (near.empty() ? "" : "did you mean " + shown(near) + "? ") +
                                     "the columns are: " + column_names(header)});
}

std::vector<double> CsvTable::numbers(const std::string& name) const {
  const std::size_t index = column(name);
  std::vector<double> values(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string& cell = rows[i][index];
    if (!finite_number(cell, values[i])) {
      refuse("column " + shown(name) + " holds " + shown(cell) + ", which is not a finite number",
             source, lines[i], "write a number with a decimal point there, or leave out the row");
    }
  }
  return values;
}

CsvTable parse_csv(const std::string& text, const std::string& source, char separator) {
  Records records(table_text(text, source), source, separator);
  CsvTable table;
  table.source = source;
  if (!records.next(table.header)) {
    throw Error(ErrorKind::kData, {"the table is empty", source,
                                   "give a CSV file whose first line names the columns"});
  }
  check_header(table, separator, records.record_line());
  std::vector<std::string> row;
  row.reserve(table.header.size());
  while (records.next(row)) {
    check_row(table, row.size(), records.record_line());
    table.lines.push_back(records.record_line());
    table.rows.push_back(std::exchange(row, {}));
    row.reserve(table.header.size());
  }
  return table;
}

CsvTable read_csv(const std::filesystem::path& file, char separator) {
  return parse_csv(read_file(file, kMaxBytes), file.string(), separator);
}

std::string csv_line(const std::vector<std::string>& cells) {
  // A row of one empty cell would read back as a blank line.
  if (cells.size() == 1 && cells.front().empty()) return "\"\"";
  std::string line;
  for (const std::string& cell : cells) {
    if (&cell != cells.data()) line += ',';
    line += csv_cell(cell);
  }
  return line;
}

void write_csv(const std::filesystem::path& file, const std::vector<std::string>& header,
               const std::vector<std::vector<std::string>>& rows) {
  std::string text = csv_line(header) + "\n";
  for (const auto& row : rows) {
    if (row.size() != header.size()) {
      throw Error(ErrorKind::kInternal, {"a row of " + std::to_string(row.size()) +
                                             " cells was to be written under a header of " +
                                             std::to_string(header.size()),
                                         file.string(), ""});
    }
    text += csv_line(row);
    text += '\n';
  }
  write_file(file, text);
}

}  // namespace robiq
