#include "robiq/model/reduced_precision.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "robiq/tensor/precision.h"
#include "robiq/tensor/random.h"
#include "support/det.h"
#include "support/errors.h"

namespace robiq {
namespace reduced_precision_test {

class Bfloat16 : public testing::TestWithParam<std::string> {
 protected:
  [[nodiscard]] static std::unique_ptr<QualityModel> made() {
    seed_torch_globals(Rng(1));
    auto model = Registry<QualityModel>::instance().make(GetParam(), {});
    model->set_training(false);
    return model;
  }
  [[nodiscard]] static at::Tensor images() {
    const std::int64_t side = GetParam() == "cnniqa" ? 32 : 224;
    return at::cat({det::picture({"a", side, side}), det::picture({"b", side, side})});
  }
};

TEST_P(Bfloat16, MovesScoresALittleAndLeavesTheirTypeAlone) {
  const auto plain = made(), reduced = with_precision(made(), NumberFormat::kBf16);
  const at::NoGradGuard no_grad;
  const at::Tensor want = plain->score(images()), got = reduced->score(images());
  EXPECT_EQ(got.scalar_type(), at::kFloat);
  EXPECT_EQ(reduced->training_outputs(images()).scalar_type(), at::kFloat);
  const double moved = ((got - want).abs() / want.abs()).max().item<double>();
  EXPECT_GT(moved, 0);
  EXPECT_LT(moved, 0.1);
  // Nothing stays switched on.
  EXPECT_TRUE(at::equal(plain->score(images()), want));
}

TEST_P(Bfloat16, LeavesGradientsInFloatAndTheirDirectionNearlyAlone) {
  const auto plain = made(), reduced = with_precision(made(), NumberFormat::kBf16);
  const auto gradient = [](QualityModel& model) {
    const at::Tensor leaf = images().requires_grad_(true);
    const auto parameters = model.parameter_groups().back().tensors;
    return torch::autograd::grad({model.training_outputs(leaf).select(1, 0).sum()},
                                 {leaf, parameters.back()});
  };
  const auto want = gradient(*plain), got = gradient(*reduced);
  for (std::size_t i = 0; i < want.size(); ++i) {
    EXPECT_EQ(got[i].scalar_type(), at::kFloat);
    EXPECT_GT(at::cosine_similarity(got[i].flatten(), want[i].flatten(), 0).item<double>(), 0.9);
  }
}

TEST_P(Bfloat16, IsTheSameModelOtherwise) {
  auto inner = made();
  const TensorMap state = inner->state();
  const auto reduced = with_precision(std::move(inner), NumberFormat::kBf16);
  EXPECT_EQ(reduced->card().name, GetParam());
  const TensorMap same = reduced->state();
  ASSERT_EQ(same.size(), state.size());
  for (const auto& [name, tensor] : state) EXPECT_TRUE(at::equal(same.at(name), tensor)) << name;
  reduced->set_training(true);
  EXPECT_TRUE(reduced->training());
}

INSTANTIATE_TEST_SUITE_P(Models, Bfloat16, testing::Values("cnniqa", "hyperiqa", "linearityiqa"),
                         [](const auto& which) { return which.param; });

TEST(Precision, HasTwoWords) {
  auto model = Registry<QualityModel>::instance().make("cnniqa", {});
  const QualityModel* const itself = model.get();
  model = with_precision(std::move(model), NumberFormat::kFp32);
  EXPECT_EQ(model.get(), itself);
}

TEST(Precision, WarnsWhereTheProcessorLacksIt) {
  auto model = Registry<QualityModel>::instance().make("cnniqa", {});
  testing::internal::CaptureStderr();
  static_cast<void>(with_precision(std::move(model), NumberFormat::kBf16));
  const bool warned = testing::internal::GetCapturedStderr().find("no instructions for bfloat16") !=
                      std::string::npos;
  EXPECT_NE(warned, has_bfloat16_products(c10::kCPU));
}

}  // namespace reduced_precision_test
}  // namespace robiq
