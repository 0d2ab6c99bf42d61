#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "robiq/core/options/options.h"

namespace robiq {

/// A value of a TOML file and the place it was written: a scalar, a list or a table.
struct TomlNode {
  enum class Kind { kScalar, kList, kTable };

  Kind kind = Kind::kTable;
  std::string where;   ///< "study.toml:14:3"
  OptionValue scalar;  ///< of kScalar; never a list
  std::vector<TomlNode> list;
  std::map<std::string, TomlNode, std::less<>> table;

  [[nodiscard]] bool is_table() const { return kind == Kind::kTable; }
  /// A list of tables, as [[name]] writes it.
  [[nodiscard]] bool is_table_list() const;
};

/// Reads a TOML file whole.
/// \throws Error{kUsage} with line and column for what is no TOML, and for dates and times
[[nodiscard]] TomlNode read_toml_document(const std::filesystem::path& file);

/// The same from memory. \param name  of the text, for messages
[[nodiscard]] TomlNode parse_toml_document(std::string_view text, const std::string& name);

/// A table's scalars and lists of scalars as given options.
/// \throws Error{kUsage} with line and column for a table inside it, or a list of other things
[[nodiscard]] Params toml_params(const TomlNode& table);

/// Refuses TOML that is too deep or too long to be anybody's configuration before a parser recurses
/// into it: keys of more than 32 parts, brackets of more than 32 levels, more than 100,000 commas
/// or lines. \param name  of the text, for messages
/// \throws Error{kUsage} naming the line
void check_toml_bounds(std::string_view text, const std::string& name);

}  // namespace robiq
