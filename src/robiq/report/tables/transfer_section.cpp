#include <algorithm>
#include <cmath>
#include <set>

#include "robiq/report/tables/sections.h"

namespace robiq {
namespace {

constexpr const char* kBlock = "before_after";
constexpr const char* kMeasure = "rmse";

/// The same attack, made on the attacked model itself.
Situation on_itself(Situation attack) {
  attack.surrogate.clear();
  attack.surrogate_defense.clear();
  return attack;
}

/// \param attack  with the surrogate
Statistic met_by(const TableSource& source, const Situation& attack, const Subject& subject) {
  const Statistic found = source.evidence().find({attack, subject, kBlock, kMeasure});
  const bool itself =
      subject.model == attack.surrogate && subject.defense == attack.surrogate_defense;
  if (found.count > 0 || !itself || is_black_box(on_itself(attack))) return found;
  return source.evidence().find({on_itself(attack), subject, kBlock, kMeasure});
}

Table transfer_table(const TableSource& source, const MeasuredSet& set,
                     const std::vector<Situation>& attacks) {
  Table table{set.table_id("transfer"),
              source.caption("RMSE ↓ of scores before & after an attack made on another model", set,
                             attacks),
              {{"Attack", {"attack"}}, {"Made on", {"made_on"}}},
              {},
              {}};
  for (const Subject& subject : set.subjects) {
    const About about = source.titles().about(subject);
    table.columns.push_back({about.model + "\n" + about.defense,
                             {about.model + "." + about.defense},
                             "Scored by",
                             about});
  }
  for (const Situation& attack : attacks) {
    Row row{
        {word(source.titles().attack(on_itself(attack))), word(source.titles().surrogate(attack))},
        {"", "", source.titles().attack(attack)},
        false};
    for (const Subject& subject : set.subjects) {
      row.cells.push_back(
          {{value_of(met_by(source, attack, subject), measure_style(kMeasure).decimals)}});
    }
    table.rows.push_back(std::move(row));
  }
  add_notes(table, source.general_notes(set, attacks));
  return table;
}

}  // namespace

Section transfer_section(const TableSource& source) {
  Section section{"transfer",
                  "Transfer between models",
                  "A row is the model that an attack was made on, a column the one that scored its "
                  "pictures. Where both are the same model, it is the attack as a white box.",
                  {}};
  for (const MeasuredSet& set : source.sets()) {
    std::vector<Situation> attacks;
    for (const Situation& attack : set.attacks) {
      if (!attack.surrogate.empty()) attacks.push_back(attack);
    }
    if (!attacks.empty()) section.blocks.push_back(transfer_table(source, set, attacks));
  }
  return section;
}

}  // namespace robiq
