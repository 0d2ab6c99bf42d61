#include "robiq/app/tools/catalog.h"

#include <dlfcn.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "robiq/attack/attack.h"
#include "robiq/data/dataset.h"
#include "robiq/data/published_set.h"
#include "robiq/defense/defense.h"
#include "robiq/defense/purify/purifier.h"
#include "robiq/metric/distance/fidelity.h"
#include "robiq/metric/metric.h"
#include "robiq/model/quality_model.h"
#include "robiq/train/loss.h"

namespace robiq {
namespace {

using Json = nlohmann::ordered_json;

/// What an entry of any registry says about itself.
struct Described {
  std::string name, summary, paper;
  std::vector<OptionDoc> options;
};

template <class Interface>
std::vector<Described> all_of() {
  std::vector<Described> all;
  for (const auto& [name, entry] : Registry<Interface>::instance().entries()) {
    all.push_back({name, entry.summary, entry.paper, entry.options});
  }
  return all;
}

std::vector<Described> entries_of(const std::string& kind) {
  const auto is = [&](const char* plural) {
    const std::string word = plural;
    return kind == word || kind == word.substr(0, word.size() - 1);
  };
  if (is("models")) return all_of<QualityModel>();
  if (is("attacks")) return all_of<Attack>();
  if (is("defenses")) return all_of<Defense>();
  if (is("purifiers")) return all_of<Purifier>();
  if (is("losses") || kind == "loss") return all_of<Loss>();
  if (is("datasets")) return all_of<Dataset>();
  if (is("measures")) return all_of<Metric>();
  if (is("distances")) return all_of<Fidelity>();
  const std::string near = nearest_of(kind, catalog_kinds());
  throw Error(ErrorKind::kUsage, {"there is no list of '" + kind + "'", "",
                                  (near.empty() ? "" : "did you mean '" + near + "'? ") +
                                      "known: " + join(catalog_kinds(), ", ")});
}

Described entry_of(const std::string& kind, const std::string& name) {
  std::vector<std::string> known;
  for (const Described& entry : entries_of(kind)) {
    if (entry.name == name) return entry;
    known.push_back(entry.name);
  }
  const std::string near = nearest_of(name, known);
  throw Error(ErrorKind::kUsage, {"'" + name + "' is not among the " + kind + " known here", "",
                                  (near.empty() ? "" : "did you mean '" + near + "'? ") +
                                      "known: " + join(known, ", ")});
}

}  // namespace

std::vector<std::string> catalog_kinds() {
  return {"models", "attacks",  "defenses", "purifiers",
          "losses", "datasets", "measures", "distances"};
}

Json list_entries(const std::string& kind) {
  Json rows = Json::array();
  for (const Described& entry : entries_of(kind)) {
    rows.push_back({{"name", entry.name}, {"summary", entry.summary}, {"paper", entry.paper}});
  }
  return rows;
}

Json list_kinds(bool as_list) {
  Json rows = Json::array();
  for (const std::string& kind : catalog_kinds()) {
    std::vector<std::string> names;
    for (const Described& entry : entries_of(kind)) names.push_back(entry.name);
    rows.push_back({{"kind", kind},
                    {"entries", names.size()},
                    {"names", as_list ? Json(names) : Json(join(names, " "))}});
  }
  return rows;
}

Json describe_entry(const std::string& kind, const std::string& name) {
  Json rows = Json::array();
  for (const OptionDoc& option : entry_of(kind, name).options) {
    rows.push_back({{"option", option.name},
                    {"type", option.type},
                    {"default", option.default_value},
                    {"range", option.range},
                    {"unit", option.unit},
                    {"help", option.help}});
  }
  return rows;
}

Json list_datasets() {
  Json rows = Json::array();
  for (const auto& [name, entry] : Registry<Dataset>::instance().entries()) {
    Json row = {{"name", name}};
    const auto found = published_facts().find(name);
    if (found != published_facts().end()) {
      const PublishedFacts& facts = found->second;
      row["pictures"] = facts.pictures;
      row["scenes"] = facts.contents > 0 ? facts.contents : facts.pictures;
      row["label_least"] = facts.lowest;
      row["label_greatest"] = facts.highest;
      row["better"] = facts.higher_is_better ? "higher" : "lower";
      row["official_split"] = !facts.official.empty();
    } else {
      for (const char* key :
           {"pictures", "scenes", "label_least", "label_greatest", "better", "official_split"}) {
        row[key] = nullptr;
      }
    }
    row["summary"] = entry.summary;
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string entry_headline(const std::string& kind, const std::string& name) {
  const Described entry = entry_of(kind, name);
  std::string text =
      entry.name + ": " + entry.summary + (entry.paper.empty() ? "" : " (" + entry.paper + ")");
  const auto facts = published_facts().find(name);
  if (facts == published_facts().end() || !kind.starts_with("dataset")) return text;
  for (const std::string& trap : facts->second.traps) text += "\n  - " + trap;
  return text;
}

void load_plugin(const std::string& file) {
  // A name without a slash would be looked for among the system's libraries.
  const bool here = std::filesystem::exists(file);
  const std::string path = here ? std::filesystem::absolute(file).string() : file;
  if (::dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL) != nullptr) return;
  const char* const reason = ::dlerror();
  throw Error(ErrorKind::kUsage,
              {std::string("the plugin cannot be loaded: ") + (reason == nullptr ? "?" : reason),
               "--plugin " + file, "give the path of a .so built against this robiq"});
}

}  // namespace robiq
