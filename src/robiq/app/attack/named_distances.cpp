#include "robiq/app/attack/named_distances.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "robiq/core/error.h"
#include "robiq/store/attack_options.h"

namespace robiq {

NamedDistances::NamedDistances(const std::vector<std::string>& specs) {
  for (const std::string& text : specs) {
    const Spec spec = parse_spec(text, "--distance");
    if (!distances_.emplace(spec.name, Registry<Fidelity>::instance().make(spec, "--distance"))
             .second) {
      throw Error(ErrorKind::kUsage,
                  {"the distance '" + spec.name + "' was asked for twice", "--distance",
                   "one of its forms at a time: evaluate into another folder for the other"});
    }
  }
}

std::map<std::string, double> NamedDistances::between(const AttackedPicture& attacked,
                                                      c10::Device device) const {
  const at::NoGradGuard no_grad;
  const std::int64_t rows = attacked.images.size(0);
  std::map<std::string, double> means;
  for (const auto& [name, distance] : distances_) {
    double sum = 0;
    for (std::int64_t row = 0; row < rows; ++row) {  // one at a time bounds the memory
      sum += distance
                 ->compare(attacked.clean.narrow(0, row, 1).to(device),
                           attacked.images.narrow(0, row, 1).to(device))
                 .item<double>();
    }
    means[name] = sum / static_cast<double>(rows);
  }
  return means;
}

namespace {

using Json = nlohmann::ordered_json;

/// What may tell two attacks of one name apart, each as it is printed.
std::vector<std::string> parts_of(const Json& row) {
  const auto text = [&](const char* key) {
    return row.contains(key) && row[key].is_string() ? row[key].get<std::string>() : std::string();
  };
  std::vector<std::string> parts;
  const AttackOptions options = AttackOptions::parse(text("options"));
  for (const auto& [name, value] : options.values()) {
    parts.push_back(name + "=" + value);
  }
  parts.push_back("level " + text("level"));
  if (!text("surrogate").empty()) parts.push_back("from " + text("surrogate"));
  return parts;
}

}  // namespace

std::vector<std::string> attack_texts(const Json& rows) {
  std::map<std::string, std::set<std::vector<std::string>>> of_name;
  for (const Json& row : rows) of_name[row.at("attack")].insert(parts_of(row));
  std::vector<std::string> texts;
  for (const Json& row : rows) {
    std::string text = row.at("attack");
    const std::set<std::vector<std::string>>& others = of_name.at(text);
    const auto has = [](const std::vector<std::string>& parts, const std::string& part) {
      return std::find(parts.begin(), parts.end(), part) != parts.end();
    };
    for (const std::string& part : parts_of(row)) {
      const bool shared = std::all_of(others.begin(), others.end(),
                                      [&](const auto& other) { return has(other, part); });
      if (!shared) text += " " + part;
    }
    texts.push_back(std::move(text));
  }
  return texts;
}

}  // namespace robiq
