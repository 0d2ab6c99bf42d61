#include "robiq/report/figures/curves.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "robiq/report/evidence/evidence.h"

namespace robiq {

DataRows::Row curve_cells(const std::string& name, const Statistic& value) {
  const bool one_seed = value.count == 1;
  return {{name, value.mean},
          {name + "_low", one_seed ? value.low : value.mean - value.deviation},
          {name + "_high", one_seed ? value.high : value.mean + value.deviation}};
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

double quantile_of_sorted(const std::vector<double>& sorted, double part) {
  const double place = part * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  const double rest = place - static_cast<double>(below);
  return sorted[below] + rest * (sorted[above] - sorted[below]);
}

double silverman_bandwidth(std::vector<double> values) {
  if (values.size() < 2) return 0;
  const double deviation = statistic_of(values).deviation;
  std::sort(values.begin(), values.end());
  const double middle_half = quantile_of_sorted(values, 0.75) - quantile_of_sorted(values, 0.25);
  const double spread = middle_half > 0 ? std::min(deviation, middle_half / 1.34) : deviation;
  return 0.9 * spread * std::pow(static_cast<double>(values.size()), -0.2);
}

std::vector<double> kernel_density(const std::vector<double>& values, double bandwidth,
                                   const std::vector<double>& places) {
  const double scale =
      1 / (static_cast<double>(values.size()) * bandwidth * std::sqrt(2 * std::numbers::pi));
  std::vector<double> density;
  density.reserve(places.size());
  for (const double place : places) {
    double sum = 0;
    for (const double value : values) {
      const double z = (place - value) / bandwidth;
      sum += std::exp(-z * z / 2);
    }
    density.push_back(sum * scale);
  }
  return density;
}

}  // namespace robiq
