#include <algorithm>
#include <array>

#include "robiq/report/evidence/paper_values.h"
#include "robiq/report/tables/sections.h"

namespace robiq {
namespace {

constexpr std::array kLossBlocks{kAfterBlock, kBeforeAfterBlock};
constexpr int kDecimals = 4;

/// What is left of an attack when its loss is not looked at.
Situation without_loss(Situation attack) {
  attack.options = attack.options.without("loss");
  return attack;
}

/// Attacks that differ in their loss alone.
std::vector<std::vector<Situation>> loss_families(const std::vector<Situation>& attacks) {
  std::map<Situation, std::vector<Situation>> families;
  for (const Situation& attack : attacks) {
    if (!attack.options.value("loss").empty()) {
      families[without_loss(attack)].push_back(attack);
    }
  }
  std::vector<std::vector<Situation>> several;
  for (auto& [rest, family] : families) {
    if (family.size() > 1) several.push_back(std::move(family));
  }
  return several;
}

/// "FGSM" of "FGSM loss=mae".
std::string family_title(const TableSource& source, const Situation& attack) {
  std::string title = source.titles().attack(attack);
  const std::string loss = " loss=" + attack.options.value("loss");
  const std::size_t place = title.find(loss);
  if (place != std::string::npos) title.erase(place, loss.size());
  return title;
}

template <class Find>
Row loss_row(const TableSource& source, const Subject& subject, const Situation& attack,
             const Find& find) {
  const About about = source.titles().about(subject, attack);
  Row row{{word(about.model), word(about.defense), word(family_title(source, attack)),
           word(attack.options.value("loss"))},
          about,
          false};
  for (const auto& [block, title] : kLossBlocks) {
    for (const MeasureStyle& style : measure_styles(false)) {
      row.cells.push_back({{value_of(find(block, style.name), kDecimals)}});
    }
  }
  return row;
}

/// The strongest attack's number of every column: what is bad for a model is good here.
void mark_strongest(std::vector<Row>& rows) {
  const std::vector<MeasureStyle> styles = measure_styles(false);
  for (std::size_t c = 4; !rows.empty() && c < rows[0].cells.size(); ++c) {
    std::vector<Value*> values;
    for (Row& row : rows) values.push_back(&row.cells[c].values[0]);
    mark_best(values, !styles[(c - 4) % styles.size()].smaller_is_better);
  }
}

void add_family(const TableSource& source, const Subject& subject,
                const std::vector<Situation>& family, Table& table) {
  std::vector<Row> ours, printed;
  for (const Situation& attack : family) {
    ours.push_back(loss_row(source, subject, attack, [&](const char* block, const auto& measure) {
      return source.evidence().find({attack, subject, block, measure});
    }));
    const std::string name = "fgsm:loss=" + attack.options.value("loss");
    Row row =
        loss_row(source, subject, attack, [&](const char* block, const auto& measure) -> Statistic {
          return {paper_value("s2", name, subject, block, measure)};
        });
    Table alone{"", "", {}, {row}, {}};
    const bool in_paper = paper_attack(without_loss(attack)) == "fgsm" && has_numbers(alone);
    if (!source.settings().paper || !in_paper) continue;
    row.reference = true;
    row.cells[2] = word(paper_row_title(family_title(source, attack)));
    printed.push_back(std::move(row));
  }
  mark_strongest(ours);
  mark_strongest(printed);
  for (std::vector<Row>* rows : {&ours, &printed}) {
    for (Row& row : *rows) {
      Table alone{"", "", {}, {row}, {}};
      alone.rows[0].reference = false;
      if (has_numbers(alone)) table.rows.push_back(std::move(row));
    }
  }
}

Table loss_table(const TableSource& source, const MeasuredSet& set,
                 const std::vector<std::vector<Situation>>& families) {
  std::vector<Situation> attacks;
  for (const auto& family : families) attacks.insert(attacks.end(), family.begin(), family.end());
  Table table{
      set.table_id("s2"),
      source.caption("Losses that an attack can ascend", set, attacks),
      {{"Model", {"model"}}, {"Defense", {"defense"}}, {"Attack", {"attack"}}, {"Loss", {"loss"}}},
      {},
      {}};
  for (const auto& [block, title] : kLossBlocks) {
    for (const MeasureStyle& style : measure_styles(false)) {
      table.columns.push_back({style.title + (style.smaller_is_better ? " ↑" : " ↓"),
                               {std::string(block) + "." + style.name},
                               title,
                               {}});
    }
  }
  for (const Subject& subject : set.subjects) {
    for (const auto& family : families) add_family(source, subject, family, table);
  }
  add_notes(table, source.general_notes(set, attacks));
  const bool with_paper = std::any_of(table.rows.begin(), table.rows.end(),
                                      [](const Row& row) { return row.reference; });
  if (with_paper) {
    table.notes.emplace_back(
        "Paper: its rows of mae and mse cannot be reproduced. Both losses have a gradient of the "
        "same sign, so that an attack by signs makes the same picture of both, and none at all "
        "where it starts at the clean picture.");
  }
  return table;
}

}  // namespace

Section loss_section(const TableSource& source) {
  Section section{"losses",
                  "Losses of an attack",
                  "Here arrows point to the stronger attack, and the strongest is bold.",
                  {}};
  for (const MeasuredSet& set : source.sets()) {
    const auto families = loss_families(set.attacks);
    if (!families.empty()) section.blocks.push_back(loss_table(source, set, families));
  }
  return section;
}

}  // namespace robiq
