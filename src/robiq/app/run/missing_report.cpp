#include "robiq/app/run/missing_report.h"

#include <fmt/format.h>

#include "robiq/core/log.h"
#include "robiq/core/text/text.h"
#include "robiq/io/table/csv.h"

namespace robiq {

std::string report_missing(const Dataset& dataset, const std::vector<MissingPicture>& missing,
                           std::int64_t expected, const std::filesystem::path& file) {
  std::error_code code;
  if (missing.empty()) {
    std::filesystem::remove(file, code);
    return fmt::format("{} of {} pictures are used", expected, expected);
  }
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> ids;
  for (const MissingPicture& one : missing) {
    ids.push_back(dataset.records()[one.record].id);
    rows.push_back({ids.back(), one.reason});
  }
  write_csv(file, {"image", "reason"}, rows);
  std::string text = fmt::format("{} of {} pictures are used; left out: {}",
                                 expected - std::ssize(missing), expected, join(ids, ", "));
  log::warning("{}", text);
  return text;
}

}  // namespace robiq
