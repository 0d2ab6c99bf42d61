#include <algorithm>
#include <cmath>

#include "robiq/report/figures/curves.h"
#include "robiq/report/figures/figure_family.h"

namespace robiq {
namespace {

constexpr int kCurvePlaces = 121;
constexpr Extent kScatter{225, 215}, kMargin{52, 215};

/// So far beyond its outermost value a fitted curve is seen.
constexpr double kSeen = 3;  // bandwidths

/// The changes under one attack of one model and defense.
std::vector<double> changes_of(const DataTable& points, const std::string& model,
                               const std::string& defense) {
  return numbers_in(points, "change", {{"model", model}, {"defense", defense}});
}

/// Where the points end, and the curves beside them.
double highest_in(const DataTable& points) {
  double highest = 0;
  for (const std::string& model : words_in(points, "model")) {
    for (const std::string& defense : words_in(points, "defense")) {
      const std::vector<double> changes = changes_of(points, model, defense);
      if (changes.empty()) continue;
      highest = std::max(highest, span_of(changes).high + kSeen * silverman_bandwidth(changes));
    }
  }
  return highest;
}

/// From 0 to the panel's end, as far as there is anything to see of the curve.
std::vector<double> curve_places(const std::vector<double>& changes, double bandwidth, double end) {
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
DataTable density_data(const DataTable& points, const std::string& attack, const Span& span) {
  DataRows rows;
  for (const std::string& model : words_in(points, "model")) {
    for (const std::string& defense : words_in(points, "defense")) {
      const std::vector<double> changes = changes_of(points, model, defense);
      const double bandwidth = silverman_bandwidth(changes);
      if (!(bandwidth > 0)) continue;  // equal changes have no distribution to draw
      const std::vector<double> places = curve_places(changes, bandwidth, span.high);
      const std::vector<double> density = kernel_density(changes, bandwidth, places);
      const double highest = *std::max_element(density.begin(), density.end());
      for (std::size_t i = 0; i < places.size(); ++i) {
        DataRows::Row row = about_cells({model, defense, attack});
        row.insert(
            row.end(),
            {{"change", places[i]}, {"density", density[i]}, {"height", density[i] / highest}});
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

/// The axes of all these figures, so that attacks and models can be compared by eye.
struct ScoreChangeAxes {
  Span mos{0, 100}, change;
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

Json panel(const FigureContext& context, const Names& names, const std::string& model,
           const ScoreChangeAxes& axes) {
  const DataTable& points = context.data(names.points);
  const std::vector<double> changes = numbers_in(points, "change", {{"model", model}});
  Json scatter = unit(kScatter, point_mark(changes.size()),
                      {{"x", quantitative("mos", "MOS (0..100)", axes.mos)},
                       {"y", quantitative("change", "|score change| (0..100)", axes.change)},
                       {"color", context.colour(points)},
                       {"shape", context.shape(points)}});
  scatter["title"] = model;
  Json beside = Json::array({scatter});
  if (!names.density.empty()) beside.push_back(margin(context, names, model, axes.change));
  return {{"data", named_data(names.points)},
          {"transform", Json::array({only("model", model)})},
          {"spacing", 4},
          {"hconcat", beside}};
}

Figure figure(FigureContext& context, const Situation& attack, const Names& names,
              const ScoreChangeAxes& axes) {
  const std::string title = context.title(attack);
  Json panels = Json::array();
  for (const std::string& model : words_in(context.data(names.points), "model")) {
    panels.push_back(panel(context, names, model, axes));
  }
  const std::string caption = "Absolute change of the score under " + title +
                              ", by MOS, with the fitted distribution of the changes.";
  return {context.figure_id("score-change", title), caption, figure_text(caption, 2, panels)};
}

}  // namespace

std::vector<Figure> score_change_figures(FigureContext& context) {
  ScoreChangeAxes axes;
  double highest = 0;
  for (const Situation& attack : context.shown_attacks()) {
    const std::string name = context.points(attack);
    if (name.empty()) continue;
    const DataTable& points = context.data(name);
    axes.mos = joined(axes.mos, span_of(numbers_in(points, "mos", {})));
    highest = std::max(highest, highest_in(points));
  }
  axes.change = rounded({0, highest});
  std::vector<Figure> figures;
  for (const Situation& attack : context.shown_attacks()) {
    Names names{context.points(attack), ""};
    if (names.points.empty()) continue;
    DataTable density =
        density_data(context.data(names.points), context.titles().attack(attack), axes.change);
    if (!density.empty()) names.density = context.keep("density", std::move(density));
    figures.push_back(figure(context, attack, names, axes));
  }
  return figures;
}

}  // namespace robiq
