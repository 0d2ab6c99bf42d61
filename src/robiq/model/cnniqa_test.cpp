#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "robiq/model/quality_model.h"
#include "robiq/tensor/random.h"
#include "support/det.h"
#include "support/errors.h"

namespace robiq {
namespace cnniqa_test {

std::unique_ptr<QualityModel> cnniqa(const std::string& options = "") {
  seed_torch_globals(Rng(2));
  auto model = Registry<QualityModel>::instance().make(
      parse_spec(options.empty() ? "cnniqa" : "cnniqa:" + options, "test"), "test");
  model->set_training(false);
  return model;
}

/// The definition of the decisions, step by step and slowly: 7x7 window with replicate padding,
/// convolution, global max and min, three linear layers.
at::Tensor plain_cnniqa(const TensorMap& w, const at::Tensor& images) {
  const at::Tensor luma = 255 * (0.299 * images.select(1, 0) + 0.587 * images.select(1, 1) +
                                 0.114 * images.select(1, 2))
                                    .unsqueeze(1)
                                    .to(at::kDouble);
  const at::Tensor padded = at::replication_pad2d(luma, {3, 3, 3, 3});
  const at::Tensor mean = at::avg_pool2d(padded, {7, 7}, {1, 1});
  const at::Tensor variance =
      at::avg_pool2d(at::replication_pad2d(luma, {3, 3, 3, 3}).square(), {7, 7}, {1, 1}) -
      mean.square();
  const at::Tensor contrast = (luma - mean) / ((variance + 1).sqrt() + 1);
  const auto d = [&](const char* name) { return w.at(name).to(at::kDouble); };
  const at::Tensor maps = at::conv2d(contrast, d("conv1.weight"), d("conv1.bias")).flatten(2);
  const at::Tensor pooled = at::cat({maps.amax(2), maps.amin(2)}, 1);
  const at::Tensor h1 = at::relu(at::linear(pooled, d("fc1.weight"), d("fc1.bias")));
  const at::Tensor h2 = at::relu(at::linear(h1, d("fc2.weight"), d("fc2.bias")));
  return at::linear(h2, d("fc3.weight"), d("fc3.bias")).squeeze(1);
}

TEST(Cnniqa, ComputesItsDefinition) {
  const auto model = cnniqa();
  const at::Tensor images =
      at::cat({det::picture({"a", 32, 32, 256, 0}), det::picture({"b", 32, 32, 64, 180}),
               uniform_tensor(Rng(1), {2, 3, 32, 32}, 0, 1, c10::kCPU)});
  const at::Tensor wanted = plain_cnniqa(model->state(), images);
  EXPECT_TRUE(at::allclose(model->score(images).to(at::kDouble), wanted, 1e-4, 1e-5));
}

TEST(Cnniqa, ItsGradientIsThatOfTheDefinition) {
  const auto model = cnniqa();
  const at::Tensor a = uniform_tensor(Rng(1), {3, 3, 40, 36}, 0, 1, c10::kCPU).requires_grad_(true);
  const at::Tensor b = a.detach().clone().requires_grad_(true);
  const at::Tensor fast = torch::autograd::grad({model->score(a).sum()}, {a})[0];
  const at::Tensor slow = torch::autograd::grad({plain_cnniqa(model->state(), b).sum()}, {b})[0];
  EXPECT_TRUE(at::allclose(fast, slow, 1e-3, 1e-4 * slow.abs().max().item<double>()));
}

TEST(Cnniqa, FlatPatchesHaveFiniteGradients) {
  const auto model = cnniqa();
  for (const double value : {0.0, 0.5, 1.0}) {
    const at::Tensor flat = at::full({1, 3, 32, 32}, value, at::kFloat).requires_grad_(true);
    const at::Tensor score = model->score(flat).sum();
    const at::Tensor first = torch::autograd::grad({score}, {flat}, {}, true, true)[0];
    EXPECT_TRUE(at::isfinite(first).all().item<bool>());
    const at::Tensor second =
        torch::autograd::grad({first.abs().sum()}, {model->state().at("conv1.weight")})[0];
    EXPECT_TRUE(at::isfinite(second).all().item<bool>());
  }
}

TEST(Cnniqa, SmallPatchesAreRefusedWithTheLeastSize) {
  const auto model = cnniqa("patch=48");
  expect_error(ErrorKind::kData, {"40x40 is too small", "cnniqa", "at least 48"}, [&] {
    static_cast<void>(model->score(at::zeros({1, 3, 40, 40})));
  });
}

TEST(Cnniqa, ImpossibleOptionsAreRefused) {
  expect_error(ErrorKind::kUsage, {"window=8", "cnniqa", "odd"}, [] { cnniqa("window=8"); });
  expect_error(ErrorKind::kUsage, {"unknown option 'pach'", "*", "'patch'"},
               [] { cnniqa("pach=8"); });
}

}  // namespace cnniqa_test
}  // namespace robiq
