#include "robiq/attack/search/score_only_attack.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "support/score_only_model.h"

namespace robiq {
namespace score_only_attack_test {

/// Asks for as many scores as the picture's first value says in hundredths.
class Counting final : public ScoreOnlyAttack {
 public:
  Counting() : ScoreOnlyAttack(named(), Objective::kUp, 100) {}

 protected:
  [[nodiscard]] at::Tensor search(const at::Tensor& picture, ScoreQueries& queries,
                                  const Rng& /*rng*/) const override {
    const int wanted = at::round(picture[0][0][0][0] * 100).item<int>();
    for (int i = 0; i < wanted; ++i) static_cast<void>(queries.values(picture));
    return picture;
  }

 private:
  static AttackCard named() {
    AttackCard card;
    card.name = "counting";
    return card;
  }
};

TEST(ScoreOnlyAttack, CountsTheScoresOfEachPictureByItself) {
  test::ScoreOnlyModel model([](const at::Tensor& x) { return x.mean({1, 2, 3}); });
  const at::Tensor images =
      at::full({3, 3, 4, 4}, 0.01) * at::tensor({7.0F, 2.0F, 30.0F}).view({3, 1, 1, 1});
  const AttackOutcome outcome =
      Counting().run(model, {images, at::zeros({3}), {"a", "b", "c"}}, {Rng(1)});
  EXPECT_EQ(outcome.row_forwards, (std::vector<std::int64_t>{7, 2, 30}));
  EXPECT_EQ(outcome.forwards, 30) << "the most";
  EXPECT_EQ(outcome.all_forwards(), 39);
}

}  // namespace score_only_attack_test
}  // namespace robiq
