#include "robiq/report/evidence/example_pictures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/situations.h"

namespace robiq {
namespace pictures_test {

using testing::ElementsAre;

/// One subject under FGSM; its pictures are called by how far their scores moved.
class ChosenExamples : public testing::Test {
 protected:
  void add(double change, double draw, std::size_t bytes = 1) {
    const ScoreKey key{attack,
                       {{"", "cnniqa", "none"}, "0"},
                       "split",
                       "p" + std::to_string(static_cast<int>(change))};
    PictureScore score;
    score.mos = change + 1;
    score.before = 50;
    score.after = 50 - change;
    score.ssim = 0.9;
    evidence.scores[key] = {score, "run"};
    evidence.examples.push_back({key, change, draw, std::string(bytes, 'c'), "a"});
  }
  [[nodiscard]] std::vector<std::string> chosen(const ExampleLimits& limits = {}) const {
    const PictureIndex pictures(evidence);
    std::vector<std::string> found;
    for (const Example& example : chosen_examples(evidence, Titles(evidence), pictures, limits)) {
      found.push_back(example.about.attack + " " + pictures.pictures()[example.picture].name + " " +
                      example.kind);
    }
    return found;
  }

  Evidence evidence = test::titled_evidence();
  Situation attack = test::situation("builtin", "fgsm", "epsilon=0.005", "view");
};

TEST_F(ChosenExamples, LargestTypicalAndRandom) {
  for (const auto& [change, draw] :
       std::vector<std::pair<double, double>>{{1, 0.9}, {5, 0.8}, {6, 0.7}, {30, 0.6}, {40, 0.1}}) {
    add(change, draw);
  }
  // The median change is 6.
  EXPECT_THAT(chosen(), ElementsAre("FGSM p40 largest change", "FGSM p30 random", "FGSM p6 typical",
                                    "FGSM p5 largest change", "FGSM p1 random"));
}

TEST_F(ChosenExamples, LimitsGoRoundTheAttacks) {
  for (const char* name : {"fgsm", "uap"}) {
    attack = test::situation("builtin", name, "epsilon=0.005", "view");
    for (const double change : {1.0, 2.0, 30.0}) add(change, 0.5);
  }
  EXPECT_THAT(chosen({3, 1000}),
              ElementsAre("FGSM p30 largest change", "FGSM p2 typical", "UAP* p30 largest change"));
}

TEST_F(ChosenExamples, BytesAreLimited) {
  add(9, 0.5, 99);
  add(2, 0.5, 99);
  EXPECT_EQ(chosen({100, 200}).size(), 2U);
  EXPECT_EQ(chosen({100, 199}).size(), 1U);
}

TEST_F(ChosenExamples, CarryWhatTheirScoresSay) {
  add(8, 0.5);
  const PictureIndex pictures(evidence);
  const Example example = chosen_examples(evidence, Titles(evidence), pictures).at(0);
  EXPECT_EQ(example.before, 50);
  EXPECT_EQ(example.after, 42);
  EXPECT_EQ(example.ssim, 0.9);
  EXPECT_EQ(example.seed, "0");
  EXPECT_EQ(example.about.model, "CNNIQA");
  EXPECT_EQ(example.about.defense, "base");
  EXPECT_EQ(example.clean, "c");
  EXPECT_EQ(example.attacked, "a");
}

TEST_F(ChosenExamples, AnExampleWithoutScoreIsLeftOut) {
  add(8, 0.5);
  evidence.scores.clear();
  EXPECT_TRUE(chosen().empty());
}

TEST(PictureIndex, NamesEveryPictureOnceWithItsThumbnail) {
  Evidence evidence;
  PictureScore score;
  score.mos = 61.5;
  for (const char* attack : {"none", "fgsm"}) {
    evidence.scores[{test::situation("builtin", attack), {}, "split", "b"}] = {score, "run"};
    evidence.scores[{test::situation("builtin", attack), {}, "split", "a"}] = {score, "run"};
  }
  evidence.thumbnails[{"builtin", "b"}] = "JPEG";
  const PictureIndex index(evidence);
  ASSERT_EQ(index.pictures().size(), 2U);
  EXPECT_EQ(index.at("builtin", "b"), 1U);
  EXPECT_EQ(index.pictures()[1].name, "b");
  EXPECT_EQ(index.pictures()[1].dataset, "builtin");
  EXPECT_EQ(index.pictures()[1].mos, 61.5);
  EXPECT_EQ(index.pictures()[1].thumbnail, "JPEG");
  EXPECT_EQ(index.pictures()[0].thumbnail, "");
}

}  // namespace pictures_test
}  // namespace robiq
