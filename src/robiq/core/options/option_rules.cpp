#include "robiq/core/options/option_rules.h"

namespace robiq {
namespace {

/// As it stands on the command line, in a file or in a spec.
std::string shown(std::string_view name, const ParamValue& value) {
  return value.where.starts_with("--") && value.where.find(' ') == std::string::npos
             ? value.where
             : "'" + std::string(name) + "'";
}

}  // namespace

void OptionRules::need(bool used, const std::vector<std::string_view>& names,
                       const std::string& without) const {
  if (used) return;
  for (const std::string_view name : names) {
    const auto it = given_.find(name);
    if (it == given_.end()) continue;
    const std::string option = shown(name, it->second);
    throw Error(ErrorKind::kUsage,
                {"option " + option + " has no effect without " + without, it->second.where,
                 "add " + without + ", or leave out " + option});
  }
}

void OptionRules::clash(bool useless, const std::vector<std::string_view>& names,
                        const std::string& beside) const {
  if (!useless) return;
  for (const std::string_view name : names) {
    const auto it = given_.find(name);
    if (it == given_.end()) continue;
    const std::string option = shown(name, it->second);
    throw Error(ErrorKind::kUsage, {"option " + option + " has no effect together with " + beside,
                                    it->second.where, "leave out one of the two"});
  }
}

}  // namespace robiq
