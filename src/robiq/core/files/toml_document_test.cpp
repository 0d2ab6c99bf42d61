#include "robiq/core/files/toml_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/errors.h"

namespace robiq {
namespace toml_document_test {

TEST(TomlDocument, EveryValueKnowsItsPlace) {
  const TomlNode root = parse_toml_document(
      "name = \"a\"\nseeds = [0, 1]\n[train]\nepochs = 3\n[[model]]\nname = \"x\"\n"
      "train = { seed = 4 }\n[[model]]\nname = \"y\"\n",
      "study.toml");
  EXPECT_TRUE(root.is_table());
  EXPECT_EQ(root.table.at("name").where, "study.toml:1:8");
  EXPECT_EQ(root.table.at("train").table.at("epochs").where, "study.toml:4:10");
  const TomlNode& models = root.table.at("model");
  ASSERT_TRUE(models.is_table_list());
  ASSERT_EQ(models.list.size(), 2U);
  EXPECT_EQ(models.list[1].where, "study.toml:8:1");
  EXPECT_EQ(models.list[0].table.at("train").table.at("seed").where, "study.toml:7:18");
  EXPECT_EQ(std::get<std::int64_t>(root.table.at("seeds").list.at(1).scalar), 1);
  EXPECT_FALSE(root.table.at("seeds").is_table_list());
}

TEST(TomlDocument, AFlatTableIsOptions) {
  const TomlNode root = parse_toml_document("a = 1\nb = [\"x\", 0.5]\n", "t");
  const Params params = toml_params(root);
  EXPECT_EQ(std::get<std::int64_t>(params.at("a").value), 1);
  EXPECT_THAT(std::get<std::vector<std::string>>(params.at("b").value),
              testing::ElementsAre("x", "0.5"));
  EXPECT_EQ(params.at("b").where, "t:2:5");
}

TEST(TomlDocument, RefusesWhatNoOptionIs) {
  const std::string hint = "use texts, numbers, true, false or lists of those";
  const auto refused = [&](const std::string& text, const std::string& what,
                           const std::string& where, const std::string& mend) {
    expect_error(ErrorKind::kUsage, {what, where, mend},
                 [&] { (void)toml_params(parse_toml_document(text, "t")); });
  };
  refused("a = { b = 1 }\n", "in a table here: [a]", "t:1:5", "without [a]");
  refused("[[a]]\nb = 1\n", "in a table here: [a]", "t:", "without [a]");
  refused("a = [[1]]\n", "a value of a kind that no option has", "t:1:6", hint);
  expect_error(ErrorKind::kUsage, {"a value of a kind that no option has", "t:2:5", hint},
               [] { (void)parse_toml_document("[x]\na = 2024-01-01\n", "t"); });
  expect_error(ErrorKind::kUsage, {"not a TOML file: ", "t:1:", "mend that line"},
               [] { (void)parse_toml_document("a = = 1\n", "t"); });
}

}  // namespace toml_document_test
}  // namespace robiq
