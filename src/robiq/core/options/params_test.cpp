#include "robiq/core/options/params.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "robiq/core/files/files.h"
#include "support/errors.h"

namespace robiq {
namespace params_test {

std::string text_of(const Spec& spec, const std::string& key) {
  return std::get<std::string>(spec.params.at(key).value);
}

TEST(Spec, ReadsNameArgumentAndOptions) {
  const Spec spec = parse_spec("ifgsm:steps=10, epsilon = 0.01", "--attack");
  EXPECT_EQ(spec.name, "ifgsm");
  EXPECT_EQ(spec.argument, "");
  EXPECT_EQ(text_of(spec, "steps"), "10");
  EXPECT_EQ(text_of(spec, "epsilon"), "0.01");
  EXPECT_EQ(spec.params.at("steps").where, "--attack ifgsm:steps=10, epsilon = 0.01");
  EXPECT_EQ(spec.text, "ifgsm:steps=10, epsilon = 0.01");
  EXPECT_EQ(parse_spec("fgsm", "").name, "fgsm");

  const Spec file = parse_spec("csv:/data/x=y/a:b.csv,split=test", "--data");
  EXPECT_EQ(file.name, "csv");
  EXPECT_EQ(file.argument, "/data/x=y/a:b.csv");
  EXPECT_EQ(text_of(file, "split"), "test");
}

TEST(Spec, ADoubledCommaIsAComma) {
  const Spec spec = parse_spec("csv:a,,b.csv,columns=mos,,image", "");
  EXPECT_EQ(spec.argument, "a,b.csv");
  EXPECT_EQ(text_of(spec, "columns"), "mos,image");
}

TEST(Spec, AValueMayBeEmptyOrHoldAnEqualsSign) {
  EXPECT_EQ(text_of(parse_spec("a:b=", ""), "b"), "");
  EXPECT_EQ(text_of(parse_spec("a:b=c=d", ""), "b"), "c=d");
}

TEST(Spec, RefusesWhatItCannotRead) {
  const auto expect_refused = [](const std::string& text, const std::string& what) {
    SCOPED_TRACE(text);
    expect_error(
        ErrorKind::kUsage,
        {"'" + text + "' " + what, "--attack",
         "write NAME or NAME:key=value,key=value; a comma inside a value is written twice"},
        [&] { (void)parse_spec(text, "--attack"); });
  };
  expect_refused("", "has no name");
  expect_refused(" :a=1", "has no name");
  expect_refused("fgsm:", "has nothing after ':'");
  expect_refused("fgsm: ", "has nothing after ':'");
  expect_refused("fgsm:a=1,a=2", "gives 'a' twice");
  expect_refused("fgsm:a=1,b", "has a part 'b' that is not of the form key=value");
  expect_refused("csv:a.csv,b.csv", "has a part 'b.csv' that is not of the form key=value");
  expect_refused("fgsm:a=1,", "has a part '' that is not of the form key=value");
}

class Toml : public testing::Test {
 protected:
  Params read(const std::string& text) {
    write_file(file_, text);
    return read_toml(file_);
  }
  void expect_refused(const std::string& text, const std::string& what, const std::string& place,
                      const std::string& hint) {
    SCOPED_TRACE(text);
    expect_error(ErrorKind::kUsage, {what, file_.string() + place, hint},
                 [&] { (void)read(text); });
  }

  TemporaryFolder folder_;
  std::filesystem::path file_ = folder_.path() / "study.toml";
};

TEST_F(Toml, ReadsEveryKindOfValueWithItsPlace) {
  const Params params =
      read("# study\nseed = 3\nlr = 1e-3\nnt = true\nname = \"a b\"\nattacks = [\"x\", 2, 0.5]\n");
  EXPECT_EQ(std::get<std::int64_t>(params.at("seed").value), 3);
  EXPECT_DOUBLE_EQ(std::get<double>(params.at("lr").value), 1e-3);
  EXPECT_TRUE(std::get<bool>(params.at("nt").value));
  EXPECT_EQ(std::get<std::string>(params.at("name").value), "a b");
  EXPECT_THAT(std::get<std::vector<std::string>>(params.at("attacks").value),
              testing::ElementsAre("x", "2", "0.5"));
  EXPECT_EQ(params.at("lr").where, file_.string() + ":3:6");
}

TEST_F(Toml, RefusesWhatIsNoToml) {
  expect_refused("a = 1\nb = = 2\n", "not a TOML file: ", ":2:", "mend that line");
  expect_refused("a = 1\na = 2\n", "not a TOML file: ", ":2:", "mend that line");
}

TEST_F(Toml, RefusesWhatNoOptionIs) {
  const std::string hint = "use texts, numbers, true, false or lists of those";
  expect_refused("[train]\nepochs = 1\n", "in a table here: [train]", ":1:1", "without [train]");
  expect_refused("day = 2024-01-01\n", "a value of a kind that no option has", ":1:7", hint);
  expect_refused("a = [[1]]\n", "a value of a kind that no option has", ":1:", hint);
}

TEST_F(Toml, AFileThatIsNotThereIsAUsageError) {
  expect_error(ErrorKind::kUsage, {"there is no file", "", "check the path"},
               [&] { (void)read_toml(folder_.path() / "none.toml"); });
}

TEST_F(Toml, WhatIsWrittenIsReadBack) {
  const std::vector<std::pair<std::string, OptionValue>> values{
      {"flag", true},
      {"count", std::int64_t{-3}},
      {"whole", 2.0},
      {"large", 1e21},
      {"small", 0.1},
      {"text", "quote \" back \\ tab \t newline \n del \x7F é"},
      {"list", std::vector<std::string>{"a", "b,\"c"}},
      {"nothing", std::vector<std::string>{}}};
  const Params params = read(toml_text(values));
  ASSERT_EQ(params.size(), values.size());
  for (const auto& [key, value] : values) EXPECT_EQ(params.at(key).value, value) << key;
}

TEST_F(Toml, NotationKeepsTheType) {
  EXPECT_EQ(toml_value(2.0), "2.0");
  EXPECT_EQ(toml_value(0.005), "0.005");
  EXPECT_EQ(toml_value(std::int64_t{2}), "2");
  EXPECT_EQ(toml_value("2"), "\"2\"");
  EXPECT_EQ(toml_text({{"a", false}, {"b", "x"}}), "a = false\nb = \"x\"\n");
}

}  // namespace params_test
}  // namespace robiq
