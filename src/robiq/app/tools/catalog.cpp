#include "robiq/app/tools/catalog.h"

#include <dlfcn.h>

#include <filesystem>
#include <functional>
#include <optional>

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

/// What an entry of any registry says about itself.
struct Described {
  std::string name, summary, paper;
  std::vector<OptionDoc> options;
};

/// What `work` makes of the registry of a kind, "attacks" or "attack".
template <class Work>
auto with_registry(const std::string& kind, const Work& work) {
  const auto is = [&](const char* plural) {
    const std::string word = plural;
    return kind == word || kind == word.substr(0, word.size() - 1);
  };
  if (is("models")) return work(Registry<QualityModel>::instance());
  if (is("attacks")) return work(Registry<Attack>::instance());
  if (is("defenses")) return work(Registry<Defense>::instance());
  if (is("purifiers")) return work(Registry<Purifier>::instance());
  if (is("losses") || kind == "loss") return work(Registry<Loss>::instance());
  if (is("datasets")) return work(Registry<Dataset>::instance());
  if (is("measures")) return work(Registry<Metric>::instance());
  if (is("distances")) return work(Registry<Fidelity>::instance());
  const std::string near = nearest_of(kind, catalog_kinds());
  throw Error(ErrorKind::kUsage, {"robiq has no list of '" + kind + "'", "",
                                  (near.empty() ? "" : "did you mean '" + near + "'? ") +
                                      "known: " + join(catalog_kinds(), ", ")});
}

std::vector<Described> entries_of(const std::string& kind) {
  return with_registry(kind, [](const auto& registry) {
    std::vector<Described> all;
    for (const auto& [name, entry] : registry.entries()) {
      all.push_back({name, entry.summary, entry.paper, entry.options});
    }
    return all;
  });
}

Described entry_of(const std::string& kind, const std::string& name) {
  return with_registry(kind, [&](const auto& registry) {
    const auto& entry = registry.find(name);
    return Described{entry.name, entry.summary, entry.paper, entry.options};
  });
}

}  // namespace

std::vector<std::string> catalog_kinds() {
  return {"models", "attacks",  "defenses", "purifiers",
          "losses", "datasets", "measures", "distances"};
}

ResultColumns<CatalogEntry> CatalogEntry::columns() {
  using R = CatalogEntry;
  ResultColumns<R> columns;
  columns.add("name", &R::name).add("summary", &R::summary).add("paper", &R::paper);
  return columns;
}

std::vector<CatalogEntry> list_entries(const std::string& kind) {
  std::vector<CatalogEntry> rows;
  for (const Described& entry : entries_of(kind)) {
    rows.push_back({entry.name, entry.summary, entry.paper});
  }
  return rows;
}

std::vector<CatalogKind> list_kinds() {
  std::vector<CatalogKind> rows;
  for (const std::string& kind : catalog_kinds()) {
    CatalogKind& row = rows.emplace_back(CatalogKind{kind, {}});
    for (const Described& entry : entries_of(kind)) row.names.push_back(entry.name);
  }
  return rows;
}

ResultColumns<CatalogKind> kind_columns(OutputFormat format) {
  using R = CatalogKind;
  ResultColumns<R> columns;
  columns.add("kind", &R::kind).add("entries", [](const R& row) { return row.names.size(); });
  if (format == OutputFormat::kJson || format == OutputFormat::kJsonLines) {
    return columns.add("names", &R::names);
  }
  return columns.add("names", [](const R& row) { return join(row.names, " "); });
}

ResultColumns<DescribedOption> DescribedOption::columns() {
  using R = DescribedOption;
  ResultColumns<R> columns;
  columns.add("option", &R::option)
      .add("type", &R::type)
      .add("default", &R::default_value)
      .add("range", &R::range)
      .add("unit", &R::unit)
      .add("help", &R::help);
  return columns;
}

std::vector<DescribedOption> describe_entry(const std::string& kind, const std::string& name) {
  std::vector<DescribedOption> rows;
  for (const OptionDoc& option : entry_of(kind, name).options) {
    rows.push_back(
        {option.name, option.type, option.default_value, option.range, option.unit, option.help});
  }
  return rows;
}

ResultColumns<ListedDataset> ListedDataset::columns() {
  using R = ListedDataset;
  using Stated = R::Stated;
  const auto stated = [](auto value) {
    return [value](const R& row) {
      return row.stated ? std::optional(std::invoke(value, *row.stated)) : std::nullopt;
    };
  };
  ResultColumns<R> columns;
  columns.add("name", &R::name)
      .add("pictures", stated(&Stated::pictures))
      .add("scenes", stated(&Stated::scenes))
      .add("label_least", stated(&Stated::label_least))
      .add("label_greatest", stated(&Stated::label_greatest))
      .add("better", stated([](const Stated& facts) {
             return std::string(facts.higher_is_better ? "higher" : "lower");
           }))
      .add("official_split", stated(&Stated::official_split))
      .add("summary", &R::summary);
  return columns;
}

std::vector<ListedDataset> list_datasets() {
  std::vector<ListedDataset> rows;
  for (const auto& [name, entry] : Registry<Dataset>::instance().entries()) {
    ListedDataset& row = rows.emplace_back(ListedDataset{name, entry.summary, std::nullopt});
    const auto found = published_facts().find(name);
    if (found == published_facts().end()) continue;
    const PublishedFacts& facts = found->second;
    row.stated = {facts.pictures,         facts.contents > 0 ? facts.contents : facts.pictures,
                  facts.lowest,           facts.highest,
                  facts.higher_is_better, !facts.official.empty()};
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
