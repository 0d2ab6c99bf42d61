#include <nlohmann/json.hpp>

#include "robiq/core/output.h"
#include "robiq/report/render.h"

namespace robiq {

std::string render_csv(const Table& table) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const auto& [cells, about, reference] : table.rows) {
    nlohmann::ordered_json row = nlohmann::ordered_json::object();
    for (std::size_t c = 0; c < cells.size(); ++c) {
      for (std::size_t v = 0; v < cells[c].values.size(); ++v) {
        std::visit([&](const auto& value) { row[table.columns[c].keys.at(v)] = value; },
                   cells[c].values[v].value);
      }
    }
    rows.push_back(std::move(row));
  }
  return render_rows(rows, OutputFormat::kCsv);
}

}  // namespace robiq
