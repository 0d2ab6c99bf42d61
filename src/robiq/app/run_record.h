#pragma once
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "robiq/store/results_store.h"

namespace robiq {

/// A row with what every run has: this program, its command and the time.
[[nodiscard]] RunRow new_run_row(const std::string& kind, const std::string& label);

/// A run's row in its results database. In a build without the database there is none, and that is
/// said once.
class RunRecord {
 public:
  /// Begins a run, or goes on with the last one of the same configuration.
  RunRecord(const std::filesystem::path& file, const RunRow& row, bool resume);

  /// Does the run's work, and records how it ended.
  void during(const std::function<void()>& work);

 private:
  void end(const std::string& status);

  std::optional<ResultsStore> store_;
  std::int64_t run_ = 0;
};

}  // namespace robiq
