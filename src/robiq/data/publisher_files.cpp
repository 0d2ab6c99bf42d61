#include "robiq/data/publisher_files.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "robiq/core/text/text.h"
#include "robiq/io/matlab/mat.h"
#include "robiq/io/table/xlsx.h"

namespace robiq {
namespace {

namespace fs = std::filesystem;

/// The readers of io/ speak of checkpoints; here what they refuse is data.
template <class Read>
auto as_data(const Read& read) {
  try {
    return read();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kModel) throw;
    throw Error(ErrorKind::kData, error.text());
  }
}

bool is_there(const fs::path& path) {
  std::error_code code;
  return fs::exists(path, code);
}

[[noreturn]] void refuse_variable(const fs::path& file, const std::string& variable,
                                  const std::string& what) {
  throw Error(ErrorKind::kData,
              {"'" + variable + "' " + what, file.string(), "get the publisher's file again"});
}

/// One variable of a MATLAB file.
ObjectPtr mat_variable(const fs::path& file, const std::string& variable) {
  const ObjectPtr all = as_data([&] { return read_mat(file); });
  std::vector<std::string> names;
  for (const auto& [key, value] : *all->get_if<Object::Dict>()) {
    const std::string* const name = key->get_if<std::string>();
    if (name != nullptr && *name == variable) return value;
    if (name != nullptr) names.push_back(*name);
  }
  refuse_variable(file, variable, "is missing in it; it holds " + join(names, ", "));
}

/// The columns' places in a row, or nothing.
std::vector<std::size_t> places_of(const std::vector<std::string>& columns,
                                   const std::vector<std::string>& row) {
  std::vector<std::size_t> places;
  for (const std::string& column : columns) {
    const auto found = std::find_if(row.begin(), row.end(), [&](const std::string& cell) {
      return lower_case(std::string(trim(cell))) == lower_case(column);
    });
    if (found == row.end()) return {};
    places.push_back(static_cast<std::size_t>(found - row.begin()));
  }
  return places;
}

}  // namespace

std::string lower_case(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

fs::path published_root(const fs::path& path, const PublishedLayout& layout) {
  for (const fs::path& root : {path, path / layout.folder}) {
    if (is_there(root / layout.marker)) return root;
  }
  const bool has_path = is_there(path);
  throw Error(ErrorKind::kData, {has_path ? "'" + path.string() + "' is not " + layout.name +
                                                ": it holds no '" + layout.marker + "'"
                                          : "there is no folder '" + path.string() + "'",
                                 layout.name + ":" + path.string(),
                                 "give the folder that holds '" + layout.marker +
                                     "', or the one that holds '" + layout.folder + "'"});
}

fs::path find_published(const fs::path& root, const std::vector<std::string>& candidates,
                        const std::string& what) {
  for (const std::string& candidate : candidates) {
    if (is_there(root / candidate)) return root / candidate;
  }
  throw Error(ErrorKind::kData, {"there is no " + what + " '" + join(candidates, "' or '") + "'",
                                 root.string(), "unpack the publisher's archive there, unchanged"});
}

FolderIndex::FolderIndex(fs::path folder) : folder_(std::move(folder)) {
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(folder_, code)) {
    if (entry.is_directory()) continue;
    const std::string name = entry.path().filename().string();
    names_[lower_case(name)].push_back(name);
  }
  if (!code) return;
  throw Error(ErrorKind::kData,
              {"the folder of pictures cannot be read: " + code.message(), folder_.string(),
               "unpack the publisher's archive there, unchanged"});
}

fs::path FolderIndex::find(const std::string& name) const {
  const auto found = names_.find(lower_case(name));
  if (found == names_.end()) return folder_ / name;
  if (found->second.size() == 1) return folder_ / found->second.front();
  std::vector<std::string> both = found->second;
  std::sort(both.begin(), both.end());
  throw Error(ErrorKind::kData, {"'" + join(both, "' and '") +
                                     "' differ only in their letters' "
                                     "case, and either may be meant by '" +
                                     name + "'",
                                 folder_.string(), "remove the one that is not the publisher's"});
}

std::vector<double> mat_numbers(const fs::path& file, const std::string& variable) {
  const ObjectPtr value = mat_variable(file, variable);
  const at::Tensor* const tensor = value->get_if<at::Tensor>();
  if (tensor == nullptr) refuse_variable(file, variable, "holds no numbers");
  const at::Tensor flat = tensor->to(at::kDouble).contiguous().flatten();
  const double* const data = flat.data_ptr<double>();
  return {data, data + flat.numel()};
}

std::vector<std::string> mat_texts(const fs::path& file, const std::string& variable) {
  const ObjectPtr value = mat_variable(file, variable);
  const Object::List* const list = value->get_if<Object::List>();
  if (list == nullptr) refuse_variable(file, variable, "is not a cell array");
  std::vector<std::string> texts;
  for (const ObjectPtr& item : *list) {
    const std::string* const text = item->get_if<std::string>();
    if (text == nullptr) refuse_variable(file, variable, "holds a cell that is not text");
    texts.emplace_back(trim(*text));
  }
  return texts;
}

CsvTable sheet_table(const fs::path& file, const std::string& sheet,
                     const std::vector<std::string>& columns) {
  const XlsxSheet cells = as_data([&] { return read_xlsx(file, sheet); });
  CsvTable table;
  table.source = cells.source;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < cells.rows.size(); ++i) {
    if (places.empty()) {
      places = places_of(columns, cells.rows[i]);
      continue;
    }
    std::vector<std::string> row;
    for (const std::size_t place : places) row.emplace_back(trim(cells.cell(i, place)));
    if (std::all_of(row.begin(), row.end(), [](const auto& cell) { return cell.empty(); }))
      continue;
    table.rows.push_back(std::move(row));
    table.lines.push_back(static_cast<std::int64_t>(i) + 1);
  }
  if (places.empty()) {
    throw Error(ErrorKind::kData, {"no row of it names the columns " + join(columns, ", "),
                                   cells.source, "get the publisher's file again"});
  }
  table.header = columns;
  return table;
}

}  // namespace robiq
