#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "robiq/report/evidence/subject_facts.h"
#include "robiq/report/figures/figure_family.h"
#include "robiq/report/render/render.h"

namespace robiq {
namespace {

constexpr Extent kDefensePanel{580, 360};

/// Where a label stands beside its point: those of points of nearly one height would cover one
/// another.
std::string label_place(double gain, const std::vector<double>& gains) {
  constexpr double kNear = 0.04;
  const auto [least, most] = std::minmax_element(gains.begin(), gains.end());
  const double near = kNear * (*most - *least);
  const auto any_within = [&](double low, double high) {
    return std::any_of(gains.begin(), gains.end(),
                       [&](double other) { return low < other && other < high; });
  };
  const bool under = any_within(gain - near, gain), over = any_within(gain, gain + near);
  if (under == over) return "beside";
  return under ? "above" : "below";
}

/// What can be drawn of a model and its defense.
struct Drawn {
  const Subject* subject;
  DefenseNumbers numbers;
};

std::vector<Drawn> drawn_defenses(const FigureContext& context,
                                  const std::vector<Situation>& attacks,
                                  const std::vector<Subject>& subjects) {
  std::vector<Drawn> drawn;
  for (const Subject& subject : subjects) {
    DefenseNumbers numbers = defense_numbers(context.evidence(), attacks, subject);
    if (!std::isfinite(numbers.clean_srocc.mean) || !std::isfinite(numbers.gain.mean)) continue;
    drawn.push_back({&subject, std::move(numbers)});
  }
  return drawn;
}

DataTable defense_data(const FigureContext& context, const std::vector<Situation>& attacks,
                       const std::vector<Subject>& subjects) {
  const std::vector<Drawn> drawn = drawn_defenses(context, attacks, subjects);
  std::vector<double> gains;
  for (const Drawn& defense : drawn) gains.push_back(defense.numbers.gain.mean);
  DataRows rows;
  for (const auto& [drawn_subject, numbers] : drawn) {
    const Subject& subject = *drawn_subject;
    const DefendedName name = DefendedName::parse(subject.model);
    const About about = context.titles().about(subject);
    DataRows::Row row = about_cells(about);
    const std::string behind = name.purifier + (name.adaptive ? "" : ", not adaptive");
    row.insert(row.end(),
               {{"label", context.titles().model(without_purifier(subject)) + " " + about.defense +
                              (name.purifier.empty() ? "" : " | " + with_short_numbers(behind))},
                {"place", label_place(numbers.gain.mean, gains)},
                {"adaptive", name.adaptive ? "yes" : "no"},
                {"srocc", numbers.clean_srocc.mean},
                {"attacked_srocc", numbers.attacked_srocc.mean},
                {"gain", numbers.gain.mean},
                {"robust_gain", numbers.robust_gain.mean},
                {"seconds", numbers.seconds.mean},
                {"minutes", numbers.minutes}});
    rows.add(row);
  }
  return rows.take();
}

Json roomy(const Span& span, const std::string& field, const std::string& title, double part) {
  const double room = std::max((span.high - span.low) * part, 0.005);
  return quantitative(field, title, {span.low - room, span.high + room});
}

/// Hollow points are numbers that flatter.
Json defense_points(const FigureContext& context, const DataTable& table, bool adaptive) {
  return {
      {"transform", Json::array({only("adaptive", adaptive ? "yes" : "no")})},
      {"mark", {{"type", "point"}, {"filled", adaptive}, {"size", 110}, {"opacity", 0.9}}},
      {"encoding",
       {{"color", context.colour(table)},
        {"shape", context.shape(table)},
        {"tooltip", Json::array({nominal("label", "defense"), quantitative("srocc", "SROCC, clean"),
                                 quantitative("attacked_srocc", "SROCC, attacked"),
                                 quantitative("gain", "gain"),
                                 quantitative("robust_gain", "gain from undefended"),
                                 quantitative("seconds", "purifier (s)"),
                                 quantitative("minutes", "training (min)")})}}}};
}

/// The labels of one place, so many pixels lower than their points.
Json defense_labels(const char* place, int lower) {
  return {
      {"transform", Json::array({only("place", place)})},
      {"mark",
       {{"type", "text"}, {"align", "left"}, {"baseline", "middle"}, {"dx", 10}, {"dy", lower}}},
      {"encoding", {{"text", {{"field", "label"}, {"type", "nominal"}}}}}};
}

Json defense_view(const FigureContext& context, const std::string& data) {
  const DataTable& table = context.data(data);
  constexpr int kShift = 8;
  Json view =
      layered(kDefensePanel, {defense_points(context, table, true),
                              defense_points(context, table, false), defense_labels("beside", 0),
                              defense_labels("above", -kShift), defense_labels("below", kShift)});
  view["encoding"] = {{"x", roomy(span_of(numbers_in(table, "srocc", {})), "srocc",
                                  "SROCC on clean pictures", 0.6)},
                      {"y", roomy(span_of(numbers_in(table, "gain", {})), "gain",
                                  "mean change of score under attack", 0.12)}};
  view["data"] = named_data(data);
  return view;
}

}  // namespace

std::vector<Figure> defense_figures(FigureContext& context) {
  std::vector<Figure> figures;
  const Evidence& evidence = context.evidence();
  for (const std::string& dataset : evidence.datasets()) {
    const std::vector<Subject> here = evidence.subjects(dataset);
    if (!has_defenses(here)) continue;
    std::vector<Subject> subjects = context.subjects();
    std::erase_if(subjects, [&](const Subject& subject) {
      return std::find(here.begin(), here.end(), subject) == here.end();
    });
    const std::vector<Situation> attacks = common_attacks(evidence, dataset, subjects, "rmse");
    DataTable table = defense_data(context, attacks, subjects);
    if (table.empty()) continue;
    const std::string data = context.keep("defenses", std::move(table));
    const std::string caption = "SROCC on the clean pictures of " + with_short_numbers(dataset) +
                                " against how far attacks move the defended score, averaged over "
                                "the attacks. Hollow: the attacks do not know the purifier.";
    figures.push_back({context.figure_id("defenses", ""), caption,
                       figure_text(caption, 1, Json::array({defense_view(context, data)}))});
  }
  return figures;
}

}  // namespace robiq
