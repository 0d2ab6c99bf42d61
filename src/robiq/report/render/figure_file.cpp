#include "robiq/report/render/figure_file.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "robiq/core/error.h"
#include "robiq/core/files/output.h"

namespace robiq {
namespace {

using Json = nlohmann::ordered_json;

/// Every {"data": {"name": ...}} of the specification, those inside transforms too.
void gather_names(const Json& json, std::set<std::string>& names) {
  if (json.is_object() && json.contains("data") && json["data"].is_object() &&
      json["data"].contains("name")) {
    names.insert(json["data"]["name"].get<std::string>());
  }
  if (!json.is_structured()) return;
  for (const Json& child : json) gather_names(child, names);
}

Json value_at(const DataColumn& column, std::size_t row) {
  if (const auto* words = std::get_if<std::vector<std::string>>(&column.values)) {
    return words->at(row);
  }
  const double number = std::get<std::vector<double>>(column.values).at(row);
  return std::isfinite(number) ? Json(number) : Json(nullptr);
}

Json rows_json(const DataTable& table) {
  Json rows = Json::array();
  if (table.empty()) return rows;
  const std::size_t count =
      std::visit([](const auto& values) { return values.size(); }, table.front().values);
  for (std::size_t row = 0; row < count; ++row) {
    Json json = Json::object();
    for (const DataColumn& column : table) json[column.name] = value_at(column, row);
    rows.push_back(std::move(json));
  }
  return rows;
}

}  // namespace

std::string figure_file(const Figure& figure, const std::map<std::string, DataTable>& data) {
  Json spec = Json::parse(figure.vega_lite, nullptr, false);
  if (!spec.is_object()) {
    throw Error(ErrorKind::kInternal, {"figure \"" + figure.id + "\" is not JSON", "", ""});
  }
  std::set<std::string> names;
  gather_names(spec, names);
  Json file{{"$schema", "https://vega.github.io/schema/vega-lite/v6.json"},
            {"description", figure.caption}};
  file.update(spec);
  for (const std::string& name : names) {
    const auto table = data.find(name);
    if (table == data.end()) {
      throw Error(ErrorKind::kInternal,
                  {"figure \"" + figure.id + "\" names data \"" + name + "\", which are not there",
                   "", ""});
    }
    file["datasets"][name] = rows_json(table->second);
  }
  return json_text(file) + "\n";
}

}  // namespace robiq
