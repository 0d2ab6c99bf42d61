#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "robiq/core/files/output.h"
#include "robiq/report/render/render.h"

namespace robiq {
namespace {

using Json = nlohmann::ordered_json;

/// Keys that have a deviation in some row.
std::set<std::string> keys_with_deviation(const Table& table) {
  std::set<std::string> keys;
  for (const Row& row : table.rows) {
    for (std::size_t c = 0; c < row.cells.size(); ++c) {
      const std::vector<Value>& values = row.cells[c].values;
      for (std::size_t v = 0; v < values.size(); ++v) {
        if (std::isfinite(values[v].deviation)) keys.insert(table.columns[c].keys.at(v));
      }
    }
  }
  return keys;
}

void put(Json& row, const std::string& key, const Value& value, bool with_deviation) {
  std::visit([&](const auto& content) { row[key] = content; }, value.value);
  if (with_deviation) row[key + "_sd"] = value.deviation;
}

}  // namespace

std::string render_csv(const Table& table) {
  const std::set<std::string> with_deviation = keys_with_deviation(table);
  const bool printed = std::any_of(table.rows.begin(), table.rows.end(),
                                   [](const Row& row) { return row.reference; });
  Json rows = Json::array();
  for (const Row& row : table.rows) {
    Json line = Json::object();
    for (std::size_t c = 0; c < row.cells.size(); ++c) {
      const std::vector<Value>& values = row.cells[c].values;
      for (std::size_t v = 0; v < values.size(); ++v) {
        const std::string& key = table.columns[c].keys.at(v);
        put(line, key, values[v], with_deviation.contains(key));
      }
    }
    if (printed) line["source"] = row.reference ? "paper" : "robiq";
    rows.push_back(std::move(line));
  }
  return render_rows(rows, OutputFormat::kCsv);
}

}  // namespace robiq
