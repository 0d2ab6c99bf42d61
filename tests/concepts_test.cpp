// Holds docs/concepts.md to the folders that are there, and the tree to its own rules.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <set>
#include <string>

#include "robiq/core/files/files.h"
#include "robiq/core/text/text.h"
#include "support/places.h"

namespace robiq {
namespace {

namespace fs = std::filesystem;

std::set<std::string> folders_there() {
  const fs::path root = fs::path(test::source_folder()) / "src" / "robiq";
  std::set<std::string> folders;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.is_directory()) folders.insert(entry.path().lexically_relative(root).string());
  }
  return folders;
}

/// The names in backticks in the first cell of every row of the map.
std::set<std::string> folders_named() {
  const std::string text =
      read_file(fs::path(test::source_folder()) / "docs" / "concepts.md", 1 << 20);
  static const std::regex name("`([a-z_/]+)`");
  std::set<std::string> folders;
  for (const std::string& line : split(text, '\n')) {
    if (!line.starts_with("| `")) continue;
    const std::string cell = line.substr(0, line.find('|', 1));
    for (auto found = std::sregex_iterator(cell.begin(), cell.end(), name);
         found != std::sregex_iterator(); ++found) {
      folders.insert((*found)[1]);
    }
  }
  return folders;
}

TEST(Concepts, TheMapNamesEveryFolderAndNoOther) { EXPECT_EQ(folders_named(), folders_there()); }

TEST(Concepts, NoFolderIsTooFullToLookThrough) {
  constexpr int kMost = 22;
  const fs::path root = fs::path(test::source_folder()) / "src" / "robiq";
  for (const std::string& folder : folders_there()) {
    int files = 0;
    for (const auto& entry : fs::directory_iterator(root / folder)) {
      const std::string name = entry.path().filename().string();
      if (entry.is_regular_file() && !name.ends_with("_test.cpp")) ++files;
    }
    EXPECT_LE(files, kMost) << folder << ": give what belongs together a folder of its own";
  }
}

TEST(Concepts, FewFilesAreTooSmallToOpen) {
  constexpr int kFewest = 30, kMost = 60;
  std::set<std::string> small;
  const fs::path root = fs::path(test::source_folder()) / "src" / "robiq";
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    const std::string name = entry.path().lexically_relative(root).string();
    const bool code = name.ends_with(".h") || name.ends_with(".cpp");
    if (!code || name.ends_with("_test.cpp")) continue;
    const std::string text = read_file(entry.path(), 1 << 20);
    if (std::count(text.begin(), text.end(), '\n') < kFewest) small.insert(name);
  }
  EXPECT_LT(small.size(), kMost) << "put a small file into a neighbour: "
                                 << join({small.begin(), small.end()}, " ");
}

/// A formatter that pours tags into the paragraph above leaves some at the end of a line.
TEST(DocComments, EndNoLineWithATag) {
  static const std::regex stranded(R"(\s*///.*\\(param|throws|return))");
  const fs::path root = fs::path(test::source_folder()) / "src" / "robiq";
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.path().extension() != ".h") continue;
    for (const std::string& line : split(read_file(entry.path(), 1 << 20), '\n')) {
      EXPECT_FALSE(std::regex_match(line, stranded)) << entry.path() << ": " << line;
    }
  }
}

}  // namespace
}  // namespace robiq
