// Holds the code to includes.txt: who uses a name includes its header. What compiles with one
// standard library or LibTorch only because its headers bring others along fails with the next.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "robiq/core/files/files.h"
#include "robiq/core/text/text.h"
#include "support/places.h"
#include "support/program.h"
#include "support/sources.h"

namespace robiq {
namespace {

namespace fs = std::filesystem;
using Texts = std::vector<std::string>;

/// What includes.txt says.
struct IncludeTable {
  std::map<std::string, std::string> header_of;                 ///< of whole names
  std::vector<std::pair<std::string, std::string>> beginnings;  ///< of names that begin so
  Texts generous;  ///< headers that begin so bring `brought` along
  std::set<std::string> brought;
};

IncludeTable parse_table(const std::string& text) {
  IncludeTable table;
  for (const std::string& line : split(text, '\n')) {
    if (trim(line).empty() || line.starts_with('#')) continue;
    const std::size_t colon = line.find(": ");
    if (colon == line.npos) throw std::runtime_error("includes.txt: " + line);
    const Texts left = test::words(line.substr(0, colon));
    const Texts right = test::words(line.substr(colon + 2));
    if (left.size() > 1 && left.front() == "bring") {
      table.generous.assign(left.begin() + 1, left.end());
      table.brought = {right.begin(), right.end()};
      continue;
    }
    for (std::string name : right) {
      if (name.ends_with('*')) {
        name.pop_back();
        table.beginnings.emplace_back(name, left.front());
      } else {
        table.header_of[name] = left.front();
      }
    }
  }
  return table;
}

/// Without comments, and without what stands between quotes.
std::string bare_code(const std::string& text) {
  static const std::regex kRaw(R"re(R"(\w*)\([^]*?\)\1")re");
  static const std::regex kQuoted(R"re("(\\.|[^"\\\n])*")re");
  static const std::regex kComment(R"re(//[^\n]*)re");
  const std::string no_raw = std::regex_replace(text, kRaw, "");
  return std::regex_replace(std::regex_replace(no_raw, kQuoted, ""), kComment, "");
}

/// The header that `name` (as "std::ranges::sort") wants; "" when the table does not speak of it.
std::string header_of(const IncludeTable& table, const std::string& name) {
  for (std::string whole = name;; whole.resize(whole.rfind("::"))) {
    const auto found = table.header_of.find(whole);
    if (found != table.header_of.end()) return found->second;
    if (whole.rfind("::") == whole.npos || whole.rfind("::") == whole.find("::")) break;
  }
  for (const auto& [beginning, header] : table.beginnings) {
    if (name.starts_with(beginning)) return header;
  }
  return "";
}

/// The files under `root` by path; reads each once, and knows what each includes through ours.
class Sources {
 public:
  explicit Sources(fs::path root) : root_(std::move(root)) {}

  [[nodiscard]] std::string text(const std::string& path) const {
    return read_file(root_ / path, 1 << 24);
  }

  /// Every header that the file includes, itself or through ours.
  const std::set<std::string>& included_by(const std::string& path) {
    const auto [entry, is_new] = included_.try_emplace(path);
    if (!is_new) return entry->second;
    static const std::regex kInclude(R"((?:^|\n)\s*#\s*include\s*[<"]([^>"\n]+)[>"])");
    const std::string code = text(path);
    std::set<std::string> all;
    for (std::sregex_iterator match(code.begin(), code.end(), kInclude), end; match != end;
         ++match) {
      const std::string header = (*match)[1];
      all.insert(header);
      for (const std::string& place : {"src/" + header, "tests/" + header}) {
        if (!fs::is_regular_file(root_ / place)) continue;
        const std::set<std::string>& further = included_by(place);
        all.insert(further.begin(), further.end());
      }
    }
    return included_[path] = std::move(all);
  }

 private:
  fs::path root_;
  std::map<std::string, std::set<std::string>> included_;
};

/// "name wants <header>" for each header that the code wants and does not have.
Texts faults_in(const IncludeTable& table, const std::string& text,
                const std::set<std::string>& included) {
  static const std::regex kName(R"(\b(?:std|at)(?:::\w+)+)");
  const bool generous =
      std::any_of(included.begin(), included.end(), [&](const std::string& header) {
        return std::any_of(table.generous.begin(), table.generous.end(),
                           [&](const std::string& begin) { return header.starts_with(begin); });
      });
  const std::string code = bare_code(text);
  std::map<std::string, std::string> faults;
  for (std::sregex_iterator match(code.begin(), code.end(), kName), end; match != end; ++match) {
    const std::string name = match->str();
    const std::string header = header_of(table, name);
    if (header.empty() || included.contains(header)) continue;
    if (generous && table.brought.contains(header)) continue;
    faults.try_emplace(header, name + " wants <" + header + ">");
  }
  Texts texts;
  for (const auto& [header, fault] : faults) texts.push_back(fault);
  return texts;
}

const fs::path kRoot = test::source_folder();

IncludeTable shipped_table() {
  return parse_table(read_file(kRoot / "tests" / "includes.txt", 1 << 20));
}

TEST(Includes, EveryFileIncludesWhatItNames) {
  const IncludeTable table = shipped_table();
  Sources sources(kRoot);
  Texts faults;
  int files = 0;
  for (const char* folder : {"src", "tests", "bench", "examples", "fuzz"}) {
    for (const fs::path& file : test::source_files(kRoot / folder)) {
      ++files;
      const std::string path = file.lexically_relative(kRoot).string();
      for (const std::string& fault :
           faults_in(table, sources.text(path), sources.included_by(path))) {
        faults.push_back(path + ": " + fault);
      }
    }
  }
  EXPECT_GT(files, 100) << "the sources were not found";
  EXPECT_TRUE(faults.empty()) << join(faults, "\n");
}

TEST(Includes, WhatIsNamedWithoutItsHeaderIsSeen) {
  const IncludeTable table = shipped_table();
  EXPECT_THAT(faults_in(table, "const at::NoGradGuard no_grad;", {"ATen/ATen.h"}),
              testing::ElementsAre("at::NoGradGuard wants <ATen/core/grad_mode.h>"));
  EXPECT_THAT(faults_in(table, "if (at::GradMode::is_enabled()) return;", {}),
              testing::ElementsAre("at::GradMode::is_enabled wants <ATen/core/grad_mode.h>"));
  EXPECT_THAT(faults_in(table, "ASSERT_TRUE(std::is_sorted(a, b));", {"vector"}),
              testing::ElementsAre("std::is_sorted wants <algorithm>"));
  EXPECT_THAT(faults_in(table, "std::ranges::sort(x);", {}),
              testing::ElementsAre("std::ranges::sort wants <algorithm>"));
}

TEST(Includes, NamesInCommentsAndTextsNeedNothing) {
  const IncludeTable table = shipped_table();
  EXPECT_THAT(faults_in(table, "int x;  // as std::sort does", {}), testing::IsEmpty());
  EXPECT_THAT(faults_in(table, "f(\"std::sort\");", {}), testing::IsEmpty());
  EXPECT_THAT(faults_in(table, "std::vector<int> shape;", {"ATen/ATen.h"}), testing::IsEmpty());
  EXPECT_THAT(faults_in(table, "std::sort(a, b);", {"algorithm"}), testing::IsEmpty());
}

}  // namespace
}  // namespace robiq
