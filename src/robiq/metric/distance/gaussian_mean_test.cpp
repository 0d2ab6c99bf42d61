#include "robiq/metric/distance/gaussian_mean.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <array>
#include <vector>

#include "robiq/core/rng.h"
#include "robiq/tensor/random.h"

namespace robiq {
namespace gaussian_mean_test {

/// The definition in float64: one convolution with the whole window.
at::Tensor defined(const at::Tensor& planes) {
  const at::Tensor x = at::arange(-5, 6, at::kDouble) / 1.5;
  const at::Tensor row = at::exp(-0.5 * x * x);
  const at::Tensor window = at::outer(row, row) / at::outer(row, row).sum();
  const at::Tensor kernels = window.expand({planes.size(1), 1, 11, 11}).contiguous();
  const at::Tensor padded = at::replication_pad2d(planes, {5, 5, 5, 5});
  const std::array<std::int64_t, 2> none{0, 0}, one{1, 1};
  return at::conv2d(padded, kernels, {}, at::IntArrayRef(one), at::IntArrayRef(none),
                    at::IntArrayRef(one), planes.size(1));
}

at::Tensor random_planes(std::vector<std::int64_t> size, std::uint64_t seed) {
  return uniform_tensor(Rng(seed), size, -1, 1, c10::kCPU);
}

double largest(const at::Tensor& difference) { return difference.abs().max().item<double>(); }

class GaussianMean : public testing::TestWithParam<std::array<std::int64_t, 4>> {
 protected:
  [[nodiscard]] static std::vector<std::int64_t> size() {
    return {GetParam().begin(), GetParam().end()};
  }
};

TEST_P(GaussianMean, IsWhatItIsDefinedAs) {
  const at::Tensor planes = random_planes(size(), 1);
  EXPECT_LT(largest(gaussian_mean(planes) - defined(planes.to(at::kDouble))), 3e-7);
}

TEST_P(GaussianMean, PassesSlopesBack) {
  const at::Tensor planes = random_planes(size(), 1).requires_grad_();
  const at::Tensor exact = planes.detach().to(at::kDouble).requires_grad_();
  const at::Tensor slopes = random_planes(size(), 2).requires_grad_();
  const at::Tensor of_exact =
      torch::autograd::grad({defined(exact)}, {exact}, {slopes.detach().to(at::kDouble)})[0];
  const at::Tensor given =
      torch::autograd::grad({gaussian_mean(planes)}, {planes}, {slopes}, true, true)[0];
  // Beyond a corner lie 25 pixels that count as the corner.
  EXPECT_LT(largest(given - of_exact), 4e-6);
  // The way back is linear in the slopes: what passes through it again is a mean.
  const at::Tensor once_more = random_planes(size(), 3);
  const at::Tensor twice = torch::autograd::grad({given}, {slopes}, {once_more})[0];
  EXPECT_TRUE(at::equal(twice, gaussian_mean(once_more)));
}

INSTANTIATE_TEST_SUITE_P(Sizes, GaussianMean,
                         testing::Values(std::array<std::int64_t, 4>{2, 3, 40, 27},
                                         std::array<std::int64_t, 4>{1, 1, 11, 11},
                                         std::array<std::int64_t, 4>{1, 2, 3, 50},
                                         std::array<std::int64_t, 4>{1, 1, 1, 1}));

TEST(GaussianMeanThreads, AnyNumberGivesTheSameBytes) {
  const at::Tensor planes = random_planes({1, 15, 128, 96}, 4);
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const at::Tensor one = gaussian_mean(planes);
  at::set_num_threads(2);
  const at::Tensor two = gaussian_mean(planes);
  at::set_num_threads(threads);
  EXPECT_TRUE(at::equal(one, two));
}

TEST(GaussianMeanOfViews, TakesPlanesThatLieApart) {
  const at::Tensor planes = random_planes({1, 6, 30, 20}, 5);
  const at::Tensor apart = planes.transpose(2, 3).slice(1, 0, 6, 2);
  EXPECT_TRUE(at::equal(gaussian_mean(apart), gaussian_mean(apart.contiguous())));
}

}  // namespace gaussian_mean_test
}  // namespace robiq
