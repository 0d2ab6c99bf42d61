#pragma once
#include <string>
#include <utility>
#include <vector>

#include "robiq/app/study/file/study.h"

namespace robiq {

/// What a spec is called in cells: its name, or all of it where others have that name too.
[[nodiscard]] std::string short_spec_name(const std::string& spec,
                                          const std::vector<std::string>& all);

/// A model under one way of training, or with its weights.
struct StudySubject {
  const StudyModel* model = nullptr;
  const StudyDefense* defense = nullptr;  ///< null: with weights
  double weight = 0;
  std::string label, defense_name;  ///< "cnniqa", "gradient-norm:weight=1e-05"
};

/// Models x defenses, in the study's order. They point into `study`.
[[nodiscard]] std::vector<StudySubject> study_subjects(const Study& study);

/// What stands before a model in one of its evaluations.
struct StudyPurifier {
  std::string spec;  ///< "": nothing
  bool adaptive = false;
  std::int64_t draws = 0;  ///< 0: the purifier draws nothing
  std::string name;        ///< "jpeg:quality=50, not adaptive"; "" for nothing
};

/// Nothing, and each purifier that the study puts before the subject, in the study's order.
[[nodiscard]] std::vector<StudyPurifier> purifiers_of(const Study& study,
                                                      const StudySubject& subject);

/// Attacks that one evaluation can make: all with one surrogate, or none.
struct AttackGroup {
  std::string surrogate;
  bool transfer = false;
  std::vector<std::pair<std::string, const StudyAttack*>> attacks;  ///< specs
};

/// Attacks that ask a surrogate go with those of the same one; an attack without one goes where it
/// would not be given one: a black box that asks its victim with others of its kind, the rest with
/// any that is no transfer. They point into `study`.
/// \throws Error{kUsage} for an attack that is there twice
[[nodiscard]] std::vector<AttackGroup> attack_groups(const Study& study);

}  // namespace robiq
