#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "robiq/report/figures/curves.h"
#include "robiq/report/figures/figure_family.h"
#include "robiq/report/render/render.h"

namespace robiq {
namespace {

constexpr Extent kLambdaPanel{250, 190};
constexpr const char* kCleanSeries = "clean: MOS & score";

/// The strengths of one defense of one model, and where they stand on the axis.
struct LambdaSweep {
  std::vector<Subject> subjects;  ///< the baseline, then by strength
  std::set<double> exponents;     ///< log10 of the strengths above 0, of all models in the end
  /// Of strength 0: as far left of the least strength as looks like a gap.
  [[nodiscard]] double zero_place() const {
    const double spread = *exponents.rbegin() - *exponents.begin();
    return *exponents.begin() - std::max(0.2 * spread, 0.1);
  }
  [[nodiscard]] double place(const Subject& subject) const {
    const double weight = strength_of(subject).value;
    return weight > 0 ? std::log10(weight) : zero_place();
  }
};

/// By model's title; of those that have at least two strengths above 0.
/// \param defense  by its name
std::vector<std::pair<std::string, LambdaSweep>> sweeps_of(const FigureContext& context,
                                                           const std::string& defense) {
  std::vector<std::pair<std::string, LambdaSweep>> sweeps;
  for (const Subject& subject : context.subjects()) {
    const double weight = strength_of(subject).value;
    const bool belongs = subject.baseline() || defense_name(subject) == defense;
    if (std::isnan(weight) || !belongs) continue;
    const std::string model = context.titles().model(subject);
    if (sweeps.empty() || sweeps.back().first != model) sweeps.push_back({model, {}});
    sweeps.back().second.subjects.push_back(subject);
    if (weight > 0) sweeps.back().second.exponents.insert(std::log10(weight));
  }
  std::erase_if(sweeps, [](const auto& entry) { return entry.second.exponents.size() < 2; });
  // All on one axis, so that models can be compared by eye.
  std::set<double> all;
  for (const auto& [model, sweep] : sweeps) {
    all.insert(sweep.exponents.begin(), sweep.exponents.end());
  }
  for (auto& [model, sweep] : sweeps) sweep.exponents = all;
  return sweeps;
}

struct Series {
  std::string title, attack, block;
  Situation situation;
};

std::vector<Series> series_of(const FigureContext& context, const std::string& dataset) {
  std::vector<Series> series{{kCleanSeries, "", "mos_before", clean_situation(dataset)}};
  for (const Situation& attack : context.shown_attacks()) {
    if (attack.dataset != dataset) continue;
    const std::string title = context.titles().attack(attack);
    series.push_back({title + ": before & after", title, "before_after", attack});
  }
  return series;
}

DataTable lambda_data(const FigureContext& context,
                      const std::vector<std::pair<std::string, LambdaSweep>>& sweeps,
                      const std::vector<Series>& series) {
  DataRows rows;
  for (const auto& [model, sweep] : sweeps) {
    for (const Series& s : series) {
      for (const Subject& subject : sweep.subjects) {
        const Evidence& evidence = context.evidence();
        const Statistic srocc = evidence.find({s.situation, subject, s.block, "srocc"});
        const Statistic rmse = evidence.find({s.situation, subject, s.block, "rmse"});
        if (srocc.count + rmse.count == 0) continue;
        DataRows::Row row = about_cells({model, context.titles().defense(subject), s.attack});
        row.insert(row.end(), {{"series", s.title},
                               {"lambda", strength_of(subject).value},
                               {"place", sweep.place(subject)},
                               {"part", strength_of(subject).value > 0 ? "weights" : "zero"}});
        for (auto& cell : curve_cells("srocc", srocc)) row.push_back(std::move(cell));
        for (auto& cell : curve_cells("rmse", rmse)) row.push_back(std::move(cell));
        rows.add(row);
      }
    }
  }
  return rows.take();
}

/// Ticks at the weights where they are few, else at the powers of ten between them; 0 at its own
/// place.
std::vector<double> lambda_ticks(const LambdaSweep& sweep) {
  constexpr std::size_t kFew = 5;
  constexpr double kSlack = 1e-9;  // 0.001 is 10^-3 but for rounding
  std::vector<double> ticks{sweep.zero_place()};
  if (sweep.exponents.size() <= kFew) {
    ticks.insert(ticks.end(), sweep.exponents.begin(), sweep.exponents.end());
    return ticks;
  }
  for (double exponent = std::ceil(*sweep.exponents.begin() - kSlack);
       exponent <= *sweep.exponents.rbegin() + kSlack; ++exponent) {
    ticks.push_back(exponent);
  }
  return ticks;
}

Json lambda_axis(const LambdaSweep& sweep, const DefenseStrength& strength) {
  Json x = quantitative("place", strength.sign(), {sweep.zero_place(), *sweep.exponents.rbegin()});
  x["scale"]["padding"] = 10;
  const double border = (sweep.zero_place() + *sweep.exponents.begin()) / 2;
  x["axis"] = {{"values", lambda_ticks(sweep)},
               {"grid", false},
               {"labelExpr", "datum.value < " + Json(border).dump() +
                                 " ? '0' : format(pow(10, datum.value), '.1~e')"}};
  return x;
}

Json panel(const FigureContext& context, const std::string& data,
           const std::pair<std::string, LambdaSweep>& entry, const DefenseStrength& strength,
           const std::string& measure, const Json& colour, const Span& span) {
  const std::string title = measure == "srocc" ? "SROCC" : "RMSE (0..100)";
  const Json y = quantitative(measure, title, span);
  CurvePanel panel{
      entry.first,
      data,
      Json::array({only("model", entry.first)}),
      lambda_axis(entry.second, strength),
      y,
      colour,
      Json::array({nominal("series", "between"), quantitative("lambda", strength.sign()),
                   quantitative(measure, title)}),
      has_numbers(context.data(data), measure + "_low")};
  Json view = curve_panel(kLambdaPanel, panel);
  // What stands at 0 is not joined to the rest: there is no way from 0 on a logarithmic axis.
  for (Json& layer : view["layer"])
    layer["encoding"]["detail"] = {{"field", "part"}, {"type", "nominal"}};
  return view;
}

/// The figures of one defense, one a data set.
/// \param title  of the defense in the figures' names; "" where it is the only one
void add_figures(FigureContext& context, const std::string& defense,
                 const DefenseStrength& strength, const std::string& title,
                 std::vector<Figure>& figures) {
  const auto sweeps = sweeps_of(context, defense);
  std::vector<std::pair<std::string, std::string>> drawn;  // data sets, and their data's names
  std::map<std::string, Span> spans;                       // by measure, of all figures
  for (const std::string& dataset : context.evidence().datasets()) {
    DataTable table = lambda_data(context, sweeps, series_of(context, dataset));
    if (table.empty()) continue;
    for (const char* measure : {"srocc", "rmse"}) {
      if (!has_numbers(table, measure)) continue;
      const Span span = curve_span(table, measure);
      const auto [place, is_new] = spans.emplace(measure, span);
      if (!is_new) place->second = joined(place->second, span);
    }
    drawn.emplace_back(dataset, context.keep("lambda", std::move(table)));
  }
  if (spans.contains("rmse")) spans["rmse"] = joined(spans["rmse"], {0, 0});
  for (const auto& [dataset, data] : drawn) {
    const Json colour = ordered_nominal("series", "", words_in(context.data(data), "series"));
    const std::vector<std::string> models = words_in(context.data(data), "model");
    Json panels = Json::array();
    for (const auto& entry : sweeps) {
      if (std::find(models.begin(), models.end(), entry.first) == models.end()) continue;
      for (const char* measure : {"srocc", "rmse"}) {
        panels.push_back(
            panel(context, data, entry, strength, measure, colour, rounded(spans[measure])));
      }
    }
    const std::string caption = "SROCC and RMSE against the " + strength.text() + ", " +
                                with_short_numbers(dataset) +
                                ": clean pictures, and before & after the attacks.";
    figures.push_back(
        {context.figure_id("lambda-curves", title), caption, figure_text(caption, 2, panels)});
  }
}

}  // namespace

std::vector<Figure> lambda_figures(FigureContext& context) {
  std::map<std::string, DefenseStrength> defenses;
  for (const Subject& subject : context.subjects()) {
    const DefenseStrength strength = strength_of(subject);
    if (strength.known()) defenses[defense_name(subject)] = strength;
  }
  std::erase_if(defenses,
                [&](const auto& entry) { return sweeps_of(context, entry.first).empty(); });
  std::vector<Figure> figures;
  for (const auto& [name, strength] : defenses) {
    add_figures(context, name, strength, defenses.size() == 1 ? "" : strength.title, figures);
  }
  return figures;
}

}  // namespace robiq
