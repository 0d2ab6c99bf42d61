#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace robiq {

/// A table with a header, as RFC 4180 describes it; every cell is text.
struct CsvTable {
  std::string source;  ///< file name, for messages
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;  ///< each as long as the header
  std::vector<std::int64_t> lines;             ///< line in the file at which row i begins

  /// The index of a column. \throws Error{kData} naming the nearest column and all there are.
  [[nodiscard]] std::size_t column(const std::string& name) const;
  [[nodiscard]] bool has_column(const std::string& name) const;
  /// A whole column as numbers. \throws Error{kData} naming the line of a cell that is no finite
  /// number.
  [[nodiscard]] std::vector<double> numbers(const std::string& name) const;
};

/// Reads a CSV file: cells between commas, optional double quotes, LF or CRLF, a UTF-8 byte order
/// mark is skipped, blank lines are ignored, and so is the guard that csv_line() gives to what
/// looks like a formula. \throws Error{kData} with the line number for an unclosed quote, a row
/// that is too short or long, an empty file, a repeated column name, a file that is no UTF-8 text,
/// or a table whose cells are separated by something else.
[[nodiscard]] CsvTable read_csv(const std::filesystem::path& file, char separator = ',');

/// The same from text. \param source  named in errors
[[nodiscard]] CsvTable parse_csv(const std::string& text, const std::string& source,
                                 char separator = ',');

/// One line of CSV without the newline; cells are quoted and guarded where needed
/// (core/text/escape.h).
[[nodiscard]] std::string csv_line(const std::vector<std::string>& cells);

/// Writes header and rows atomically.
void write_csv(const std::filesystem::path& file, const std::vector<std::string>& header,
               const std::vector<std::vector<std::string>>& rows);

}  // namespace robiq
