#include "robiq/core/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "robiq/core/files/files.h"
#include "support/errors.h"

namespace robiq {
namespace log_test {

TEST(Log, TerminalGetsWhatItsLevelLetsThroughTheFileEverything) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "log.txt";
  log::copy_to(file);
  const log::Level before = log::level();
  testing::internal::CaptureStderr();
  log::set_level(log::Level::kWarning);
  log::info("scored {} pictures", 3);
  log::warning("one is grey");
  log::set_level(log::Level::kQuiet);
  log::warning("another too");
  const std::string terminal = testing::internal::GetCapturedStderr();
  log::set_level(before);
  log::stop_copying();
  log::debug("not copied any more");
  EXPECT_EQ(terminal, "warning: one is grey\n");
  const std::string copied = read_file(file, 1 << 16);
  EXPECT_THAT(copied, testing::ContainsRegex("T.* info: scored 3 pictures\n"));
  EXPECT_THAT(copied, testing::HasSubstr("warning: another too\n"));
  EXPECT_THAT(copied, testing::Not(testing::HasSubstr("not copied")));
}

TEST(Log, ANameWithControlCharactersGivesNoOrdersAndNoLines) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "log.txt";
  log::copy_to(file);
  testing::internal::CaptureStderr();
  log::warning("left out: {}", "a\x1b[2J\nerror: forged.png");
  const std::string terminal = testing::internal::GetCapturedStderr();
  log::stop_copying();
  EXPECT_EQ(terminal, "warning: left out: a\\x1b[2J\\nerror: forged.png\n");
  EXPECT_EQ(read_file(file, 1 << 16).find('\x1b'), std::string::npos);
}

TEST(Log, EachThreadHasAFileOfItsOwnAndTheOlderOneComesBack) {
  const TemporaryFolder folder;
  const auto text_of = [&](const char* name) { return read_file(folder.path() / name, 1 << 16); };
  testing::internal::CaptureStderr();
  log::copy_to(folder.path() / "outer");
  std::thread([&] {
    log::warning("of a thread without a file");
    log::copy_to(folder.path() / "other");
    log::warning("of the other");
    log::stop_copying();
  }).join();
  log::copy_to(folder.path() / "inner");
  log::warning("inside");
  log::stop_copying();
  log::warning("outside");
  log::stop_copying();
  static_cast<void>(testing::internal::GetCapturedStderr());
  EXPECT_THAT(text_of("other"), testing::EndsWith("warning: of the other\n"));
  EXPECT_THAT(text_of("inner"), testing::EndsWith("warning: inside\n"));
  EXPECT_THAT(text_of("outer"), testing::AllOf(testing::HasSubstr("of a thread without a file\n"),
                                               testing::EndsWith("warning: outside\n"),
                                               testing::Not(testing::HasSubstr("inside"))));
}

TEST(Log, AFileThatCannotBeOpenedIsAnError) {
  const TemporaryFolder folder;
  expect_error(ErrorKind::kData,
               {"the log file cannot be opened", folder.path().string(), "check that the folder"},
               [&] { log::copy_to(folder.path()); });
}

}  // namespace log_test
}  // namespace robiq
