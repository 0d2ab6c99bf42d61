#pragma once
#include <c10/core/Device.h>

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "robiq/app/study/cost/attack_passes.h"
#include "robiq/app/study/cost/measured_cost.h"
#include "robiq/app/study/study_plan.h"
#include "robiq/data/split.h"
#include "robiq/model/recipe.h"

namespace robiq {

/// What a cell of a study will take.
struct CellCost {
  std::int64_t pictures = 0;           ///< that an epoch trains on, or that are evaluated
  std::int64_t steps = 0;              ///< of the optimiser; 0 for an evaluation
  double forwards = 0, backwards = 0;  ///< passes over whole pictures outside training steps
  double seconds = 0;
  std::int64_t memory_bytes = 0;  ///< the largest that the process was seen to hold
  std::string rests_on;           ///< what was measured for it
};

/// Predicts the cells of a study on this machine. Each kind of step and each kind of pass is
/// measured once, with random weights, on the first picture that it will meet; attacks are counted
/// on a stand-in (attack_passes()).
class CostMeter {
 public:
  /// \param cells  of the study: perturbations that it will fit need not be there yet
  CostMeter(const std::vector<StudyCell>& cells, c10::Device device);

  /// \throws Error{kData} for a data set that is not there; Interrupted when the user stops it
  [[nodiscard]] CellCost cost_of(const StudyCell& cell);

 private:
  /// A data set of the study, and what it takes to open it and to read a picture.
  struct Source {
    std::unique_ptr<Dataset> dataset;
    double open_seconds = 0, read_seconds = 0;
  };
  /// A model under evaluation, with a picture as it sees it.
  struct Seen {
    PassCost pass;
    at::Tensor whole;  ///< [1,3,H,W], not resized
    at::Tensor view;   ///< [1,3,h,w], the first
  };
  /// Seconds of a forward and a backward pass of what an attack asks.
  struct Asked {
    double forward = 0, backward = 0;
    double passes = 1;  ///< of the model, in one of these
  };

  [[nodiscard]] CellCost cost(const StudyCell& cell, const TrainRequest& request);
  [[nodiscard]] CellCost cost(const StudyCell& cell, const UapRequest& request);
  [[nodiscard]] CellCost cost(const StudyCell& cell, const EvaluateRequest& request);
  const Source& source(const std::string& data);
  [[nodiscard]] Split split_for(const StudyCell& cell, const TrainRequest& request);
  const TrainingCost& training(const TrainRequest& request, const Split& split,
                               const TrainingRecipe& recipe);
  const Seen& seen(const EvaluateRequest& request, const std::string& model, std::size_t record);
  const PassCost& purifier(const EvaluateRequest& request, const Seen& seen);
  const AttackPasses& passes(const std::string& attack, const at::Tensor& images,
                             std::int64_t pictures);
  Asked all_surrogates(const EvaluateRequest& request, std::size_t record);
  /// The bare model, and where there is a purifier the model behind it.
  std::vector<Asked> victims(const EvaluateRequest& request, const Seen& victim);
  /// Adds an attack of an evaluation to what one picture takes.
  void add_attack(const EvaluateRequest& request, const std::string& attack, std::size_t record,
                  std::int64_t pictures, CellCost& picture);
  [[nodiscard]] bool is_fitted(const std::string& attack) const;

  c10::Device device_;
  std::set<std::string> fitted_;  ///< files of perturbations that the study makes
  std::map<std::string, Source> sources_;
  std::map<std::string, TrainingCost> trainings_;
  std::map<std::string, Seen> seen_;
  std::map<std::string, PassCost> purifiers_;
  std::map<std::string, AttackPasses> passes_;
};

}  // namespace robiq
