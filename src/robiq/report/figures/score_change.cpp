#include <algorithm>
#include <cmath>

#include "robiq/report/figures/figure_family.h"
#include "robiq/report/kernel_density.h"

namespace robiq {
namespace {

constexpr int kCurvePlaces = 161;
constexpr Extent kScatter{215, 180}, kMargin{52, 180};

/// From 0 to a round number above all of them.
Span change_span(const std::vector<double>& changes) { return rounded({0, span_of(changes).high}); }

/// The fitted distribution of every model and defense, from 0 to the end of the model's axis;
/// "height" is the density in parts of the curve's highest.
DataTable density_data(const DataTable& points, const std::string& attack) {
  DataRows rows;
  for (const std::string& model : words_in(points, "model")) {
    const Span span = change_span(numbers_in(points, "change", {{"model", model}}));
    std::vector<double> at;
    for (int i = 0; i < kCurvePlaces; ++i) {
      at.push_back(span.high * i / (kCurvePlaces - 1));
    }
    for (const std::string& defense : words_in(points, "defense")) {
      const std::vector<double> changes =
          numbers_in(points, "change", {{"model", model}, {"defense", defense}});
      const double bandwidth = silverman_bandwidth(changes);
      if (!(bandwidth > 0)) continue;  // equal changes have no distribution to draw
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
  Json view = unit(kMargin, {{"type", "area"}, {"orient", "horizontal"}, {"opacity", 0.45}},
                   {{"x", x}, {"y", y}, {"color", context.colour(context.data(names.points))}});
  view["encoding"]["x"]["stack"] = nullptr;
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
                       {"y", quantitative("change", "|change of score| (0..100)", span)},
                       {"color", context.colour(points)},
                       {"shape", context.shape(points)}});
  Json beside = Json::array({scatter});
  if (!names.density.empty()) beside.push_back(margin(context, names, model, span));
  return {{"title", model},
          {"data", named_data(names.points)},
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
