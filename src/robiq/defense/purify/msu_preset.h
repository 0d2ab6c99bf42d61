#pragma once
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "robiq/core/options/option_rules.h"

namespace robiq {

inline constexpr const char* kPresetHelp =
    "one of the five settings of the MSU defense benchmark, in the order of its list";

/// The words of the option `preset`: "none", and the places in the benchmark's lists.
[[nodiscard]] inline std::vector<std::string_view> preset_names() {
  return {"none", "msu0", "msu1", "msu2", "msu3", "msu4"};
}

/// Sets `field`, the option `name`, to what the preset says.
/// \param values  the benchmark's list, msu0 to msu4
/// \throws Error{kUsage} when the option was given beside a preset
template <class T>
void apply_preset(const std::string& preset, const Params& given, std::string_view name,
                  const std::array<T, 5>& values, T& field) {
  const bool chosen = preset != "none";
  OptionRules(given).clash(chosen, {name}, "preset, which sets it");
  if (chosen) field = values.at(static_cast<std::size_t>(preset.back() - '0'));
}

}  // namespace robiq
