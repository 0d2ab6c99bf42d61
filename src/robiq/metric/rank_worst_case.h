#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace robiq {

/// Sets above this size keep the start of the search.
inline constexpr std::int64_t kMostRankedPictures = 2000;

/// The scores that hurt the order of a whole set most, among those that were reached.
struct RankWorstCase {
  double start = 0;            ///< SROCC of the start of the search
  double srocc = 0;            ///< the smallest SROCC found; NaN where it is undefined
  std::vector<double> scores;  ///< [N], those that have it: each is clean, low, high or worst
  std::string note;            ///< how it was found, where that is not the full search
};

/// Descends SROCC(reference, s) over s_i in {low_i, high_i, clean_i}, one picture after another,
/// from s_i = low_i where reference_i >= the median of `reference` and high_i elsewhere. A change
/// stays if SROCC falls by more than 1e-12. It ends with a pass that changes nothing, and after 20
/// passes at the latest. The result is the smaller of this and SROCC(reference, worst). No model is
/// asked, and every score belongs to a picture that exists. A change costs O(N).
/// \param reference  [N], MOS, or the clean scores where there is none
/// \param worst      [N], as WorstCase
/// \throws Error{kInternal} when the columns differ in length.
[[nodiscard]] RankWorstCase rank_worst_case(std::span<const double> reference,
                                            std::span<const double> clean,
                                            std::span<const double> low,
                                            std::span<const double> high,
                                            std::span<const double> worst);

}  // namespace robiq
