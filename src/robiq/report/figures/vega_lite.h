#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "robiq/report/report.h"

namespace robiq {

/// Parts of Vega-Lite 6 specifications. None of them fixes a colour or a font: these come from
/// whoever draws.
using Json = nlohmann::ordered_json;

/// Low and high end of an axis.
struct Span {
  double low = 0, high = 1;
};
/// From the least to the largest finite value; 0..1 where there is none.
[[nodiscard]] Span span_of(const std::vector<double>& values);
/// Of both.
[[nodiscard]] Span joined(const Span& a, const Span& b);
/// Outwards to round numbers; an empty span becomes one of length 1.
[[nodiscard]] Span rounded(const Span& span);

/// {"field", "type": "quantitative", "title"}.
[[nodiscard]] Json quantitative(const std::string& field, const std::string& title);
/// With the ends of its axis.
[[nodiscard]] Json quantitative(const std::string& field, const std::string& title,
                                const Span& span);
/// {"field", "type": "nominal", "title"}.
[[nodiscard]] Json nominal(const std::string& field, const std::string& title);
/// Set in this order, by colour or shape, whatever part of it is in the data.
[[nodiscard]] Json ordered_nominal(const std::string& field, const std::string& title,
                                   const std::vector<std::string>& domain);

/// {"name"}: a name of Report::data.
[[nodiscard]] Json named_data(const std::string& name);
/// Keeps the rows whose text in `field` is `value`; stands first in a panel that is about it.
[[nodiscard]] Json only(const std::string& field, const std::string& value);

/// Size and opacity at which `count` points in one panel can be told apart.
[[nodiscard]] Json point_mark(std::size_t count);

/// A view of its own size.
struct Extent {
  int width, height;  ///< pixels
};
[[nodiscard]] Json unit(const Extent& extent, const Json& mark, const Json& encoding);
[[nodiscard]] Json layered(const Extent& extent, const Json& layers);

/// A whole specification: panels side by side, so many in a row.
[[nodiscard]] std::string figure_text(const std::string& description, std::size_t columns,
                                      const Json& panels);

}  // namespace robiq
