// The promises of attacks that ask for scores only, for every one that is registered.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "robiq/attack/attack.h"
#include "support/score_only_model.h"
#include "support/tiny_iqa.h"

namespace robiq {
namespace score_only_attacks_test {

constexpr std::int64_t kQueries = 150;

Params few_queries(std::int64_t queries = kQueries) { return {{"queries", {queries, "test"}}}; }

class ScoreOnlyAttacks : public testing::TestWithParam<std::string> {
 protected:
  [[nodiscard]] std::unique_ptr<Attack> made(const Params& options) const {
    return Registry<Attack>::instance().make(GetParam(), options);
  }
  [[nodiscard]] AttackBatch batch(const std::vector<std::string>& ids) {
    const at::NoGradGuard no_grad;
    std::vector<at::Tensor> pictures;
    for (const std::string& id : ids) pictures.push_back(det::picture({id, 40, 48, 200, 20}));
    const at::Tensor images = at::cat(pictures);
    return {images, model_.score(images), ids};
  }

  test::TinyIqa tiny_;
  test::ScoreOnlyModel model_{[this](const at::Tensor& x) { return tiny_.score(x); }};
};

TEST_P(ScoreOnlyAttacks, NeverCouldAskForAGradientAndKeepToTheirQueries) {
  const std::unique_ptr<Attack> attack = made(few_queries());
  EXPECT_FALSE(attack->card().white_box);
  EXPECT_TRUE(attack->card().uses_model);
  EXPECT_FALSE(attack->card().asks_surrogate(false));
  const AttackBatch three = batch({"a", "b", "c"});
  model_.pictures = 0;
  const AttackOutcome outcome = attack->run(model_, three, {Rng(1)});
  EXPECT_LE(model_.pictures, 3 * kQueries);
  EXPECT_LE(outcome.forwards, kQueries);
  EXPECT_GE(3 * outcome.forwards, model_.pictures) << "queries are counted by the row";
  EXPECT_EQ(outcome.backwards, 0);
  EXPECT_FALSE(at::equal(outcome.images, three.images)) << "nothing moved";
}

TEST_P(ScoreOnlyAttacks, LiveWithAsFewQueriesAsTheyAccept) {
  for (const std::int64_t queries : {2, 3, 7}) {
    const AttackBatch one = batch({"a"});
    model_.pictures = 0;
    const AttackOutcome outcome = made(few_queries(queries))->run(model_, one, {Rng(1)});
    EXPECT_LE(model_.pictures, queries);
    EXPECT_EQ(outcome.forwards, model_.pictures);
  }
}

TEST_P(ScoreOnlyAttacks, GiveARowTheSameBytesWhateverStandsBesideIt) {
  const std::unique_ptr<Attack> attack = made(few_queries());
  const at::Tensor together = attack->run(model_, batch({"a", "b", "c"}), {Rng(1)}).images;
  const at::Tensor turned = attack->run(model_, batch({"c", "b", "a"}), {Rng(1)}).images;
  const at::Tensor alone = attack->run(model_, batch({"b"}), {Rng(1)}).images;
  EXPECT_TRUE(at::equal(together[1], alone[0]));
  EXPECT_TRUE(at::equal(together[0], turned[2]));
  EXPECT_TRUE(at::equal(together[1], turned[1]));
}

TEST_P(ScoreOnlyAttacks, DependOnTheSeedAndOnNothingElse) {
  const std::unique_ptr<Attack> attack = made(few_queries());
  const AttackBatch one = batch({"a"});
  const at::Tensor first = attack->run(model_, one, {Rng(1)}).images;
  static_cast<void>(at::rand({3}));
  EXPECT_TRUE(at::equal(first, attack->run(model_, one, {Rng(1)}).images));
  EXPECT_FALSE(at::equal(first, attack->run(model_, one, {Rng(2)}).images));
}

TEST_P(ScoreOnlyAttacks, MoveTheScoreTheWayTheyAreAsked) {
  const AttackBatch one = batch({"a"});
  const double clean = one.clean_scores.item<double>();
  for (const bool up : {true, false}) {
    Params options = few_queries(400);
    options["loss"] = {std::string(up ? "up" : "down"), "test"};
    const at::Tensor attacked = made(options)->run(model_, one, {Rng(1)}).images;
    const at::NoGradGuard no_grad;
    const double moved = model_.score(attacked).item<double>() - clean;
    EXPECT_GT(up ? moved : -moved, 0) << (up ? "up" : "down");
  }
}

TEST_P(ScoreOnlyAttacks, StayInTheirBudget) {
  const AttackBatch two = batch({"a", "b"});
  const std::unique_ptr<Attack> attack = made(few_queries());
  const at::Tensor moved = attack->run(model_, two, {Rng(1)}).images - two.images;
  EXPECT_LE(moved.abs().max().item<double>(), attack->card().linf_budget + 1e-6);
}

TEST_P(ScoreOnlyAttacks, StopBeforeTheNextQuery) {
  int calls = 0;
  const AttackContext context{Rng(1), [&] { return ++calls > 1; }};
  EXPECT_THROW(static_cast<void>(made({})->run(model_, batch({"a"}), context)), Interrupted);
}

/// A grid of filters is the same for every seed and every number of queries: FiltersAsAttacks
/// below.
bool bounds_queries(const std::vector<OptionDoc>& options) {
  return std::any_of(options.begin(), options.end(),
                     [](const OptionDoc& option) { return option.name == "queries"; });
}

TEST(FiltersAsAttacks, NeverAskForAGradient) {
  test::TinyIqa tiny;
  test::ScoreOnlyModel model{[&](const at::Tensor& x) { return tiny.score(x); }};
  const at::Tensor picture = det::picture({"a", 40, 48, 200, 20});
  AttackBatch one{picture, {}, {"a"}};
  {
    const at::NoGradGuard no_grad;
    one.clean_scores = model.score(picture);
  }
  model.pictures = 0;
  const auto attack = Registry<Attack>::instance().make("filters", {});
  const AttackOutcome outcome = attack->run(model, one, {Rng(1)});
  EXPECT_TRUE(attack->card().score_only);
  EXPECT_EQ(outcome.backwards, 0);
  EXPECT_GE(outcome.forwards, model.pictures);
}

TEST(FiltersAsAttacks, SearchesEndWhereTheQueriesDo) {
  test::TinyIqa tiny;
  test::ScoreOnlyModel model{[&](const at::Tensor& x) { return tiny.score(x); }};
  const at::Tensor picture = det::picture({"a", 40, 48, 200, 20});
  AttackBatch one{picture, {}, {"a"}};
  {
    const at::NoGradGuard no_grad;
    one.clean_scores = model.score(picture);
  }
  for (const char* search : {"grid", "evolution"}) {
    model.pictures = 0;
    const auto attack = Registry<Attack>::instance().make(
        "filters",
        {{"search", {std::string(search), "test"}}, {"queries", {std::int64_t{9}, "test"}}});
    EXPECT_EQ(attack->run(model, one, {Rng(1)}).forwards, 9) << search;
    EXPECT_EQ(model.pictures, 9) << search;
  }
}

std::vector<std::string> score_only_attacks() {
  std::vector<std::string> names;
  for (const auto& [name, entry] : Registry<Attack>::instance().entries()) {
    if (name == "filters" || !bounds_queries(entry.options)) continue;
    try {
      if (Registry<Attack>::instance().make(name, {})->card().score_only) names.push_back(name);
    } catch (const Error&) {
      continue;  // it does not work without options, and so is none of these
    }
  }
  return names;
}

INSTANTIATE_TEST_SUITE_P(Every, ScoreOnlyAttacks, testing::ValuesIn(score_only_attacks()),
                         [](const auto& attack) {
                           std::string name = attack.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace score_only_attacks_test
}  // namespace robiq
