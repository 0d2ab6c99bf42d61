#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "robiq/report/evidence/filter_points.h"
#include "robiq/report/figures/curves.h"
#include "robiq/report/figures/figure_family.h"

namespace robiq {
namespace {

constexpr Extent kFilterPanel{250, 190};

/// What one panel of a model has along its axis.
struct FilterAxis {
  const char *name, *title;
  bool falls;  ///< more is less damage
};
constexpr std::array<FilterAxis, 2> kFilterAxes{
    {{"ssim_lost", "SSIM lost", false}, {"psnr", "PSNR (dB; right is more damage)", true}}};

DataTable filter_data(const FigureContext& context, const std::string& dataset) {
  DataRows rows;
  for (const FilterPoint& point : filter_points(context.evidence(), dataset)) {
    const About about = context.titles().about(point.subject);
    DataRows::Row row = about_cells(about);
    row.push_back({"subject", about.model + " " + about.defense});
    row.push_back({"filter", point.filter});
    row.push_back({"strength", point.strength});
    row.push_back({"ssim_lost", 1 - point.ssim.mean});
    row.push_back({"psnr", point.psnr.mean});
    for (auto& cell : curve_cells("gain", point.gain)) row.push_back(std::move(cell));
    rows.add(row);
  }
  return rows.take();
}

Json filter_panel(const FigureContext& context, const std::string& data, const std::string& subject,
                  const FilterAxis& axis) {
  const DataTable& table = context.data(data);
  Span gains = curve_span(table, "gain");
  gains = rounded({std::min(0.0, gains.low), std::max(0.0, gains.high)});
  std::vector<double> damage = numbers_in(table, axis.name, {});
  if (!axis.falls) damage.push_back(0);
  Json x = quantitative(axis.name, axis.title, rounded(span_of(damage)));
  if (axis.falls) x["scale"]["reverse"] = true;
  const Json y = quantitative("gain", "Score gained (of 100)", gains);
  Json panel = curve_panel(
      kFilterPanel,
      {subject, data, Json::array({only("subject", subject)}), x, y,
       ordered_nominal("filter", "Filter", words_in(table, "filter")),
       Json::array({nominal("filter", "Filter"), quantitative("strength", "Strength"),
                    quantitative("ssim_lost", "SSIM lost"), quantitative("psnr", "PSNR (dB)"),
                    quantitative("gain", "Score gained")}),
       false});
  // From the weakest to the strongest: a filter of two directions goes out and comes back.
  panel["layer"].back()["encoding"]["order"] = {{"field", "strength"}, {"type", "quantitative"}};
  const Json rule{{"mark", {{"type", "rule"}, {"strokeDash", {4, 4}}, {"opacity", 0.5}}},
                  {"encoding", {{"y", {{"datum", 0}}}}}};
  panel["layer"].push_back(rule);
  return panel;
}

}  // namespace

std::vector<Figure> filter_figures(FigureContext& context) {
  std::vector<Figure> figures;
  for (const std::string& dataset : context.evidence().datasets()) {
    DataTable table = filter_data(context, dataset);
    if (table.empty()) continue;
    const std::string data = context.keep("filters", std::move(table));
    Json panels = Json::array();
    for (const std::string& subject : words_in(context.data(data), "subject")) {
      for (const FilterAxis& axis : kFilterAxes) {
        panels.push_back(filter_panel(context, data, subject, axis));
      }
    }
    const std::string caption = "Score gained by everyday filters, by the damage that they do" +
                                context.dataset_note(dataset) + ".";
    figures.push_back({context.figure_id("filters", "gain" + context.dataset_note(dataset)),
                       caption, figure_text(caption, kFilterAxes.size(), panels)});
  }
  return figures;
}

}  // namespace robiq
