#include "robiq/app/run/path_list.h"

#include <algorithm>
#include <string_view>

#include "robiq/core/error.h"
#include "robiq/core/text/text.h"
#include "robiq/core/text/utf8.h"

namespace robiq {

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
