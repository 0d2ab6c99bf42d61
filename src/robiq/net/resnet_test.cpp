#include "robiq/net/resnet.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include "robiq/tensor/random.h"
#include "support/net_state.h"

namespace robiq {
namespace resnet_test {

/// torchvision's tensors of a ResNet without its classifier, counted by hand from its definition.
std::size_t tensors_of(const ResNetOptions& options) {
  const std::size_t convolutions = options.bottleneck ? 3 : 2;
  std::size_t count = 1 + 5;
  for (std::size_t layer = 0; layer < 4; ++layer) {
    count += static_cast<std::size_t>(options.depths[layer]) * convolutions * (1 + 5);
    if (layer > 0 || options.bottleneck) count += 1 + 5;
  }
  return count;
}

TEST(ResNet, HasTorchvisionsNames) {
  const TensorMap small = test::state_of(*ResNet(resnet34()));
  const TensorMap large = test::state_of(*ResNet(resnet50()));
  EXPECT_EQ(small.size(), tensors_of(resnet34()));
  EXPECT_EQ(large.size(), tensors_of(resnet50()));
  EXPECT_FALSE(small.contains("layer1.0.downsample.0.weight"));
  EXPECT_EQ(small.at("layer2.0.downsample.0.weight").sizes(), at::IntArrayRef({128, 64, 1, 1}));
  EXPECT_EQ(large.at("layer1.0.downsample.1.running_var").sizes(), at::IntArrayRef({256}));
  EXPECT_EQ(large.at("layer4.2.conv3.weight").sizes(), at::IntArrayRef({2048, 512, 1, 1}));
  EXPECT_FALSE(large.contains("layer4.1.downsample.0.weight"));
}

TEST(ResNet, HalvesTheSidesRoundingUp) {
  const at::NoGradGuard no_grad;
  ResNet net(resnet34());
  net->eval();
  const at::Tensor stem = net->stem(at::zeros({2, 3, 50, 67}));
  EXPECT_EQ(stem.sizes(), at::IntArrayRef({2, 64, 13, 17}));
  const auto stages = net->stages(stem);
  EXPECT_EQ(stages[0].sizes(), at::IntArrayRef({2, 64, 13, 17}));
  EXPECT_EQ(stages[1].sizes(), at::IntArrayRef({2, 128, 7, 9}));
  EXPECT_EQ(stages[3].sizes(), at::IntArrayRef({2, 512, 2, 3}));
}

TEST(ResNet, TheLayoutOfItsWeightsInMemoryChangesNothing) {
  const at::NoGradGuard no_grad;
  seed_torch_globals(Rng(3));
  ResNet net(resnet50());
  net->eval();
  const at::Tensor images = uniform_tensor(Rng(5), {1, 3, 64, 64}, -1, 1, c10::kCPU);
  const at::Tensor with = net->stages(net->stem(images))[3];
  const at::Tensor kernel = net->named_parameters()["layer1.0.conv2.weight"];
  EXPECT_TRUE(kernel.is_contiguous(at::MemoryFormat::ChannelsLast));
  const at::Tensor before = kernel.clone();
  net->to(c10::Device(c10::kCPU));
  EXPECT_TRUE(kernel.is_contiguous(at::MemoryFormat::ChannelsLast)) << "moved";
  for (at::Tensor& weight : net->parameters()) weight.set_data(weight.detach().contiguous());
  EXPECT_TRUE(at::equal(kernel, before));
  const at::Tensor without = net->stages(net->stem(images))[3];
  EXPECT_TRUE(at::allclose(with, without, 1e-4, 1e-4 * with.abs().max().item<double>()));
}

}  // namespace resnet_test
}  // namespace robiq
