#include "robiq/app/study/file/study_surrogate.h"

#include "robiq/app/run/spec_checks.h"
#include "robiq/core/text/text.h"
#include "robiq/model/quality_model.h"

namespace robiq {
namespace {

std::int64_t surrogate_seed(const std::string& text, const std::string& where) {
  std::int64_t seed = 0;
  if (parse_integer(text, seed) && seed >= 0) return seed;
  throw Error(ErrorKind::kUsage,
              {"'" + text + "' is not a seed", where, "give a whole number from 0"});
}

}  // namespace

StudySurrogate parse_surrogate(const std::string& text, const std::string& where) {
  Spec spec = parse_spec(text, where);
  StudySurrogate surrogate;
  if (const auto it = spec.params.find("seed"); it != spec.params.end()) {
    surrogate.seed = surrogate_seed(option_text(it->second.value), where);
    spec.params.erase(it);
  }
  if (const auto it = spec.params.find("weights"); it != spec.params.end()) {
    surrogate.weights = option_text(it->second.value);
    spec.params.erase(it);
  }
  check_spec<QualityModel>(spec, where);
  surrogate.model = spec_text(spec.name, spec.argument, spec.params);
  if (surrogate.seed.has_value() == surrogate.weights.empty()) return surrogate;
  throw Error(ErrorKind::kUsage,
              {"the surrogate '" + text + "' has " +
                   (surrogate.seed ? "a seed and weights" : "neither a seed nor weights"),
               where, "write MODEL:seed=N to train it, or MODEL:weights=FILE to load it"});
}

}  // namespace robiq
