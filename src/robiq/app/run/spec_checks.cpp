#include "robiq/app/run/spec_checks.h"

#include <algorithm>

#include "robiq/app/run/flag_parts.h"
#include "robiq/attack/attack.h"
#include "robiq/core/text/text.h"
#include "robiq/model/quality_model.h"

namespace robiq {
namespace detail {

void check_spec_options(const Spec& spec, const std::vector<OptionDoc>& docs,
                        const std::string& argument, const std::string& where) {
  std::vector<std::string> known;
  for (const OptionDoc& doc : docs) known.push_back(doc.name);
  for (const auto& [key, value] : spec.params) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    throw_unknown_option(key, {value.value, where}, known);
  }
  if (spec.argument.empty() || !argument.empty()) return;
  throw Error(ErrorKind::kUsage,
              {"'" + spec.argument + "' in '" + spec.text + "' is not of the form key=value, and " +
                   spec.name + " takes nothing else",
               where, "write " + spec.name + ":key=value"});
}

}  // namespace detail

bool needs_fitting(const std::string& spec) {
  if (parse_spec(spec, "spec").name != "uap") return false;
  const Spec parsed = Registry<Attack>::instance().parse(spec, "spec");
  return parsed.argument.empty() && !parsed.params.contains("file");
}

void check_attack(const std::string& spec, const std::string& where) {
  if (needs_fitting(spec)) {
    check_spec<Attack>(Registry<Attack>::instance().parse(spec, where), where);
  } else {
    static_cast<void>(attack_card(spec, where));
  }
}

bool asks_surrogate(const std::string& spec, bool transfer) {
  if (needs_fitting(spec)) return false;
  return attack_card(spec, "spec").asks_surrogate(transfer);
}

StudySurrogate parse_surrogate(const std::string& text, const std::string& where) {
  Spec spec = parse_spec(text, where);
  StudySurrogate surrogate;
  if (const auto it = spec.params.find("seed"); it != spec.params.end()) {
    if (!parse_integer(option_text(it->second.value), surrogate.seed) || surrogate.seed < 0) {
      throw Error(ErrorKind::kUsage, {"'" + option_text(it->second.value) + "' is not a seed",
                                      where, "give a whole number from 0"});
    }
    spec.params.erase(it);
  }
  if (const auto it = spec.params.find("weights"); it != spec.params.end()) {
    surrogate.weights = option_text(it->second.value);
    spec.params.erase(it);
  }
  check_spec<QualityModel>(spec, where);
  surrogate.model = spec_text(spec.name, spec.argument, spec.params);
  if ((surrogate.seed < 0) == surrogate.weights.empty()) {
    throw Error(ErrorKind::kUsage,
                {"the surrogate '" + text + "' has " +
                     (surrogate.seed < 0 ? "neither a seed nor weights" : "a seed and weights"),
                 where, "write MODEL:seed=N to train it, or MODEL:weights=FILE to load it"});
  }
  return surrogate;
}

}  // namespace robiq
