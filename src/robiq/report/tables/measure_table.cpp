#include "robiq/report/tables/sections.h"
#include "robiq/store/attack_options.h"

namespace robiq {

Table measure_table(const Evidence& evidence) {
  Table table{"measures", "Every measure", {}, {}, {}};
  for (const char* key :
       {"folder", "run", "model", "defense", "seed", "dataset", "attack", "attack_options", "level",
        "surrogate", "block", "measure", "value", "low", "high", "note"}) {
    table.columns.push_back({key, {key}});
  }
  for (const auto& [key, by_seed] : evidence.measures) {
    for (const auto& [seed, found] : by_seed) {
      const MeasureRow& row = found.row;
      table.rows.push_back(
          {{word(found.folder), number(static_cast<double>(row.run), 0), word(key.subject.model),
            word(key.subject.defense), word(seed), word(row.dataset), word(row.attack),
            word(AttackOptions::from_stored(row.attack_options).text()), word(row.level),
            word(row.surrogate), word(row.block), word(row.measure), number(row.value, 4),
            number(row.low, 4), number(row.high, 4), word(row.note)},
           {},
           false});
    }
  }
  return table;
}

}  // namespace robiq
