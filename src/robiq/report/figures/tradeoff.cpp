#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "robiq/report/evidence/subject_facts.h"
#include "robiq/report/figures/figure_family.h"
#include "robiq/report/render/render.h"

namespace robiq {
namespace {

constexpr Extent kTradeoffPanel{580, 330};

/// R of every attack in `attacks`, averaged; NaN where one is missing.
double mean_robustness(const Evidence& evidence, const std::vector<Situation>& attacks,
                       const Subject& subject) {
  double sum = 0;
  for (const Situation& attack : attacks) {
    sum += evidence.find({attack, subject, "before_after", "r"}).mean;
  }
  return attacks.empty() ? ScoreRow::kNone : sum / static_cast<double>(attacks.size());
}

DataTable tradeoff_data(const FigureContext& context, const std::string& dataset,
                        const std::vector<Subject>& subjects,
                        const std::vector<Situation>& attacks) {
  const Evidence& evidence = context.evidence();
  DataRows rows;
  for (const Subject& subject : subjects) {
    const Statistic clean =
        evidence.find({clean_situation(dataset), subject, "mos_before", "srocc"});
    const double robustness = mean_robustness(evidence, attacks, subject);
    if (!std::isfinite(clean.mean) || !std::isfinite(robustness)) continue;
    const double weight = strength_of(subject).value;
    const About about = context.titles().about(subject);
    DataRows::Row row = about_cells(about);
    const double minutes = training_minutes(evidence, subject);
    const std::string cost = std::isfinite(minutes) ? fmt::format(", {:.1f} min", minutes) : "";
    row.insert(row.end(), {{"label", about.model + " " + about.defense + cost},
                           {"weight", std::isfinite(weight) ? weight : 0},
                           {"srocc", clean.mean},
                           {"robustness", robustness},
                           {"training_minutes", minutes}});
    rows.add(row);
  }
  return rows.take();
}

/// With room beside the outermost points: `part` of their span.
Json axis(const Span& span, const std::string& field, const std::string& title, double part) {
  const double room = std::max((span.high - span.low) * part, 0.005);
  return quantitative(field, title, {span.low - room, span.high + room});
}

/// Baselines' labels stand at the right of their points, those of twins at the left, which is where
/// the lines between them do not go.
Json label_layer(bool of_baselines) {
  const Json equal{{"field", "defense"}, {"equal", "base"}};
  const Json kept = of_baselines ? equal : Json{{"not", equal}};
  return {{"transform", Json::array({Json{{"filter", kept}}})},
          {"mark",
           {{"type", "text"},
            {"align", of_baselines ? "left" : "right"},
            {"baseline", "middle"},
            {"dx", of_baselines ? 10 : -10}}},
          {"encoding", {{"text", {{"field", "label"}, {"type", "nominal"}}}}}};
}

/// What one figure draws; where its points lie is joined to where those of the others do, so that
/// data sets can be compared by eye.
struct TradeoffDrawn {
  std::string dataset, data;
};
struct Spans {
  Span srocc, robustness;
};

Json view_of(const FigureContext& context, const std::string& data, const Spans& spans) {
  const DataTable& table = context.data(data);
  const Json x = axis(spans.srocc, "srocc", "SROCC on clean pictures", 0.5);
  const Json y = axis(spans.robustness, "robustness", "mean R under the attacks", 0.12);
  const Json lines{{"mark", {{"type", "line"}, {"strokeWidth", 1}, {"opacity", 0.5}}},
                   {"encoding",
                    {{"detail", {{"field", "model"}, {"type", "nominal"}}},
                     {"order", {{"field", "weight"}, {"type", "quantitative"}}}}}};
  const Json dots{
      {"mark", {{"type", "point"}, {"filled", true}, {"size", 110}, {"opacity", 0.9}}},
      {"encoding",
       {{"color", context.colour(table)},
        {"shape", context.shape(table)},
        {"tooltip", Json::array({nominal("label", "model"), quantitative("srocc", "SROCC"),
                                 quantitative("robustness", "mean R"),
                                 quantitative("training_minutes", "training (min)")})}}}};
  Json view = layered(kTradeoffPanel, {lines, dots, label_layer(true), label_layer(false)});
  view["encoding"] = {{"x", x}, {"y", y}};
  view["data"] = named_data(data);
  return view;
}

}  // namespace

std::vector<Figure> tradeoff_figures(FigureContext& context) {
  std::vector<TradeoffDrawn> drawn;
  std::vector<double> srocc, robustness;
  for (const std::string& dataset : context.evidence().datasets()) {
    const std::vector<Subject> here = context.evidence().subjects(dataset);
    std::vector<Subject> subjects = context.subjects();
    std::erase_if(subjects, [&](const Subject& subject) {
      return std::find(here.begin(), here.end(), subject) == here.end();
    });
    const std::vector<Situation> attacks =
        common_attacks(context.evidence(), dataset, subjects, "r");
    DataTable table = tradeoff_data(context, dataset, subjects, attacks);
    if (table.empty()) continue;
    for (const double value : numbers_in(table, "srocc", {})) srocc.push_back(value);
    for (const double value : numbers_in(table, "robustness", {})) robustness.push_back(value);
    drawn.push_back({dataset, context.keep("tradeoff", std::move(table))});
  }
  const Spans spans{span_of(srocc), span_of(robustness)};
  std::vector<Figure> figures;
  for (const auto& [dataset, data] : drawn) {
    const std::string caption =
        "SROCC on the clean pictures of " + with_short_numbers(dataset) +
        " against R, averaged over the attacks that every model was measured under.";
    figures.push_back({context.figure_id("tradeoff-r", ""), caption,
                       figure_text(caption, 1, Json::array({view_of(context, data, spans)}))});
  }
  return figures;
}

}  // namespace robiq
