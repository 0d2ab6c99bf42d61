#include "robiq/core/options/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/errors.h"

namespace robiq {
namespace options_test {

enum class Level { kView, kImage };
constexpr std::array<std::string_view, 2> words_of(Level /*type*/) { return {"view", "image"}; }

struct Sample {
  bool random_start = true;
  std::int64_t steps = 10;
  double epsilon = 0.01;
  std::string loss = "mid";
  std::vector<std::string> layers = {"a", "b"};
  Level level = Level::kImage;

  static OptionTable<Sample> options() {
    return {{"random_start", &Sample::random_start, "begin in the ball"},
            {"steps", &Sample::steps, "gradient steps", 1, 99},
            {"epsilon", &Sample::epsilon, "radius", 0, 1, "of [0,1]"},
            {"loss", &Sample::loss, "ascended", {"mid", "mae"}},
            {"layers", &Sample::layers, "used", {"a", "b", "c"}},
            {"level", &Sample::level, "attacked"}};
  }
};

Sample read(const std::string& key, const OptionValue& value) {
  return read_options<Sample>({{key, {value, "--" + key}}});
}

void expect_refused(const std::string& key, const OptionValue& value, const std::string& what,
                    const std::string& hint) {
  SCOPED_TRACE(key + " = " + option_text(value));
  expect_error(ErrorKind::kUsage, {what, "--" + key, hint}, [&] { (void)read(key, value); });
}

/// What several requests have in common.
struct Shared {
  std::int64_t seed = 0;
  Level level = Level::kView;
  static OptionTable<Shared> options() {
    return {{"seed", &Shared::seed, "of everything random", 0, 9},
            Option<Shared>{"level", &Shared::level, "attacked"}.where_only()};
  }
};
struct Whole {
  std::int64_t steps = 10;
  Shared shared, other;
  static OptionTable<Whole> options() {
    return joined_tables<Whole>({{{"steps", &Whole::steps, "gradient steps", 1, 99}},
                                 options_of<Whole>(&Whole::shared),
                                 options_of<Whole>(&Whole::other, "other_")});
  }
};

/// What may be absent.
struct Choices {
  std::optional<double> weight;
  std::optional<std::int64_t> epochs;
  std::optional<std::string> loss;
  std::optional<Level> level;
  static OptionTable<Choices> options() {
    return {{"weight", &Choices::weight, "lambda; -1: the recipe's", -1, 9},
            {"epochs", &Choices::epochs, "passes; 0: the recipe's", 0, 9},
            {"loss", &Choices::loss, "ascended"},
            {"level", &Choices::level, "attacked"}};
  }
};

/// A request, and the same with an option more.
struct Request {
  std::int64_t steps = 10;
  std::string out;
  static OptionTable<Request> options() {
    return {{"steps", &Request::steps, "gradient steps", 1, 99},
            Option<Request>{"out", &Request::out, "folder"}.where_only()};
  }
};
struct LargerRequest {
  std::int64_t steps = 10;
  double momentum = 0.5;
  std::string out;
  static OptionTable<LargerRequest> options() {
    using R = LargerRequest;
    return {{"steps", &R::steps, "gradient steps", 1, 99},
            {"momentum", &R::momentum, "of the gradients", 0, 1},
            Option<R>{"out", &R::out, "folder"}.where_only()};
  }
};

TEST(Options, EveryOptionCountsForTheIdentityButThoseThatSayWhere) {
  using testing::Pair, testing::ElementsAre;
  EXPECT_THAT(identity_values(Request{7, "a"}), ElementsAre(Pair("steps", OptionValue{7L})));
  EXPECT_EQ(identity_values(Request{7, "a"}), identity_values(Request{7, "b"}));
  EXPECT_THAT(identity_values(LargerRequest{7, 0.25, "a"}),
              ElementsAre(Pair("momentum", OptionValue{0.25}), Pair("steps", OptionValue{7L})))
      << "by name";
}

TEST(Options, DefaultsHoldWhenNothingIsGiven) {
  const Sample sample = read_options<Sample>({});
  EXPECT_TRUE(sample.random_start);
  EXPECT_EQ(sample.steps, 10);
  EXPECT_EQ(sample.loss, "mid");
}

TEST(Options, TypedValuesAndTextsMeanTheSame) {
  EXPECT_EQ(read("steps", std::int64_t{7}).steps, 7);
  EXPECT_EQ(read("steps", "7").steps, 7);
  EXPECT_DOUBLE_EQ(read("epsilon", 0.5).epsilon, 0.5);
  EXPECT_DOUBLE_EQ(read("epsilon", "5e-1").epsilon, 0.5);
  EXPECT_DOUBLE_EQ(read("epsilon", std::int64_t{1}).epsilon, 1);
  EXPECT_EQ(read("loss", "mae").loss, "mae");
  EXPECT_THAT(read("layers", std::vector<std::string>{"c"}).layers, testing::ElementsAre("c"));
  EXPECT_THAT(read("layers", "c").layers, testing::ElementsAre("c"));
  for (const char* text : {"false", "off", "no", "0"}) {
    EXPECT_FALSE(read("random_start", text).random_start) << text;
  }
  for (const char* text : {"true", "on", "yes", "1"}) {
    EXPECT_TRUE(read("random_start", text).random_start) << text;
  }
  EXPECT_FALSE(read("random_start", false).random_start);
}

TEST(Options, EndsOfTheRangeAreInside) {
  EXPECT_EQ(read("steps", "1").steps, 1);
  EXPECT_EQ(read("steps", "99").steps, 99);
  EXPECT_DOUBLE_EQ(read("epsilon", "0").epsilon, 0);
}

TEST(Options, ValuesOutOfRangeAreRefused) {
  expect_refused("steps", "0", "option 'steps' is 0, outside [1, 99]",
                 "give a value in the range (gradient steps)");
  expect_refused("epsilon", 1.5, "option 'epsilon' is 1.5, outside [0, 1]", "radius");
}

TEST(Options, ValuesOfTheWrongTypeAreRefused) {
  expect_refused("steps", "ten", "'steps' is 'ten', not a whole number", "give a whole number");
  expect_refused("steps", 2.5, "'steps' is '2.5', not a whole number", "*");
  expect_refused("steps", true, "'steps' is 'true', not a whole number", "*");
  expect_refused("epsilon", "0,1", "'epsilon' is '0,1', not a number", "give a number (radius)");
  expect_refused("epsilon", "nan", "'epsilon' is 'nan', not a finite number", "*");
  expect_refused("epsilon", "inf", "not a finite number", "*");
  expect_refused("random_start", "maybe", "is 'maybe', not true or false", "give true or false");
  expect_refused("loss", std::vector<std::string>{"mid"}, "'loss' is a list", "give one text");
}

TEST(Options, ValuesThatAreNoChoiceAreRefused) {
  expect_refused("loss", "mse", "option 'loss' cannot be 'mse'", "give one of mid | mae (ascended");
  expect_refused("layers", std::vector<std::string>{"a", "z"}, "'layers' cannot be 'z'",
                 "a | b | c");
}

TEST(Options, AnEnumIsReadAndShownAsItsWords) {
  EXPECT_EQ(read("level", "view").level, Level::kView);
  EXPECT_EQ(std::get<std::string>(option_values(Sample{})[5].second), "image");
  expect_refused("level", "pixel", "option 'level' cannot be 'pixel'", "give one of view | image");
  expect_refused("level", std::vector<std::string>{"view"}, "'level' is a list", "give one text");
}

TEST(Options, OptionsOfAPartAreOptionsOfTheWhole) {
  const auto whole =
      read_options<Whole>({{"seed", {std::int64_t{3}, "--seed"}},
                           {"other_seed", {std::string("4"), "--other-seed"}},
                           {"other_level", {std::string("image"), "--other-level"}}});
  EXPECT_EQ(whole.shared.seed, 3);
  EXPECT_EQ(whole.shared.level, Level::kView);
  EXPECT_EQ(whole.other.seed, 4);
  EXPECT_EQ(whole.other.level, Level::kImage);
  using Pair = std::pair<std::string, OptionValue>;
  EXPECT_THAT(option_values(whole),
              testing::ElementsAre(Pair{"steps", std::int64_t{10}}, Pair{"seed", std::int64_t{3}},
                                   Pair{"level", "view"}, Pair{"other_seed", std::int64_t{4}},
                                   Pair{"other_level", "image"}));
  EXPECT_EQ(identity_values(whole).size(), 3U) << "a part's marks hold";
  expect_error(ErrorKind::kUsage,
               {"option 'other_seed' is 10, outside [0, 9]", "--other-seed", "*"}, [] {
                 static_cast<void>(
                     read_options<Whole>({{"other_seed", {std::int64_t{10}, "--other-seed"}}}));
               });
  EXPECT_EQ(document_options<Whole>().back().range, "view | image");
}

TEST(Options, WhatIsAbsentIsWrittenAsTheLowestValueOrAsNothing) {
  using Pair = std::pair<std::string, OptionValue>;
  const auto absent = testing::ElementsAre(Pair{"weight", -1.0}, Pair{"epochs", std::int64_t{0}},
                                           Pair{"loss", ""}, Pair{"level", ""});
  EXPECT_THAT(option_values(Choices{}), absent);
  const auto given = read_options<Choices>({{"weight", {0.0, ""}},
                                            {"epochs", {std::int64_t{2}, ""}},
                                            {"loss", {std::string("l1"), ""}},
                                            {"level", {std::string("image"), ""}}});
  EXPECT_EQ(given.weight, 0);
  EXPECT_EQ(given.epochs, 2);
  EXPECT_EQ(given.loss, "l1");
  EXPECT_EQ(given.level, Level::kImage);
  Params written;
  for (const auto& [name, value] : option_values(Choices{})) written[name] = {value, name};
  const auto again = read_options<Choices>(written);
  EXPECT_THAT(option_values(again), absent);
  EXPECT_FALSE(again.weight || again.epochs || again.loss || again.level);
  expect_error(ErrorKind::kUsage, {"option 'level' cannot be 'whole'", "--level", "*"}, [] {
    static_cast<void>(read_options<Choices>({{"level", {std::string("whole"), "--level"}}}));
  });
}

TEST(Options, UnknownKeysNameTheNearest) {
  expect_refused("epsilom", "1", "unknown option 'epsilom'", "did you mean 'epsilon'?");
  expect_refused("colour", "1", "unknown option 'colour'",
                 "known options: random_start, steps, epsilon, loss, layers, level");
}

struct Nothing {
  static OptionTable<Nothing> options() { return {}; }
};

TEST(Options, WithoutOptionsThereIsNothingToSet) {
  expect_error(ErrorKind::kUsage, {"unknown option 'a'", "--a", "it takes no options"}, [] {
    (void)read_options<Nothing>({{"a", {"1", "--a"}}});
  });
}

TEST(Options, DocumentationComesFromTheTable) {
  const std::vector<OptionDoc> docs = document_options<Sample>();
  ASSERT_EQ(docs.size(), 6u);
  const auto row = [&](std::size_t i) {
    const OptionDoc& d = docs[i];
    return d.name + ";" + d.type + ";" + d.default_value + ";" + d.range + ";" + d.unit + ";" +
           d.help;
  };
  EXPECT_EQ(row(0), "random_start;bool;true;;;begin in the ball");
  EXPECT_EQ(row(1), "steps;integer;10;[1, 99];;gradient steps");
  EXPECT_EQ(row(2), "epsilon;number;0.01;[0, 1];of [0,1];radius");
  EXPECT_EQ(row(3), "loss;text;mid;mid | mae;;ascended");
  EXPECT_EQ(row(4), "layers;list;a b;a | b | c;;used");
  EXPECT_EQ(row(5), "level;text;image;view | image;;attacked");
}

TEST(Options, ValuesAreGivenBackInTableOrder) {
  const auto values = option_values(read("epsilon", 0.25));
  ASSERT_EQ(values.size(), 6u);
  EXPECT_EQ(values[2].first, "epsilon");
  EXPECT_EQ(std::get<double>(values[2].second), 0.25);
  EXPECT_EQ(values[4].first, "layers");
}

}  // namespace options_test
}  // namespace robiq
