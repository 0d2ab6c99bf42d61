#include <algorithm>

#include "robiq/core/error.h"
#include "robiq/core/text/text.h"
#include "robiq/model/weights/weights.h"

namespace robiq {
namespace {

bool begins_with_any(const std::string& name, const std::vector<std::string>& beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [&](const std::string& beginning) { return name.starts_with(beginning); });
}

bool some_name_begins_with(const TensorMap& tensors, const std::string& beginning) {
  const auto it = tensors.lower_bound(beginning);
  return it != tensors.end() && it->first.starts_with(beginning);
}

bool every_name_begins_with(const TensorMap& tensors, const std::string& beginning) {
  return !tensors.empty() && std::all_of(tensors.begin(), tensors.end(), [&](const auto& item) {
    return item.first.starts_with(beginning);
  });
}

std::string renamed(const std::string& name, const std::vector<PrefixRule>& rules) {
  for (const PrefixRule& rule : rules) {
    if (name.starts_with(rule.from)) return rule.to + name.substr(rule.from.size());
  }
  return name;
}

TensorMap renamed(const TensorMap& tensors, const std::vector<PrefixRule>& rules) {
  TensorMap result;
  for (const auto& [name, tensor] : tensors) result[renamed(name, rules)] = tensor;
  return result;
}

/// DataParallel's prefix, as training on several GPUs leaves it.
constexpr const char* kModulePrefix = "module.";

TensorMap without_module_prefix(const TensorMap& tensors) {
  if (!every_name_begins_with(tensors, kModulePrefix)) return tensors;
  return renamed(tensors, {{kModulePrefix, ""}});
}

/// The tensors of `part` among a file's, under the model's names.
TensorMap tensors_of_part(const ModelPart& part, const TensorMap& given, const TensorMap& own) {
  const TensorMap plain = without_module_prefix(given);
  TensorMap cut;
  bool of_whole_model = false;
  for (const auto& [name, tensor] : plain) {
    if (!name.starts_with(part.prefix)) continue;
    of_whole_model = of_whole_model || own.contains(name);
    cut.emplace(name, tensor);  // what the model has not is left over, and is said
  }
  if (of_whole_model) return cut;
  const TensorMap usual = part.convert ? part.convert(plain) : plain;
  TensorMap kept;
  for (const auto& [name, tensor] : usual) {
    if (!begins_with_any(name, part.dropped)) kept.emplace(name, tensor);
  }
  return renamed(kept, part.rules);
}

}  // namespace

FittedNames fit_names(TensorMap tensors, const ModelCard& card) {
  FittedNames fitted;
  if (every_name_begins_with(tensors, kModulePrefix)) {
    tensors = without_module_prefix(tensors);
    fitted.note = "without 'module.'";
  }
  for (const NameLayout& layout : card.layouts) {
    const bool fits = std::all_of(
        layout.rules.begin(), layout.rules.end(),
        [&](const PrefixRule& rule) { return some_name_begins_with(tensors, rule.from); });
    if (!fits) continue;
    tensors = renamed(tensors, layout.rules);
    fitted.layout = &layout;
    fitted.note += (fitted.note.empty() ? "" : ", ") + ("names of " + layout.name);
    break;
  }
  fitted.tensors = std::move(tensors);
  return fitted;
}

void load_part(QualityModel& model, const ModelPart& part, const TensorMap& tensors) {
  const TensorMap own = model.state();
  const TensorMap given = tensors_of_part(part, tensors, own);
  TensorMap all = given;
  for (const auto& [name, tensor] : own) {
    // Of the part itself only what its files never have may stay as it is.
    const bool of_part = name.starts_with(part.prefix) && !begins_with_any(name, part.not_in_file);
    if (!of_part) all.emplace(name, tensor);
  }
  try {
    model.load_state(all);
  } catch (Error& error) {
    throw Error(ErrorKind::kModel, {error.text().what + ", as the part '" + part.name + "'",
                                    error.text().where, "give weights of " + part.source});
  }
}

std::vector<std::string> parts_that_fit(QualityModel& model, const TensorMap& tensors) {
  std::vector<std::string> names;
  for (const ModelPart& part : model.card().parts) {
    const TensorMap own = model.state();
    const TensorMap given = tensors_of_part(part, tensors, own);
    const bool fits =
        !given.empty() && std::all_of(given.begin(), given.end(), [&](const auto& item) {
          const auto it = own.find(item.first);
          return it != own.end() && it->second.sizes() == item.second.sizes();
        });
    if (fits) names.push_back(part.name);
  }
  return names;
}

}  // namespace robiq
