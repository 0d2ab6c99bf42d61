#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <map>
#include <utility>
#include <vector>

#include "robiq/core/text/text.h"
#include "robiq/report/figures/curves.h"
#include "robiq/report/figures/figure_family.h"

namespace robiq {
namespace {

constexpr Extent kSecurityPanel{250, 180};
constexpr std::size_t kLeastValues = 3;

/// Situations that differ in one option, or in one and a step size that goes along with it.
struct SecuritySweep {
  Situation common;                     ///< without what differs
  std::map<double, Situation> attacks;  ///< by the option's value
  std::string step_size = "";           ///< where it goes along: "2 epsilon"
};

/// In the order of the attacks. \param common  what to compare by, given the value of the key
std::vector<SecuritySweep> grouped(
    const std::vector<Situation>& attacks, const std::string& key,
    const std::function<Situation(const Situation&, double value)>& common) {
  std::vector<SecuritySweep> sweeps;
  for (const Situation& attack : attacks) {
    double value = 0;
    if (!parse_number(attack.options.value(key), value)) continue;
    const Situation alike = common(attack, value);
    auto place = std::ranges::find(sweeps, alike, &SecuritySweep::common);
    if (place == sweeps.end()) place = sweeps.insert(place, {alike, {}});
    place->attacks[value] = attack;
  }
  std::erase_if(sweeps, [](const auto& sweep) { return sweep.attacks.size() < kLeastValues; });
  return sweeps;
}

Situation without_key(const Situation& attack, const std::string& key) {
  Situation common = attack;
  common.options = attack.options.without(key);
  return common;
}

constexpr const char* kStep = "step_size";

/// Without epsilon, and with the step size, where there is one, as a multiple of its value.
Situation without_epsilon_and_step(const Situation& attack, double epsilon) {
  Situation common = without_key(attack, "epsilon");
  double step = 0;
  if (epsilon > 0 && parse_number(attack.options.value(kStep), step)) {
    common.options = common.options.with(kStep, fmt::format("{:.6g} epsilon", step / epsilon));
  }
  return common;
}

/// Equal but for epsilon and a step size that goes along with it, as FGSM's does by default.
std::vector<SecuritySweep> sweeps_with_step(const std::vector<Situation>& attacks) {
  std::vector<SecuritySweep> sweeps = grouped(attacks, "epsilon", without_epsilon_and_step);
  for (SecuritySweep& sweep : sweeps) {
    sweep.step_size = sweep.common.options.value(kStep);
    sweep.common = without_key(sweep.common, kStep);
  }
  // Where there is none, or one that stays, the sweep is among the others.
  std::erase_if(sweeps, [](const SecuritySweep& sweep) {
    return sweep.step_size == sweep.attacks.begin()->second.options.value(kStep);
  });
  return sweeps;
}

/// Those with enough values.
std::vector<SecuritySweep> sweeps_over(const Evidence& evidence, const std::string& key) {
  std::vector<SecuritySweep> all;
  for (const std::string& dataset : evidence.datasets()) {
    const std::vector<Situation> attacks = evidence.attacks(dataset);
    const auto without = [&](const Situation& attack, double /*value*/) {
      return without_key(attack, key);
    };
    std::ranges::move(grouped(attacks, key, without), std::back_inserter(all));
    if (key == "epsilon") std::ranges::move(sweeps_with_step(attacks), std::back_inserter(all));
  }
  return all;
}

void add_row(DataRows& rows, const About& about, double value, const Statistic& rmse,
             const Statistic& srocc) {
  DataRows::Row row = about_cells(about);
  row.push_back({"value", value});
  for (auto& cell : curve_cells("rmse", rmse)) row.push_back(std::move(cell));
  for (auto& cell : curve_cells("srocc", srocc)) row.push_back(std::move(cell));
  rows.add(row);
}

DataTable sweep_data(const FigureContext& context, const std::string& key,
                     const SecuritySweep& sweep) {
  DataRows rows;
  for (const Subject& subject : context.subjects()) {
    const About about = context.titles().about(subject);
    bool first = true;
    for (const auto& [value, attack] : sweep.attacks) {
      const Statistic rmse = context.evidence().find({attack, subject, "before_after", "rmse"});
      const Statistic srocc = context.evidence().find({attack, subject, "before_after", "srocc"});
      if (rmse.count + srocc.count == 0) continue;
      if (first && key == "epsilon" && value > 0) {
        const double none = ScoreRow::kNone, deviation = rmse.count > 1 ? 0 : none;
        const bool interval = std::isfinite(rmse.low);
        const auto known = [&](double exact) {
          return Statistic{exact, deviation, rmse.count, interval ? exact : none,
                           interval ? exact : none};
        };
        add_row(rows, about, 0, known(0), known(1));
      }
      first = false;
      add_row(rows, about, value, rmse, srocc);
    }
  }
  return rows.take();
}

/// One sweep that is drawn, and the name of its data in the report.
struct SecurityDrawn {
  SecuritySweep sweep;
  std::string data;
};

/// The axes of all figures over one key, so that attacks and models can be compared by eye.
struct SecurityAxes {
  Span value, rmse, srocc;
};

SecurityAxes axes_of(const FigureContext& context, const std::vector<SecurityDrawn>& sweeps) {
  std::vector<double> values;
  std::vector<double> rmse{0}, srocc{1};
  const auto add = [](std::vector<double>& to, const Span& span) {
    to.insert(to.end(), {span.low, span.high});
  };
  for (const SecurityDrawn& drawn : sweeps) {
    const DataTable& table = context.data(drawn.data);
    add(values, span_of(numbers_in(table, "value", {})));
    if (has_numbers(table, "rmse")) add(rmse, curve_span(table, "rmse"));
    if (has_numbers(table, "srocc")) add(srocc, curve_span(table, "srocc"));
  }
  return {span_of(values), rounded(span_of(rmse)), rounded(span_of(srocc))};
}

Json panel(const FigureContext& context, const std::string& data, const std::string& model,
           const std::string& key, const std::string& measure, const SecurityAxes& axes) {
  const DataTable& table = context.data(data);
  const std::string title = measure == "srocc" ? "SROCC" : "RMSE (0..100)";
  const Json y = quantitative(measure, title, measure == "rmse" ? axes.rmse : axes.srocc);
  Json x =
      quantitative("value", key == "epsilon" ? "epsilon (pixel values 0..1)" : key, axes.value);
  x["scale"]["padding"] = 6;
  x["axis"] = {{"format", "~g"}};
  return curve_panel(kSecurityPanel,
                     {model, data, Json::array({only("model", model)}), x, y, context.colour(table),
                      Json::array({nominal("defense", "Defense"), quantitative("value", key),
                                   quantitative(measure, title)}),
                      has_numbers(table, measure + "_low")});
}

Figure figure(FigureContext& context, const std::string& key, const SecurityDrawn& drawn,
              const SecurityAxes& axes) {
  const auto& [sweep, data] = drawn;
  Json panels = Json::array();
  for (const std::string& model : words_in(context.data(data), "model")) {
    for (const char* measure : {"rmse", "srocc"}) {
      panels.push_back(panel(context, data, model, key, measure, axes));
    }
  }
  const std::string title = context.title(sweep.common);
  const std::string caption =
      "RMSE and SROCC between the scores before and after, by " + key + " of " + title +
      (sweep.step_size.empty() ? "." : ", whose step size is " + sweep.step_size + ".");
  return {context.figure_id("security-" + key, title), caption, figure_text(caption, 2, panels)};
}

}  // namespace

std::vector<Figure> security_figures(FigureContext& context) {
  std::vector<Figure> figures;
  for (const char* key : {"epsilon", "steps"}) {
    std::vector<SecurityDrawn> drawn;
    for (const SecuritySweep& sweep : sweeps_over(context.evidence(), key)) {
      DataTable table = sweep_data(context, key, sweep);
      if (!table.empty()) drawn.push_back({sweep, context.keep("security", std::move(table))});
    }
    const SecurityAxes axes = axes_of(context, drawn);
    for (const SecurityDrawn& one : drawn) figures.push_back(figure(context, key, one, axes));
  }
  return figures;
}

}  // namespace robiq
