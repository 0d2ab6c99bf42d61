#include <fmt/format.h>

#include <cmath>

#include "robiq/core/text/text.h"
#include "robiq/report/tables/sections.h"

namespace robiq {
namespace {

/// With the digits that people read.
std::string digits(double value) {
  const bool whole = std::abs(value) < 1e9 && value == std::floor(value);
  return whole ? fmt::format("{:.0f}", value) : fmt::format("{:.6g}", value);
}

/// As a spec writes them, a comma of a value twice, without what is empty.
std::string options_text(const AttackOptions& options) {
  std::vector<std::string> parts;
  for (const auto& [name, text] : options.values()) {
    if (text.empty()) continue;
    double value = 0;
    const std::string shown = parse_number(text, value) ? digits(value) : text;
    parts.push_back(AttackOptions().with(name, shown).text());
  }
  return join(parts, ", ");
}

Table attack_table(const TableSource& source, const MeasuredSet& set) {
  Table table{set.table_id("attacks"),
              source.caption("Options of the attacks", set),
              {{"Attack", {"attack"}},
               {"Options", {"options"}},
               {"Level", {"level"}},
               {"Made on", {"made_on"}}},
              {},
              source.asterisk_notes(set.attacks)};
  for (const Situation& attack : set.attacks) {
    const std::string title = source.titles().attack(attack);
    const std::string made_on = attack.surrogate.empty() && !is_black_box(attack)
                                    ? "the attacked model"
                                    : source.titles().surrogate(attack);
    table.rows.push_back(
        {{word(title), word(options_text(attack.options)), word(attack.level), word(made_on)},
         {"", "", title},
         false});
  }
  return table;
}

}  // namespace

Section attack_section(const TableSource& source) {
  Section section{"attacks",
                  "Attacks",
                  "Level view attacks what the model sees, each crop by itself; level image the "
                  "whole picture.",
                  {}};
  for (const MeasuredSet& set : source.sets()) {
    if (!set.attacks.empty()) section.blocks.push_back(attack_table(source, set));
  }
  return section;
}

}  // namespace robiq
