#pragma once
#include <cstdint>
#include <limits>
#include <string>

#include "robiq/core/rng.h"
#include "robiq/metric/metric.h"

namespace robiq {

/// The fewest resamples whose 2.5 % and 97.5 % points are worth printing.
inline constexpr std::int64_t kLeastResamples = 200;
/// The most rows drawn for one interval, all resamples together: what bounds the work.
inline constexpr std::int64_t kMostResampledRows = 10'000'000;
/// A 95 % interval. Both ends are NaN when there is none; `note` then says why. An interval may
/// carry a note too, when it rests on fewer resamples than were asked for.
struct Interval {
  double low = std::numeric_limits<double>::quiet_NaN();
  double high = std::numeric_limits<double>::quiet_NaN();
  std::string note;
};

/// How many resamples are drawn for `pictures` rows when `asked` are wanted: fewer for many
/// pictures, so that no more than kMostResampledRows rows are drawn, and none at all when they
/// would be fewer than both `asked` and kLeastResamples. So from 10,001 pictures on 1000 resamples
/// become fewer, and above 50,000 there is no interval: a correlation is then known to within 0.01
/// anyway.
[[nodiscard]] std::int64_t planned_resamples(std::int64_t pictures, std::int64_t asked);

/// The percentile interval of a measure: pictures are drawn with replacement, as many as there are,
/// planned_resamples() times; the ends are the 2.5 % and 97.5 % points of the measure's values,
/// interpolated. Resamples in which the measure is undefined are left out; there is no interval
/// when they are more than half. Resample i depends on `rng` and i alone. Efron and Tibshirani, An
/// Introduction to the Bootstrap, 1993, chapter 13.
/// \param asked  how many resamples are wanted, at least 1
[[nodiscard]] Interval bootstrap_interval(const Metric& metric, const ScoreColumns& columns,
                                          std::int64_t asked, const Rng& rng);

}  // namespace robiq
