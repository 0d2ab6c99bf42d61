#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "robiq/app/study/file/study_parts.h"
#include "robiq/app/study/study_plan.h"

namespace robiq {

/// Option values, with those of `more` in place of equal keys.
[[nodiscard]] Params merged(Params params, const Params& more);

/// Makes the cells of a study, stage by stage: see plan_study(). Trainings, surrogates and fits are
/// in study_planner.cpp, evaluations in planned_evaluations.cpp.
class StudyPlanner {
 public:
  StudyPlanner(const Study& study, const StudyFolder& folder)
      : study_(study), folder_(folder), seeds_(study.seeds()) {}

  [[nodiscard]] std::vector<StudyCell> plan();

 private:
  template <class Work>
  void for_each_seed(Work work) const {
    for (std::size_t seed_position = 0; seed_position < seeds_.size(); ++seed_position)
      work(seed_position);
  }
  [[nodiscard]] std::int64_t seed(std::size_t seed_position) const { return seeds_[seed_position]; }

  void add_trainings(std::size_t seed_position);
  void add_surrogates(std::size_t seed_position);
  void add_fits(std::size_t seed_position);
  void add_evaluations(std::size_t seed_position);
  /// Whom an evaluation is about, and what it does.
  struct Evaluated {
    const StudySubject& subject;
    const std::string& data;
    const StudyPurifier& purifier;
    const AttackGroup& group;
  };
  [[nodiscard]] StudyCell evaluation(const Evaluated& of, std::size_t seed_position) const;
  [[nodiscard]] StudyCell evaluation_cell(const Evaluated& of, std::size_t seed_position) const;
  [[nodiscard]] std::vector<std::string> ready_attacks(const AttackGroup& group,
                                                       std::size_t seed_position,
                                                       std::vector<std::size_t>& needs) const;
  void share_split(StudyCell& cell, std::string& split_file, std::size_t seed_position) const;
  void set_surrogate(const std::string& text, std::size_t seed_position, std::string& model,
                     std::string& weights, std::vector<std::size_t>& needs) const;
  [[nodiscard]] std::string fit_name(const StudyAttack& attack, std::size_t seed_position) const;
  void add(StudyCell cell);

  const Study& study_;
  const StudyFolder& folder_;
  std::vector<std::int64_t> seeds_;
  std::vector<StudySubject> subjects_;
  std::vector<AttackGroup> groups_;
  std::vector<StudyCell> cells_;
  std::map<std::string, std::size_t> positions_;
  std::set<std::filesystem::path> folders_;
};

}  // namespace robiq
