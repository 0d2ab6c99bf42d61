#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "robiq/app/study/study_plan.h"
#include "robiq/store/results_store.h"
#include "robiq/store/run_inputs.h"

namespace robiq {

/// How far a study is, in its results database. Every process of a group has one of its own.
class StudyRecord {
 public:
  /// \param study  its name
  StudyRecord(const StudyFolder& folder, std::string study, ResultsStore::Access access);

  /// What is known of the study's cells, by name.
  [[nodiscard]] std::map<std::string, CellRow> cells() const;
  /// Seconds of the cells that are done, by name.
  [[nodiscard]] std::map<std::string, double> seconds() const;

  /// Results depend on the number of threads, so cells that were cut off go on with theirs.
  /// \param asked  0: those of the study's last run, or the usable ones
  /// \throws Error{kUsage} when others are asked for while cells are cut off
  [[nodiscard]] std::int64_t threads_to_use(std::int64_t asked, std::int64_t usable) const;

  /// The study's own row: a run of kind "experiment" with the whole study as its configuration.
  /// \param inputs  what the study reads, by content
  std::int64_t begin_study(const Study& study, const ReadInputs& inputs, const std::string& device,
                           std::int64_t threads);
  /// What it read when it was last begun; empty where that was not noted.
  [[nodiscard]] ReadInputs inputs() const;
  void end_study(std::int64_t run, RunStatus status);

  /// A cell that is no evaluation gets a run of kind "cell", whose times are the cell's.
  void begin_cell(const StudyCell& cell, const std::string& device, std::int64_t threads);
  /// An evaluation has a run of its own.
  void set_run(const StudyCell& cell, std::int64_t run);
  void end_cell(const StudyCell& cell);
  void fail_cell(const StudyCell& cell, const std::string& error);
  void interrupt_cell(const StudyCell& cell);
  /// Cells that were done are to be gone through again.
  void reopen_cells(const std::set<std::string>& names);

 private:
  /// Threads of arithmetic of the study's last run; 0: it never ran.
  [[nodiscard]] std::int64_t threads() const;
  void end_own_run(const StudyCell& cell, RunStatus status);

  std::string study_;
  std::unique_ptr<ResultsStore> store_;
  std::int64_t run_ = 0;  ///< of the cell that this process works on
};

}  // namespace robiq
