#pragma once
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "robiq/report/report.h"

namespace robiq {

/// A DataTable made row by row; the first row says which columns there are.
class DataRows {
 public:
  using Cell = std::variant<double, std::string>;
  using Row = std::vector<std::pair<std::string, Cell>>;

  /// \throws Error{kInternal} when the row has other columns than the first
  void add(const Row& row);
  [[nodiscard]] bool empty() const { return table_.empty(); }
  [[nodiscard]] DataTable take() { return std::move(table_); }

 private:
  DataTable table_;
};

/// Columns "model", "defense" and "attack": what readers filter by.
[[nodiscard]] DataRows::Row about_cells(const About& about);

/// The words of a column, each once, in the order in which they come.
[[nodiscard]] std::vector<std::string> words_in(const DataTable& table, const std::string& column);

/// The numbers of a column in the rows where each of the named columns has the given word.
[[nodiscard]] std::vector<double> numbers_in(
    const DataTable& table, const std::string& column,
    const std::vector<std::pair<std::string, std::string>>& where);

}  // namespace robiq
