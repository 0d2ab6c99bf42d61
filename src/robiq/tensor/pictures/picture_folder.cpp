#include <algorithm>
#include <string>
#include <system_error>

#include "robiq/core/error.h"
#include "robiq/tensor/pictures/image_io.h"
#include "robiq/tensor/pictures/picture_header.h"

namespace robiq {
namespace fs = std::filesystem;

namespace {

/// A file, or a link of which the file is gone or may not be looked at.
bool may_be_file(const fs::directory_entry& entry) {
  std::error_code code;
  return entry.is_regular_file(code) || (entry.is_symlink(code) && !entry.exists(code));
}

}  // namespace

std::vector<fs::path> pictures_in(const fs::path& folder) {
  std::vector<fs::path> pictures;
  std::error_code code;
  fs::directory_iterator entries(folder, code);
  for (; !code && entries != fs::directory_iterator(); entries.increment(code)) {
    if (has_picture_ending(entries->path()) && may_be_file(*entries)) {
      pictures.push_back(entries->path());
    }
  }
  if (code) {
    throw Error(ErrorKind::kData,
                {"the folder '" + folder.string() + "' cannot be read: " + code.message(), "",
                 "name a folder that is there and may be read"});
  }
  std::sort(pictures.begin(), pictures.end());
  return pictures;
}

}  // namespace robiq
