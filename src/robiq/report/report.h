#pragma once
#include <string>
#include <variant>
#include <vector>

namespace robiq {

/// A number with the digits it deserves, or a word. NaN is printed as a dash.
struct Value {
  std::variant<double, std::string> value;
  int decimals = 4;
  bool best = false;  ///< printed bold
};

/// What stands in one place of a table; several values are printed as "a / b".
struct Cell {
  std::vector<Value> values;
};
[[nodiscard]] inline Cell word(const std::string& text) { return {{{text}}}; }
[[nodiscard]] inline Cell number(double value, int decimals) { return {{{value, decimals}}}; }

struct Column {
  std::string name;               ///< for people
  std::vector<std::string> keys;  ///< for programs, one for each value of a cell
};

struct Table {
  std::string id;  ///< file name without ending
  std::string caption;
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;  ///< each as long as `columns`
  std::vector<std::string> notes;
};

struct Section {
  std::string title, text;
  std::vector<Table> tables;
};

/// What a report says, before anyone decides how it looks.
struct Report {
  std::string title, text;
  std::vector<Section> sections;
};

}  // namespace robiq
