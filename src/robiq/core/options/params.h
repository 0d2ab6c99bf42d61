#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "robiq/core/options/options.h"

namespace robiq {

/// "ifgsm:steps=10,epsilon=0.01" or "csv:FILE": a registered name and what it is told.
struct Spec {
  std::string name;
  std::string argument;  ///< the part after ':' without a '=', e.g. a path; may be empty
  Params params;
  std::string text;       ///< as written
  std::string first_key;  ///< of the first part, where that is key=value; else ""
  std::string first;      ///< that part as written
};

/// Reads NAME[:ARGUMENT][,KEY=VALUE]... after NAME come a ':' and either kind of part, separated by
/// commas. A comma inside an argument or a value is written twice.
/// \param where  named in errors, e.g. "--attack"
/// \throws Error{kUsage} for an empty name or key, a repeated key, a second argument.
[[nodiscard]] Spec parse_spec(std::string_view text, const std::string& where);

/// What stands after NAME: in a spec, cut at single commas; a doubled comma is one inside a part.
[[nodiscard]] std::vector<std::string> spec_parts(std::string_view text);

/// An argument or a value as a spec holds it.
[[nodiscard]] std::string with_doubled_commas(std::string_view text);

/// One option as a part of a spec: key=value.
[[nodiscard]] std::string option_part(std::string_view key, std::string_view value);

/// The spec as text: what parse_spec() reads back.
[[nodiscard]] std::string spec_text(const std::string& name, const std::string& argument,
                                    const Params& params);

/// A path may hold a '=': the first part becomes the argument where `known`, the entry's options,
/// holds no such key and none that it could be a slip of, or where a file of that name is there.
[[nodiscard]] Spec with_first_as_argument(Spec spec, const std::vector<std::string>& known);

/// The keys of a TOML file, flat; lists may hold texts and numbers. Each value remembers its line.
/// \throws Error{kUsage} with line and column for a file that is no TOML or holds tables.
[[nodiscard]] Params read_toml(const std::filesystem::path& file);

/// One "key = value" a line, as read_toml() reads it.
[[nodiscard]] std::string toml_text(const std::vector<std::pair<std::string, OptionValue>>& values);

/// One value in TOML's notation.
[[nodiscard]] std::string toml_value(const OptionValue& value);

}  // namespace robiq
