#include "robiq/app/run/read_inputs.h"

#include <algorithm>
#include <filesystem>
#include <string_view>

#include "robiq/core/error.h"
#include "robiq/core/files/files.h"
#include "robiq/core/parallel.h"
#include "robiq/core/text/escape.h"
#include "robiq/core/text/text.h"

namespace robiq {
namespace fs = std::filesystem;

std::vector<std::string> files_in(const Spec& spec) {
  std::vector<std::string> files;
  const auto add = [&](const std::string& value) {
    std::error_code code;
    if (!value.empty() && fs::is_regular_file(value, code)) files.push_back(value);
  };
  add(spec.argument);
  add(spec.first);
  for (const auto& [key, value] : spec.params) {
    if (const auto* text = std::get_if<std::string>(&value.value)) add(*text);
  }
  return files;
}

void add_files_of(const Spec& spec, const std::string& what, ReadInputs& inputs) {
  for (const std::string& file : files_in(spec)) {
    inputs.emplace_back(file_input(file, what), sha256_of_file(file));
  }
}

std::string pictures_sha256(const Dataset& dataset, const std::vector<std::size_t>& records,
                            const std::vector<std::string>& identities) {
  std::string lines;
  for (std::size_t i = 0; i < records.size(); ++i) {
    lines += dataset.records()[records[i]].id + "\t" + identities[i] + "\n";
  }
  return sha256(lines);
}

std::string picture_files_sha256(const Dataset& dataset) {
  const auto records = dataset.records();
  std::vector<std::string> lines(records.size());
  const auto read = [&](std::int64_t position) {
    const ImageRecord& record = records[static_cast<std::size_t>(position)];
    std::error_code code;
    const bool is_file = !record.file.empty() && fs::is_regular_file(record.file, code);
    lines[static_cast<std::size_t>(position)] =
        record.id + "\t" + (is_file ? sha256_of_file(record.file) : "no file") + "\n";
  };
  constexpr std::int64_t kThreads = 4;  // more would wait for the disk
  for_each_index(std::ssize(records), kThreads, read);
  return sha256(join(lines, ""));
}

std::vector<std::filesystem::path> parse_path_list(const std::string& bytes) {
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) {
    throw Error(ErrorKind::kData, {"the list of paths is saved as UTF-16", "standard input",
                                   "save it as UTF-8 (iconv -f UTF-16 -t UTF-8)"});
  }
  std::string_view rest = without_byte_order_mark(bytes);
  const char end = rest.find('\0') == rest.npos ? '\n' : '\0';
  std::vector<std::filesystem::path> paths;
  while (!rest.empty()) {
    const std::size_t length = std::min(rest.find(end), rest.size());
    std::string_view path = rest.substr(0, length);
    rest.remove_prefix(std::min(length + 1, rest.size()));
    if (end == '\n' && path.ends_with('\r')) path.remove_suffix(1);
    // What follows the last NUL may be the line end of whoever made the list.
    if (!trim(path).empty()) paths.emplace_back(path);
  }
  return paths;
}

}  // namespace robiq
