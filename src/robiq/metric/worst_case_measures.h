#pragma once
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "robiq/core/rng.h"
#include "robiq/metric/measures.h"
#include "robiq/metric/worst_case.h"

namespace robiq {

/// The measures of a set at one budget. Intervals are those of the pictures (bootstrap).
struct BudgetMeasures {
  double budget = 0;  ///< levels of 1/255
  /// Between clean scores and the worst case: change_rmse, change_mean (mean |change|),
  /// change_srocc, change_krocc, change_r. With MOS: worst_case_rmse (MOS and the candidate
  /// farthest from it), mos_rmse, mos_srocc, mos_krocc, mos_plcc (MOS and the worst case),
  /// srocc_min, the smallest SROCC that one member reaches (without smaller budgets), and
  /// srocc_rank, the smallest that was found for any choice of reached scores, whose interval holds
  /// that choice fixed. Without MOS srocc_rank takes the clean scores in its place.
  std::vector<Measure> measures;
  std::string weakest_rank_member;      ///< the member that srocc_min belongs to; "" without MOS
  double srocc_rank_start = 0;          ///< where its search began
  std::vector<double> srocc_by_member;  ///< with MOS, in the members' order; empty without
  std::vector<double> wins;             ///< share of pictures that each member wins

  /// \throws Error{kInternal} for a name that is not there
  [[nodiscard]] const Measure& find(const std::string& name) const;
};

/// The mean of a measure over budgets. NaN where it is undefined.
struct IntegralMeasures {
  static constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  double change = kNone;           ///< of mean |change| / 100, from budget 0; smaller is better
  double change_mean = kNone;      ///< plain mean over the budgets of mean |change| / 100
  double mos_srocc = kNone;        ///< from budget 0
  double srocc_rank = kNone;       ///< from budget 0
  double worst_case_rmse = kNone;  ///< from budget 0
  double r = kNone;                ///< from the first budget on, since R is infinite at 0
  std::string budgets;             ///< "2, 4, 8, 16 levels": belongs beside every one of them
};

struct WorstCaseReport {
  std::vector<WorstCase> cases;         ///< one for each budget
  std::vector<BudgetMeasures> budgets;  ///< likewise
  IntegralMeasures integral;
};

/// All measures of a table of member scores.
/// \param resamples  of the bootstrap; 0: no intervals   \param rng  of the bootstrap
/// \throws as check_member_scores()
[[nodiscard]] WorstCaseReport measure_worst_case(const MemberScores& table, std::int64_t resamples,
                                                 const Rng& rng);

}  // namespace robiq
