#include <algorithm>
#include <cmath>

#include "robiq/report/figures/figure_family.h"
#include "robiq/report/kernel_density.h"

namespace robiq {
namespace {

constexpr int kCurvePlaces = 121;
constexpr Extent kScatter{225, 215}, kMargin{52, 215};

/// From 0 to a round number above all of them.
Span change_span(const std::vector<double>& changes) { return rounded({0, span_of(changes).high}); }

/// From 0 to the panel's end, as far as there is anything to see of the curve.
std::vector<double> curve_places(const std::vector<double>& changes, double bandwidth, double end) {
  constexpr double kSeen = 4;  // bandwidths
  const Span span = span_of(changes);
  const double low = std::max(0.0, span.low - kSeen * bandwidth);
  const double high = std::min(end, span.high + kSeen * bandwidth);
  std::vector<double> places;
  for (int i = 0; i < kCurvePlaces; ++i) {
    places.push_back(low + (high - low) * i / (kCurvePlaces - 1));
  }
  return places;
}

/// The fitted distribution of every model and defense; "height" is the density in parts of the
/// curve's highest.
DataTable density_data(const DataTable& points, const std::string& attack) {
  DataRows rows;
  for (const std::string& model : words_in(points, "model")) {
    const Span span = change_span(numbers_in(points, "change", {{"model", model}}));
    for (const std::string& defense : words_in(points, "defense")) {
      const std::vector<double> changes =
          numbers_in(points, "change", {{"model", model}, {"defense", defense}});
      const double bandwidth = silverman_bandwidth(changes);
      if (!(bandwidth > 0)) continue;  // equal changes have no distribution to draw
      const std::vector<double> at = curve_places(changes, bandwidth, span.high);
      const std::vector<double> density = kernel_density(changes, bandwidth, at);
      const double highest = *std::max_element(density.begin(), density.end());
      for (std::size_t i = 0; i < at.size(); ++i) {
        DataRows::Row row = about_cells({model, defense, attack});
        row.insert(row.end(),
                   {{"change", at[i]}, {"density", density[i]}, {"height", density[i] / highest}});
        rows.add(row);
      }
    }
  }
  return rows.take();
}

/// Names in the report of what one figure draws.
struct Names {
  std::string points, density;
};

Json margin(const FigureContext& context, const Names& names, const std::string& model,
            const Span& span) {
  Json y = quantitative("change", "", span);
  y["axis"] = {{"labels", false}, {"ticks", false}, {"title", nullptr}};
  Json x = quantitative("height", "", {0, 1.05});
  x["axis"] = nullptr;
  x["stack"] = nullptr;
  const Json colour = context.colour(context.data(names.points));
  const Json encoding{{"x", x}, {"y", y}, {"color", colour}};
  // Many curves hide each other where they are filled.
  const bool many = words_in(context.data(names.density), "defense").size() > 3;
  const Json filled{{"mark",
                     {{"type", "area"},
                      {"orient", "horizontal"},
                      {"opacity", many ? 0.06 : 0.4},
                      {"line", false}}},
                    {"encoding", encoding}};
  Json outline{{"mark", {{"type", "line"}, {"strokeWidth", 1.2}}}, {"encoding", encoding}};
  outline["encoding"]["order"] = {{"field", "change"}, {"type", "quantitative"}};
  Json view = layered(kMargin, {filled, outline});
  view["data"] = named_data(names.density);
  view["transform"] = Json::array({only("model", model)});
  return view;
}

Json panel(const FigureContext& context, const Names& names, const std::string& model) {
  const DataTable& points = context.data(names.points);
  const std::vector<double> changes = numbers_in(points, "change", {{"model", model}});
  const Span mos = joined({0, 100}, span_of(numbers_in(points, "mos", {})));
  const Span span = change_span(changes);
  Json scatter = unit(kScatter, point_mark(changes.size()),
                      {{"x", quantitative("mos", "MOS (0..100)", mos)},
                       {"y", quantitative("change", "|score change| (0..100)", span)},
                       {"color", context.colour(points)},
                       {"shape", context.shape(points)}});
  scatter["title"] = model;
  Json beside = Json::array({scatter});
  if (!names.density.empty()) beside.push_back(margin(context, names, model, span));
  return {{"data", named_data(names.points)},
          {"transform", Json::array({only("model", model)})},
          {"spacing", 4},
          {"hconcat", beside}};
}

Figure figure(FigureContext& context, const Situation& attack, const Names& names) {
  const std::string title = context.title(attack);
  Json panels = Json::array();
  for (const std::string& model : words_in(context.data(names.points), "model")) {
    panels.push_back(panel(context, names, model));
  }
  const std::string caption = "Absolute change of the score under " + title +
                              ", by MOS, with the fitted distribution of the changes.";
  return {context.figure_id("score-change", title), caption, figure_text(caption, 2, panels)};
}

}  // namespace

std::vector<Figure> score_change_figures(FigureContext& context) {
  std::vector<Figure> figures;
  for (const Situation& attack : context.shown_attacks()) {
    Names names{context.points(attack), ""};
    if (names.points.empty()) continue;
    DataTable density = density_data(context.data(names.points), context.titles().attack(attack));
    if (!density.empty()) names.density = context.keep("density", std::move(density));
    figures.push_back(figure(context, attack, names));
  }
  return figures;
}

}  // namespace robiq
