#include <ctime>

#include "robiq/store/results_store.h"

namespace robiq {
namespace {

/// Since 1970; NaN for a text that is no ISO 8601 time of ours.
double seconds_of(const std::string& utc) {
  std::tm parts{};
  const char* const end = ::strptime(utc.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  if (end == nullptr || *end != '\0') return ScoreRow::kNone;
  return static_cast<double>(::timegm(&parts));
}

}  // namespace

double RunRow::seconds() const { return seconds_of(finished_utc) - seconds_of(started_utc); }

}  // namespace robiq
