#include <gtest/gtest.h>

#include <string>

#include "robiq/core/files/toml_document.h"
#include "support/errors.h"

namespace robiq {
namespace toml_bounds_test {

std::string repeated(const std::string& text, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

void refuses(const std::string& text, const std::string& what, const std::string& where) {
  expect_error(ErrorKind::kUsage, {what, where, "smaller file"},
               [&] { (void)parse_toml_document(text, "t.toml"); });
}

TEST(TomlBounds, DeepKeysAreRefusedBeforeTheyAreParsed) {
  const std::string deep = repeated("a.", 30'000) + "a";
  refuses(deep + " = 1\n", "more than 32 parts", "t.toml:1");
  refuses("x = 1\n[" + deep + "]\n", "more than 32 parts", "t.toml:2");
  refuses("[[" + deep + "]]\n", "more than 32 parts", "t.toml:1");
  refuses("x = { " + deep + " = 1 }\n", "more than 32 parts", "t.toml:1");
  refuses(repeated("\"a\" . ", 30'000) + "b = 1\n", "more than 32 parts", "t.toml:1");
  refuses(repeated("'a'.", 40) + "b = 1\n", "more than 32 parts", "t.toml:1");
}

TEST(TomlBounds, DeepValuesAreRefusedBeforeTheyAreParsed) {
  refuses("x = " + repeated("[", 30'000), "32 brackets", "t.toml:1");
  refuses("x = " + repeated("{a=", 30'000), "32 brackets", "t.toml:1");
  refuses("x = " + repeated("[{a=", 30), "32 brackets", "t.toml:1");
}

TEST(TomlBounds, EndlessListsAreRefused) {
  refuses("seeds = [" + repeated("1,", 200'000) + "1]\n", "more than 100,000 values", "t.toml:1");
  refuses(repeated("\n", 200'000), "more than 100,000 lines", "t.toml");
  refuses("x = \"\"\"" + repeated("\n", 200'000) + "\"\"\"", "more than 100,000 lines", "t.toml");
}

TEST(TomlBounds, WhatStandsInStringsAndCommentsIsNotCounted) {
  const std::string dots(1000, '.');
  const TomlNode root =
      parse_toml_document("a = \"" + dots + "[[[[\\\"" + dots + "\"\nb = '" + dots + "'\nc = '''" +
                              dots + "\n''" + dots + "'''\n# " + dots + "\n",
                          "t.toml");
  EXPECT_EQ(root.table.size(), 3U);
}

TEST(TomlBounds, OrdinaryDepthIsRead) {
  const TomlNode root = parse_toml_document(repeated("a.", 20) + "a = [[[1.5]]]\n", "t.toml");
  EXPECT_EQ(root.table.size(), 1U);
}

}  // namespace toml_bounds_test
}  // namespace robiq
