#include "robiq/metric/worst_case.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>

#include "robiq/core/error.h"

namespace robiq {
namespace {

void check_worst_case_column(const PictureScores& column, std::size_t pictures,
                             const std::string& name) {
  if (column.size() != pictures) {
    throw Error(ErrorKind::kInternal, {name + " has " + std::to_string(column.size()) +
                                           " scores for " + std::to_string(pictures) + " pictures",
                                       "worst case of a set", ""});
  }
  const auto odd =
      std::find_if(column.begin(), column.end(), [](double v) { return !std::isfinite(v); });
  if (odd == column.end()) return;
  throw Error(
      ErrorKind::kNumeric,
      {name + " of picture " + std::to_string(odd - column.begin() + 1) + " is not a finite number",
       "worst case of a set", "leave the picture out"});
}

/// Widens the interval of scores.
void reach(WorstCase& worst, const PictureScores& scores) {
  for (std::size_t i = 0; i < scores.size(); ++i) {
    worst.low[i] = std::min(worst.low[i], scores[i]);
    worst.high[i] = std::max(worst.high[i], scores[i]);
  }
}

/// Takes the member's picture where it lies farther from `from`.
void take_farther(std::vector<Candidate>& chosen, const PictureScores& from,
                  const PictureScores& scores, int budget, int member) {
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (std::abs(scores[i] - from[i]) > std::abs(chosen[i].score - from[i]))
      chosen[i] = {budget, member, scores[i]};
  }
}

PictureScores scores_of(const std::vector<Candidate>& chosen) {
  PictureScores scores;
  scores.reserve(chosen.size());
  for (const Candidate& candidate : chosen) scores.push_back(candidate.score);
  return scores;
}

/// Before any budget: the clean pictures alone.
WorstCase clean_worst_case(const MemberScores& table) {
  WorstCase out;
  for (const double score : table.clean) {
    out.winners.push_back({Candidate::kClean, Candidate::kClean, score});
  }
  if (!table.mos.empty()) out.farthest_from_mos = out.winners;
  out.low = out.high = table.clean;
  return out;
}

}  // namespace

void check_member_scores(const MemberScores& table) {
  const auto wrong = [](const std::string& what) {
    throw Error(ErrorKind::kInternal, {what, "worst case of a set", ""});
  };
  if (table.scores.size() != table.budgets.size()) wrong("budgets and tables differ in number");
  if (std::adjacent_find(table.budgets.begin(), table.budgets.end(), std::greater_equal<>()) !=
      table.budgets.end()) {
    wrong("the budgets do not ascend");
  }
  const std::size_t pictures = table.clean.size();
  check_worst_case_column(table.clean, pictures, "the clean score");
  if (!table.mos.empty()) check_worst_case_column(table.mos, pictures, "the label");
  for (const auto& of_budget : table.scores) {
    if (of_budget.size() != table.members.size()) wrong("members and tables differ in number");
    for (std::size_t m = 0; m < of_budget.size(); ++m) {
      check_worst_case_column(of_budget[m], pictures, table.members[m]);
    }
  }
}

std::vector<WorstCase> worst_cases(const MemberScores& table) {
  check_member_scores(table);
  std::vector<WorstCase> all;
  WorstCase so_far = clean_worst_case(table);
  for (std::size_t b = 0; b < table.budgets.size(); ++b) {
    for (std::size_t m = 0; m < table.members.size(); ++m) {
      const PictureScores& scores = table.scores[b][m];
      const int budget = static_cast<int>(b), member = static_cast<int>(m);
      take_farther(so_far.winners, table.clean, scores, budget, member);
      take_farther(so_far.farthest_from_mos, table.mos, scores, budget, member);
      reach(so_far, scores);
    }
    so_far.worst = scores_of(so_far.winners);
    so_far.worst_mos = scores_of(so_far.farthest_from_mos);
    all.push_back(so_far);
  }
  return all;
}

std::vector<double> shares_of_wins(const MemberScores& table, const WorstCase& worst) {
  std::vector<double> shares(table.members.size(), 0);
  for (const Candidate& winner : worst.winners) {
    if (winner.member != Candidate::kClean) ++shares[static_cast<std::size_t>(winner.member)];
  }
  for (double& share : shares) share /= static_cast<double>(worst.winners.size());
  return shares;
}

}  // namespace robiq
