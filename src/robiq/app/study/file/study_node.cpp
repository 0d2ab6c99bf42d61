#include "robiq/app/study/file/study_node.h"

#include "robiq/core/error.h"

namespace robiq {

const TomlNode* inner_table(const TomlNode& node, const std::string& name) {
  const auto it = node.table.find(name);
  if (it == node.table.end()) return nullptr;
  if (it->second.is_table()) return &it->second;
  throw Error(ErrorKind::kUsage, {"'" + name + "' is not a table", it->second.where,
                                  "write [" + name + "], or " + name + " = { key = value }"});
}

std::vector<TomlNode> table_list(const TomlNode& node, const std::string& name) {
  const auto it = node.table.find(name);
  if (it == node.table.end()) return {};
  if (it->second.is_table_list()) return it->second.list;
  throw Error(ErrorKind::kUsage, {"'" + name + "' is not a list of tables", it->second.where,
                                  "write [[" + name + "]] above its keys"});
}

std::string where_of(const TomlNode& node, const std::string& key) {
  const auto it = node.table.find(key);
  return it == node.table.end() ? node.where : it->second.where;
}

void throw_usage(const std::string& what, const std::string& where, const std::string& hint) {
  throw Error(ErrorKind::kUsage, {what, where, hint});
}

}  // namespace robiq
