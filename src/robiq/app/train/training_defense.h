#pragma once
#include <string>

#include "robiq/app/train/train_run.h"

namespace robiq {

/// The registered name of the paper's NT strategy: what --nt and its sisters speak of.
inline constexpr const char* kGradientNorm = "gradient-norm";

/// Whether "SPEC[+SPEC]" names the NT strategy among others. \throws Error{kUsage} as
/// parse_defenses()
[[nodiscard]] bool names_gradient_norm(const std::string& defense, const std::string& where);

/// Puts the options that --defense gives to the NT strategy where --nt-weight and its sisters would
/// put them; what such a flag gave itself stays.
void settle_defense(TrainRequest& request, const Params& given);

/// All that is trained with, in full, as make_defense() reads it: "none",
/// "gradient-norm:weight=...", "gradient-norm:weight=...+jpeg-augment". \param request  with the
/// recipe filled in
[[nodiscard]] std::string defense_text(const TrainRequest& request);

}  // namespace robiq
