#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "robiq/io/pickle/pickle.h"

namespace robiq {
namespace object_test {

ObjectPtr text(const char* letters) {
  return std::make_shared<const Object>(Object::Value(std::string(letters)));
}

ObjectPtr number(std::int64_t value) {
  return std::make_shared<const Object>(Object::Value(value));
}

TEST(Object, GivesItsValueAsWhatItIsOnly) {
  EXPECT_EQ(*number(3)->get_if<std::int64_t>(), 3);
  EXPECT_EQ(number(3)->get_if<double>(), nullptr);
  EXPECT_EQ(number(3)->get_if<bool>(), nullptr);
  EXPECT_EQ(*text("a")->get_if<std::string>(), "a");
}

TEST(Object, FindsTextKeysOfDictsOnly) {
  const Object dict(
      Object::Dict{{number(1), text("one")}, {text("1"), text("text")}, {text("k"), number(2)}});
  EXPECT_EQ(*dict.find("1")->get_if<std::string>(), "text");
  EXPECT_EQ(*dict.find("k")->get_if<std::int64_t>(), 2);
  EXPECT_EQ(dict.find("K"), nullptr);
  EXPECT_EQ(Object(Object::List{text("k")}).find("k"), nullptr);
  EXPECT_EQ(Object(at::ones({1})).find("k"), nullptr);
}

}  // namespace object_test
}  // namespace robiq
