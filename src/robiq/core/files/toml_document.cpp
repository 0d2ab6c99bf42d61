#include "robiq/core/files/toml_document.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "robiq/core/error.h"
#include "robiq/core/files/files.h"

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

std::string place(const std::string& name, const toml::source_position& position) {
  return fmt::format("{}:{}:{}", name, position.line, position.column);
}

TomlNode node_of(const toml::node& node, const std::string& name) {
  TomlNode result;
  result.where = place(name, node.source().begin);
  if (const toml::table* table = node.as_table()) {
    for (const auto& [key, value] : *table) {
      result.table.emplace(std::string(key.str()), node_of(value, name));
    }
  } else if (const toml::array* array = node.as_array()) {
    result.kind = TomlNode::Kind::kList;
    for (const auto& entry : *array) result.list.push_back(node_of(entry, name));
  } else {
    result.kind = TomlNode::Kind::kScalar;
    result.scalar = scalar_of(node, result.where);
  }
  return result;
}

}  // namespace

bool TomlNode::is_table_list() const {
  return kind == Kind::kList && !list.empty() &&
         std::all_of(list.begin(), list.end(),
                     [](const TomlNode& entry) { return entry.is_table(); });
}

TomlNode parse_toml_document(std::string_view text, const std::string& name) {
  check_toml_bounds(text, name);
  toml::table table;
  try {
    table = toml::parse(text, name);
  } catch (const toml::parse_error& error) {
    throw Error(ErrorKind::kUsage, {"not a TOML file: " + std::string(error.description()),
                                    place(name, error.source().begin),
                                    "mend that line: text stands in quotes (name = \"text\"), "
                                    "true, false and numbers without"});
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
      throw Error(ErrorKind::kUsage,
                  {"options cannot stand in a table here: [" + key + "]", node.where,
                   "write them at the top of the file, without [" + key + "]"});
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

namespace {

constexpr std::int64_t kMostParts = 32, kMostLevels = 32, kMostCommas = 100'000,
                       kMostLines = 100'000;

/// Walks over TOML knowing just strings and comments, so that no depth of it costs any stack.
class BoundsCheck {
 public:
  BoundsCheck(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  void run() {
    while (place_ < text_.size()) {
      const char c = text_[place_];
      if (c == '"' || c == '\'') {
        skip_string(c);
        continue;
      }
      if (c == '#') {
        place_ = std::min(text_.find('\n', place_), text_.size());
        continue;
      }
      look(c);
      ++place_;
    }
  }

 private:
  void look(char c) {
    if (c == '.') {
      bound(++dots_, kMostParts - 1, "a key of more than 32 parts");
      return;
    }
    if (c == '\n') bound(++lines_, kMostLines, "more than 100,000 lines");
    if (c == ',') bound(++commas_, kMostCommas, "more than 100,000 values");
    if (c == '[' || c == '{') bound(++levels_, kMostLevels, "more than 32 brackets in one another");
    if ((c == ']' || c == '}') && levels_ > 0) --levels_;
    if (c == '\n' || c == ',' || c == '=' || c == '[' || c == ']' || c == '{' || c == '}') {
      dots_ = 0;
    }
  }

  /// From its quotes to behind those that close it, or to the end of what cannot be a string.
  void skip_string(char quote) {
    const std::string three(3, quote);
    const bool many_lines = text_.substr(place_, 3) == three;
    place_ += many_lines ? 3 : 1;
    while (place_ < text_.size()) {
      const char c = text_[place_];
      if (c == '\n') {
        if (!many_lines) return;
        bound(++lines_, kMostLines, "more than 100,000 lines");
      }
      if (quote == '"' && c == '\\') {
        place_ += 2;
        continue;
      }
      if (many_lines ? text_.substr(place_, 3) == three : c == quote) {
        place_ += many_lines ? 3 : 1;
        return;
      }
      ++place_;
    }
  }

  void bound(std::int64_t count, std::int64_t most, const char* what) const {
    if (count <= most) return;
    throw Error(ErrorKind::kUsage,
                {std::string("the file holds ") + what, name_ + ":" + std::to_string(lines_),
                 "write a smaller file: no configuration of robiq needs that"});
  }

  std::string_view text_;
  const std::string& name_;
  std::size_t place_ = 0;
  std::int64_t lines_ = 1, dots_ = 0, commas_ = 0, levels_ = 0;
};

}  // namespace

void check_toml_bounds(std::string_view text, const std::string& name) {
  BoundsCheck(text, name).run();
}

}  // namespace robiq
