#include "robiq/store/attack_options.h"

#include <gtest/gtest.h>

#include "support/errors.h"

namespace robiq {
namespace attack_options_test {

TEST(AttackOptions, SurviveEveryWayOfWritingThem) {
  for (const std::string value :
       {"0.005", "a,b.npy", "x=y", "ü ñ", "\"quoted\"", ",", "a\\b", ""}) {
    const AttackOptions options({{"file", value}, {"epsilon", "0.1"}});
    EXPECT_EQ(AttackOptions::from_stored(options.stored()), options) << value;
    EXPECT_EQ(AttackOptions::parse(options.text()).value("file"), value);
  }
  EXPECT_EQ(AttackOptions().stored(), "");
  EXPECT_EQ(AttackOptions::from_stored(""), AttackOptions());
}

TEST(AttackOptions, AreStoredAsJsonWithSortedNames) {
  EXPECT_EQ(AttackOptions::parse("steps=2,epsilon=0.1").stored(),
            R"({"epsilon":"0.1","steps":"2"})");
}

TEST(AttackOptions, OfOlderDatabasesAreRead) {
  const AttackOptions options = AttackOptions::from_stored("file=a,b.npy,scale=0.04");
  EXPECT_EQ(options.value("file"), "a,b.npy");
  EXPECT_EQ(options.value("scale"), "0.04");
}

TEST(AttackOptions, DamagedOnesAreRefused) {
  for (const char* stored : {R"({"epsilon":0.1})", R"({"a":{}})"}) {
    expect_error(ErrorKind::kData, {"the options of an attack", stored, "*"},
                 [&] { (void)AttackOptions::from_stored(stored); });
  }
  expect_error(ErrorKind::kData, {"the options of an attack", "{", "*"},
               [&] { (void)AttackOptions::from_stored("{"); });
}

TEST(AttackOptions, LoseAndGainOne) {
  const AttackOptions options = AttackOptions::parse("epsilon=0.1,loss=mid");
  EXPECT_EQ(options.without("loss").text(), "epsilon=0.1");
  EXPECT_EQ(options.with("loss", "up").value("loss"), "up");
  EXPECT_EQ(options.value("steps"), "");
}

}  // namespace attack_options_test
}  // namespace robiq
