#include "robiq/report/evidence/paper_values.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "robiq/core/files/files.h"
#include "support/places.h"
#include "support/situations.h"

namespace robiq {
namespace paper_values_test {

const char* const kModels[] = {"hyperiqa", "dbcnn", "linearityiqa", "maniqa"};
const char* const kNt = "gradient-norm";

TEST(PaperValues, AreThoseOfTheSupplement) {
  EXPECT_EQ(paper_values().size(), 24U + 64 + 64 + 32 + 24);
  EXPECT_EQ(paper_value({"s2", "fgsm:loss=mae", "dbcnn", "none", "mos_after", "rmse"}), 10.0734);
  EXPECT_EQ(paper_value({"s4", "perceptual", "hyperiqa", kNt, "before_after", "krocc"}), 0.997);
  EXPECT_EQ(paper_value({"s5", "korhonen", "linearityiqa", kNt, "mos_after", "plcc"}), 0.774);
  EXPECT_EQ(paper_value({"s6", "uap", "maniqa", kNt, "before_after", "r"}), 3.464);
  EXPECT_EQ(paper_value({"s7", "white", "dbcnn", kNt, "before_after", "delta_rmse"}), -31.59);
  EXPECT_TRUE(std::isnan(paper_value({"s4", "fgsm", "cnniqa", "none", "mos_after", "krocc"})));
}

TEST(PaperValues, TheFileNamesItsSource) {
  const auto file =
      std::filesystem::path(test::source_folder()) / "src/robiq/report/evidence/paper_values.csv";
  EXPECT_TRUE(read_file(file, 1 << 20).starts_with("# Source: supplement of Liu et al."));
}

TEST(PaperValues, ASubjectIsFoundWhateverItsWeight) {
  EXPECT_EQ(
      paper_value("s6", "fgsm", {"", "dbcnn", "gradient-norm:weight=0.001"}, "before_after", "r"),
      0.671);
  EXPECT_EQ(paper_value("s6", "fgsm", {"", "dbcnn", "none"}, "before_after", "r"), 0.328);
}

TEST(PaperValues, OverallIsTheMeanOfWhiteAndBlack) {
  for (const char* model : kModels) {
    for (const char* measure : {"delta_rmse", "delta_srocc"}) {
      const auto value = [&](const char* group) {
        return paper_value({"s7", group, model, kNt, "before_after", measure});
      };
      EXPECT_NEAR(value("overall"), (value("white") + value("black")) / 2, 6e-5) << model;
    }
  }
}

TEST(PaperValues, TheStrongestLossOfS2IsTheFgsmOfS4AndS5) {
  for (const char* block : {"mos_after", "before_after"}) {
    EXPECT_EQ(paper_value({"s2", "fgsm:loss=mid", "dbcnn", "none", block, "krocc"}),
              paper_value({"s4", "fgsm", "dbcnn", "none", block, "krocc"}));
    EXPECT_EQ(paper_value({"s2", "fgsm:loss=mid", "dbcnn", "none", block, "plcc"}),
              paper_value({"s5", "fgsm", "dbcnn", "none", block, "plcc"}));
  }
}

/// SROCC of a binormal pair with that KROCC.
double srocc_like(double krocc) {
  constexpr double kPi = std::numbers::pi;
  return 6 / kPi * std::asin(std::sin(kPi / 2 * krocc) / 2);
}

// S7 does not say between what its RMSE and SROCC are taken. SROCC guessed from the KROCC of S4
// fits the scores before and after, and does not fit MOS and the scores after.
TEST(PaperValues, S7IsBetweenTheScoresBeforeAndAfter) {
  const auto misfit = [](const char* block) {
    double sum = 0;
    for (const char* model : kModels) {
      double gain = 0;
      for (const char* attack : {"fgsm", "perceptual"}) {
        gain += srocc_like(paper_value({"s4", attack, model, kNt, block, "krocc"})) / 2 -
                srocc_like(paper_value({"s4", attack, model, "none", block, "krocc"})) / 2;
      }
      sum +=
          std::abs(gain - paper_value({"s7", "white", model, kNt, "before_after", "delta_srocc"}));
    }
    return sum / 4;
  };
  EXPECT_LT(misfit("before_after"), 0.03);
  EXPECT_GT(misfit("mos_after"), 0.05);
}

TEST(PaperValues, AnAttackOfAnotherStrengthIsNotThePapers) {
  const auto attack = [](const std::string& name, const char* options) {
    Situation situation = test::situation("data", name, options, "view");
    situation.card.white_box = name == "uap" ? 0 : 1;
    return paper_attack(situation);
  };
  EXPECT_EQ(attack("fgsm", "epsilon=0.005,step_size=0.01,loss=mid"), "fgsm");
  EXPECT_EQ(attack("fgsm", "epsilon=0.03,loss=mid"), "");
  EXPECT_EQ(attack("fgsm", "epsilon=0.005,loss=mae"), "");
  EXPECT_EQ(attack("perceptual", "constraint=ssim,weight=1000000"), "perceptual");
  EXPECT_EQ(attack("uap", "scale=0.04"), "uap");
  EXPECT_EQ(attack("korhonen", "learning_rate=0.1"), "");
  EXPECT_EQ(attack("korhonen", "learning_rate=0.2"), "") << "made on the attacked model";
  EXPECT_EQ(paper_attack(test::situation("data", "fgsm", "epsilon=0.005", "view", "dbcnn", "none")),
            "");
  EXPECT_EQ(paper_attack(test::situation("data", "uap", "scale=0.04", "view", "dbcnn", "none")),
            "uap");
  EXPECT_EQ(paper_attack(
                test::situation("data", "korhonen", "learning_rate=0.2", "view", "dbcnn", "none")),
            "korhonen");
  EXPECT_EQ(attack("ifgsm", "epsilon=0.005"), "");
}

}  // namespace paper_values_test
}  // namespace robiq
