#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "robiq/report/report.h"

namespace robiq {

/// From begin, before end.
struct IndexRange {
  std::size_t begin = 0, end = 0;
};

/// A part of a table that is set as one: these rows, the naming columns and these others.
struct TablePanel {
  IndexRange rows, columns;
};

/// The leading columns of words: those that name a row.
[[nodiscard]] std::size_t naming_columns(const Table& table);

/// Whether two rows have equal words in the columns up to and with `last_column`.
[[nodiscard]] bool same_names(const Table& table, std::size_t a, std::size_t b,
                              std::size_t last_column);

/// Letters of the widest cell of these columns as they are printed, more or less, added up.
[[nodiscard]] std::size_t letters_of(const Table& table, IndexRange columns);

/// How a table goes on pages: the panels of every float. What is too wide to be read stands in
/// panels below each other, what is too long in several floats.
[[nodiscard]] std::vector<std::vector<TablePanel>> floats_of(const Table& table,
                                                             std::size_t naming);

/// Text in which nothing is a command to LaTeX: special letters are escaped, signs that tables use
/// (± ↑ ↓ Δ λ ∞ ...) become mathematics, letters that it does not know and bytes that are no UTF-8
/// are written as numbers: "[U+4E2D]", "[0xFF]". Line ends become spaces.
[[nodiscard]] std::string latex_text(std::string_view text);

}  // namespace robiq
