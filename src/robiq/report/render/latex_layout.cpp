#include "robiq/report/render/latex_layout.h"

#include <algorithm>
#include <cmath>

#include "robiq/core/text/text.h"

namespace robiq {
namespace {

/// Rows of one float.
constexpr std::size_t kMostRows = 36;
/// Letters of a row that can still be read when it is shrunk to the width of a page.
constexpr std::size_t kWide = 170;

bool holds_words(const Table& table, std::size_t column) {
  return std::any_of(table.rows.begin(), table.rows.end(), [&](const Row& row) {
    const std::vector<Value>& values = row.cells[column].values;
    return std::any_of(values.begin(), values.end(), [](const Value& value) {
      return std::holds_alternative<std::string>(value.value);
    });
  });
}

bool same_words(const Cell& a, const Cell& b) {
  return std::equal(a.values.begin(), a.values.end(), b.values.begin(), b.values.end(),
                    [](const Value& x, const Value& y) { return x.value == y.value; });
}

/// Cut between rows whose first names differ, where there is such a place.
std::vector<IndexRange> row_ranges(const Table& table) {
  std::vector<IndexRange> ranges;
  for (std::size_t begin = 0; begin < table.rows.size();) {
    std::size_t end = std::min(begin + kMostRows, table.rows.size());
    if (end < table.rows.size()) {
      std::size_t cut = end;
      while (cut > begin && same_names(table, cut - 1, cut, 0)) --cut;
      if (cut > begin) end = cut;
    }
    ranges.push_back({begin, end});
    begin = end;
  }
  return ranges;
}

std::size_t letters(const Cell& cell) {
  std::size_t sum = 0;
  for (const Value& value : cell.values) {
    const auto* text = std::get_if<std::string>(&value.value);
    sum += text != nullptr ? text->size() : static_cast<std::size_t>(value.decimals) + 3;
    if (std::isfinite(value.deviation)) sum += static_cast<std::size_t>(value.decimals) + 3;
    sum += 3;  // " / "
  }
  return sum < 3 ? 0 : sum - 3;
}

/// Letters of a column's widest cell as it is printed, more or less, with the space after it.
std::size_t letters_of_column(const Table& table, std::size_t column) {
  std::size_t most = 0;
  for (const std::string& line : split(table.columns[column].name, '\n')) {
    most = std::max(most, line.size());
  }
  for (const Row& row : table.rows) most = std::max(most, letters(row.cells[column]));
  return most + 2;
}

/// Columns [range.begin, range.end) in as few equal parts as fit beside the naming ones.
void cut_evenly(const Table& table, IndexRange range, std::size_t naming,
                std::vector<IndexRange>& out) {
  const std::size_t count = range.end - range.begin;
  for (std::size_t parts = 1; parts <= count; ++parts) {
    const std::size_t each = (count + parts - 1) / parts;
    std::vector<IndexRange> cut;
    bool fits = true;
    for (std::size_t c = range.begin; c < range.end; c += each) {
      cut.push_back({c, std::min(c + each, range.end)});
      fits = fits && letters_of(table, {0, naming}) + letters_of(table, cut.back()) <= kWide;
    }
    if (!fits && parts < count) continue;
    out.insert(out.end(), cut.begin(), cut.end());
    return;
  }
}

/// What stands side by side: all columns, or one group, or a part of a group.
std::vector<IndexRange> column_ranges(const Table& table, std::size_t naming) {
  const std::size_t count = table.columns.size();
  if (letters_of(table, {0, count}) <= kWide || naming == count) return {{naming, count}};
  std::vector<IndexRange> ranges;
  for (std::size_t begin = naming; begin < count;) {
    std::size_t end = begin + 1;
    while (end < count && table.columns[end].group == table.columns[begin].group) ++end;
    cut_evenly(table, {begin, end}, naming, ranges);
    begin = end;
  }
  return ranges;
}

}  // namespace

std::size_t naming_columns(const Table& table) {
  std::size_t count = 0;
  while (count < table.columns.size() && holds_words(table, count)) ++count;
  return count;
}

bool same_names(const Table& table, std::size_t a, std::size_t b, std::size_t last_column) {
  for (std::size_t c = 0; c <= last_column; ++c) {
    if (!same_words(table.rows[a].cells[c], table.rows[b].cells[c])) return false;
  }
  return true;
}

std::size_t letters_of(const Table& table, IndexRange columns) {
  std::size_t sum = 0;
  for (std::size_t c = columns.begin; c < columns.end; ++c) sum += letters_of_column(table, c);
  return sum;
}

std::vector<std::vector<TablePanel>> floats_of(const Table& table, std::size_t naming) {
  constexpr std::size_t kHeaderRows = 5;
  std::vector<std::vector<TablePanel>> floats;
  std::size_t height = 0;
  for (const IndexRange& rows : row_ranges(table)) {
    for (const IndexRange& columns : column_ranges(table, naming)) {
      const std::size_t more = rows.end - rows.begin + kHeaderRows;
      if (floats.empty() || height + more > kMostRows + kHeaderRows) {
        floats.emplace_back();
        height = 0;
      }
      floats.back().push_back({rows, columns});
      height += more;
    }
  }
  return floats;
}

}  // namespace robiq
