#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "robiq/app/evaluate/evaluate_run.h"
#include "robiq/app/evaluate/evaluation_subject.h"
#include "robiq/app/evaluate/measures/measured_rows.h"
#include "robiq/app/evaluate/measures/sanity_flags.h"
#include "robiq/app/run/chosen_pictures.h"
#include "robiq/data/dataset.h"
#include "robiq/store/results_store.h"

namespace robiq {

/// An evaluation whose pictures are all scored. What is named must outlive this.
struct ScoredEvaluation {
  const EvaluateRequest& request;
  const EvaluationSubject& subject;
  const std::vector<NamedAttack>& attacks;
  const Dataset& dataset;
  const ChosenPictures& chosen;
  ResultsStore& store;
  std::int64_t run, model;  ///< numbers in `store`
};

/// Stores what there is to doubt about the rows, and says it.
/// \param missing  how many pictures could not be read, in words; "": all could
/// \param known    where pictures stay that the model was trained on
void store_flags(const ScoredEvaluation& evaluation, const std::string& missing,
                 const std::optional<FlagRow>& known);

/// Measures each set of attacks (`standard`) as a whole, and stores what there is to doubt.
void measure_sets(const ScoredEvaluation& evaluation, std::vector<EvaluationRow>& rows);

/// Says what the certificates mean beside the attacks, where certificates were asked for.
void say_certificates(const ScoredEvaluation& evaluation);

/// On which scale the measures are, and which one the model has by itself: into the rows, and said.
void add_scales(const ScoreScale& native, std::vector<EvaluationRow>& rows);

}  // namespace robiq
