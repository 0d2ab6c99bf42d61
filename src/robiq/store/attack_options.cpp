#include "robiq/store/attack_options.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "robiq/core/error.h"
#include "robiq/core/options/params.h"
#include "robiq/core/text/text.h"

namespace robiq {
namespace {

/// Before version 4 nothing was escaped: a part without '=' belongs to the value before it.
std::map<std::string, std::string> unescaped_options(const std::string& stored) {
  std::map<std::string, std::string> values;
  std::string last;
  for (const std::string& part : split(stored, ',')) {
    const std::size_t equals = part.find('=');
    if (equals != std::string::npos) {
      last = part.substr(0, equals);
      values[last] = part.substr(equals + 1);
    } else if (!last.empty()) {
      values[last] += "," + part;
    }
  }
  return values;
}

}  // namespace

AttackOptions AttackOptions::parse(std::string_view text) {
  if (text.empty()) return {};
  AttackOptions options;
  for (const auto& [name, given] : parse_spec("options:" + std::string(text), "options").params) {
    options.values_[name] = option_text(given.value);
  }
  return options;
}

AttackOptions AttackOptions::from_stored(const std::string& stored) {
  if (!stored.starts_with('{')) return AttackOptions(unescaped_options(stored));
  const auto json = nlohmann::json::parse(stored, nullptr, false);
  AttackOptions options;
  for (const auto& [name, value] : json.items()) {
    if (!value.is_string()) {
      throw Error(ErrorKind::kData, {"the options of an attack in the results database are damaged",
                                     stored, "use a results.sqlite as robiq wrote it"});
    }
    options.values_[name] = value.get<std::string>();
  }
  return options;
}

std::string AttackOptions::stored() const {
  return values_.empty() ? "" : nlohmann::json(values_).dump();
}

std::string AttackOptions::text() const {
  std::vector<std::string> parts;
  for (const auto& [name, value] : values_) parts.push_back(option_part(name, value));
  return join(parts, ",");
}

std::string AttackOptions::value(const std::string& name) const {
  const auto place = values_.find(name);
  return place == values_.end() ? "" : place->second;
}

AttackOptions AttackOptions::without(const std::string& name) const {
  AttackOptions rest = *this;
  rest.values_.erase(name);
  return rest;
}

AttackOptions AttackOptions::with(const std::string& name, const std::string& value) const {
  AttackOptions changed = *this;
  changed.values_[name] = value;
  return changed;
}

}  // namespace robiq
