#include "robiq/core/error.h"

#include <gtest/gtest.h>

namespace robiq {
namespace error_test {

TEST(Error, SaysWhatWhereMendAndContextOnLinesOfTheirOwn) {
  Error error(ErrorKind::kData, {"the picture ends early", "a.png", "copy it again"});
  error.add_context("scoring picture 3");
  error.add_context("evaluating the test split");
  EXPECT_STREQ(error.what(),
               "error: the picture ends early\n"
               "  at    a.png\n"
               "  hint  copy it again\n"
               "  while scoring picture 3\n"
               "  while evaluating the test split");
}

TEST(Error, NamesInItGiveNoOrdersAndBeginNoLines) {
  Error error(ErrorKind::kData, {"no file 'a\x1b[2J\n  hint  rm -rf'", "b\rc", "d\x9b"});
  error.add_context("reading '\x07'");
  EXPECT_STREQ(error.what(),
               "error: no file 'a\\x1b[2J\\n  hint  rm -rf'\n  at    b\\rc\n  hint  d\\x9b\n"
               "  while reading '\\x07'");
  EXPECT_EQ(error.text().where, "b\rc");
}

TEST(Error, LeavesOutTextsThatAreEmpty) {
  EXPECT_STREQ(Error(ErrorKind::kUsage, {"no", "", ""}).what(), "error: no");
  EXPECT_STREQ(Error(ErrorKind::kUsage, {"no", "", "yes"}).what(), "error: no\n  hint  yes");
}

TEST(Error, ShowsControlCharactersInsteadOfSendingThem) {
  Error error(ErrorKind::kData,
              {std::string("cell 'a\0b'", 10), "bad\rname\n\x1b[31m.png", "hint\x07"});
  error.add_context("reading\tit");
  EXPECT_STREQ(error.what(),
               "error: cell 'a\\x00b'\n  at    bad\\rname\\n\\x1b[31m.png\n  hint  hint\\x07\n"
               "  while reading\\tit");
  EXPECT_EQ(error.text().where, "bad\rname\n\x1b[31m.png");
}

TEST(Error, KindIsTheExitCodeOfTheProgram) {
  const auto code = [](ErrorKind kind) { return Error(kind, {"x", "", ""}).exit_code(); };
  EXPECT_EQ(code(ErrorKind::kUsage), 2);
  EXPECT_EQ(code(ErrorKind::kData), 3);
  EXPECT_EQ(code(ErrorKind::kModel), 4);
  EXPECT_EQ(code(ErrorKind::kDevice), 5);
  EXPECT_EQ(code(ErrorKind::kNumeric), 6);
  EXPECT_EQ(code(ErrorKind::kInternal), 70);
}

TEST(Error, SurvivesBeingCopied) {
  Error error(ErrorKind::kModel, {"what", "where", "hint"});
  error.add_context("copying");
  const Error copy = error;
  EXPECT_STREQ(copy.what(), error.what());
  EXPECT_EQ(copy.text().where, "where");
}

TEST(Interrupted, CarriesTheAdvice) {
  EXPECT_STREQ(Interrupted("run it again").what(), "run it again");
}

}  // namespace error_test
}  // namespace robiq
