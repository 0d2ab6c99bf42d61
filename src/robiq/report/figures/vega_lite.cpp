#include "robiq/report/figures/vega_lite.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "robiq/core/files/output.h"

namespace robiq {

Span span_of(const std::vector<double>& values) {
  Span span{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    span = {std::min(span.low, value), std::max(span.high, value)};
  }
  return span.low <= span.high ? span : Span{};
}

Span joined(const Span& a, const Span& b) {
  return {std::min(a.low, b.low), std::max(a.high, b.high)};
}

Span rounded(const Span& span) {
  if (!(span.high > span.low)) return {span.low, span.low + 1};
  const double rough = (span.high - span.low) / 5;
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= rough) {
      step = factor * power;
      break;
    }
  }
  return {std::floor(span.low / step) * step, std::ceil(span.high / step) * step};
}

Json quantitative(const std::string& field, const std::string& title) {
  return {{"field", field}, {"type", "quantitative"}, {"title", title}};
}

Json quantitative(const std::string& field, const std::string& title, const Span& span) {
  Json channel = quantitative(field, title);
  channel["scale"] = {{"domain", {span.low, span.high}}, {"nice", false}, {"zero", false}};
  return channel;
}

Json nominal(const std::string& field, const std::string& title) {
  return {{"field", field}, {"type", "nominal"}, {"title", title}};
}

Json ordered_nominal(const std::string& field, const std::string& title,
                     const std::vector<std::string>& domain) {
  Json channel = nominal(field, title);
  channel["scale"] = {{"domain", domain}};
  return channel;
}

Json named_data(const std::string& name) { return {{"name", name}}; }

Json only(const std::string& field, const std::string& value) {
  return {{"filter", {{"field", field}, {"equal", value}}}};
}

Json point_mark(std::size_t count) {
  struct Look {
    std::size_t up_to;
    int size;
    double opacity;
  };
  constexpr Look kLooks[]{{80, 34, 0.75},
                          {300, 22, 0.6},
                          {1000, 14, 0.45},
                          {3000, 10, 0.35},
                          {std::numeric_limits<std::size_t>::max(), 7, 0.25}};
  const auto* const look = std::find_if(std::begin(kLooks), std::end(kLooks),
                                        [&](const Look& l) { return count <= l.up_to; });
  return {{"type", "point"}, {"filled", true}, {"size", look->size}, {"opacity", look->opacity}};
}

Json unit(const Extent& extent, const Json& mark, const Json& encoding) {
  return {
      {"width", extent.width}, {"height", extent.height}, {"mark", mark}, {"encoding", encoding}};
}

Json layered(const Extent& extent, const Json& layers) {
  return {{"width", extent.width}, {"height", extent.height}, {"layer", layers}};
}

std::string figure_text(const std::string& description, std::size_t columns, const Json& panels) {
  const Json spec{{"$schema", "https://vega.github.io/schema/vega-lite/v6.json"},
                  {"description", description},
                  {"columns", columns},
                  {"concat", panels}};
  return json_text(spec);
}

}  // namespace robiq
