#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "robiq/app/evaluate/evaluation_subject.h"
#include "robiq/app/evaluate/measures/measured_rows.h"
#include "robiq/app/evaluate/measures/picture_rows.h"
#include "robiq/app/evaluate/measures/sanity_flags.h"
#include "robiq/attack/standard_set.h"
#include "robiq/metric/masking_flags.h"

namespace robiq {

/// "4/255", or as a number where it is no whole level.
[[nodiscard]] std::string budget_text(double budget);

/// Scores a picture under every member at every budget: a row for each, "standard/apgd-up" with
/// budget=4/255 for example, and for each budget the row of the worst case, "standard" with that
/// budget. The worst row, which says that the picture is done, comes last.
void add_standard_rows(const EvaluationSubject& subject, const NamedAttack& attack,
                       const SeenPicture& seen, PictureRows& rows);

/// The key of the row that says that a picture is done: options as they are stored.
[[nodiscard]] std::string last_standard_options(const StandardSet& set);

/// What the set costs a picture, in words for the user.
/// \param seconds  of one forward and backward pass over all its views
/// \param twice    whether members with gradients are made without the purifier too
[[nodiscard]] std::string standard_cost(const StandardSet& set, std::int64_t pictures,
                                        std::int64_t views, double seconds, bool twice);

/// Budgets are in [0,1]; tables count them in levels of 8 bits.
inline constexpr double kByteLevels = 255;

/// The stored rows of the set as columns over its pictures.
struct StandardTable {
  MemberScores members;
  MaskingEvidence evidence;
  std::vector<std::string> images;
  PictureScores rounded;  ///< of the worst case at the largest budget
  std::string dataset, level, surrogate;
};

/// Reads the rows that add_standard_rows() stored of one model back into columns.
[[nodiscard]] StandardTable read_standard_table(const ResultsStore& store, std::int64_t run,
                                                std::int64_t model, const NamedAttack& attack,
                                                const StandardSet& set);

/// What the whole set says: stores the measures that the rows of a single budget do not have
/// (worst_case_rmse, srocc_min, srocc_rank, the share of wins of each member, the integral scores),
/// and returns the flags. Says the headline, or why there is none.
/// \param seen  pictures by position, for the unbounded runs
[[nodiscard]] std::vector<FlagRow> measure_standard(
    ResultsStore& store, std::int64_t run, std::int64_t model, const EvaluationSubject& subject,
    const NamedAttack& attack, std::int64_t resamples, std::uint64_t seed,
    const std::function<SeenPicture(const std::string& image)>& see,
    std::vector<EvaluationRow>& rows);

}  // namespace robiq
