#include "robiq/app/train/training_defense.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "robiq/core/text/text.h"
#include "robiq/defense/defense_chain.h"

namespace robiq {
namespace {

constexpr const char* kFlag = "--defense";
constexpr const char* kFlagPrefix = "nt_";  // of the flags that are options of the NT strategy

std::string gradient_norm_text(const TrainRequest& request) {
  return fmt::format("{}:weight={},step={},space={},form={},batchnorm={},scale={}", kGradientNorm,
                     request.nt_weight, request.nt_step, request.nt_space, request.nt_form,
                     request.nt_batchnorm, request.nt_scale);
}

}  // namespace

bool names_gradient_norm(const std::string& defense, const std::string& where) {
  if (defense.empty()) return false;
  const std::vector<Spec> members = parse_defenses(defense, where);
  return std::any_of(members.begin(), members.end(),
                     [](const Spec& member) { return member.name == kGradientNorm; });
}

void settle_defense(TrainRequest& request, const Params& given) {
  if (request.defense.empty()) return;
  static_cast<void>(make_defense(request.defense, kFlag));  // every option is checked at once
  for (const Spec& member : parse_defenses(request.defense, kFlag)) {
    if (member.name != kGradientNorm) continue;
    request.nt = true;
    const OptionTable<TrainRequest> table = TrainRequest::options();
    for (const auto& [key, value] : member.params) {
      const std::string name = kFlagPrefix + key;
      if (given.contains(name)) continue;
      const auto option = std::find_if(table.begin(), table.end(),
                                       [&](const auto& one) { return one.name == name; });
      if (option == table.end()) continue;
      std::visit(
          [&](auto field) { detail::assign(request.*field, detail::limits_of(*option), value); },
          option->field);
    }
  }
}

std::string defense_text(const TrainRequest& request) {
  if (request.defense.empty()) return request.nt ? gradient_norm_text(request) : "none";
  std::vector<std::string> members;
  for (const Spec& member : parse_defenses(request.defense, kFlag)) {
    const bool nt = member.name == kGradientNorm;
    members.push_back(nt ? gradient_norm_text(request) : canonical_defense(member.text));
  }
  return join(members, "+");
}

}  // namespace robiq
