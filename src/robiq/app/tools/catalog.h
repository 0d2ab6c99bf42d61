#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "robiq/core/files/result_columns.h"

namespace robiq {

/// The kinds `robiq list` and `robiq describe` know: models, attacks, defenses, purifiers,
/// losses, datasets, measures, distances.
[[nodiscard]] std::vector<std::string> catalog_kinds();

/// One entry of a registry.
struct CatalogEntry {
  std::string name, summary, paper;

  static ResultColumns<CatalogEntry> columns();
};

/// \param kind  plural or singular  \throws Error{kUsage} for an unknown kind
[[nodiscard]] std::vector<CatalogEntry> list_entries(const std::string& kind);

/// What there is of one kind.
struct CatalogKind {
  std::string kind;
  std::vector<std::string> names;
};

[[nodiscard]] std::vector<CatalogKind> list_kinds();
/// The names are a list in JSON, one text elsewhere.
[[nodiscard]] ResultColumns<CatalogKind> kind_columns(OutputFormat format);

/// One option of an entry.
struct DescribedOption {
  std::string option, type, default_value, range, unit, help;

  static ResultColumns<DescribedOption> columns();
};

/// \throws Error{kUsage} for an unknown kind or name
[[nodiscard]] std::vector<DescribedOption> describe_entry(const std::string& kind,
                                                          const std::string& name);

/// What is known of a data set before one has a copy.
struct ListedDataset {
  /// What the publisher states.
  struct Stated {
    std::int64_t pictures = 0, scenes = 0;
    double label_least = 0, label_greatest = 0;
    bool higher_is_better = true, official_split = false;
  };
  std::string name, summary;
  std::optional<Stated> stated;  ///< nothing where it depends on the copy

  static ResultColumns<ListedDataset> columns();
};

[[nodiscard]] std::vector<ListedDataset> list_datasets();

/// "cnniqa: one convolution, ... (Kang et al., CVPR 2014)"; for a published data set also what one
/// must know of its labels, a line each.
[[nodiscard]] std::string entry_headline(const std::string& kind, const std::string& name);

/// Loads a plugin, whose static registrations add to the registries.
/// \throws Error{kUsage} with the system's reason.
void load_plugin(const std::string& file);

}  // namespace robiq
