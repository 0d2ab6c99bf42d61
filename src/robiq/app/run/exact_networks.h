#pragma once
#include <vector>

namespace robiq {

class QualityModel;

/// What --exact does, for --help.
inline constexpr const char* kExactHelp =
    "do not fold batch normalisation into convolutions: slower, and to the last digit what the "
    "network computes in training";

/// --exact, for the whole process, of commands that score and attack.
/// \param models  those that are used
/// \throws Error{kUsage} where it is asked for and none of them has anything to fold.
void use_exact_networks(bool exact, const std::vector<const QualityModel*>& models);

}  // namespace robiq
