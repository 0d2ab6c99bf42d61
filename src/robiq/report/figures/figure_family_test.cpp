#include "robiq/report/figures/figure_family.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include "robiq/report/evidence/subject_facts.h"
#include "support/drawn_figures.h"
#include "support/sample_evidence.h"

namespace robiq {
namespace figure_family_test {

using test::Drawn;
using test::full_study;
using testing::ElementsAre;
using testing::HasSubstr;

/// Two pictures of one model, with a baseline and a twin, under FGSM.
Evidence two_pictures() {
  Evidence evidence = test::titled_evidence();
  const Situation fgsm = test::situation("builtin", "fgsm", "epsilon=0.005", "image");
  for (const bool nt : {false, true}) {
    const Trained trained{{"", "cnniqa", nt ? "gradient-norm:weight=0.001" : "none"}, "3"};
    for (const bool good : {false, true}) {
      PictureScore score;
      score.mos = good ? 80 : 20;
      score.before = good ? 70 : 30;
      score.gradient_l1 = nt ? 400 : 4000;
      const std::string name = good ? "good" : "bad";
      evidence.scores[{test::situation("builtin", "none"), trained, "split", name}] = {score,
                                                                                       "run"};
      score.gradient_l1 = ScoreRow::kNone;
      score.after = score.before + (good ? -1 : 1) * (nt ? 1.5 : 12.0);
      score.linf = good ? 0.005 : 0.004;
      evidence.scores[{fgsm, trained, "split", name}] = {score, "run"};
    }
  }
  return evidence;
}

TEST(ScoreChange, PointsAreThePicturesBaselineFirst) {
  const Drawn drawn(two_pictures(), {"score-change"});
  EXPECT_THAT(drawn.ids(), ElementsAre("score-change-fgsm"));
  const DataTable& points = drawn.report.data.at("points-0");
  EXPECT_THAT(words_in(points, "defense"), ElementsAre("base", "+NT"));
  EXPECT_THAT(words_in(points, "attack"), ElementsAre("FGSM"));
  EXPECT_THAT(words_in(points, "seed"), ElementsAre("3"));
  EXPECT_THAT(drawn.numbers("points-0", "picture", "CNNIQA", "base"), ElementsAre(0, 1));
  EXPECT_THAT(drawn.numbers("points-0", "mos", "CNNIQA", "base"), ElementsAre(20, 80));
  EXPECT_THAT(drawn.numbers("points-0", "after", "CNNIQA", "base"), ElementsAre(42, 58));
  EXPECT_THAT(drawn.numbers("points-0", "change", "CNNIQA", "+NT"), ElementsAre(1.5, 1.5));
  EXPECT_THAT(drawn.numbers("points-0", "gradient_l1", "CNNIQA", "+NT"), ElementsAre(400, 400));
  EXPECT_EQ(drawn.report.pictures.at(0).name, "bad");
}

TEST(ScoreChange, APanelForEachModelWithItsFilterFirst) {
  const Drawn drawn(two_pictures(), {"score-change"});
  const Json spec = drawn.spec();
  ASSERT_EQ(spec.at("concat").size(), 1U);
  const Json& panel = spec["concat"][0];
  EXPECT_EQ(panel.at("transform")[0].dump(), R"({"filter":{"field":"model","equal":"CNNIQA"}})");
  const Json& scatter = panel.at("hconcat")[0];
  EXPECT_EQ(scatter.at("encoding")["color"]["scale"]["domain"], Json::array({"base", "+NT"}));
  EXPECT_EQ(scatter["encoding"]["shape"]["scale"], scatter["encoding"]["color"]["scale"]);
  EXPECT_EQ(scatter["encoding"]["y"]["scale"]["domain"], Json::array({0.0, 15.0}));
  // Equal changes have no distribution: nothing stands at the right.
  EXPECT_EQ(panel["hconcat"].size(), 1U);
}

TEST(ScoreChange, TheDistributionIsAKernelDensityOnTheSameAxis) {
  const Drawn drawn(test::sample_evidence(), {"score-change"});
  const Json panel = drawn.spec().at("concat")[0];
  ASSERT_EQ(panel.at("hconcat").size(), 2U);
  EXPECT_EQ(panel["hconcat"][0]["encoding"]["y"]["scale"],
            panel["hconcat"][1]["layer"][0]["encoding"]["y"]["scale"]);
  const std::vector<double> at = drawn.numbers("density-0", "change", "CNNIQA", "+NT");
  const std::vector<double> density = drawn.numbers("density-0", "density", "CNNIQA", "+NT");
  const std::vector<double> height = drawn.numbers("density-0", "height", "CNNIQA", "+NT");
  double mass = 0;
  for (std::size_t i = 1; i < at.size(); ++i) mass += density[i] * (at[i] - at[i - 1]);
  EXPECT_GT(mass, 0.8);  // the rest lies below 0
  EXPECT_LT(mass, 1.01);
  EXPECT_EQ(*std::max_element(height.begin(), height.end()), 1);
}

/// Attacks of very different strength on two models.
Evidence strong_and_weak(bool transferred) {
  test::SampleStudy study = full_study();
  study.models = {"cnniqa", "dbcnn"};
  study.epsilons = {"0.001", "0.005", "0.01"};
  study.others = {"ifgsm", "korhonen", "perceptual", "uap"};
  study.transferred = transferred;
  return test::sample_evidence(study);
}

/// Every scale of `channel` in a specification, for the given fields.
void gather_domains(const Json& spec, const std::string& channel,
                    const std::vector<std::string>& fields, std::set<std::string>& domains) {
  if (spec.is_object() && spec.contains(channel) && spec[channel].is_object() &&
      spec[channel].contains("field") && spec[channel].contains("scale")) {
    const std::string field = spec[channel]["field"].get<std::string>();
    if (std::find(fields.begin(), fields.end(), field) != fields.end()) {
      domains.insert(spec[channel]["scale"].value("domain", Json()).dump());
    }
  }
  if (!spec.is_structured()) return;
  for (const Json& child : spec) gather_domains(child, channel, fields, domains);
}

TEST(Figures, OfOneKindHaveTheSameAxes) {
  const std::vector<std::tuple<std::string, std::string, std::string>> axes{
      {"score-change", "x", "mos"},     {"score-change", "y", "change"},
      {"before-after", "x", "before"},  {"before-after", "y", "after"},
      {"gradient", "x", "gradient_l1"}, {"gradient", "y", "change"},
      {"security", "x", "value"},       {"security", "y", "rmse"},
      {"security", "y", "srocc"},       {"transfer", "opacity", "rmse"},
      {"lambda", "x", "place"},         {"lambda", "y", "srocc"},
      {"lambda", "y", "rmse"},          {"training", "x", "epoch"}};
  for (const auto& [family, channel, field] : axes) {
    const Drawn drawn(strong_and_weak(true), {family});
    std::set<std::string> domains;
    for (const Section& section : drawn.sections) {
      for (const ReportBlock& block : section.blocks) {
        gather_domains(Json::parse(std::get<Figure>(block).vega_lite), channel, {field}, domains);
      }
    }
    EXPECT_EQ(domains.size(), 1U) << family << " " << field;
    EXPECT_FALSE(domains.contains("null")) << family << " " << field;
  }
}

TEST(Figures, StandInTheOrderOfTheTables) {
  const Drawn drawn(strong_and_weak(false), {"before-after"});
  EXPECT_THAT(drawn.ids(),
              ElementsAre("before-after-fgsm-epsilon-0.001", "before-after-fgsm-epsilon-0.005",
                          "before-after-fgsm-epsilon-0.01", "before-after-i-fgsm",
                          "before-after-perceptual", "before-after-uap", "before-after-kor"));
}

TEST(ScoreChange, TheDistributionEndsWithinThePanel) {
  Evidence evidence = two_pictures();  // changes near a round number, where the axis could end
  double more = 0;
  for (auto& [key, found] : evidence.scores) {
    if (!key.situation.clean()) found.row.after = found.row.before + 19.5 + (more += 0.1);
  }
  const Drawn drawn(evidence, {"score-change"});
  for (const char* const defense : {"base", "+NT"}) {
    const std::vector<double> height = drawn.numbers("density-0", "height", "CNNIQA", defense);
    ASSERT_FALSE(height.empty());
    EXPECT_LT(height.back(), 0.02);
  }
}

TEST(BeforeAfter, TheDiagonalCrossesThePanel) {
  const Drawn drawn(two_pictures(), {"before-after"});
  EXPECT_THAT(drawn.numbers("diagonal-0", "before", "CNNIQA", ""), ElementsAre(-2, 102));
  EXPECT_THAT(drawn.numbers("diagonal-0", "after", "CNNIQA", ""), ElementsAre(-2, 102));
}

TEST(GradientFigure, TheBoundHasTheSlopeOfTheLargestPerturbation) {
  const Drawn drawn(two_pictures(), {"gradient"});
  ASSERT_EQ(drawn.ids().size(), 1U);
  const std::vector<double> x = drawn.numbers("bound-0", "gradient_l1", "CNNIQA", "");
  const std::vector<double> y = drawn.numbers("bound-0", "change", "CNNIQA", "");
  EXPECT_THAT(x, ElementsAre(0, testing::DoubleNear(3000, 1e-6)));  // where it leaves the panel
  EXPECT_THAT(y, ElementsAre(0, testing::DoubleNear(15, 1e-9)));
}

TEST(GradientFigure, AtLevelViewTheCleanPicturesGradientIsNoBound) {
  Evidence evidence = two_pictures(), at_views = evidence;
  at_views.scores.clear();
  for (const auto& [key, found] : evidence.scores) {
    ScoreKey moved = key;
    if (!key.situation.clean()) moved.situation.level = "view";
    at_views.scores.emplace(moved, found);
  }
  EXPECT_TRUE(Drawn(at_views, {"gradient"}).sections.empty());
  for (auto& [key, found] : at_views.scores) found.row.gradient_l1 = 500;  // the rows' own
  EXPECT_EQ(Drawn(at_views, {"gradient"}).ids().size(), 1U);
}

TEST(GradientFigure, AnAttackThatLeavesItsEpsilonHasNone) {
  Evidence evidence = two_pictures();
  for (auto& [key, found] : evidence.scores) {
    if (!key.situation.clean()) found.row.linf = 0.006;
  }
  EXPECT_TRUE(Drawn(evidence, {"gradient"}).sections.empty());
}

TEST(GradientFigure, WideSpreadsAreLogarithmic) {
  Evidence evidence = two_pictures();
  for (auto& [key, found] : evidence.scores) {
    if (!key.trained.subject.baseline() && key.image == "bad") {
      found.row.gradient_l1 = 0.4;
      found.row.after = found.row.before + 0.001;
    }
  }
  const Json panel = Drawn(evidence, {"gradient"}).spec().at("concat")[0];
  for (const char* channel : {"x", "y"}) {
    EXPECT_EQ(panel.at("layer")[0]["encoding"][channel]["scale"]["type"], "log") << channel;
  }
}

TEST(LambdaFigure, CurvesAreMeansOverSeeds) {
  test::SampleStudy study = full_study();
  study.models = {"cnniqa"};
  study.epsilons = {"0.005"};
  study.transferred = false;
  Evidence evidence = test::sample_evidence(study);
  const Subject twin{"", "cnniqa", "gradient-norm:weight=0.001"};
  const MeasureKey key{clean_situation("builtin"), twin, "mos_before", "rmse"};
  evidence.measures[key]["0"].row.value = 8;
  evidence.measures[key]["1"].row.value = 10;
  const Drawn drawn(evidence, {"lambda"});
  const DataTable& data = drawn.report.data.at("lambda-0");
  EXPECT_THAT(words_in(data, "series"),
              ElementsAre("clean: MOS & score", "FGSM: before & after", "UAP*: before & after"));
  const auto clean = [&](const char* column) {
    return numbers_in(data, column, {{"series", "clean: MOS & score"}, {"defense", "+NT 0.001"}});
  };
  EXPECT_THAT(clean("rmse"), ElementsAre(9));
  EXPECT_THAT(clean("rmse_low"), ElementsAre(testing::DoubleNear(9 - std::sqrt(2), 1e-9)));
  EXPECT_THAT(clean("rmse_high"), ElementsAre(testing::DoubleNear(9 + std::sqrt(2), 1e-9)));
  EXPECT_THAT(clean("place"), ElementsAre(testing::DoubleNear(-3, 1e-9)));
  const auto base =
      numbers_in(data, "place", {{"series", "clean: MOS & score"}, {"defense", "base"}});
  EXPECT_THAT(base, ElementsAre(testing::DoubleNear(-4.2, 1e-9)));  // a gap left of 1e-4
  EXPECT_EQ(drawn.spec().at("concat").size(), 2U);                  // SROCC and RMSE
}

TEST(LambdaFigure, OneWeightIsNoSweep) {
  EXPECT_TRUE(Drawn(test::sample_evidence(), {"lambda"}).sections.empty());
}

TEST(SecurityFigure, BeginsWithTheUnattackedPicture) {
  test::SampleStudy study = full_study();
  study.transferred = false;
  const Drawn drawn(test::sample_evidence(study), {"security"});
  EXPECT_THAT(drawn.ids(), ElementsAre("security-epsilon-fgsm"));
  EXPECT_THAT(drawn.numbers("security-0", "value", "CNNIQA", "base"),
              ElementsAre(0, 0.001, 0.005, 0.01));
  EXPECT_EQ(drawn.numbers("security-0", "rmse", "CNNIQA", "base").at(0), 0);
  EXPECT_EQ(drawn.numbers("security-0", "srocc", "CNNIQA", "base").at(0), 1);
}

TEST(SecurityFigure, TwoValuesAreNoCurve) {
  test::SampleStudy study;
  study.epsilons = {"0.001", "0.005"};
  EXPECT_TRUE(Drawn(test::sample_evidence(study), {"security"}).sections.empty());
}

TEST(TrainingFigure, APanelForEachQuantity) {
  const Drawn drawn(test::sample_evidence(), {"training"});
  EXPECT_THAT(drawn.ids(), ElementsAre("training-cnniqa", "training-dbcnn"));
  std::vector<std::string> titles;
  const Json spec = drawn.spec();
  for (const Json& panel : spec.at("concat")) titles.push_back(panel.at("title"));
  EXPECT_THAT(titles,
              ElementsAre("loss", "validation SROCC", "validation RMSE", "gradient penalty"));
}

TEST(TransferFigure, TheDiagonalIsTheWhiteBox) {
  test::SampleStudy study;
  study.transferred = true;
  study.others = {};
  const Drawn drawn(test::sample_evidence(study), {"transfer"});
  EXPECT_THAT(drawn.ids(), ElementsAre("transfer-matrix-fgsm"));
  const DataTable& data = drawn.report.data.at("transfer-0");
  const auto kinds = [&](const std::string& made_on, const std::string& scored_on) {
    std::vector<std::string> found;
    for (const char* kind : {"white box", "transferred"}) {
      const auto rows = numbers_in(
          data, "rmse", {{"made_on", made_on}, {"scored_on", scored_on}, {"kind", kind}});
      for (std::size_t i = 0; i < rows.size(); ++i) found.emplace_back(kind);
    }
    return found;
  };
  EXPECT_THAT(kinds("CNNIQA base", "CNNIQA base"), ElementsAre("white box"));
  EXPECT_THAT(kinds("CNNIQA base", "DBCNN +NT"), ElementsAre("transferred"));
  EXPECT_THAT(kinds("CNNIQA +NT", "CNNIQA base"), ElementsAre("transferred"));
  EXPECT_THAT(kinds("DBCNN base", "CNNIQA base"), ElementsAre());
}

TEST(TradeoffFigure, RobustnessIsTheMeanOverTheAttacksThatAllHave) {
  Evidence evidence = test::sample_evidence();
  const Subject base{"", "cnniqa", "none"}, other{"", "dbcnn", "none"};
  double sum = 0;
  for (const Situation& attack : evidence.attacks("builtin")) {
    if (attack.attack == "uap") {
      evidence.measures.erase({attack, other, "before_after", "r"});
    } else {
      sum += evidence.find({attack, base, "before_after", "r"}).mean;
    }
  }
  const Drawn drawn(evidence, {"tradeoff"});
  EXPECT_THAT(drawn.numbers("tradeoff-0", "robustness", "CNNIQA", "base"),
              ElementsAre(testing::DoubleNear(sum / 3, 1e-9)));
  EXPECT_THAT(words_in(drawn.report.data.at("tradeoff-0"), "label"),
              testing::Contains("CNNIQA base, 3.0 min"));
}

TEST(TradeoffFigure, AModelThatIsStillMeasuredTakesTheOthersNoAttack) {
  Evidence evidence = test::sample_evidence();
  const Subject other{"", "dbcnn", "none"};
  std::erase_if(evidence.measures, [&](const auto& entry) {
    return entry.first.subject == other && entry.first.block == "before_after";
  });
  const std::vector<Subject> subjects = evidence.subjects("builtin");
  EXPECT_EQ(common_attacks(evidence, "builtin", subjects, "r").size(),
            evidence.attacks("builtin").size());
}

TEST(ExamplesFigure, TilesSayScoresAndSsim) {
  test::SampleStudy study;
  study.models = {"cnniqa"};
  study.others = {};
  study.examples = true;
  study.epsilons = {"0.001", "0.01"};
  const Evidence evidence = test::sample_evidence(study);
  const Drawn drawn(evidence, {"examples"});
  EXPECT_THAT(drawn.ids(), ElementsAre("examples-fgsm"));
  const DataTable& data = drawn.report.data.at("examples-0");
  // Of six stored pictures the best and the worst.
  EXPECT_THAT(words_in(data, "name"), ElementsAre("scene39-blur-2", "scene0-blur-2"));
  EXPECT_THAT(words_in(data, "corner"), ElementsAre("", "0.997", "0.970"));
  EXPECT_THAT(words_in(data, "under").at(0), "MOS 94.0");
  EXPECT_THAT(words_in(data, "under").at(1), HasSubstr(" → "));
  EXPECT_THAT(words_in(data, "url").at(0), HasSubstr("data:image/png;base64,iVBORw0KGgo"));
  EXPECT_THAT(drawn.numbers("examples-0", "column", "CNNIQA", "base"),
              ElementsAre(0.5, 1.5, 2.5, 0.5, 1.5, 2.5));
  EXPECT_EQ(drawn.spec().at("concat").size(), 2U);  // a panel for each picture
}

}  // namespace figure_family_test
}  // namespace robiq
