#include <algorithm>

#include "robiq/report/figures/figure_family.h"

namespace robiq {
namespace {

constexpr Extent kPanel{270, 230};

struct Spans {
  Span before, after;
};

/// With some room beside the outermost values.
Span widened(const Span& span) {
  const double room = 0.02 * (span.high - span.low);
  return {span.low - room, span.high + room};
}

/// The whole scale, and whatever leaves it.
Spans spans_of(const DataTable& points, const std::string& model) {
  const auto span = [&](const char* column) {
    return span_of(numbers_in(points, column, {{"model", model}}));
  };
  const Span before = joined({0, 100}, span("before"));
  return {widened(before), widened(joined(before, span("after")))};
}

/// Two ends of the line of equal scores in each model's panel.
DataTable diagonal_data(const DataTable& points, const std::string& attack) {
  DataRows rows;
  for (const std::string& model : words_in(points, "model")) {
    const Spans spans = spans_of(points, model);
    for (const double end : {spans.before.low, spans.before.high}) {
      DataRows::Row row = about_cells({model, "", attack});
      row.insert(row.end(), {{"before", end}, {"after", end}});
      rows.add(row);
    }
  }
  return rows.take();
}

Json panel(const FigureContext& context, const std::string& points_name,
           const std::string& diagonal_name, const std::string& model) {
  const DataTable& points = context.data(points_name);
  const Spans spans = spans_of(points, model);
  const Json x = quantitative("before", "score before (0..100)", spans.before);
  const Json y = quantitative("after", "score after (0..100)", spans.after);
  Json diagonal{
      {"data", named_data(diagonal_name)},
      {"transform", Json::array({only("model", model)})},
      {"mark", {{"type", "line"}, {"strokeDash", {4, 3}}, {"strokeWidth", 1}, {"opacity", 0.6}}},
      {"encoding", {{"x", x}, {"y", y}}}};
  Json dots{
      {"mark", point_mark(numbers_in(points, "after", {{"model", model}}).size())},
      {"encoding",
       {{"x", x}, {"y", y}, {"color", context.colour(points)}, {"shape", context.shape(points)}}}};
  Json view = layered(kPanel, {diagonal, dots});
  view["title"] = model;
  view["data"] = named_data(points_name);
  view["transform"] = Json::array({only("model", model)});
  return view;
}

Figure figure(FigureContext& context, const Situation& attack, const std::string& points) {
  const std::string title = context.title(attack);
  const std::string diagonal = context.keep(
      "diagonal", diagonal_data(context.data(points), context.titles().attack(attack)));
  Json panels = Json::array();
  for (const std::string& model : words_in(context.data(points), "model")) {
    panels.push_back(panel(context, points, diagonal, model));
  }
  const std::string caption = "Scores before and after " + title + ".";
  return {context.figure_id("before-after", title), caption, figure_text(caption, 2, panels)};
}

}  // namespace

std::vector<Figure> before_after_figures(FigureContext& context) {
  std::vector<Figure> figures;
  for (const Situation& attack : context.shown_attacks()) {
    const std::string points = context.points(attack);
    if (!points.empty()) figures.push_back(figure(context, attack, points));
  }
  return figures;
}

}  // namespace robiq
