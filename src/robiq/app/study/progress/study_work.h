#pragma once
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "robiq/app/study/study_setup.h"
#include "robiq/core/error.h"
#include "robiq/dist/process_group.h"

namespace robiq {

/// Estimates how long the rest of a study takes: for each stage the median of its finished cells,
/// since one that was cut off and went on the next day counts the night.
class StudyClock {
 public:
  /// Cells that one process has before it, by stage; a share of one counts as part of one.
  using Cells = std::map<StudyStage, double>;

  void add_finished(StudyStage stage, double seconds);

  /// "about 4 min 05 s left", "more than ..." while some stage has no finished cell, "" where none
  /// has or nothing is left.
  [[nodiscard]] std::string left_text(const Cells& remaining) const;

 private:
  std::map<StudyStage, std::vector<double>> seconds_;  ///< of the finished cells, by stage
};

/// A cell that could not be done.
struct CellFailure {
  std::size_t cell = 0;  ///< its position
  int exit_code = 0;
  std::string text;
};

/// What is wrong and where, without how to fix it.
[[nodiscard]] std::string one_line(const Error& error);

/// What of a study is done, what failed and what is left, as one of its processes knows it. Stages
/// are worked on in order; cells are named by their positions.
class StudyWork {
 public:
  using Positions = std::set<std::size_t>;

  /// \param setup   must outlive this
  /// \param chosen  as chosen_cells()
  /// \param group   the processes that share the work, or null
  StudyWork(const StudySetup& setup, std::vector<bool> chosen, const ProcessGroup* group);

  /// What earlier runs have done.
  void set_done(Positions done) { done_ = std::move(done); }
  [[nodiscard]] const Positions& done() const { return done_; }
  [[nodiscard]] std::size_t count_chosen() const;
  /// Chosen and not done.
  [[nodiscard]] Positions open() const;

  /// \returns of its open cells whose needs are met, those that this process is to do
  [[nodiscard]] const Positions& begin_stage(StudyStage stage);
  void end_cell(std::size_t position) { done_.insert(position); }
  void fail_cell(CellFailure failure) { failed_here_.push_back(std::move(failure)); }
  /// The user wants no more cells to be begun.
  void stop() { stopped_ = true; }
  [[nodiscard]] bool stopped() const { return stopped_; }
  /// Every process learns what the others did in this stage.
  void end_stage();

  /// What this process will still work on, about: its own cells of the stage under way, and its
  /// share of later stages; without what failed and what needs it.
  [[nodiscard]] StudyClock::Cells left() const;
  [[nodiscard]] bool has_failures() const { return !failures_.empty(); }
  /// What the study ends with: the kind of its first failure; nothing without any.
  [[nodiscard]] std::optional<Error> failure() const;

 private:
  [[nodiscard]] bool may_begin(std::size_t position) const;
  void exchange_failures();

  const StudySetup& setup_;
  std::vector<bool> chosen_;
  const ProcessGroup* group_;
  Positions done_;
  std::vector<CellFailure> failures_;     ///< of all processes, in stages that have ended
  std::vector<CellFailure> failed_here_;  ///< of this process, in the stage under way
  bool stopped_ = false;
  std::optional<StudyStage> stage_;  ///< under way; none before the first
  Positions mine_;                   ///< of that stage, the cells of this process
};

}  // namespace robiq
