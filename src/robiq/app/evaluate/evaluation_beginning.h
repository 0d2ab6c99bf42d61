#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "robiq/app/evaluate/evaluate_run.h"
#include "robiq/app/evaluate/evaluation_subject.h"
#include "robiq/app/evaluate/measures/sanity_flags.h"
#include "robiq/app/evaluate/picture_evaluator.h"
#include "robiq/app/run/chosen_pictures.h"
#include "robiq/app/run/read_inputs.h"
#include "robiq/data/dataset.h"
#include "robiq/store/results_store.h"

namespace robiq {

/// Which model the attacks of a request meet, and how pictures are shown to it.
[[nodiscard]] SubjectOptions evaluation_subject_options(const EvaluateRequest& request);

/// An attack of the command line, by the name of its options and of its folder ("ifgsm-steps=2").
[[nodiscard]] NamedAttack named_attack(const std::string& spec);

/// Their cards, as the results database notes them.
[[nodiscard]] std::vector<AttackRow> attack_rows(const std::vector<NamedAttack>& attacks);

/// Attacks with a file for every picture learn which pictures there are.
void show_pictures_to(const std::vector<NamedAttack>& attacks, const Dataset& dataset);

/// A picture of a data set as the attacked model sees it.
[[nodiscard]] SeenPicture see_picture(const EvaluationSubject& subject, const Dataset& dataset,
                                      const ImageRecord& record);

/// Whether one of the attacks is on what the scores of the whole set say together.
[[nodiscard]] bool uses_set(const std::vector<NamedAttack>& attacks);

/// What such an attack knows of the set.
[[nodiscard]] AttackedSet attacked_set(const EvaluationSubject& subject, const Dataset& dataset,
                                       const std::vector<std::size_t>& records);

/// Says in the log what long attacks and certificates will cost, by measured passes over the first
/// picture. \param done  pictures that have all scores of an attack cost nothing
void say_costs(const EvaluateRequest& request, const EvaluationSubject& subject,
               const std::vector<NamedAttack>& attacks, const Dataset& dataset,
               const std::vector<std::size_t>& records, const DoneScores& done);

/// Everything that the scores depend on besides the options: names may stay while files are remade.
/// \throws Error{kData} for a picture that an attack has no file for
[[nodiscard]] ReadInputs evaluation_inputs(const EvaluateRequest& request,
                                           const EvaluationSubject& subject,
                                           const std::vector<NamedAttack>& attacks,
                                           const Dataset& dataset, const ChosenPictures& chosen);

/// The run of equal options and inputs, or a new one. Where an earlier one had equal options and
/// other inputs, says which: its rows are not kept.
[[nodiscard]] std::int64_t begin_or_go_on(ResultsStore& store, const RunRow& row);

/// The place of a data set among those of a run folder, in the order in which they came to it.
[[nodiscard]] std::size_t place_among_datasets(const ResultsStore& store, const std::string& spec);

}  // namespace robiq
