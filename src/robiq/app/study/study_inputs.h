#pragma once
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "robiq/app/study/study_setup.h"
#include "robiq/store/results_store.h"
#include "robiq/store/run_inputs.h"

namespace robiq {

/// What the cells of a study read that the study does not make itself, by content.
struct StudyInputs {
  ReadInputs training;    ///< of trainings and perturbations
  ReadInputs evaluation;  ///< of evaluations alone

  [[nodiscard]] ReadInputs all() const;
};

/// Data sets and files that cannot be read are left out: the cells that need them say what is
/// wrong.
[[nodiscard]] StudyInputs study_inputs(const StudySetup& setup);

/// What evaluations of the study read and what was remade since they were done: they are to be
/// looked through again, and keep what is still right.
/// \param before  what the study noted when it last ran; empty where it did not
/// \param begun   its cells that were begun, by name
/// \throws Error{kUsage} where something that its trainings read was remade after they began
[[nodiscard]] std::vector<std::string> remade_inputs(const StudySetup& setup,
                                                     const ReadInputs& before,
                                                     const StudyInputs& now,
                                                     const std::map<std::string, CellRow>& begun);

/// Takes the evaluations from the cells that are done, where something was remade, and says so.
/// \return those that it took
[[nodiscard]] std::vector<std::size_t> forget_evaluations(const StudySetup& setup,
                                                          const std::vector<std::string>& remade,
                                                          std::set<std::size_t>& done);

/// What is read now, and what was noted earlier of files that are out of reach at the moment.
[[nodiscard]] ReadInputs with_earlier(ReadInputs now, const ReadInputs& earlier);

}  // namespace robiq
