#pragma once
#include <string>
#include <vector>

#include "robiq/app/evaluate/evaluation_subject.h"
#include "robiq/app/evaluate/measures/measured_rows.h"
#include "robiq/app/evaluate/measures/picture_rows.h"
#include "robiq/app/evaluate/measures/sanity_flags.h"
#include "robiq/attack/standard_set.h"

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

/// What the set costs a picture, in words for the user, from the seconds of one forward and
/// backward pass over all its views.
[[nodiscard]] std::string standard_cost(const StandardSet& set, std::int64_t pictures,
                                        std::int64_t views, double seconds);

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
