#include "robiq/app/run/spec_checks.h"

#include <algorithm>
#include <map>

#include "robiq/app/run/flag_parts.h"
#include "robiq/attack/attack.h"
#include "robiq/core/text/text.h"
#include "robiq/model/quality_model.h"
#include "robiq/store/defended_name.h"

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

void check_label(const std::string& label, const std::string& where) {
  if (DefendedName::parse(label).purifier.empty()) return;
  throw Error(ErrorKind::kUsage,
              {"the label '" + label + "' would be read as a model behind a purifier", where,
               "leave out the bar"});
}

bool asks_surrogate(const std::string& spec, bool transfer) {
  if (needs_fitting(spec)) return false;
  return attack_card(spec, "spec").asks_surrogate(transfer);
}

void check_no_attack_twice(const std::vector<std::string>& attacks, const std::string& where) {
  std::map<std::string, std::string> seen;
  for (const std::string& text : attacks) {
    const Spec spec = Registry<Attack>::instance().parse(text, where);
    const auto [it, added] = seen.emplace(spec.name + ":" + attack_options(spec).stored(), text);
    if (added) continue;
    throw Error(ErrorKind::kUsage,
                {"the attacks '" + it->second + "' and '" + text + "' are the same", where,
                 "leave out one of the two"});
  }
}

}  // namespace robiq
