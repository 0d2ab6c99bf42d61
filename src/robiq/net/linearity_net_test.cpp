#include "robiq/net/linearity_net.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include "support/model_golden.h"
#include "support/net_state.h"

namespace robiq {
namespace linearity_net_test {

using golden::Golden;
using golden::Json;
using golden::Precision;

std::map<std::string, at::Tensor> by_name(const LinearityNetOutputs& out) {
  return {{"features.3(maxpool)", out.stem},
          {"features.4(layer1)", out.stages[0]},
          {"features.5(layer2)", out.stages[1]},
          {"features.6(layer3)", out.stages[2]},
          {"features.7(layer4)", out.stages[3]},
          {"dr6_input", out.pooled[0]},
          {"dr7_input", out.pooled[1]},
          {"dr6", out.codes[0]},
          {"dr7", out.codes[1]},
          {"regression_input", at::cat({out.codes[0], out.codes[1]}, 1)}};
}

class LinearityNetGolden : public testing::TestWithParam<Precision> {};

TEST_P(LinearityNetGolden, ActivationsAreTheAuthors) {
  const at::NoGradGuard no_grad;
  const Golden golden("linearityiqa");
  const double relative = golden.tolerance(GetParam()).activation;
  LinearityNet net;
  golden::fill(golden, test::state_of(*net));
  test::convert(*net, golden::scalar_type(GetParam()));
  net->eval();
  const at::Tensor mean = at::tensor({0.485, 0.456, 0.406}, at::kDouble).view({1, 3, 1, 1});
  const at::Tensor deviation = at::tensor({0.229, 0.224, 0.225}, at::kDouble).view({1, 3, 1, 1});
  for (const Json& c : golden.json.at("cases")) {
    const testing::ScopedTrace trace(__FILE__, __LINE__, c.at("name").get<std::string>());
    const at::Tensor image = golden::pictures({c.at("input").at("image")}, 498, 664, GetParam());
    const auto type = image.scalar_type();
    const LinearityNetOutputs out = net->forward((image - mean.to(type)) / deviation.to(type));
    const auto got = by_name(out);
    for (const auto& [name, statistics] : golden::wanted(c).at("activations").items()) {
      ASSERT_TRUE(got.contains(name)) << name;
      golden::expect_statistics(got.at(name), statistics, relative, name);
    }
    golden::expect_numbers(at::cat({out.level6, out.level7, out.final}),
                           golden::wanted(c).at("outputs_level6_level7_final"),
                           golden.tolerance(GetParam()).score, "outputs");
  }
}

INSTANTIATE_TEST_SUITE_P(Precision, LinearityNetGolden,
                         testing::Values(Precision::kDouble, Precision::kFloat),
                         [](const auto& which) {
                           return which.param == Precision::kDouble ? "Float64" : "Float32";
                         });

TEST(LinearityNet, KnowsWhetherItNormalisesByTheBatch) {
  LinearityNet net;
  net->eval();
  EXPECT_FALSE(net->normalises_by_batch());
  net->train();
  EXPECT_TRUE(net->normalises_by_batch());
}

}  // namespace linearity_net_test
}  // namespace robiq
