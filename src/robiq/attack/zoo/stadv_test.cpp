#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "robiq/attack/attack.h"
#include "robiq/core/error.h"
#include "support/test_files.h"
#include "support/tiny_iqa.h"

namespace robiq {
namespace stadv_test {

using Json = nlohmann::json;

std::unique_ptr<Attack> made(const std::string& spec) {
  return Registry<Attack>::instance().make(parse_spec(spec, "test"), "test");
}

TEST(StAdv, WalksAsTheAuthorsCode) {
  const Json fixture = test::read_json(test::fixture_path("attacks/msu_attacks.json"));
  const Json& tolerance = fixture.at("tolerance");
  test::TinyIqa model;
  int checked = 0;
  for (const Json& c : fixture.at("cases")) {
    if (c.at("attack") != "stadv") continue;
    const at::Tensor clean = det::picture(det::image_spec(c.at("image")));
    const AttackBatch batch{clean, model.score(clean).detach(), {"x"}};
    const AttackOutcome outcome = made("stadv:loss=up")->run(model, batch, {Rng(0)});
    EXPECT_NEAR(model.score(outcome.images).item<double>(), c.at("score_after").get<double>(),
                tolerance.at("score").get<double>());
    const double l2 = c.at("l2").get<double>();
    EXPECT_NEAR((outcome.images - clean).norm().item<double>(), l2, 0.01 * l2);
    for (std::size_t i = 0; i < c.at("sample_adv").size(); ++i) {
      const auto index = c.at("sample_index_chw")[i].get<std::int64_t>();
      EXPECT_NEAR(outcome.images.flatten()[index].item<double>(),
                  c.at("sample_adv")[i].get<double>(), 1e-3);
    }
    ++checked;
  }
  EXPECT_EQ(checked, 2);
}

TEST(StAdv, LowersScoresToo) {
  test::TinyIqa model;
  const at::Tensor clean = det::picture({"a", 40, 40, 128, 64});
  const AttackBatch batch{clean, model.score(clean).detach(), {"a"}};
  const at::Tensor out = made("stadv:loss=down")->run(model, batch, {Rng(0)}).images;
  EXPECT_LT(model.score(out).item<double>(), batch.clean_scores.item<double>() - 1);
}

TEST(StAdv, ASmootherFlowMovesLess) {
  test::TinyIqa model;
  const at::Tensor clean = det::picture({"a", 40, 40, 128, 64});
  const AttackBatch batch{clean, model.score(clean).detach(), {"a"}};
  const auto moved = [&](const std::string& spec) {
    return (made(spec)->run(model, batch, {Rng(0)}).images - clean).norm().item<double>();
  };
  EXPECT_LT(moved("stadv:loss=up,smoothness=0.1,steps=6"), moved("stadv:loss=up,steps=6"));
}

}  // namespace stadv_test
}  // namespace robiq
