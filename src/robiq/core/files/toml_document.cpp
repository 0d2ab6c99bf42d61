#include "robiq/core/files/toml_document.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>

#include "robiq/core/files/files.h"
#include "robiq/core/files/toml_bounds.h"

namespace robiq {
namespace {

[[noreturn]] void throw_bad_node(const std::string& where, const std::string& problem) {
  throw Error(ErrorKind::kUsage,
              {problem, where, "use texts, numbers, true, false or lists of those"});
}

OptionValue scalar_of(const toml::node& node, const std::string& where) {
  if (const auto* v = node.as_boolean()) return v->get();
  if (const auto* v = node.as_integer()) return v->get();
  if (const auto* v = node.as_floating_point()) return v->get();
  if (const auto* v = node.as_string()) return v->get();
  throw_bad_node(where, "a value of a kind that no option has");
}

std::string place(const std::string& name, const toml::source_position& at) {
  return fmt::format("{}:{}:{}", name, at.line, at.column);
}

TomlNode node_of(const toml::node& node, const std::string& name) {
  TomlNode made;
  made.where = place(name, node.source().begin);
  if (const toml::table* table = node.as_table()) {
    for (const auto& [key, value] : *table) {
      made.table.emplace(std::string(key.str()), node_of(value, name));
    }
  } else if (const toml::array* array = node.as_array()) {
    made.kind = TomlNode::Kind::kList;
    for (const auto& entry : *array) made.list.push_back(node_of(entry, name));
  } else {
    made.kind = TomlNode::Kind::kScalar;
    made.scalar = scalar_of(node, made.where);
  }
  return made;
}

}  // namespace

bool TomlNode::is_table_list() const {
  return kind == Kind::kList && !list.empty() &&
         std::all_of(list.begin(), list.end(), [](const TomlNode& one) { return one.is_table(); });
}

TomlNode parse_toml_document(std::string_view text, const std::string& name) {
  check_toml_bounds(text, name);
  toml::table table;
  try {
    table = toml::parse(text, name);
  } catch (const toml::parse_error& error) {
    throw Error(ErrorKind::kUsage, {"not a TOML file: " + std::string(error.description()),
                                    place(name, error.source().begin), "fix that line"});
  }
  return node_of(table, name);
}

TomlNode read_toml_document(const std::filesystem::path& file) {
  constexpr std::uint64_t kLimit = 16u << 20;
  return parse_toml_document(read_file(file, kLimit, ErrorKind::kUsage), file.string());
}

Params toml_params(const TomlNode& table) {
  Params params;
  for (const auto& [key, node] : table.table) {
    if (node.is_table() || node.is_table_list()) {
      throw_bad_node(node.where, "a table [" + key + "]");
    }
    if (node.kind == TomlNode::Kind::kScalar) {
      params[key] = {node.scalar, node.where};
      continue;
    }
    std::vector<std::string> list;
    for (const TomlNode& entry : node.list) {
      if (entry.kind != TomlNode::Kind::kScalar) {
        throw_bad_node(entry.where, "a value of a kind that no option has");
      }
      list.push_back(option_text(entry.scalar));
    }
    params[key] = {list, node.where};
  }
  return params;
}

}  // namespace robiq
