#include <string>
#include <utility>

#include "robiq/report/tables/sections.h"

namespace robiq {
namespace {

/// A number that a search for a strength stored (docs/attacks.md), and its column.
struct AlignedColumn {
  const char *title, *measure, *key;
  int decimals;
};
constexpr AlignedColumn kAlignedColumns[]{{"Strength", "strength", "strength", 6},
                                          {"Reached", "aligned_value", "reached", 5},
                                          {"Within tolerance", "aligned_within", "within", 0},
                                          {"Trials", "aligned_trials", "trials", 0},
                                          {"Pictures", "aligned_pictures", "pictures", 0},
                                          {"Forwards", "aligned_forwards", "forwards", 0},
                                          {"Backwards", "aligned_backwards", "backwards", 0}};

/// The option that the strength is one of: the note of its measure.
std::string option_of(const Evidence& evidence, const Situation& attack, const Subject& subject) {
  const auto found = evidence.measures.find({attack, subject, "before_after", "strength"});
  if (found == evidence.measures.end() || found->second.empty()) return "";
  return found->second.begin()->second.row.note;
}

Table alignment_table(const TableSource& source, const MeasuredSet& set) {
  Table table{set.table_id("aligned"),
              source.caption("The strengths at which attacks are equally strong", set),
              {{"Attack", {"attack"}},
               {"Target", {"target"}},
               {"Model", {"model"}},
               {"Defense", {"defense"}},
               {"Option", {"option"}}},
              {},
              {}};
  for (const AlignedColumn& column : kAlignedColumns) {
    table.columns.push_back({column.title, {column.key}});
  }
  for (const Situation& attack : set.attacks) {
    for (const Subject& subject : set.subjects) {
      const Statistic strength =
          source.evidence().find({attack, subject, "before_after", "strength"});
      if (strength.count == 0) continue;
      const About about = source.titles().about(subject, attack);
      Row row{{word(about.attack), word(attack.options.value("align")), word(about.model),
               word(about.defense), word(option_of(source.evidence(), attack, subject))},
              about,
              false};
      for (const AlignedColumn& column : kAlignedColumns) {
        const Statistic value =
            source.evidence().find({attack, subject, "before_after", column.measure});
        row.cells.push_back({{value_of(value, column.decimals)}});
      }
      table.rows.push_back(std::move(row));
    }
  }
  table.notes = {
      "Each strength was searched so that the mean distance over the first pictures is the target. "
      "Within tolerance: 1 is yes; with several seeds the share of them. Passes are those of the "
      "search."};
  add_notes(table, set.seeds_notes);
  return table;
}

}  // namespace

Section alignment_section(const TableSource& source) {
  Section section{"aligned", "Equal strength", "", {}};
  for (const MeasuredSet& set : source.sets()) {
    Table table = alignment_table(source, set);
    if (!table.rows.empty()) section.blocks.push_back(std::move(table));
  }
  return section;
}

}  // namespace robiq
