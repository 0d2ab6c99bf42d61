#include "robiq/store/run_inputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace robiq {
namespace run_inputs_test {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(RunInputs, AreKeptBehindAConfiguration) {
  const ReadInputs inputs{{"the pictures", "12ab"}, {"'u v.npy' of the attack uap", "34cd"}};
  const std::string config = "seed = 1\nmodel = 'cnniqa'\n";
  EXPECT_EQ(inputs_in(config + inputs_text(inputs)), inputs);
  const std::string sorted = "model = 'cnniqa'\nseed = 1";
  EXPECT_EQ(sorted_options_in(config + inputs_text(inputs)), sorted);
  EXPECT_THAT(inputs_in(config), IsEmpty());
  EXPECT_EQ(sorted_options_in(config), sorted);
  EXPECT_EQ(sorted_options_in("model = 'cnniqa'\nseed = 1\n"), sorted) << "whatever the order";
}

TEST(RunInputs, WhatChangedIsNamed) {
  const ReadInputs before{
      {"the pictures", "1"}, {"the weights", "2"}, {"'a' of the attack uap", "3"}};
  EXPECT_THAT(changed_inputs(before, before), IsEmpty());
  EXPECT_THAT(changed_inputs(before, {{"the pictures", "1"}, {"the weights", "9"}}),
              ElementsAre("the weights", "'a' of the attack uap"));
}

TEST(RunInputs, FilesAreFoundByTheirNames) {
  EXPECT_EQ(file_of_input(file_input("a' of b/u.npy", "the attack uap")), "a' of b/u.npy");
  EXPECT_EQ(file_of_input("the pictures"), "");
  const ReadInputs odd{{file_input("two\nlines", "the attack uap"), "12ab"}};
  EXPECT_EQ(inputs_in(inputs_text(odd)).size(), 1u);
}

}  // namespace run_inputs_test
}  // namespace robiq
