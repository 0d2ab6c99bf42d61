#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "robiq/app/attack/named_distances.h"

namespace robiq {
namespace attack_texts_test {

using testing::ElementsAre;
using Json = nlohmann::ordered_json;

Json row(const char* attack, const char* options, const char* level, const char* surrogate) {
  return {{"attack", attack}, {"options", options}, {"level", level}, {"surrogate", surrogate}};
}

TEST(AttackTexts, AreAsShortAsTheyCanBe) {
  EXPECT_THAT(
      attack_texts({row("none", "", "", ""), row("fgsm", "epsilon=0.1,loss=mid", "view", ""),
                    row("fgsm", "epsilon=0.1,loss=mid", "view", "")}),
      ElementsAre("none", "fgsm", "fgsm"));
}

TEST(AttackTexts, SayInWhatRowsOfOneNameDiffer) {
  EXPECT_THAT(
      attack_texts({row("fgsm", "epsilon=0.1,loss=mid", "view", ""),
                    row("fgsm", "epsilon=0.2,loss=mid", "view", ""),
                    row("uap", "scale=1", "image", "a:1"), row("uap", "scale=1", "image", "b:2")}),
      ElementsAre("fgsm epsilon=0.1", "fgsm epsilon=0.2", "uap from a:1", "uap from b:2"));
}

}  // namespace attack_texts_test
}  // namespace robiq
