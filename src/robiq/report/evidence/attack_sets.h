#pragma once
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "robiq/report/evidence/evidence.h"

namespace robiq {

/// An attack that is a set of others, at one of its budgets.
struct BudgetOfSet {
  double budget = 0;  ///< of [0,1]
  Situation situation;
};

/// An attack that is a set of others, such as `standard`: an evaluation stored which of them wins.
struct AttackSet {
  Situation common;                  ///< without the budget
  std::vector<BudgetOfSet> budgets;  ///< ascending
  std::vector<std::string> members;  ///< names of the attacks in it, sorted
};

/// The sets among the attacks on a data set, in the order of the attacks.
[[nodiscard]] std::vector<AttackSet> attack_sets(const Evidence& evidence,
                                                 const std::string& dataset);

/// How large the share of pictures is that a member wins is stored under this and its name.
inline constexpr const char* kWinsMeasure = "wins_";

/// The flags of a set's numbers, by their names; those that refuse a headline are marked.
struct SetDoubts {
  std::vector<std::string> names;  ///< "black-box-wins (refused)", "still-rising"
  std::vector<std::string> texts;  ///< the same with the reason
  bool refused = false;
};
/// \param attack  the set at one budget; the flags of others of its budgets are then left out
[[nodiscard]] SetDoubts doubts_about(const Evidence& evidence, const AttackSet& set,
                                     const Subject& subject, const Situation* attack = nullptr);

/// The sets at one budget, and whom they attacked, whose numbers a flag refuses.
[[nodiscard]] std::set<std::pair<Situation, Subject>> refused_numbers(const Evidence& evidence);

}  // namespace robiq
