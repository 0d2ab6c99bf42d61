#pragma once
#include <string>
#include <vector>

namespace robiq {

/// One number for every picture, in the order of the set.
using PictureScores = std::vector<double>;

/// What a fixed set of attacks did to a set of pictures. All scores and MOS are normalised: 0 worst
/// to 100 best.
struct MemberScores {
  std::vector<std::string> members;  ///< names in the set's order
  std::vector<double> budgets;       ///< l_inf radii, ascending, in levels of 1/255
  PictureScores clean;               ///< scores of the clean pictures
  PictureScores mos;                 ///< labels; empty where there are none
  /// [budget][member][picture]: the score of the member's picture at the budget.
  std::vector<std::vector<PictureScores>> scores;
};

/// Which picture was chosen for one row.
struct Candidate {
  static constexpr int kClean = -1;
  int budget = kClean;  ///< index of the budget it was made at; kClean: the clean picture
  int member = kClean;  ///< index of its member; kClean: the clean picture
  double score = 0;     ///< normalised

  bool operator==(const Candidate&) const = default;
};

/// The worst case of every picture at one budget. The candidates are the clean picture and every
/// member's picture at this and all smaller budgets, because a smaller ball lies in the larger one.
struct WorstCase {
  std::vector<Candidate> winners;  ///< the largest |s - clean|; equal ones: the clean picture, then
                                   ///< the earlier budget, then the members' order
  std::vector<Candidate> farthest_from_mos;  ///< the largest |s - MOS| likewise; empty without MOS
  PictureScores worst;                       ///< scores of `winners`
  PictureScores worst_mos;                   ///< scores of `farthest_from_mos`
  PictureScores low, high;                   ///< the interval of scores that was reached
};

/// \throws Error{kInternal} for a table whose parts differ in size or whose budgets do not ascend,
///         Error{kNumeric} for a score or a label that is not finite.
void check_member_scores(const MemberScores& table);

/// One WorstCase for every budget, ascending. \throws as check_member_scores()
[[nodiscard]] std::vector<WorstCase> worst_cases(const MemberScores& table);

/// The share of pictures that each member wins, 0 to 1, in the order of `members`. Pictures that no
/// member moved count for none, so the sum may be below 1.
[[nodiscard]] std::vector<double> shares_of_wins(const MemberScores& table, const WorstCase& worst);

}  // namespace robiq
