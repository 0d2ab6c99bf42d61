#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace robiq {

/// The kinds `robiq list` and `robiq describe` know: models, attacks, defenses, losses, datasets,
/// measures, distances.
[[nodiscard]] std::vector<std::string> catalog_kinds();

/// One row an entry of a registry: {name, summary, paper}. \param kind  plural or singular
/// \throws Error{kUsage} for an unknown kind.
[[nodiscard]] nlohmann::ordered_json list_entries(const std::string& kind);

/// One row a kind: {kind, entries (how many), names}. \param as_list  names as a list, not as a
/// text
[[nodiscard]] nlohmann::ordered_json list_kinds(bool as_list);

/// One row an option: {option, type, default, range, unit, help}. \throws Error{kUsage}.
[[nodiscard]] nlohmann::ordered_json describe_entry(const std::string& kind,
                                                    const std::string& name);

/// One row a data set: {name, pictures, scenes, label_least, label_greatest, better,
/// official_split, summary}; null where it depends on the copy.
[[nodiscard]] nlohmann::ordered_json list_datasets();

/// "cnniqa: one convolution, ... (Kang et al., CVPR 2014)"; for a published data set also what one
/// must know of its labels, a line each.
[[nodiscard]] std::string entry_headline(const std::string& kind, const std::string& name);

/// Loads a plugin, whose static registrations add to the registries.
/// \throws Error{kUsage} with the system's reason.
void load_plugin(const std::string& file);

}  // namespace robiq
