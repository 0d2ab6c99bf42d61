#include "robiq/cli/flags.h"

#include <algorithm>

namespace robiq::cli {

std::string flag_of(const std::string& option) {
  std::string flag = "--" + option;
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

namespace {

std::string help_of(const OptionDoc& doc) {
  std::string help = doc.help;
  if (!doc.range.empty()) help += "; " + doc.range;
  if (!doc.unit.empty()) help += " " + doc.unit;
  if (doc.type == "bool") return help + (doc.default_value == "true" ? " [on]" : " [off]");
  if (!doc.default_value.empty()) help += " [" + doc.default_value + "]";
  return help;
}

}  // namespace

Flags::Flags(CLI::App& app, const std::vector<OptionDoc>& options,
             const std::vector<std::string>& positional) {
  const auto is_positional = [&](const OptionDoc& doc) {
    return std::find(positional.begin(), positional.end(), doc.name) != positional.end();
  };
  for (const std::string& name : positional) {
    for (const OptionDoc& doc : options) {
      if (doc.name == name) add_slot(app, doc, true);
    }
  }
  for (const OptionDoc& doc : options) {
    if (!is_positional(doc)) add_slot(app, doc, false);
  }
}

void Flags::add_slot(CLI::App& app, const OptionDoc& doc, bool positional) {
  Slot& slot = slots_[doc.name];
  slot.flag = flag_of(doc.name);
  slot.type = doc.type;
  slot.usual = doc.default_value;
  const std::string help = help_of(doc);
  if (doc.type == "bool") {
    slot.option = app.add_flag(slot.flag + ",!--no-" + slot.flag.substr(2), slot.on, help);
  } else if (doc.type == "list") {
    slot.option = app.add_option(positional ? doc.name : slot.flag, slot.list, help);
  } else {
    slot.option = app.add_option(positional ? doc.name : slot.flag, slot.text, help);
    const bool number = doc.type == "number" || doc.type == "integer";
    slot.option->type_name(number ? "NUMBER" : "TEXT");
  }
  if (positional) {
    slot.flag = doc.name;
    slot.option->required();
  }
}

void Flags::add_config(CLI::App& app) {
  app.add_option("--config", config_, "TOML file with any of these options, snake_case; flags win");
}

Params Flags::given() const {
  Params params;
  if (!config_.empty()) params = read_toml(config_);
  // A configuration that robiq wrote names every option: what is as usual was not asked for.
  std::erase_if(params, [&](const auto& entry) {
    const auto it = slots_.find(entry.first);
    return it != slots_.end() && option_text(entry.second.value) == it->second.usual;
  });
  for (const auto& [name, slot] : slots_) {
    if (slot.option->count() == 0) continue;
    if (slot.type == "bool") {
      params[name] = {slot.on, slot.flag};
    } else if (slot.type == "list") {
      params[name] = {slot.list, slot.flag};
    } else {
      params[name] = {slot.text, slot.flag};
    }
  }
  return params;
}

}  // namespace robiq::cli
