#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "robiq/report/figures/figure_family.h"

namespace robiq {
namespace {

constexpr Extent kTrainingPanel{205, 140};

struct Quantity {
  std::string name, title;
};

/// In this order; what a history has besides comes after them, but for the clock's readings.
const std::vector<Quantity>& known_quantities() {
  static const std::vector<Quantity> kQuantities{{"loss", "loss"},
                                                 {"validation_srocc", "validation SROCC"},
                                                 {"validation_rmse", "validation RMSE"},
                                                 {"penalty", "gradient penalty"},
                                                 {"validation_plcc", "validation PLCC"},
                                                 {"validation_krocc", "validation KROCC"},
                                                 {"gradient_norm", "gradient norm"},
                                                 {"learning_rate", "learning rate"}};
  return kQuantities;
}

bool is_of_the_clock(const std::string& name) {
  constexpr std::array kNames{"step", "seconds", "images_per_second"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

std::vector<Quantity> quantities_in(const DataTable& table) {
  const std::vector<std::string> names = words_in(table, "quantity");
  std::vector<Quantity> found;
  for (const Quantity& quantity : known_quantities()) {
    if (std::find(names.begin(), names.end(), quantity.name) != names.end())
      found.push_back(quantity);
  }
  for (const std::string& name : std::set<std::string>(names.begin(), names.end())) {
    const auto is_it = [&](const Quantity& quantity) { return quantity.name == name; };
    if (std::none_of(found.begin(), found.end(), is_it)) found.push_back({name, name});
  }
  return found;
}

DataTable training_data(const FigureContext& context, const std::string& model) {
  DataRows rows;
  for (const Subject& subject : context.subjects()) {
    if (context.titles().model(subject) != model) continue;
    for (const auto& [trained, quantities] : context.evidence().histories) {
      if (trained.subject != subject) continue;
      for (const auto& [name, curve] : quantities) {
        if (is_of_the_clock(name)) continue;
        for (const auto& [epoch, value] : curve) {
          DataRows::Row row = about_cells(context.titles().about(subject));
          row.insert(row.end(), {{"seed", trained.seed},
                                 {"quantity", name},
                                 {"epoch", static_cast<double>(epoch)},
                                 {"value", value}});
          rows.add(row);
        }
      }
    }
  }
  return rows.take();
}

/// The axes of all these figures, so that models can be compared by eye: the epochs, and what is
/// measured in the same unit for every model. Losses are not.
struct TrainingAxes {
  Span epochs;
  std::map<std::string, Span> values;  ///< by quantity
};

TrainingAxes axes_of(const FigureContext& context, const std::vector<std::string>& tables) {
  std::vector<double> epochs;
  std::map<std::string, std::vector<double>> values;
  for (const std::string& name : tables) {
    const DataTable& table = context.data(name);
    for (const double epoch : numbers_in(table, "epoch", {})) epochs.push_back(epoch);
    for (const std::string& quantity : words_in(table, "quantity")) {
      if (!quantity.starts_with("validation_")) continue;
      for (const double value : numbers_in(table, "value", {{"quantity", quantity}})) {
        values[quantity].push_back(value);
      }
    }
  }
  TrainingAxes axes{span_of(epochs), {}};
  for (const auto& [quantity, all] : values) axes.values[quantity] = rounded(span_of(all));
  return axes;
}

Json panel(const FigureContext& context, const std::string& data, const std::string& model,
           const Quantity& quantity, const TrainingAxes& axes) {
  Json x = quantitative("epoch", "epoch");
  x["scale"] = {{"domain", {axes.epochs.low, axes.epochs.high}}, {"zero", false}, {"nice", false}};
  x["axis"] = {{"tickMinStep", 1}, {"format", "d"}, {"grid", false}};
  const auto shared = axes.values.find(quantity.name);
  Json y = shared == axes.values.end() ? quantitative("value", "")
                                       : quantitative("value", "", shared->second);
  y["title"] = nullptr;
  if (shared == axes.values.end()) y["scale"] = {{"zero", false}};
  Json view = unit(
      kTrainingPanel,
      {{"type", "line"}, {"strokeWidth", 1.2}, {"opacity", 0.85}, {"point", {{"size", 14}}}},
      {{"x", x},
       {"y", y},
       {"color", context.colour(context.data(data))},
       {"detail", {{"field", "seed"}, {"type", "nominal"}}},
       {"tooltip",
        Json::array({nominal("defense", "Defense"), nominal("seed", "seed"),
                     quantitative("epoch", "epoch"), quantitative("value", quantity.title)})}});
  view["title"] = quantity.title;
  view["data"] = named_data(data);
  view["transform"] = Json::array({only("model", model), only("quantity", quantity.name)});
  return view;
}

}  // namespace

std::vector<Figure> training_figures(FigureContext& context) {
  std::set<std::string> done;
  std::vector<std::string> models, tables;
  for (const Subject& subject : context.subjects()) {
    const std::string model = context.titles().model(subject);
    if (!done.insert(model).second) continue;
    DataTable table = training_data(context, model);
    if (table.empty()) continue;
    models.push_back(model);
    tables.push_back(context.keep("training", std::move(table)));
  }
  const TrainingAxes axes = axes_of(context, tables);
  std::vector<Figure> figures;
  for (std::size_t i = 0; i < models.size(); ++i) {
    Json panels = Json::array();
    for (const Quantity& quantity : quantities_in(context.data(tables[i]))) {
      panels.push_back(panel(context, tables[i], models[i], quantity, axes));
    }
    const std::string caption = "Training of " + models[i] + ", by epoch.";
    figures.push_back(
        {context.figure_id("training", models[i]), caption, figure_text(caption, 3, panels)});
  }
  return figures;
}

}  // namespace robiq
