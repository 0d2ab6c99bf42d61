#pragma once
// The project's own C++ files, for the tests that read code.
#include <filesystem>
#include <string>
#include <vector>

namespace robiq::test {

/// Every .h and .cpp below a folder.
[[nodiscard]] inline std::vector<std::filesystem::path> source_files(
    const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string ending = entry.path().extension().string();
    if (entry.is_regular_file() && (ending == ".h" || ending == ".cpp")) {
      files.push_back(entry.path());
    }
  }
  return files;
}

}  // namespace robiq::test
