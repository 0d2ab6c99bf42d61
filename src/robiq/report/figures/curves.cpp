#include "robiq/report/figures/curves.h"

#include <algorithm>
#include <cmath>

namespace robiq {

DataRows::Row curve_cells(const std::string& name, const Statistic& value) {
  return {{name, value.mean},
          {name + "_low", value.mean - value.deviation},
          {name + "_high", value.mean + value.deviation}};
}

Json curve_panel(const Extent& extent, const CurvePanel& panel) {
  const std::string field = panel.y.at("field");
  const Json line{
      {"mark", {{"type", "line"}, {"point", {{"size", 34}, {"filled", true}}}}},
      {"encoding",
       {{"x", panel.x}, {"y", panel.y}, {"color", panel.colour}, {"tooltip", panel.tooltip}}}};
  Json layers = Json::array();
  if (panel.banded) {
    Json low = panel.y;
    low["field"] = field + "_low";
    layers.push_back({{"mark", {{"type", "area"}, {"opacity", 0.18}, {"line", false}}},
                      {"encoding",
                       {{"x", panel.x},
                        {"y", low},
                        {"y2", {{"field", field + "_high"}}},
                        {"color", panel.colour}}}});
  }
  layers.push_back(line);
  Json view = layered(extent, layers);
  view["title"] = panel.title;
  view["data"] = named_data(panel.data);
  view["transform"] = panel.transform;
  return view;
}

Span curve_span(const DataTable& table, const std::string& name) {
  std::vector<double> all;
  for (const char* end : {"", "_low", "_high"}) {
    for (const double value : numbers_in(table, name + end, {})) all.push_back(value);
  }
  return span_of(all);
}

bool has_numbers(const DataTable& table, const std::string& column) {
  const std::vector<double> values = numbers_in(table, column, {});
  return std::any_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

}  // namespace robiq
