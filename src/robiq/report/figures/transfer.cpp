#include <algorithm>

#include "robiq/report/figures/figure_family.h"

namespace robiq {
namespace {

constexpr int kCell = 76, kRow = 40;  // pixels

/// Who it was made on, by what it is called.
std::string full_title(const Titles& titles, const Subject& subject) {
  return titles.model(subject) + " " + titles.defense(subject);
}

/// The situations of one attack, whoever it was made on; attacks in the order of the tables.
using Variants = std::vector<std::vector<Situation>>;

/// With at least one that was made on another model.
Variants transferred_attacks(const Evidence& evidence) {
  Variants variants;
  for (const std::string& dataset : evidence.datasets()) {
    for (const Situation& attack : evidence.attacks(dataset)) {
      const auto is_sister = [&](const std::vector<Situation>& found) {
        return found.front().dataset == dataset && found.front().attack == attack.attack &&
               found.front().options == attack.options && found.front().level == attack.level;
      };
      auto place = std::find_if(variants.begin(), variants.end(), is_sister);
      if (place == variants.end()) place = variants.insert(place, std::vector<Situation>());
      place->push_back(attack);
    }
  }
  std::erase_if(variants, [](const std::vector<Situation>& sisters) {
    return std::all_of(sisters.begin(), sisters.end(),
                       [](const Situation& attack) { return attack.surrogate.empty(); });
  });
  return variants;
}

DataTable transfer_data(const FigureContext& context, const std::vector<Situation>& variants) {
  DataRows rows;
  for (const Situation& attack : variants) {
    const std::string surrogate = context.titles().surrogate(attack);
    for (const Subject& subject : context.subjects()) {
      const Statistic rmse = context.evidence().find({attack, subject, "before_after", "rmse"});
      if (rmse.count == 0) continue;
      const std::string scored_on = full_title(context.titles(), subject);
      const bool white_box = surrogate.empty() && !is_black_box(attack);
      if (surrogate.empty() && !white_box) continue;  // from a file: made on nobody we know
      DataRows::Row row = about_cells(context.titles().about(subject, attack));
      row.insert(row.end(), {{"made_on", white_box ? scored_on : surrogate},
                             {"scored_on", scored_on},
                             {"kind", white_box ? "white box" : "transferred"},
                             {"rmse", rmse.mean},
                             {"deviation", rmse.deviation}});
      rows.add(row);
    }
  }
  return rows.take();
}

/// \param highest  RMSE of all these figures, so that their colours mean the same
Json matrix(const FigureContext& context, const std::string& data, double highest) {
  const DataTable& table = context.data(data);
  const std::vector<std::string> made_on = words_in(table, "made_on");
  std::vector<std::string> scored_on;
  for (const Subject& subject : context.subjects()) {
    const std::string title = full_title(context.titles(), subject);
    const std::vector<std::string> present = words_in(table, "scored_on");
    if (std::find(present.begin(), present.end(), title) != present.end())
      scored_on.push_back(title);
  }
  std::vector<std::string> rows = scored_on;  // the diagonal then runs from corner to corner
  std::erase_if(rows, [&](const std::string& title) {
    return std::find(made_on.begin(), made_on.end(), title) == made_on.end();
  });
  for (const std::string& title : made_on) {
    if (std::find(rows.begin(), rows.end(), title) == rows.end()) rows.push_back(title);
  }
  Json x = ordered_nominal("scored_on", "scored on", scored_on);
  x["axis"] = {{"labelAngle", 0},
               {"labelExpr", "split(datum.label, ' ')"},
               {"domain", false},
               {"ticks", false}};
  Json y = ordered_nominal("made_on", "made on", rows);
  y["axis"] = {{"domain", false}, {"ticks", false}};
  Json depth = quantitative("rmse", "RMSE");
  depth["scale"] = {{"range", {0.04, 0.6}}, {"domain", {0, highest}}};
  depth["legend"] = nullptr;
  Json cells{{"mark", {{"type", "rect"}}},
             {"encoding",
              {{"opacity", depth},
               {"tooltip",
                Json::array({nominal("made_on", "made on"), nominal("scored_on", "scored on"),
                             nominal("kind", "kind"), quantitative("rmse", "RMSE before & after"),
                             quantitative("deviation", "deviation over seeds")})}}}};
  Json text = quantitative("rmse", "RMSE");
  text["format"] = ".2f";
  Json numbers{{"mark", {{"type", "text"}}}, {"encoding", {{"text", text}}}};
  Json view =
      layered({kCell * static_cast<int>(scored_on.size()), kRow * static_cast<int>(rows.size())},
              {cells, numbers});
  view["encoding"] = {{"x", x}, {"y", y}};
  view["data"] = named_data(data);
  return view;
}

}  // namespace

std::vector<Figure> transfer_figures(FigureContext& context) {
  std::vector<std::pair<Situation, std::string>> drawn;  // with the name of the data
  double highest = 0;
  for (const std::vector<Situation>& variants : transferred_attacks(context.evidence())) {
    DataTable table = transfer_data(context, variants);
    if (table.empty() || words_in(table, "made_on").size() < 2) continue;
    highest = std::max(highest, span_of(numbers_in(table, "rmse", {})).high);
    drawn.emplace_back(variants.front(), context.keep("transfer", std::move(table)));
  }
  std::vector<Figure> figures;
  for (const auto& [attack, data] : drawn) {
    const std::string title =
        context.titles().attack_with_options(attack) + context.dataset_note(attack.dataset);
    const std::string caption = "RMSE between the scores before and after " + title + ", made on " +
                                attack.level +
                                "s of one model (rows), scored on another (columns).";
    figures.push_back({context.figure_id("transfer-matrix", title), caption,
                       figure_text(caption, 1, Json::array({matrix(context, data, highest)}))});
  }
  return figures;
}

}  // namespace robiq
