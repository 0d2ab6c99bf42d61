#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "robiq/app/run/run_folder.h"
#include "robiq/app/train/train_run.h"
#include "robiq/data/loader.h"
#include "robiq/data/missing_pictures.h"
#include "robiq/data/split.h"
#include "robiq/defense/defense.h"
#include "robiq/dist/join_processes.h"
#include "robiq/model/quality_model.h"
#include "robiq/model/weights/weights.h"
#include "robiq/train/group_step.h"
#include "robiq/train/trainer.h"

namespace robiq {

/// The request with the recipe filled in, and all that training needs.
struct TrainSetup {
  TrainRequest request;
  JoinedProcesses processes;
  RunFolder folder;
  std::unique_ptr<Dataset> dataset;
  Split split;
  std::unique_ptr<QualityModel> model;
  TrainingRecipe recipe;
  Spec model_spec;
  std::unique_ptr<Loss> loss;
  std::unique_ptr<Defense> defense;   ///< of the phases that it takes part in
  std::unique_ptr<Defense> baseline;  ///< of the others: none
  std::string defense_text;
  std::string config, options_sha256, config_sha256;
  LabelMap labels;
  std::vector<MissingPicture> missing;
  std::int64_t pictures_expected = 0;
  TrainingPictures pictures;  ///< by their identities
  std::string records_sha256;
};

/// How a step goes through its batch.
[[nodiscard]] StepOptions step_options(const TrainRequest& request);

/// The part of a split whose pictures choose the best weights.
[[nodiscard]] std::vector<std::size_t> Split::*judged_part(const TrainingRecipe& recipe);

/// Whether batch normalisation keeps its running statistics in every step.
[[nodiscard]] bool always_frozen(const TrainSetup& setup);

/// The rows of all processes that an epoch's last batch must have: each gets what it needs.
[[nodiscard]] std::int64_t least_last_batch(const TrainingRecipe& recipe, std::int64_t batch_size,
                                            std::int64_t processes);

/// Where decoded pictures are kept.
[[nodiscard]] PictureCacheOptions cache_options(const TrainRequest& request);

/// A folder holds one run: a new one needs an empty folder, a resumed one its own configuration.
/// \throws Error{kUsage}
void check_train_folder(const TrainRequest& request, const TrainSetup& setup);

/// Reads and checks all that a request names; processes of one run meet here.
/// \throws Error as run_training()
[[nodiscard]] TrainSetup set_up_training(const TrainRequest& given);

}  // namespace robiq
