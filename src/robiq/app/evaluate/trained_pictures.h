#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "robiq/app/run/chosen_pictures.h"
#include "robiq/data/dataset.h"
#include "robiq/model/weights/weights.h"
#include "robiq/store/results_store.h"

namespace robiq {

/// How an evaluation meets pictures that its model has seen before.
struct TrainedPolicy {
  SplitPart part = SplitPart::kTest;  ///< what was asked for is what is kept
  bool include = false;               ///< --include-trained: keep them, and say so in the results
};

/// Leaves out those of `chosen` that the model was trained on or chosen by, whatever the data set
/// and its files are called: by what the weights' card lists. What is left out is logged, and so is
/// a card that lists nothing. \param chosen  with its identities
/// \return what the results must say of the pictures that stay although the model knows them
/// \throws Error{kData} when fewer than `least` pictures are left
[[nodiscard]] std::optional<FlagRow> leave_out_trained(const Dataset& dataset,
                                                       const TrainedPolicy& policy,
                                                       const WeightsCard& card, std::size_t least,
                                                       ChosenPictures& chosen);

/// Says that an attack was made from pictures that it is now tried on, such as a universal
/// perturbation evaluated on its own training pictures.
/// \param evaluated   identities of the pictures  \param trained_on  of Attack::trained_on()
/// \return flag "attack-trained-on" where there are such pictures
[[nodiscard]] std::optional<FlagRow> attack_knows_pictures(
    const std::string& attack, const std::vector<std::string>& trained_on,
    const std::vector<std::string>& evaluated);

}  // namespace robiq
