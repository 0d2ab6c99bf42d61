#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "robiq/attack/attack.h"
#include "robiq/core/error.h"
#include "robiq/metric/statistics/correlation.h"
#include "support/tiny_iqa.h"

namespace robiq {
namespace sma_test {

std::unique_ptr<Attack> made(const std::string& spec) {
  return Registry<Attack>::instance().make(parse_spec(spec, "test"), "test");
}

class SmaAttack : public testing::Test {
 protected:
  void SetUp() override {
    std::vector<at::Tensor> pictures;
    for (const std::string name : {"a", "b", "c", "d"}) {
      const auto mul = static_cast<std::int64_t>(60 + 40 * pictures.size());
      pictures.push_back(det::picture({name, 40, 40, mul, 64}));
      batch_.ids.push_back(name);
    }
    batch_.images = at::cat(pictures);
    batch_.clean_scores = model_.score(batch_.images).detach();
    set_.ids = batch_.ids;
    for (int i = 0; i < 4; ++i) set_.clean_scores.push_back(batch_.clean_scores[i].item<double>());
  }
  [[nodiscard]] AttackContext context() const {
    return {Rng(1), [] { return false; }, &set_};
  }
  [[nodiscard]] AttackBatch row(std::int64_t i, const std::string& id) const {
    return {batch_.images.narrow(0, i, 1), batch_.clean_scores.narrow(0, i, 1), {id}};
  }

  test::TinyIqa model_;
  AttackBatch batch_;
  AttackedSet set_;
};

TEST_F(SmaAttack, RaisesTheLowerHalfOfTheSetAndLowersTheUpper) {
  const std::vector<double> ranks = mid_ranks(set_.clean_scores);
  // Learning needs scores that lie close: others of the set fill the gaps.
  const double lowest = *std::min_element(set_.clean_scores.begin(), set_.clean_scores.end());
  const double highest = *std::max_element(set_.clean_scores.begin(), set_.clean_scores.end());
  const std::vector<double> others = det::uniform("others", 120);
  for (std::size_t i = 0; i < others.size(); ++i) {
    set_.ids.push_back("other" + std::to_string(i));
    set_.clean_scores.push_back(lowest - 1 + (highest - lowest + 2) * others[i]);
  }
  for (const std::string spec : {"sma", "sma:targets=threshold"}) {
    const auto attack = made(spec);
    const at::Tensor after = model_.score(attack->run(model_, batch_, context()).images);
    for (const std::size_t i : {std::size_t{0}, std::size_t{3}}) {
      const double change =
          (after - batch_.clean_scores)[static_cast<std::int64_t>(i)].item<double>();
      EXPECT_GT(ranks[i] <= 2 ? change : -change, 1) << spec << " picture " << i;
    }
    EXPECT_NE(attack->note().find("have SROCC"), std::string::npos) << attack->note();
  }
}

TEST_F(SmaAttack, SaysWhenTooFewScoresTeachNothing) {
  const auto attack = made("sma:iterations=2000");
  static_cast<void>(attack->run(model_, batch_, context()));
  EXPECT_NE(attack->note().find("targets=threshold"), std::string::npos) << attack->note();
}

TEST_F(SmaAttack, GivesAPictureTheSameTargetInWhateverBatch) {
  const auto attack = made("sma");
  const at::Tensor together = attack->run(model_, batch_, context()).images;
  const at::Tensor alone = made("sma")->run(model_, row(2, "c"), context()).images;
  EXPECT_TRUE(at::allclose(together[2], alone[0], 0, 1e-6));
  // A view has its picture's target.
  const at::Tensor view = attack->run(model_, row(2, "c#7"), context()).images;
  EXPECT_TRUE(at::equal(view, alone));
}

TEST_F(SmaAttack, SaysHowFarItsTargetsContradictTheScores) {
  const auto attack = made("sma:targets=threshold");
  EXPECT_EQ(attack->note(), "");
  static_cast<void>(attack->run(model_, row(0, "a"), context()));
  EXPECT_NE(attack->note().find("SROCC -0.89"), std::string::npos) << attack->note();
}

TEST_F(SmaAttack, MakesNewTargetsForAnotherSet) {
  const auto attack = made("sma:targets=threshold");
  const at::Tensor first = attack->run(model_, row(2, "c"), context()).images;
  for (double& score : set_.clean_scores) score = 100 - score;
  const at::Tensor second = attack->run(model_, row(2, "c"), context()).images;
  EXPECT_FALSE(at::equal(first, second));
}

TEST_F(SmaAttack, RefusesPicturesWithoutASet) {
  const auto refused = [&](const AttackContext& context) {
    try {
      static_cast<void>(made("sma")->run(model_, row(0, "z"), context));
    } catch (const Error& error) {
      return error.kind() == ErrorKind::kUsage;
    }
    return false;
  };
  EXPECT_TRUE(refused({Rng(1)}));
  EXPECT_TRUE(refused(context())) << "z is not in the set";
  set_.ids.resize(1);
  set_.clean_scores.resize(1);
  EXPECT_TRUE(refused(context())) << "one picture has no order";
  EXPECT_THROW(static_cast<void>(made("sma:targets=threshold,iterations=5")), Error);
}

}  // namespace sma_test
}  // namespace robiq
