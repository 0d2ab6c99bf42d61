#pragma once
// What every mistake of a user must look like on stderr.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "robiq/core/text/text.h"
#include "support/golden_messages.h"
#include "support/program.h"
#include "support/workbench.h"

namespace robiq::test {

/// One mistake and what must be said about it; "" for texts that do not matter.
struct Mistake {
  std::string command;
  int exit_code;
  std::string what, where = "", hint = "";
};

/// The first line that begins so, or "".
[[nodiscard]] inline std::string line_of(const std::vector<std::string>& lines,
                                         const std::string& begin) {
  for (const std::string& line : lines) {
    if (line.starts_with(begin)) return line;
  }
  return "";
}

/// One line "error: ...", then indented lines, nothing else and nothing on stdout.
inline void expect_mistake(const Mistake& mistake, const Finished& got) {
  EXPECT_EQ(got.exit_code, mistake.exit_code) << got.err;
  EXPECT_EQ(got.out, "");
  std::vector<std::string> lines = split(got.err, '\n');
  ASSERT_FALSE(lines.empty());
  EXPECT_EQ(lines.back(), "") << "the last line has an end";
  lines.pop_back();
  ASSERT_FALSE(lines.empty()) << "nothing on stderr";
  EXPECT_TRUE(lines.front().starts_with("error: ")) << got.err;
  EXPECT_THAT(lines.front(), testing::HasSubstr(mistake.what));
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const bool known = lines[i].starts_with("  at    ") || lines[i].starts_with("  hint  ") ||
                       lines[i].starts_with("  while ");
    EXPECT_TRUE(known) << "line " << i << ": " << lines[i];
  }
  EXPECT_THAT(line_of(lines, "  at "), testing::HasSubstr(mistake.where));
  const std::string hint = line_of(lines, "  hint ");
  EXPECT_NE(hint, "") << "how to fix it is not said: " << got.err;
  EXPECT_THAT(hint, testing::HasSubstr(mistake.hint));
  EXPECT_THAT(got.err, testing::Not(testing::HasSubstr("frame #")));
}

/// Runs them in the workbench's folder, two at a time, and checks them all, to the word.
inline void expect_mistakes(const std::vector<Mistake>& mistakes) {
  std::vector<std::unique_ptr<Program>> running;
  ::setenv("OMP_WAIT_POLICY", "passive", 0);  // else every program starts itself twice to set it
  const auto start = [&](std::size_t i) {
    if (i >= mistakes.size()) return;
    running.push_back(
        std::make_unique<Program>(Workbench::get().path(), words(mistakes[i].command)));
  };
  start(0);
  for (std::size_t i = 0; i < mistakes.size(); ++i) {
    start(i + 1);
    const testing::ScopedTrace trace(__FILE__, __LINE__, "robiq " + mistakes[i].command);
    const Finished got = running[i]->wait();
    expect_mistake(mistakes[i], got);
    expect_recorded(mistakes[i].command, got.err);
  }
}

}  // namespace robiq::test
