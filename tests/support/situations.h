#pragma once
// Situations as an evaluation would have noted them.
#include <string>

#include "robiq/report/evidence/evidence.h"

namespace robiq::test {

/// With the card of an attack that robiq has had from the first.
/// \param options  as a spec writes them, "epsilon=0.005"
[[nodiscard]] inline Situation situation(const std::string& dataset, const std::string& attack,
                                         const std::string& options = "",
                                         const std::string& level = "",
                                         const std::string& surrogate = "",
                                         const std::string& surrogate_defense = "") {
  Situation made{dataset,           attack, AttackOptions::parse(options), level, surrogate,
                 surrogate_defense, {}};
  for (const AttackRow& row : attacks_of_older_databases()) {
    if (row.name == attack) made.card = row;
  }
  return made;
}

/// Evidence with the titles of the models that robiq has had from the first.
[[nodiscard]] inline Evidence titled_evidence() {
  Evidence evidence;
  for (const ModelTitleRow& row : model_titles_of_older_databases()) {
    evidence.model_titles[row.name] = row.title;
  }
  return evidence;
}

}  // namespace robiq::test
