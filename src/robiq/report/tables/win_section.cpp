#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "robiq/report/evidence/attack_sets.h"
#include "robiq/report/tables/sections.h"

namespace robiq {
namespace {

/// Of each seed's pictures those that an attack moved further than every other one did.
class AttackWins {
 public:
  AttackWins(const TableSource& source, const MeasuredSet& set,
             const std::vector<Situation>& attacks) {
    for (const auto& [key, found] : source.evidence().scores) {
      const auto place = std::find(attacks.begin(), attacks.end(), key.situation);
      const double change = found.row.change();
      if (place == attacks.end() || std::isnan(change) || key.situation.dataset != set.name) {
        continue;
      }
      const auto attack = static_cast<std::size_t>(place - attacks.begin());
      measured_.emplace(key.trained.subject, attack);
      Largest& largest = largest_[key.trained][key.image];
      const bool upper = change == largest.change && attack < largest.attack;
      if (change > 0 && (change > largest.change || upper)) largest = {change, attack};
    }
  }

  /// Nothing where the model was not measured under it. \param attack  its place among the attacks
  [[nodiscard]] Statistic share(const Subject& subject, std::size_t attack) const {
    if (!measured_.contains({subject, attack})) return {};
    std::vector<double> shares;
    for (const auto& [trained, pictures] : largest_) {
      if (trained.subject != subject) continue;
      const auto won = std::count_if(pictures.begin(), pictures.end(), [&](const auto& picture) {
        return picture.second.change > 0 && picture.second.attack == attack;
      });
      shares.push_back(100.0 * static_cast<double>(won) / static_cast<double>(pictures.size()));
    }
    return statistic_of(shares);
  }

 private:
  struct Largest {
    double change = 0;
    std::size_t attack = 0;
  };
  std::map<Trained, std::map<std::string, Largest>> largest_;
  std::set<std::pair<Subject, std::size_t>> measured_;
};

/// \param attacks  at least two, none of which is a set
Table win_table(const TableSource& source, const MeasuredSet& set,
                const std::vector<Situation>& attacks) {
  Table table{set.table_id("wins"),
              source.caption("Share of pictures that each attack moved most, in %", set, attacks),
              {{"Attack", {"attack"}}},
              {},
              {}};
  for (const Subject& subject : set.subjects) {
    const About about = source.titles().about(subject);
    table.columns.push_back(
        {about.model + "\n" + about.defense, {about.model + "." + about.defense}, "", about});
  }
  const AttackWins wins(source, set, attacks);
  for (std::size_t i = 0; i < attacks.size(); ++i) {
    const std::string title = source.titles().attack(attacks[i]);
    Row row{{word(title)}, {"", "", title}, false};
    for (const Subject& subject : set.subjects) {
      row.cells.push_back({{value_of(wins.share(subject, i), 1)}});
    }
    table.rows.push_back(std::move(row));
  }
  table.notes.emplace_back(
      "Attacks of different strength are compared as they were made; `--align` makes them equally "
      "strong. Each model's shares are over the attacks that it was measured under; where two "
      "moved a picture equally far, the upper one counts. Sets of attacks are left out: `members` "
      "says who wins within them.");
  add_notes(table, source.general_notes(set, attacks));
  return table;
}

/// The attacks of a data set that are no sets of others.
std::vector<Situation> single_attacks(const MeasuredSet& set,
                                      const std::vector<AttackSet>& attacks) {
  std::vector<Situation> single;
  for (const Situation& attack : set.attacks) {
    const bool is_set = std::any_of(
        attacks.begin(), attacks.end(),
        [&](const AttackSet& attack_set) { return attack_set.common.attack == attack.attack; });
    if (!is_set) single.push_back(attack);
  }
  return single;
}

}  // namespace

Section win_section(const TableSource& source) {
  Section section{"wins",
                  "Which attack moves a picture most",
                  "Over the attacks that stand in this report.",
                  {}};
  for (const MeasuredSet& set : source.sets()) {
    const auto single = single_attacks(set, attack_sets(source.evidence(), set.name));
    if (single.size() > 1) section.blocks.push_back(win_table(source, set, single));
  }
  return section;
}

}  // namespace robiq
