#include "robiq/app/study/study_folder.h"

#include <fmt/format.h>

#include <algorithm>

namespace robiq {

namespace fs = std::filesystem;

fs::path StudyFolder::of_cell(const std::string& cell) const {
  std::string name = cell;
  std::replace(name.begin(), name.end(), ':', '-');
  return path_ / name;
}

fs::path StudyFolder::split(std::int64_t seed) const {
  return path_ / "splits" / fmt::format("seed{}.csv", seed);
}

StudyFolder study_folder(const std::string& out, const std::string& name) {
  return StudyFolder(out.empty() ? fs::path("runs") / name : fs::path(out));
}

}  // namespace robiq
