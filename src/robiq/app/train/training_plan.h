#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "robiq/app/train/train_run.h"
#include "robiq/model/quality_model.h"
#include "robiq/train/trainer.h"

namespace robiq {

/// The recipe that --compat names.
[[nodiscard]] const TrainingRecipe& recipe_for(const ModelCard& card, RecipeSource source);

/// Puts the recipe's numbers where the request leaves them open.
void fill_from_recipe(TrainRequest& request, const TrainingRecipe& recipe);

/// How the recipe scales labels. \throws Error{kData} when all are equal.
/// \param training  indexes of the records that are trained on
[[nodiscard]] LabelMap label_map(const TrainingRecipe& recipe, const Dataset& dataset,
                                 const std::vector<std::size_t>& training);

/// The size that the recipe brings this data set's pictures to; 0: none.
[[nodiscard]] PictureSize picture_size(const TrainingRecipe& recipe, const Dataset& dataset);

/// How the recipe cuts this data set's pictures.
[[nodiscard]] CropPolicy crop_policy(const TrainingRecipe& recipe, const Dataset& dataset);

/// The phases of a run and what they own.
struct Phases {
  std::vector<std::unique_ptr<Optimizer>> optimizers;
  std::vector<TrainPhase> phases;  ///< in order
};

/// \param request  filled in
/// \param step     what a phase works with, from its optimiser and whether NT, where it is asked
///                 for, is in it
[[nodiscard]] Phases make_phases(const TrainRequest& request, const TrainingRecipe& recipe,
                                 QualityModel& model,
                                 const std::function<StepParts(Optimizer&, bool defended)>& step);

/// Fits k and b of a model that has them in its state, from its outputs for the pictures it was
/// trained on to their labels; evaluation mode, restored after.
/// \throws Error{kNumeric} where no line can be fitted.
void fit_score_mapping(QualityModel& model, const Dataset& dataset,
                       const std::vector<std::size_t>& training);

/// The registered name of the paper's NT strategy: what --nt and its sisters speak of.
inline constexpr const char* kGradientNorm = "gradient-norm";

/// Whether "SPEC[+SPEC]" names the NT strategy among others. \throws Error{kUsage} as
/// parse_defenses()
[[nodiscard]] bool names_gradient_norm(const std::string& defense, const std::string& where);

/// Puts the options that --defense gives to the NT strategy where --nt-weight and its sisters would
/// put them; what such a flag gave itself stays.
void settle_defense(TrainRequest& request, const Params& given);

/// All that is trained with, in full, as make_defense() reads it: "none",
/// "gradient-norm:weight=...", "gradient-norm:weight=...+jpeg-augment". \param request  with the
/// recipe filled in
[[nodiscard]] std::string defense_text(const TrainRequest& request);

}  // namespace robiq
