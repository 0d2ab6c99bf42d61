#include "robiq/app/study/study_work.h"

#include <nlohmann/json.hpp>

#include "robiq/app/data/split_run.h"
#include "robiq/app/train/training_plan.h"
#include "robiq/core/options/params.h"

namespace robiq {
namespace {

/// The factor that makes weights of one study equally strong for models of different scales: that
/// of the recipe on the scale 0..100.
constexpr double kUsualWeight = 1e-3;

double recipe_weight(const TrainRequest& train) {
  const auto model =
      Registry<QualityModel>::instance().make(parse_spec(train.model, "model"), "model");
  return recipe_for(model->card(), train.compat).nt_weight;
}

void write_split_of(const StudyCell& cell, const std::string& file) {
  if (cell.split_of.empty()) return;
  SplitRequest split;
  split.data = cell.split_of;
  split.out = file;
  split.seed = cell.seed;
  static_cast<void>(split_dataset(split));
}

void work(const StudyCell& cell, TrainRequest train, const StudyPlace& place) {
  write_split_of(cell, train.split_file);
  if (cell.recipe_weight) train.nt_weight *= recipe_weight(train) / kUsualWeight;
  train.device = place.device;
  train.threads = place.threads;
  train.alone = true;
  static_cast<void>(run_training(train));
}

void work(const StudyCell& cell, UapRequest fit, const StudyPlace& place) {
  write_split_of(cell, fit.split_file);
  fit.device = place.device;
  fit.threads = place.threads;
  static_cast<void>(run_uap(fit));
}

void work(const StudyCell& /*cell*/, EvaluateRequest evaluate, const StudyPlace& place) {
  evaluate.device = place.device;
  evaluate.threads = place.threads;
  evaluate.alone = true;
  evaluate.began = place.began;
  static_cast<void>(run_evaluation(evaluate));
}

}  // namespace

void work_on(const StudyCell& cell, const StudyPlace& place) {
  std::visit([&](const auto& request) { work(cell, request, place); }, cell.request);
}

}  // namespace robiq
