#pragma once
#include <vector>

#include "robiq/app/study/file/study.h"
#include "robiq/app/train/train_run.h"
#include "robiq/core/files/toml_document.h"

namespace robiq {

/// A table [[defense]], checked. Several where the strength of the defense is a list:
/// `sigma = [0.01, 0.02]`.
/// \throws Error{kUsage} for what no training can do, and for keys without effect
[[nodiscard]] std::vector<StudyDefense> read_defenses(const TomlNode& node);

/// A table [[purify]], checked.
/// \throws Error{kUsage} for purifiers that do not exist, and for keys without effect
[[nodiscard]] StudyPurify read_purify(const TomlNode& node);

/// A purifier may stand before the models of some defenses alone: those must be there.
/// \throws Error{kUsage}
void check_purified_defenses(const Study& study, const TomlNode& root);

/// Makes `train` train with a defense of the study.
/// \param weight  lambda of gradient-norm, below 0 for the recipe's; nothing to other defenses
void set_defense(const StudyDefense& defense, double weight, TrainRequest& train);

}  // namespace robiq
