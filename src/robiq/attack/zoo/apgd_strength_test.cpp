// APGD against I-FGSM of equal passes, on networks of the field with weights made from their names.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include "robiq/attack/attack.h"
#include "support/model_golden.h"

namespace robiq {
namespace apgd_strength_test {

/// With so few passes a step that is tuned to the radius may win; with more APGD finds its own.
constexpr std::int64_t kFewPasses = 10, kManyPasses = 51;

/// Random weights hardly move, so the scale is set around the scores of the pictures.
std::unique_ptr<QualityModel> deterministic(const std::string& name, const at::Tensor& pictures) {
  seed_torch_globals(Rng(1));
  auto model = Registry<QualityModel>::instance().make(name, {});
  model->set_training(false);
  const at::NoGradGuard no_grad;
  if (name == "hyperiqa") {
    golden::fill(golden::Golden(name), model->state());
  } else {
    for (const auto& [key, tensor] : model->state()) {
      if (tensor.is_floating_point()) tensor.copy_(det::weight(key, tensor.sizes()));
    }
  }
  const at::Tensor scores = model->score(pictures);
  const double low = scores.min().item<double>(), high = scores.max().item<double>();
  const double margin = std::max(high - low, 1e-3);
  model->set_scale({low - margin, high + margin});
  return model;
}

class ApgdStrength : public testing::TestWithParam<std::string> {};

TEST_P(ApgdStrength, IsAtLeastThatOfIfgsmWithEqualPassesOnAverage) {
  const std::int64_t side = GetParam() == "hyperiqa" ? 224 : 64;
  std::vector<at::Tensor> pictures;
  std::vector<std::string> ids;
  for (const char* id : {"a", "b", "c", "d"}) {
    if (side == 224 && ids.size() == 2) break;  // a pass of the large network takes long
    pictures.push_back(det::picture({id, side, side, 200, 20}));
    ids.emplace_back(id);
  }
  const at::Tensor images = at::cat(pictures);
  const auto model = deterministic(GetParam(), images);
  AttackBatch batch{images, {}, ids};
  {
    const at::NoGradGuard no_grad;
    batch.clean_scores = model->score(images);
  }
  const auto gain = [&](const std::string& spec, std::int64_t passes) {
    const auto attack = Registry<Attack>::instance().make(parse_spec(spec, "test"), "test");
    const AttackOutcome outcome = attack->run(*model, batch, {Rng(1)});
    EXPECT_EQ(outcome.backwards, passes) << spec;
    const at::NoGradGuard no_grad;
    const at::Tensor moved = model->score(outcome.images) - batch.clean_scores;
    return moved.abs().mean().item<double>() * std::abs(model->card().scale.factor());
  };
  const auto expect_stronger = [&](std::int64_t passes, const std::string& epsilon,
                                   const std::string& step_size) {
    const double apgd =
        gain("apgd:start=none,epsilon=" + epsilon + ",steps=" + std::to_string(passes - 1), passes);
    const double ifgsm = gain(
        "ifgsm:epsilon=" + epsilon + ",step_size=" + step_size + ",steps=" + std::to_string(passes),
        passes);
    EXPECT_GE(apgd, ifgsm) << epsilon << " in steps of " << step_size << ", " << passes;
    EXPECT_GT(ifgsm, 0);
  };
  // The step that I-FGSM has by default is as long as its radius.
  for (const char* epsilon : {"4/255", "8/255"}) expect_stronger(kFewPasses, epsilon, epsilon);
  if (side == 224) return;
  for (const char* step_size : {"8/255", "2/255", "1/255"}) {
    expect_stronger(kManyPasses, "8/255", step_size);
  }
}

INSTANTIATE_TEST_SUITE_P(On, ApgdStrength, testing::Values("cnniqa", "hyperiqa"),
                         [](const auto& model) { return model.param; });

}  // namespace apgd_strength_test
}  // namespace robiq
