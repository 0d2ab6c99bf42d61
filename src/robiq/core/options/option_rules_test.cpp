#include "robiq/core/options/option_rules.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/errors.h"

namespace robiq {
namespace option_rules_test {

/// A pump with a valve, and a label that may be left open.
struct Pump {
  bool valve = false;
  double width = 1, label = NAN, twice = 0;
  static OptionTable<Pump> options() {
    using P = Pump;
    return {{"valve", &P::valve, "with a valve"},
            {"width", &P::width, "of the valve", 0, 9},
            {"label", &P::label, "nan: none"},
            {"twice", &P::twice, "two widths"}};
  }
  static void settle(Pump& pump, const Params& given) {
    const OptionRules rules(given);
    rules.need(pump.valve, {"width"}, "--valve");
    rules.clash(pump.valve, {"label"}, "--valve");
    if (!rules.was_given("twice")) pump.twice = 2 * pump.width;
  }
};

Params given(const std::string& name, const std::string& value, const std::string& where) {
  return {{name, {value, where}}};
}

TEST(OptionRules, WhatHasNoEffectIsRefused) {
  expect_error(ErrorKind::kUsage,
               {"option --width has no effect without --valve", "--width",
                "add --valve, or leave out --width"},
               [] { (void)read_options<Pump>(given("width", "1", "--width")); });
  expect_error(ErrorKind::kUsage,
               {"option 'width' has no effect without --valve", "pump.toml:2:1",
                "add --valve, or leave out 'width'"},
               [] { (void)read_options<Pump>(given("width", "1", "pump.toml:2:1")); });
  Params both = given("label", "3", "--label");
  both["valve"] = {true, "--valve"};
  expect_error(
      ErrorKind::kUsage,
      {"option --label has no effect together with --valve", "--label", "leave out one of the two"},
      [&] { (void)read_options<Pump>(both); });
}

TEST(OptionRules, WhatIsNotGivenFollowsTheOthers) {
  Params both = given("width", "3", "--width");
  both["valve"] = {true, "--valve"};
  EXPECT_EQ(read_options<Pump>(both).twice, 6);
  EXPECT_EQ(assign_options<Pump>(both).twice, 0) << "each option by itself";
}

TEST(OptionRules, AnOptionThatIsOpenMayBeWrittenSo) {
  EXPECT_TRUE(std::isnan(read_options<Pump>(given("label", "nan", "--label")).label));
  EXPECT_THROW((void)read_options<Pump>(given("label", "inf", "--label")), Error);
  EXPECT_THROW((void)read_options<Pump>(given("twice", "nan", "--twice")), Error);
}

}  // namespace option_rules_test
}  // namespace robiq
