#include "robiq/report/evidence/data_rows.h"

#include <algorithm>

#include "robiq/core/error.h"

namespace robiq {
namespace {

const DataColumn& column_of(const DataTable& table, const std::string& name) {
  const auto place = std::find_if(table.begin(), table.end(),
                                  [&](const DataColumn& column) { return column.name == name; });
  if (place == table.end()) {
    throw Error(ErrorKind::kInternal, {"figure data have no column '" + name + "'", "", ""});
  }
  return *place;
}

}  // namespace

void DataRows::add(const Row& row) {
  if (table_.empty()) {
    for (const auto& [name, cell] : row) {
      table_.push_back({name, {}});
      if (std::holds_alternative<std::string>(cell)) {
        table_.back().values = std::vector<std::string>{};
      }
    }
  }
  for (std::size_t i = 0; i < row.size(); ++i) {
    const auto& [name, cell] = row[i];
    if (row.size() != table_.size() || table_[i].name != name ||
        table_[i].values.index() != cell.index()) {
      throw Error(ErrorKind::kInternal,
                  {"rows of figure data differ in column '" + name + "'", "", ""});
    }
    if (const auto* number = std::get_if<double>(&cell)) {
      std::get<std::vector<double>>(table_[i].values).push_back(*number);
    } else {
      std::get<std::vector<std::string>>(table_[i].values).push_back(std::get<std::string>(cell));
    }
  }
}

DataRows::Row about_cells(const About& about) {
  return {{"model", about.model}, {"defense", about.defense}, {"attack", about.attack}};
}

std::vector<std::string> words_in(const DataTable& table, const std::string& column) {
  std::vector<std::string> found;
  for (const std::string& word :
       std::get<std::vector<std::string>>(column_of(table, column).values)) {
    if (std::find(found.begin(), found.end(), word) == found.end()) found.push_back(word);
  }
  return found;
}

std::vector<double> numbers_in(const DataTable& table, const std::string& column,
                               const std::vector<std::pair<std::string, std::string>>& where) {
  const auto& values = std::get<std::vector<double>>(column_of(table, column).values);
  std::vector<bool> kept(values.size(), true);
  for (const auto& [name, word] : where) {
    const auto& words = std::get<std::vector<std::string>>(column_of(table, name).values);
    for (std::size_t i = 0; i < words.size(); ++i) kept[i] = kept[i] && words[i] == word;
  }
  std::vector<double> found;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (kept[i]) found.push_back(values[i]);
  }
  return found;
}

}  // namespace robiq
