#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "robiq/app/attack/uap_run.h"
#include "robiq/app/evaluate/evaluate_run.h"
#include "robiq/app/study/file/study.h"
#include "robiq/app/study/study_folder.h"
#include "robiq/app/train/train_run.h"

namespace robiq {

/// What a cell does. A study does its cells in the order of their stages.
enum class StudyStage : std::uint8_t { kTrain, kSurrogate, kUap, kEvaluate };
[[nodiscard]] constexpr std::array<std::string_view, 4> words_of(StudyStage /*type*/) {
  return {"train", "surrogate", "uap", "evaluate"};
}

/// One thing that a study does.
struct StudyCell {
  std::string name;  ///< "train/cnniqa/none/seed0"
  StudyStage stage = StudyStage::kTrain;
  std::string title;                 ///< "cnniqa none seed 0"
  std::string data, model, defense;  ///< as in its name; "" where it has none
  std::string model_label;           ///< of a training: as the study gives it; or ""
  std::string surrogate;             ///< of an evaluation, as the study writes it; or ""
  std::string purifier;              ///< of an evaluation, StudyPurifier::name; or ""
  std::int64_t seed = 0;
  std::vector<std::size_t> needs;  ///< positions of cells that come before it
  std::variant<TrainRequest, UapRequest, EvaluateRequest> request;
  bool recipe_weight = false;  ///< nt_weight counts in thousands of the model's recipe
  std::string split_of;        ///< data set whose split of `seed` must be written first; or ""
};

/// What a study does, in order; each cell after those it needs.
/// \throws Error{kUsage} where two of its models, defenses or attacks are the same
[[nodiscard]] std::vector<StudyCell> plan_study(const Study& study, const StudyFolder& folder);

/// All that a cell's results depend on, as text: equal for equal work.
[[nodiscard]] std::string cell_options(const StudyCell& cell);

}  // namespace robiq
