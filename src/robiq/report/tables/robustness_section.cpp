#include <algorithm>

#include "robiq/core/text/text.h"
#include "robiq/report/evidence/paper_values.h"
#include "robiq/report/tables/sections.h"

namespace robiq {
namespace {

/// One measure in the form of the supplement's Table S4.
struct RobustnessTable {
  const char *id, *measure;
  std::vector<MeasuredBlock> blocks;
};

const std::vector<RobustnessTable>& robustness_tables() {
  static const std::vector<RobustnessTable> kTables{
      {"rmse", "rmse", {kAfterBlock, kBeforeAfterBlock}},
      {"srocc", "srocc", {kAfterBlock, kBeforeAfterBlock}},
      {"s4", "krocc", {kAfterBlock, kBeforeAfterBlock}},
      {"s5", "plcc", {kAfterBlock, kBeforeAfterBlock}},
      {"s6", "r", {kBeforeAfterBlock}}};
  return kTables;
}

Table headed_table(const TableSource& source, const MeasuredSet& set, const RobustnessTable& kind) {
  const MeasureStyle& style = measure_style(kind.measure);
  bool paired = false;
  Table table{set.table_id(kind.id), "", {{"Attack", {"attack"}}}, {}, {}};
  for (const MeasuredBlock& block : kind.blocks) {
    for (const ModelPair& twins : set.twins) {
      paired = paired || twins.paired();
      table.columns.push_back({source.twin_heading(twins),
                               source.twin_keys(block.name, twins),
                               kind.blocks.size() > 1 ? block.title : "",
                               {source.titles().model(twins.base), "", ""}});
    }
  }
  const std::string between =
      kind.blocks.size() > 1 ? " under attack" : " of the scores before & after an attack";
  table.caption = source.caption(style.with_arrow() + between + (paired ? ", base / +NT" : ""), set,
                                 set.attacks);
  return table;
}

/// The numbers of one row: measured, or printed in the paper.
template <class Find>
Row twin_row(const MeasuredSet& set, const RobustnessTable& kind, const std::string& title,
             const Find& find) {
  const MeasureStyle& style = measure_style(kind.measure);
  Row row{{word(title)}, {}, false};
  for (const MeasuredBlock& block : kind.blocks) {
    for (const ModelPair& twins : set.twins) {
      const Statistic base = find(twins.base, block.name);
      if (twins.paired()) {
        row.cells.push_back(pair_cell(base, find(twins.defended, block.name), style.decimals,
                                      style.smaller_is_better));
      } else {
        row.cells.push_back({{value_of(base, style.decimals)}});
      }
    }
  }
  return row;
}

void add_paper_row(const MeasuredSet& set, const RobustnessTable& kind, const Situation& attack,
                   const std::string& title, Table& table) {
  const std::string name = paper_attack(attack);
  if (name.empty()) return;
  Row row = twin_row(
      set, kind, paper_row_title(title),
      [&](const Subject& subject, const char* block) -> Statistic {
        return {paper_value(kind.id, name, subject, block, kind.measure), ScoreRow::kNone, 1};
      });
  row.about.attack = title;
  row.reference = true;
  Table alone{"", "", {}, {row}, {}};
  alone.rows[0].reference = false;
  if (!has_numbers(alone)) return;
  for (Cell& cell : row.cells) {
    for (Value& value : cell.values) value.decimals = 3;  // as they are printed
  }
  table.rows.push_back(std::move(row));
}

std::vector<std::string> paper_notes(const RobustnessTable& kind, const Table& table) {
  const std::string id = kind.id;
  if (id == "rmse" || id == "srocc") {
    const Subject dbcnn{"", "dbcnn", "none"};
    const auto printed = [&](const char* block) {
      return number_text(paper_value("s2", "fgsm:loss=mid", dbcnn, block, kind.measure));
    };
    return {
        "Paper: the supplement prints no values of single attacks for this table but those of "
        "DBCNN base under FGSM in its Table S2: " +
        printed("mos_after") + " against MOS, " + printed("before_after") +
        " between scores. Its averages stand in s7."};
  }
  const bool with_paper = std::any_of(table.rows.begin(), table.rows.end(),
                                      [](const Row& row) { return row.reference; });
  if (id != "s6" || !with_paper) return {};
  return {
      "Paper: LinearityIQA's 1.011 stands under FGSM and under Perceptual, probably by a slip.",
      "Paper: MANIQA's values fit scores on the scale 0..1 measured against the ends 0 and 100; "
      "on one scale they would be about 2.18 smaller."};
}

Table robustness_table(const TableSource& source, const MeasuredSet& set,
                       const RobustnessTable& kind) {
  Table table = headed_table(source, set, kind);
  std::vector<std::string> blocks;
  for (const MeasuredBlock& block : kind.blocks) blocks.emplace_back(block.name);
  for (const Situation& attack : set.attacks) {
    const std::string title = source.titles().attack(attack);
    table.rows.push_back(twin_row(set, kind, title, [&](const Subject& subject, const char* block) {
      return source.evidence().find({attack, subject, block, kind.measure});
    }));
    table.rows.back().about.attack = title;
    if (source.settings().paper) add_paper_row(set, kind, attack, title, table);
  }
  add_notes(table, source.general_notes(set, set.attacks));
  add_notes(table, source.measure_notes(set.name, blocks, kind.measure));
  if (source.settings().paper) add_notes(table, paper_notes(kind, table));
  return table;
}

}  // namespace

Section robustness_section(const TableSource& source) {
  Section section{"robustness",
                  "Robustness",
                  "Scores and MOS are on the scale 0..100. \"After\" is the score of the attacked "
                  "picture before it is rounded to 8 bits. An arrow points to where a model is "
                  "harder to attack; the better of two is bold.",
                  {}};
  for (const MeasuredSet& set : source.sets()) {
    if (set.attacks.empty()) continue;
    for (const RobustnessTable& kind : robustness_tables()) {
      section.blocks.push_back(robustness_table(source, set, kind));
    }
  }
  if (section.blocks.empty()) section.text = "No attack was evaluated.";
  return section;
}

}  // namespace robiq
