#include "robiq/core/options/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/errors.h"

namespace robiq {

class Fruit {
 public:
  static constexpr const char* kNoun = "fruit";
  virtual ~Fruit() = default;
  [[nodiscard]] virtual std::string taste() const = 0;
};

template <>
Registry<Fruit>& Registry<Fruit>::instance() {
  static Registry<Fruit> registry;
  return registry;
}

namespace {

class Apple : public Fruit {
 public:
  static constexpr const char* kName = "apple";
  static constexpr const char* kSummary = "grows on trees";
  static constexpr const char* kPaper = "Newton 1666";
  static constexpr const char* kArgument = "sort";
  struct Options {
    std::string sort = "cox";
    double sugar = 0.1;
    static OptionTable<Options> options() {
      return {{"sort", &Options::sort, "which apple"}, {"sugar", &Options::sugar, "share", 0, 1}};
    }
  };
  explicit Apple(Options options) : options_(std::move(options)) {}
  [[nodiscard]] std::string taste() const override {
    return options_.sort + " " + number_text(options_.sugar);
  }

 private:
  Options options_;
};

class Lemon : public Fruit {
 public:
  static constexpr const char* kName = "lemon";
  static constexpr const char* kSummary = "is sour";
  static constexpr const char* kPaper = "";
  using Options = NoOptions;
  explicit Lemon(Options) {}
  [[nodiscard]] std::string taste() const override { return "sour"; }
};

ROBIQ_REGISTER(Fruit, Apple);
ROBIQ_REGISTER(Fruit, Lemon);

Registry<Fruit>& fruits() { return Registry<Fruit>::instance(); }

std::string taste(const std::string& spec) {
  return fruits().make(parse_spec(spec, "--fruit"), "--fruit")->taste();
}

TEST(Registry, KnowsWhatWasRegistered) {
  ASSERT_EQ(fruits().entries().size(), 2u);
  const auto& apple = fruits().find("apple");
  EXPECT_EQ(apple.summary, "grows on trees");
  EXPECT_EQ(apple.paper, "Newton 1666");
  EXPECT_EQ(apple.argument, "sort");
  ASSERT_EQ(apple.options.size(), 2u);
  EXPECT_EQ(apple.options[1].range, "[0, 1]");
  EXPECT_TRUE(fruits().find("lemon").options.empty());
}

TEST(Registry, MakesFromParamsAndFromSpecs) {
  EXPECT_EQ(fruits().make("apple", {{"sugar", {0.5, ""}}})->taste(), "cox 0.5");
  EXPECT_EQ(taste("apple"), "cox 0.1");
  EXPECT_EQ(taste("apple:boskoop"), "boskoop 0.1");
  EXPECT_EQ(taste("apple:boskoop,sugar=0.2"), "boskoop 0.2");
  EXPECT_EQ(taste("apple:sort=elstar"), "elstar 0.1");
  EXPECT_EQ(taste("lemon"), "sour");
}

TEST(Registry, UnknownNamesOfferTheNearest) {
  expect_error(
      ErrorKind::kUsage,
      {"no fruit is called 'aple'", "--fruit", "did you mean 'apple'? known: apple, lemon"},
      [] { (void)taste("aple"); });
  expect_error(ErrorKind::kUsage, {"no fruit is called 'wheelbarrow'", "--fruit", "known: apple"},
               [] { (void)taste("wheelbarrow"); });
}

TEST(Registry, OptionsOfSpecsAreChecked) {
  expect_error(ErrorKind::kUsage, {"outside [0, 1]", "--fruit apple:sugar=2", "*"},
               [] { (void)taste("apple:sugar=2"); });
  expect_error(ErrorKind::kUsage,
               {"'eureka' in 'lemon:eureka' lacks a '=', and lemon takes options of the form "
                "key=value only",
                "--fruit", "write lemon:key=value"},
               [] { (void)taste("lemon:eureka"); });
  expect_error(ErrorKind::kUsage,
               {"'apple:cox,sort=elstar' gives 'sort' twice", "--fruit", "write it once"},
               [] { (void)taste("apple:cox,sort=elstar"); });
}

TEST(Registry, TwoEntriesOfOneNameAreABug) {
  Registry<Fruit> registry;
  for (int i = 0; i < 2; ++i) registry.add({"plum", "summary", "paper", {}, nullptr});
  expect_error(ErrorKind::kInternal,
               {"'plum' is registered twice", "fruit", "rename one of the two"},
               [&] { (void)registry.find("plum"); });
}

TEST(Registry, AnArgumentMayHoldAnEqualsSign) {
  EXPECT_EQ(fruits().parse("apple:a=b.csv,sugar=0.5", "--fruit").argument, "a=b.csv");
  EXPECT_EQ(fruits().parse("apple:a=b.csv,sugar=0.5", "--fruit").params.count("a"), 0U);
  EXPECT_EQ(fruits().make(parse_spec("apple:a=b.csv", ""), "--fruit")->taste(), "a=b.csv 0.1");
  EXPECT_EQ(fruits().make(parse_spec("apple:sort=a=b", ""), "--fruit")->taste(), "a=b 0.1");
}

TEST(Registry, ASlipOfAnOptionIsNoArgument) {
  EXPECT_EQ(fruits().parse("apple:sugr=0.5", "--fruit").argument, "");
  EXPECT_THROW(static_cast<void>(fruits().make(parse_spec("apple:sugr=0.5", ""), "")), Error);
  EXPECT_EQ(fruits().parse("lemon:a=b", "--fruit").argument, "") << "which takes none";
}

TEST(Registry, GivesAllValuesOfAnEntry) {
  const auto values = fruits().find("apple").values({{"sugar", {0.5, "test"}}});
  ASSERT_EQ(values.size(), 2U);
  EXPECT_EQ(option_text(values[0].second), "cox");
  EXPECT_EQ(option_text(values[1].second), "0.5");
}

}  // namespace
}  // namespace robiq
