#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "robiq/attack/rank/rank_targets.h"
#include "robiq/core/error.h"
#include "robiq/tensor/image_batch.h"
#include "support/test_files.h"
#include "support/tiny_iqa.h"

namespace robiq {
namespace target_descent_test {

using Json = nlohmann::json;

TEST(TargetDescent, AgreesWithTheAuthorsCode) {
  const Json fixture = test::read_json(test::fixture_path("attacks/sma.json"));
  const Json& tolerance = fixture.at("tolerance");
  test::TinyIqa model;
  int checked = 0;
  for (const Json& c : fixture.at("stage2")) {
    const at::Tensor clean = det::picture(det::image_spec(c.at("image")));
    const at::Tensor before = model.score(clean).detach();
    const TargetDescent walk{c.at("eps").get<double>(), c.at("alpha").get<double>(),
                             c.at("steps").get<std::int64_t>()};
    const at::Tensor target = at::full({1}, c.at("target").get<double>());
    const at::Tensor out =
        target_descent(model, {clean, before, {"x"}}, walk, target, {Rng(0)}).images;
    const double score = tolerance.at("stage2_score").get<double>();
    EXPECT_NEAR(before.item<double>(), c.at("score_before").get<double>(), score);
    EXPECT_NEAR(model.score(out).item<double>(), c.at("score_after").get<double>(), score);
    const at::Tensor delta = (out - clean).flatten();
    EXPECT_NEAR(delta.abs().max().item<double>(), c.at("linf").get<double>(),
                tolerance.at("linf").get<double>());
    if (c.at("fragile").get<bool>()) continue;
    EXPECT_NEAR(model.score(quantize_to_8bit(out)).item<double>(),
                c.at("score_after_8bit").get<double>(), score);
    const double counts = tolerance.at("counts_fraction_of_pixels").get<double>() *
                          static_cast<double>(delta.numel());
    EXPECT_NEAR(delta.gt(0).sum().item<double>(), c.at("n_pos").get<double>(), counts);
    EXPECT_NEAR(delta.lt(0).sum().item<double>(), c.at("n_neg").get<double>(), counts);
    for (std::size_t i = 0; i < c.at("sample_adv").size(); ++i) {
      EXPECT_NEAR(out.flatten()[c.at("sample_index_chw")[i].get<std::int64_t>()].item<double>(),
                  c.at("sample_adv")[i].get<double>(), tolerance.at("sampled_pixel").get<double>());
    }
    ++checked;
  }
  EXPECT_GT(checked, 6);
}

TEST(TargetDescent, StopsBetweenSteps) {
  test::TinyIqa model;
  const at::Tensor clean = det::picture({"a", 40, 40, 128, 64});
  const AttackContext context{Rng(0), [] { return true; }};
  EXPECT_THROW(static_cast<void>(target_descent(model, {clean, model.score(clean).detach(), {"a"}},
                                                {}, at::full({1}, 90.0), context)),
               Interrupted);
}

}  // namespace target_descent_test
}  // namespace robiq
