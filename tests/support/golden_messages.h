#pragma once
// The wording of what the program says of mistakes: tests/fixtures/messages holds a file for each
// command, to be read as a user would read it, and one, robiq.txt, for what belongs to none. The
// tables of mistakes ask for the kind of error and the offending value.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "robiq/core/files/files.h"
#include "robiq/core/text/text.h"
#include "support/places.h"

namespace robiq::test {

/// One file of messages: "$ robiq COMMAND", the lines that were said, an empty line.
class GoldenMessages {
 public:
  explicit GoldenMessages(std::filesystem::path file) : file_(std::move(file)) {
    std::string command;
    for (const std::string& line : split(read_file(file_, kMostBytes), '\n')) {
      if (line.starts_with(kPrompt)) {
        command = line.substr(kPrompt.size());
      } else if (!line.empty()) {
        said_[command] += line + "\n";
      }
    }
  }

  /// Whether that is on record. A line that ends in "…" stands for any that begin so: its end comes
  /// from another library, or depends on the machine.
  [[nodiscard]] bool holds(const std::string& command, const std::string& said) const {
    const auto found = said_.find(command);
    if (found == said_.end()) return false;
    const std::vector<std::string> wanted = split(found->second, '\n'), got = split(said, '\n');
    if (wanted.size() != got.size()) return false;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const std::string& line = wanted[i];
      const bool open = line.ends_with(kAnyEnd);
      const bool fits =
          open ? got[i].starts_with(line.substr(0, line.size() - kAnyEnd.size())) : got[i] == line;
      if (!fits) return false;
    }
    return true;
  }

  [[nodiscard]] std::string recorded(const std::string& command) const {
    const auto found = said_.find(command);
    return found == said_.end() ? "nothing" : "\n" + found->second;
  }

  void record(const std::string& command, const std::string& said) {
    said_[command] = said;
    std::string text;
    for (const auto& [asked, lines] : said_)
      text += std::string(kPrompt) + asked + "\n" + lines + "\n";
    write_file(file_, text);
  }

 private:
  static constexpr std::string_view kPrompt = "$ robiq ";
  static constexpr std::string_view kAnyEnd = "…";
  static constexpr std::uintmax_t kMostBytes = 1 << 20;

  std::filesystem::path file_;
  std::map<std::string, std::string> said_;
};

/// Compares what the program said of `command` with what is on record. With the environment's
/// ROBIQ_RECORD_MESSAGES=1 a difference is written to the record instead; look at it with git diff.
inline void expect_recorded(const std::string& command, const std::string& said) {
  const auto folder = std::filesystem::path(fixtures_folder()) / "messages";
  const auto own = folder / (command.substr(0, command.find(' ')) + ".txt");
  GoldenMessages messages(std::filesystem::exists(own) ? own : folder / "robiq.txt");
  if (messages.holds(command, said)) return;
  if (std::getenv("ROBIQ_RECORD_MESSAGES") != nullptr) return messages.record(command, said);
  ADD_FAILURE() << "the wording is new; on record is " << messages.recorded(command) << "said was\n"
                << said
                << "If that is meant, run this test with ROBIQ_RECORD_MESSAGES=1 and read git diff";
}

}  // namespace robiq::test
