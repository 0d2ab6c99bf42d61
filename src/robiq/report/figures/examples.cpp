#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "robiq/core/files/output.h"
#include "robiq/core/text/text.h"
#include "robiq/report/figures/figure_family.h"
#include "robiq/report/render/page_assets.h"

namespace robiq {
namespace {

constexpr const char* kCleanColumn = "clean";
constexpr int kLine = 24;  // pixels under a tile, for its text

/// Defenses of the subject's model, from top to bottom.
std::vector<std::string> rows_of(const FigureContext& context, const ExampleGrid& grid,
                                 const std::string& model) {
  std::vector<std::string> rows;
  for (const Subject& subject : grid.subjects) {
    if (context.titles().model(subject) == model) rows.push_back(context.titles().defense(subject));
  }
  return rows;
}

double row_of(const FigureContext& context, const ExampleGrid& grid, const Subject& subject) {
  const std::vector<std::string> rows = rows_of(context, grid, context.titles().model(subject));
  const auto place = std::find(rows.begin(), rows.end(), context.titles().defense(subject));
  return static_cast<double>(place - rows.begin());
}

/// The cell's place and picture; the clean one where `attack` is null.
DataRows::Row tile(const FigureContext& context, const ExampleGrid& grid,
                   const FoundExample& example, double column, const Situation* attack) {
  const PictureScore& score = context.evidence().scores.at(example.key).row;
  const Subject& subject = example.key.trained.subject;
  const std::size_t picture = context.pictures().at(grid.dataset, example.key.image);
  const double mos = context.pictures().pictures()[picture].mos;
  const bool clean = attack == nullptr;
  // A clean tile is no pair to be opened: it names no picture.
  DataRows::Row row{{"picture", clean ? ScoreRow::kNone : static_cast<double>(picture)},
                    {"name", example.key.image}};
  const About about =
      clean ? context.titles().about(subject) : context.titles().about(subject, *attack);
  for (auto& cell : about_cells(about)) row.push_back(std::move(cell));
  const std::string scores = fmt::format("{:.1f} → {:.1f}", score.before, score.after);
  const std::string ssim = std::isfinite(score.ssim) ? fmt::format("{:.3f}", score.ssim) : "";
  row.insert(row.end(),
             {{"seed", example.key.trained.seed},
              {"column", column + 0.5},
              {"row", row_of(context, grid, subject)},
              {"url", data_address("image/png", clean ? example.clean : example.attacked)},
              {"under", clean ? fmt::format("MOS {:.1f}", mos) : scores},
              {"corner", clean ? "" : ssim}});
  return row;
}

DataTable tile_data(const FigureContext& context, const ExampleGrid& grid) {
  DataRows rows;
  for (const std::string& picture : grid.pictures) {
    for (const Subject& subject : grid.subjects) {
      bool first = true;
      for (std::size_t i = 0; i < grid.attacks.size(); ++i) {
        const Situation& attack = grid.attacks[i];
        const auto place = grid.cells.find({picture, subject, attack});
        if (place == grid.cells.end()) continue;
        if (first) rows.add(tile(context, grid, *place->second, 0, nullptr));
        first = false;
        rows.add(tile(context, grid, *place->second, static_cast<double>(i + 1), &attack));
      }
    }
  }
  return rows.take();
}

/// Names and sizes that the panels of one figure share.
struct Layout {
  std::string data;
  std::vector<std::string> columns;
  int tile = 0;  ///< pixels
  /// One tile's side as drawn, which whoever draws may have scaled.
  [[nodiscard]] std::string side() const {
    return "item.mark.group.width / " + std::to_string(columns.size());
  }
};

Json text_layer(const Layout& layout, const std::string& field, const Json& look) {
  Json mark{{"type", "text"}};
  mark.update(look);
  mark["fontSize"] = {{"expr", "clamp(" + layout.side() + " / 11, 6, 11)"}};
  return {{"mark", mark}, {"encoding", {{"text", {{"field", field}, {"type", "nominal"}}}}}};
}

/// The corner's number lies on a picture: white on a black halo, whatever the page's colours are.
Json corner_layer(const Layout& layout, bool halo) {
  Json look{{"align", "right"},
            {"baseline", "bottom"},
            {"dx", {{"expr", layout.side() + " / 2 - 6"}}},
            {"dy", {{"expr", layout.side() + " - 8"}}},
            {"fontWeight", 600}};
  look.update(halo ? Json{{"stroke", "black"}, {"strokeWidth", 3}, {"strokeJoin", "round"}}
                   : Json{{"fill", "white"}});
  return text_layer(layout, "corner", look);
}

/// The words of each label on lines of their own, set to the bottom of a block of equal height.
std::vector<std::vector<std::string>> stacked(const std::vector<std::string>& labels) {
  std::vector<std::vector<std::string>> blocks;
  std::size_t lines = 0;
  for (const std::string& label : labels) {
    blocks.push_back(split(label, ' '));
    lines = std::max(lines, blocks.back().size());
  }
  for (auto& block : blocks) block.insert(block.begin(), lines - block.size(), "");
  return blocks;
}

/// An axis with a label at `offset` of each step from 0.
Json label_axis(const std::string& field, const std::vector<std::string>& labels, double offset) {
  Json channel = quantitative(field, "", {0, static_cast<double>(labels.size())});
  std::vector<double> places;
  for (std::size_t i = 0; i < labels.size(); ++i) places.push_back(static_cast<double>(i) + offset);
  channel["axis"] = {
      {"values", places}, {"domain", false},
      {"ticks", false},   {"grid", false},
      {"title", nullptr}, {"labelExpr", json_text(stacked(labels)) + "[floor(datum.value)]"}};
  return channel;
}

Json panel(const FigureContext& context, const ExampleGrid& grid, const Layout& layout,
           const std::string& model, const std::string& picture) {
  const std::vector<std::string> rows = rows_of(context, grid, model);
  Json x = label_axis("column", layout.columns, 0.5);
  x["axis"]["orient"] = "top";
  x["axis"]["labelLimit"] = layout.tile;
  constexpr double kLineHeight = 13;
  const auto lines = static_cast<double>(stacked(layout.columns).front().size());
  x["axis"]["labelPadding"] = 4 + kLineHeight * (lines - 1);
  Json y = label_axis("row", rows, 0.4);
  y["scale"]["reverse"] = true;
  const Json image{{"mark",
                    {{"type", "image"},
                     {"baseline", "top"},
                     {"width", {{"expr", layout.side() + " - 6"}}},
                     {"height", {{"expr", layout.side() + " - 6"}}}}},
                   {"encoding", {{"url", {{"field", "url"}, {"type", "nominal"}}}}}};
  const Json under = text_layer(layout, "under",
                                {{"baseline", "top"}, {"dy", {{"expr", layout.side() + " - 1"}}}});
  Json view = layered({layout.tile * static_cast<int>(layout.columns.size()),
                       (layout.tile + kLine) * static_cast<int>(rows.size())},
                      {image, under, corner_layer(layout, true), corner_layer(layout, false)});
  view["encoding"] = {{"x", x}, {"y", y}};
  view["title"] = {{"text", model}, {"subtitle", picture}};
  view["data"] = named_data(layout.data);
  view["transform"] = Json::array({only("model", model), only("name", picture)});
  return view;
}

int tile_side(std::size_t columns) {
  constexpr int kFigure = 760, kLeast = 110, kMost = 150;
  return std::clamp(kFigure / static_cast<int>(columns), kLeast, kMost);
}

Figure figure(FigureContext& context, const ExampleGrid& grid) {
  Layout layout{"", {kCleanColumn}, 0};
  std::set<std::string> names;
  std::string attack_name;
  for (const Situation& attack : grid.attacks) {
    layout.columns.push_back(context.titles().attack(attack));
    names.insert(attack.attack);
    attack_name = Titles::attack_name(attack);
  }
  layout.tile = tile_side(layout.columns.size());
  layout.data = context.keep("examples", tile_data(context, grid));
  Json panels = Json::array();
  for (const std::string& picture : grid.pictures) {
    std::set<std::string> done;
    for (const Subject& subject : grid.subjects) {
      const std::string model = context.titles().model(subject);
      if (done.insert(model).second) panels.push_back(panel(context, grid, layout, model, picture));
    }
  }
  const std::string title = names.size() == 1 ? *names.begin() : "attacks";
  const std::string caption =
      "Attacked pictures: " +
      (names.size() == 1 ? attack_name + " of growing intensity" : "every attack") +
      context.dataset_note(grid.dataset) +
      ". Under each: score before → after; in the corner: SSIM to the clean picture; MOS on the "
      "scale 0..100.";
  return {context.figure_id("examples", title), caption, figure_text(caption, 1, panels)};
}

}  // namespace

std::vector<Figure> example_figures(FigureContext& context) {
  std::vector<Figure> figures;
  for (const ExampleGrid& grid : example_grids(context)) figures.push_back(figure(context, grid));
  return figures;
}

}  // namespace robiq
