#include <algorithm>

#include "robiq/report/figures/figure_family.h"

namespace robiq {
namespace {

constexpr Extent kBeforeAfterPanel{270, 230};

/// The axes of all these figures, so that attacks and models can be compared by eye.
struct Spans {
  Span before, after;
};

/// With some room beside the outermost values.
Span widened(const Span& span) {
  const double room = 0.02 * (span.high - span.low);
  return {span.low - room, span.high + room};
}

/// The whole scale, and whatever leaves it under any attack.
Spans spans_of(FigureContext& context) {
  Span before{0, 100}, after{0, 100};
  for (const Situation& attack : context.shown_attacks()) {
    const std::string points = context.points(attack);
    if (points.empty()) continue;
    before = joined(before, span_of(numbers_in(context.data(points), "before", {})));
    after = joined(after, span_of(numbers_in(context.data(points), "after", {})));
  }
  return {widened(before), widened(joined(before, after))};
}

/// Two ends of the line of equal scores in each model's panel.
DataTable diagonal_data(const DataTable& points, const std::string& attack, const Spans& spans) {
  DataRows rows;
  for (const std::string& model : words_in(points, "model")) {
    for (const double end : {spans.before.low, spans.before.high}) {
      DataRows::Row row = about_cells({model, "", attack});
      row.insert(row.end(), {{"before", end}, {"after", end}});
      rows.add(row);
    }
  }
  return rows.take();
}

Json panel(const FigureContext& context, const std::string& points_name,
           const std::string& diagonal_name, const std::string& model, const Spans& spans) {
  const DataTable& points = context.data(points_name);
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
  Json view = layered(kBeforeAfterPanel, {diagonal, dots});
  view["title"] = model;
  view["data"] = named_data(points_name);
  view["transform"] = Json::array({only("model", model)});
  return view;
}

Figure figure(FigureContext& context, const Situation& attack, const std::string& points,
              const Spans& spans) {
  const std::string title = context.title(attack);
  const std::string diagonal = context.keep(
      "diagonal", diagonal_data(context.data(points), context.titles().attack(attack), spans));
  Json panels = Json::array();
  for (const std::string& model : words_in(context.data(points), "model")) {
    panels.push_back(panel(context, points, diagonal, model, spans));
  }
  const std::string caption = "Scores before and after " + title + ".";
  return {context.figure_id("before-after", title), caption, figure_text(caption, 2, panels)};
}

}  // namespace

std::vector<Figure> before_after_figures(FigureContext& context) {
  const Spans spans = spans_of(context);
  std::vector<Figure> figures;
  for (const Situation& attack : context.shown_attacks()) {
    const std::string points = context.points(attack);
    if (!points.empty()) figures.push_back(figure(context, attack, points, spans));
  }
  return figures;
}

}  // namespace robiq
