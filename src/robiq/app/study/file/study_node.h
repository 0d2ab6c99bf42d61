#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "robiq/core/files/toml_document.h"
#include "robiq/core/options/options.h"

namespace robiq {

/// Where the user reads `key` of a table: its own line, or the table's where it is left out.
[[nodiscard]] std::string where_of(const TomlNode& node, const std::string& key);

/// \throws Error{kUsage}
[[noreturn]] void throw_usage(const std::string& what, const std::string& where,
                              const std::string& hint);

/// The table `name` of `node`; null where there is none.
/// \throws Error{kUsage} when it is something else
[[nodiscard]] const TomlNode* inner_table(const TomlNode& node, const std::string& name);

/// The tables [[name]] of `node`.
/// \throws Error{kUsage} when it is something else
[[nodiscard]] std::vector<TomlNode> table_list(const TomlNode& node, const std::string& name);

/// Reads the keys of a table that stand in no table of their own.
/// \param inner  names of those that do
/// \throws Error{kUsage} as read_options()
template <class Keys>
Keys read_keys(const TomlNode& node, const std::vector<std::string>& inner) {
  std::vector<std::string> known = inner;
  for (const OptionDoc& doc : document_options<Keys>()) known.push_back(doc.name);
  TomlNode flat = node;
  for (const auto& [key, value] : node.table) {
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      detail::throw_unknown_option(key, {false, value.where}, known);
    }
  }
  for (const std::string& name : inner) flat.table.erase(name);
  return read_options<Keys>(toml_params(flat));
}

}  // namespace robiq
