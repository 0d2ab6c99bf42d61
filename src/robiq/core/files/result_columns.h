#pragma once
#include <cmath>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "robiq/core/files/output.h"
#include "robiq/core/score_scale.h"
#include "robiq/core/text/enum_words.h"

namespace robiq {

/// Where a column is printed.
enum class Shown {
  kEverywhere,
  kData,   ///< in csv, json and jsonl: a terminal has no room for it
  kTable,  ///< on a terminal alone
};

/// A value as a cell of printed results: a path is its text, a scale its two ends, an enum its
/// word, an empty optional and a number that is not finite are empty cells.
template <class Value>
[[nodiscard]] nlohmann::ordered_json result_cell(const Value& value) {
  if constexpr (std::is_same_v<Value, std::filesystem::path>) {
    return value.string();
  } else if constexpr (std::is_same_v<Value, ScoreScale>) {
    return {{"worst", value.worst}, {"best", value.best}};
  } else if constexpr (Worded<Value>) {
    return word_of(value);
  } else if constexpr (std::is_floating_point_v<Value>) {
    return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json();
  } else {
    return value;
  }
}

template <class Value>
[[nodiscard]] nlohmann::ordered_json result_cell(const std::optional<Value>& value) {
  return value ? result_cell(*value) : nlohmann::ordered_json();
}

/// The columns of one kind of result row, in their order: what a row struct becomes in every output
/// format. A kind of row declares `static ResultColumns<Row> columns();`.
template <class Row>
class ResultColumns {
 public:
  using Cells = nlohmann::ordered_json;  ///< of one row, by column

  /// A column of that name. \param value  a member of Row, or a function of a row
  template <class Value>
  ResultColumns& add(std::string name, Value value, Shown shown = Shown::kEverywhere) {
    return add_cells(
        [name = std::move(name), value](const Row& row, Cells& cells) {
          cells[name] = result_cell(std::invoke(value, row));
        },
        shown);
  }

  /// A column that rows without a value do not have at all. \param value  gives an optional
  template <class Value>
  ResultColumns& add_present(std::string name, Value value, Shown shown = Shown::kEverywhere) {
    return add_cells(
        [name = std::move(name), value](const Row& row, Cells& cells) {
          const auto& given = std::invoke(value, row);
          if (given) cells[name] = result_cell(*given);
        },
        shown);
  }

  /// Columns whose names the row itself knows, such as measures.
  ResultColumns& add_cells(std::function<void(const Row&, Cells&)> write,
                           Shown shown = Shown::kEverywhere) {
    columns_.push_back({std::move(write), shown});
    return *this;
  }

  /// The rows as render_rows() takes them.
  template <class Rows>
  [[nodiscard]] nlohmann::ordered_json cells(const Rows& rows, OutputFormat format) const {
    const Shown other = format == OutputFormat::kTable ? Shown::kData : Shown::kTable;
    auto all = nlohmann::ordered_json::array();
    for (const Row& row : rows) {
      auto line = Cells::object();
      for (const Column& column : columns_) {
        if (column.shown != other) column.write(row, line);
      }
      all.push_back(std::move(line));
    }
    return all;
  }

 private:
  struct Column {
    std::function<void(const Row&, Cells&)> write;
    Shown shown;
  };
  std::vector<Column> columns_;
};

/// Rows of results as text, ready to print; see render_rows().
template <class Row>
[[nodiscard]] std::string render_results(const std::vector<Row>& rows, OutputFormat format) {
  return render_rows(Row::columns().cells(rows, format), format);
}

}  // namespace robiq
