#include <array>
#include <cmath>

#include "robiq/report/evidence/attack_sets.h"
#include "robiq/report/figures/curves.h"
#include "robiq/report/figures/figure_family.h"

namespace robiq {
namespace {

constexpr Extent kWorstPanel{230, 180};
constexpr double kLevelsOfOne = 255;

/// What one panel of a model shows over the budgets.
struct WorstCurve {
  const char *name, *title, *block, *measure;
};
constexpr std::array<WorstCurve, 3> kWorstCurves{
    {{"change", "Mean change of score", "before_after", "change_mean"},
     {"rmse", "RMSE to MOS", "mos_after", "worst_case_rmse"},
     {"srocc", "SROCC with MOS", "mos_after", "srocc_rank"}}};

/// What the clean pictures have at budget 0.
Statistic clean_value(const FigureContext& context, const AttackSet& set, const Subject& subject,
                      const WorstCurve& curve) {
  const Evidence& evidence = context.evidence();
  const Situation clean = clean_situation(set.common.dataset);
  if (curve.name != std::string("change")) {
    return evidence.find({clean, subject, "mos_before", curve.name});
  }
  Statistic nothing;
  nothing.mean = nothing.low = nothing.high = 0;
  nothing.count = 1;
  return nothing;
}

DataTable worst_data(const FigureContext& context, const AttackSet& set) {
  DataRows rows;
  for (const Subject& subject : context.subjects()) {
    const auto add = [&](double levels, const auto& value_of_curve) {
      DataRows::Row row = about_cells(context.titles().about(subject));
      row.push_back({"budget", levels});
      for (const WorstCurve& curve : kWorstCurves) {
        for (auto& cell : curve_cells(curve.name, value_of_curve(curve))) {
          row.push_back(std::move(cell));
        }
      }
      rows.add(row);
    };
    bool first = true;
    for (const auto& [budget, situation] : set.budgets) {
      const auto value = [&, &attack = situation](const WorstCurve& curve) {
        return context.evidence().find({attack, subject, curve.block, curve.measure});
      };
      if (value(kWorstCurves.front()).count == 0) continue;
      if (first) {
        add(0, [&](const WorstCurve& curve) { return clean_value(context, set, subject, curve); });
      }
      first = false;
      add(std::round(budget * kLevelsOfOne * 1e6) / 1e6, value);
    }
  }
  return rows.take();
}

Json worst_panel(const FigureContext& context, const std::string& data, const std::string& model,
                 const WorstCurve& curve) {
  const DataTable& table = context.data(data);
  std::vector<double> ends{curve.name == std::string("srocc") ? 1.0 : 0.0};
  const Span span = curve_span(table, curve.name);
  ends.insert(ends.end(), {span.low, span.high});
  const Json y = quantitative(curve.name, curve.title, rounded(span_of(ends)));
  Json x = quantitative("budget", "l_inf budget (levels of 1/255)",
                        span_of(numbers_in(table, "budget", {})));
  x["scale"]["padding"] = 6;
  x["axis"] = {{"format", "~g"}};
  return curve_panel(kWorstPanel,
                     {model, data, Json::array({only("model", model)}), x, y, context.colour(table),
                      Json::array({nominal("defense", "Defense"), quantitative("budget", "Budget"),
                                   quantitative(curve.name, curve.title),
                                   quantitative(curve.name + std::string("_low"), "from"),
                                   quantitative(curve.name + std::string("_high"), "to")}),
                      has_numbers(table, curve.name + std::string("_low"))});
}

}  // namespace

std::vector<Figure> worst_case_figures(FigureContext& context) {
  std::vector<Figure> figures;
  for (const std::string& dataset : context.evidence().datasets()) {
    for (const AttackSet& set : attack_sets(context.evidence(), dataset)) {
      const std::string data = context.keep("worst", worst_data(context, set));
      Json panels = Json::array();
      std::size_t in_a_row = 0;
      for (const std::string& model : words_in(context.data(data), "model")) {
        in_a_row = 0;
        for (const WorstCurve& curve : kWorstCurves) {
          if (!has_numbers(context.data(data), curve.name)) continue;
          panels.push_back(worst_panel(context, data, model, curve));
          ++in_a_row;
        }
      }
      const std::string title = Titles::attack_name(set.common) + context.dataset_note(dataset);
      const std::string caption = "The worst case of " + title + " by its budget.";
      figures.push_back({context.figure_id("worst-case", title), caption,
                         figure_text(caption, in_a_row, panels)});
    }
  }
  return figures;
}

}  // namespace robiq
