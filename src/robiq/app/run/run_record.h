#pragma once
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "robiq/store/results_store.h"

namespace robiq {

/// A row with what every run has: this program, its command and the time.
[[nodiscard]] RunRow new_run_row(RunKind kind, const std::string& label);

/// Does a piece of work, then tells `end` how it ended: finished, interrupted or failed.
void do_recorded(const std::function<void(RunStatus)>& end, const std::function<void()>& work);
/// The same for a run of a results database.
void do_recorded(ResultsStore& store, std::int64_t run, const std::function<void()>& work);

/// A run's row in its results database. In a build without the database there is none, and that is
/// said once.
class RunRecord {
 public:
  /// Begins a run, or goes on with the last one of the same configuration. To go on, a damaged
  /// database is set aside first.
  RunRecord(const std::filesystem::path& file, const RunRow& row, bool resume);

  /// As do_recorded().
  void during(const std::function<void()>& work);
  /// How the model was trained. \param model  its row, without an id
  /// \param title  what tables call it
  void add_history(const ModelRow& model, const ModelTitleRow& title, std::vector<HistoryRow> rows);

 private:
  void open(const std::filesystem::path& file, bool resume);

  std::optional<ResultsStore> store_;
  std::int64_t run_ = 0;
};

}  // namespace robiq
