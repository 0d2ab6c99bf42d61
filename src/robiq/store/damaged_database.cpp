// Apart from database_check.cpp, which needs SQLite: a compute-only build has this too.
#include <string>
#include <system_error>
#include <utility>

#include "robiq/store/database_check.h"

namespace robiq {
namespace fs = std::filesystem;
namespace {

ErrorText with_hint(ErrorText text) {
  if (text.hint.empty()) {
    text.hint =
        "restore it from a copy, or move it away and run the same command again: trainings go on "
        "from their checkpoints, and scores are made anew";
  }
  return text;
}

}  // namespace

DamagedDatabase::DamagedDatabase(ErrorText text)
    : Error(ErrorKind::kData, with_hint(std::move(text))) {}

fs::path set_aside(const fs::path& file) {
  std::error_code code;
  fs::path aside;
  for (int count = 1; aside.empty() || fs::exists(aside, code); ++count) {
    const std::string number = count == 1 ? "" : std::to_string(count);
    aside = file.parent_path() /
            (file.stem().string() + ".damaged" + number + file.extension().string());
  }
  fs::rename(file, aside, code);
  if (code) {
    throw Error(ErrorKind::kData,
                {"a damaged results database cannot be renamed: " + code.message(), file.string(),
                 "move it away"});
  }
  for (const char* part : {"-wal", "-shm"}) {
    fs::rename(file.string() + part, aside.string() + part, code);  // often there is none
  }
  return aside;
}

}  // namespace robiq
