#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "robiq/app/run/read_inputs.h"
#include "support/errors.h"

namespace robiq {
namespace path_list_test {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(PathList, IsOnePathALine) {
  EXPECT_THAT(parse_path_list("a.png\nb c.png"), ElementsAre("a.png", "b c.png"));
  EXPECT_THAT(parse_path_list("a.png\n\n  \nb.png\n"), ElementsAre("a.png", "b.png"));
  EXPECT_THAT(parse_path_list(""), IsEmpty());
}

TEST(PathList, MayComeFromWindows) {
  EXPECT_THAT(parse_path_list("\xEF\xBB\xBF"
                              "a.png\r\nb.png\r\n"),
              ElementsAre("a.png", "b.png"));
  expect_error(ErrorKind::kData, {"saved as UTF-16", "standard input", "UTF-8"}, [] {
    (void)parse_path_list(
        std::string("\xFF\xFE"
                    "a\0",
                    4));
  });
}

TEST(PathList, MayBeSeparatedByNul) {
  EXPECT_THAT(parse_path_list(std::string("a.png\0b\nc.png\0", 14)),
              ElementsAre("a.png", "b\nc.png"));
  EXPECT_THAT(parse_path_list(std::string("a.png\0b.png\0\n", 13)), ElementsAre("a.png", "b.png"));
  EXPECT_THAT(parse_path_list(std::string("a.png\0b.png", 11)), ElementsAre("a.png", "b.png"));
}

}  // namespace path_list_test
}  // namespace robiq
