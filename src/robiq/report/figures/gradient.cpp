#include <algorithm>
#include <cmath>

#include "robiq/core/text/text.h"
#include "robiq/report/figures/figure_family.h"

namespace robiq {
namespace {

constexpr Extent kGradientPanel{270, 220};
/// Rounding to floats may carry a perturbation this far beyond its budget.
constexpr double kBudgetRoom = 1.02;
/// Numbers that spread over more than this factor are drawn on a logarithmic axis.
constexpr double kWideSpread = 100;

/// What a panel draws of one axis.
struct Axis {
  Span span;
  bool logarithmic = false;
};

/// Without a step of 0, which a logarithm has no place for.
Axis axis_of(const std::vector<double>& values) {
  std::vector<double> positive;
  for (const double value : values) {
    if (value > 0 && std::isfinite(value)) positive.push_back(value);
  }
  const Span span = span_of(positive);
  if (positive.empty() || span.high <= kWideSpread * span.low) {
    return {rounded({0, span.high}), false};
  }
  // A few numbers that happen to be next to 0 shall not fill the panel with decades.
  std::sort(positive.begin(), positive.end());
  const double low = positive[positive.size() / 50];
  return {{std::pow(10.0, std::floor(std::log10(low))), span.high * 1.3}, true};
}

/// 1, 2 and 5 times the powers of ten within a logarithmic axis, or the powers alone where these
/// are many.
std::vector<double> ticks_of(const Span& span) {
  constexpr double kMany = 3;
  const double decades = std::log10(span.high / span.low);
  std::vector<double> ticks;
  for (double power = std::floor(std::log10(span.low)); std::pow(10, power) <= span.high; ++power) {
    for (const double factor : {1.0, 2.0, 5.0}) {
      const double tick = factor * std::pow(10, power);
      const bool shown = factor == 1 || decades <= kMany;
      if (shown && tick >= span.low && tick <= span.high) ticks.push_back(tick);
    }
  }
  return ticks;
}

Json channel(const std::string& field, const std::string& title, const Axis& axis) {
  Json result = quantitative(field, title, axis.span);
  if (axis.logarithmic) {
    result["scale"] = {{"type", "log"}, {"domain", {axis.span.low, axis.span.high}}};
    result["axis"] = {{"values", ticks_of(axis.span)}, {"format", "~g"}};
  }
  return result;
}

/// The axes of all these figures, so that attacks and models can be compared by eye.
struct GradientAxes {
  Axis gradient, change;
};

/// Both are logarithmic or neither is: the bound stays a straight line.
GradientAxes axes_of(const std::vector<double>& gradients, const std::vector<double>& changes) {
  GradientAxes axes{axis_of(gradients), axis_of(changes)};
  if (axes.change.logarithmic == axes.gradient.logarithmic) return axes;
  Axis& plain = axes.change.logarithmic ? axes.gradient : axes.change;
  std::vector<double> positive;
  for (const double value : axes.change.logarithmic ? gradients : changes) {
    if (value > 0) positive.push_back(value);
  }
  const Span span = span_of(positive);
  plain = {{span.low / 1.3, span.high * 1.3}, true};
  return axes;
}

/// What one panel is about.
struct Panel {
  std::string model;
  double reached = 0;  ///< largest l_inf
  std::size_t count = 0;
};

Panel panel_of(const DataTable& points, const std::string& model) {
  const auto values = [&](const char* column) {
    return numbers_in(points, column, {{"model", model}});
  };
  return {model, span_of(values("linf")).high, values("change").size()};
}

/// The bound, from one end of the panel to where it leaves the panel.
DataTable bound_data(const std::vector<Panel>& panels, const std::string& attack,
                     const GradientAxes& axes) {
  const Span &gradients = axes.gradient.span, &changes = axes.change.span;
  DataRows rows;
  for (const Panel& panel : panels) {
    const double low = std::max(gradients.low, changes.low / panel.reached);
    const double high = std::min(gradients.high, changes.high / panel.reached);
    if (!(low < high)) continue;  // it runs outside the panel
    for (const double gradient : {low, high}) {
      DataRows::Row row = about_cells({panel.model, "", attack});
      row.insert(row.end(), {{"gradient_l1", gradient}, {"change", panel.reached * gradient}});
      rows.add(row);
    }
  }
  return rows.take();
}

Json panel_view(const FigureContext& context, const Panel& panel, const std::string& points_name,
                const std::string& bound_name, const GradientAxes& axes) {
  const DataTable& points = context.data(points_name);
  const Json x = channel("gradient_l1", "l1 norm of the gradient", axes.gradient);
  const Json y = channel("change", "|score change| (0..100)", axes.change);
  Json bound{
      {"data", named_data(bound_name)},
      {"transform", Json::array({only("model", panel.model)})},
      {"mark", {{"type", "line"}, {"strokeDash", {4, 3}}, {"strokeWidth", 1}, {"opacity", 0.6}}},
      {"encoding", {{"x", x}, {"y", y}}}};
  Json dots{
      {"mark", point_mark(panel.count)},
      {"encoding",
       {{"x", x}, {"y", y}, {"color", context.colour(points)}, {"shape", context.shape(points)}}}};
  Json view = layered(kGradientPanel,
                      bound_name.empty() ? Json::array({dots}) : Json::array({bound, dots}));
  view["title"] = {
      {"text", panel.model},
      {"subtitle", "l_inf up to " + number_text(std::round(panel.reached * 1e5) / 1e5)}};
  view["data"] = named_data(points_name);
  view["transform"] = Json::array({only("model", panel.model)});
  if (axes.change.logarithmic) {
    view["layer"].back()["mark"]["clip"] = true;
    view["transform"].push_back({{"filter", "datum.change > 0 && datum.gradient_l1 > 0"}});
  }
  return view;
}

/// Whether the attack keeps within the epsilon that its options name.
bool keeps_to_epsilon(const Situation& attack, const DataTable& points) {
  double epsilon = 0;
  if (!parse_number(attack.options.value("epsilon"), epsilon)) return false;
  std::size_t finite = 0;
  for (const double linf : numbers_in(points, "linf", {})) {
    if (!std::isfinite(linf)) continue;
    if (linf > kBudgetRoom * epsilon) return false;
    finite += linf > 0 ? 1 : 0;
  }
  return finite > 0;
}

/// The attacks that can be drawn.
std::vector<Situation> drawn_attacks(FigureContext& context) {
  std::vector<Situation> drawn;
  for (const Situation& attack : context.shown_attacks()) {
    const std::string points = context.points(attack);
    if (!points.empty() && keeps_to_epsilon(attack, context.data(points))) drawn.push_back(attack);
  }
  return drawn;
}

/// Of the models whose gradients were measured.
std::vector<Panel> panels_of(const DataTable& points) {
  std::vector<Panel> panels;
  for (const std::string& model : words_in(points, "model")) {
    const std::vector<double> gradients = numbers_in(points, "gradient_l1", {{"model", model}});
    const auto measured = [](double gradient) { return gradient > 0; };
    if (std::any_of(gradients.begin(), gradients.end(), measured)) {
      panels.push_back(panel_of(points, model));
    }
  }
  return panels;
}

GradientAxes shared_axes(FigureContext& context, const std::vector<Situation>& attacks) {
  std::vector<double> gradients, changes;
  for (const Situation& attack : attacks) {
    const DataTable& points = context.data(context.points(attack));
    for (const Panel& panel : panels_of(points)) {
      for (const double value : numbers_in(points, "gradient_l1", {{"model", panel.model}})) {
        gradients.push_back(value);
      }
      for (const double value : numbers_in(points, "change", {{"model", panel.model}})) {
        changes.push_back(value);
      }
    }
  }
  return axes_of(gradients, changes);
}

}  // namespace

std::vector<Figure> gradient_figures(FigureContext& context) {
  const std::vector<Situation> attacks = drawn_attacks(context);
  const GradientAxes axes = shared_axes(context, attacks);
  std::vector<Figure> figures;
  for (const Situation& attack : attacks) {
    const std::string points = context.points(attack);
    const std::vector<Panel> panels = panels_of(context.data(points));
    if (panels.empty()) continue;
    DataTable bound_rows = bound_data(panels, context.titles().attack(attack), axes);
    const std::string bound = bound_rows.empty() ? "" : context.keep("bound", bound_rows);
    Json views = Json::array();
    for (const Panel& panel : panels) {
      views.push_back(panel_view(context, panel, points, bound, axes));
    }
    const std::string title = context.title(attack);
    const std::string caption =
        "Gradient norm of the clean picture's score against the change under " + title +
        ", with the first-order bound (dashed). Scores on 0..100, pixel values in 0..1.";
    figures.push_back(
        {context.figure_id("gradient", title), caption, figure_text(caption, 2, views)});
  }
  return figures;
}

}  // namespace robiq
