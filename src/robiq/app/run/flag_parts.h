#pragma once
#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "robiq/attack/attack.h"
#include "robiq/data/dataset.h"
#include "robiq/model/weights/weights.h"
#include "robiq/store/attack_options.h"

namespace robiq {

/// What users write on the command line, turned into parts. Every function throws Error{kUsage}
/// naming the flag for what cannot be understood.

/// --data: "builtin:scenes=60", "csv:FILE".
[[nodiscard]] std::unique_ptr<Dataset> make_dataset(const std::string& spec);

/// Of every picture's id and label: what a run that is continued must find unchanged.
[[nodiscard]] std::string labels_sha256(const Dataset& dataset);

/// "ifgsm:steps=10". Warns where the options make the attack pointless.
/// \param where  it was written, for messages
[[nodiscard]] std::unique_ptr<Attack> make_attack(const std::string& spec,
                                                  const std::string& where = "--attack");

/// What make_attack() would make, without what it would say to the user.
[[nodiscard]] AttackCard attack_card(const std::string& spec,
                                     const std::string& where = "--attack");

/// An attack's options in full, so that two ways of writing the same attack have one key.
[[nodiscard]] AttackOptions attack_options(const Spec& spec);

/// --scale WORST:BEST; nothing for "".
[[nodiscard]] std::optional<ScoreScale> parse_scale(const std::string& text);

/// --views grid|paper|N for a model. N keeps at most N of the grid's views.
[[nodiscard]] ViewPolicy parse_views(const std::string& text, const ModelCard& card);

/// --model with --weights (find_weights()); says so where it took what comes with robiq.
/// \throws Error{kModel} when the weights are missing or do not fit.
[[nodiscard]] LoadedModel load_model_flag(const std::string& spec, const std::string& weights,
                                          const std::string& scale, const std::string& device);

// What flags that several commands have do, for --help.

/// --weights, of the model that a command is about. A surrogate's are never taken unasked.
inline constexpr const char* kWeightsHelp =
    "its checkpoint, or shipped:NAME; \"\": for cnniqa, the weights that come with robiq";
/// --adaptive
inline constexpr const char* kAdaptiveHelp =
    "attacks know the purifier: its gradient or a stand-in (BPDA), averaged over random draws "
    "(EOT)";
/// --exact
inline constexpr const char* kExactHelp =
    "keep batch normalisation apart from the convolutions: slower, but equal to the training "
    "network to the last digit";

/// --exact, for the whole process, of commands that score and attack.
/// \param models  those that are used
/// \throws Error{kUsage} where it is asked for and none of them has anything to fold.
void use_exact_networks(bool exact, const std::vector<const QualityModel*>& models);

/// Files as given, folders as the pictures in them (sorted, not deeper), "-" as paths on standard
/// input (parse_path_list()). \throws Error{kData} for what is missing or holds no picture.
[[nodiscard]] std::vector<std::filesystem::path> list_pictures(
    const std::vector<std::string>& arguments);

}  // namespace robiq
