#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "robiq/core/options/params.h"

namespace robiq {

/// Trained models that come with robiq (assets/models, docs/models.md): "cnniqa", "cnniqa-nt".
/// They lie where the library lies, so that a moved installation and plugins find them too.
/// \return their names in order; empty where the files were taken away
[[nodiscard]] std::vector<std::string> shipped_weights();

/// What --weights names: a file as it is; "shipped:NAME"; for "" the shipped weights of that model.
/// \param spec  of the model
/// \return the file, or "" for a model that needs none (needs_weights())
/// \throws Error{kUsage} where no weights of the model are shipped, or none of that name
[[nodiscard]] std::string find_weights(const Spec& spec, const std::string& weights);

}  // namespace robiq
