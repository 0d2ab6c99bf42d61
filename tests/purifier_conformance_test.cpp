// The promises of defense/purify/purifier.h, for every purifier that is registered.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "robiq/defense/purify/purifier.h"
#include "support/det.h"

namespace robiq {
namespace purifier_conformance_test {

class PurifierConformance : public testing::TestWithParam<std::string> {
 protected:
  /// Three pictures that touch both ends of the range.
  [[nodiscard]] static at::Tensor pictures() {
    std::vector<at::Tensor> made;
    for (const char* name : {"a", "b", "c"})
      made.push_back(det::picture({name, 144, 160, 220, 10}));
    const at::Tensor all = at::cat(made);
    return at::where(all.lt(0.2), 0, at::where(all.gt(0.8), 1, all)).to(at::kFloat);
  }
  [[nodiscard]] static std::vector<Rng> rows(const std::vector<std::string>& ids,
                                             std::uint64_t seed = 1) {
    return row_positions(Rng(seed), ids);
  }

  std::unique_ptr<Purifier> purifier_ = Registry<Purifier>::instance().make(GetParam(), Params{});
  at::Tensor pictures_ = pictures();
};

TEST_P(PurifierConformance, ItsCardIsFilledIn) {
  EXPECT_EQ(purifier_->card().name, GetParam());
  EXPECT_NE(purifier_->card().title, "");
  EXPECT_NE(purifier_->card().paper, "");
}

TEST_P(PurifierConformance, MakesPicturesOfTheUnitRangeAndLeavesItsInput) {
  const at::Tensor kept = pictures_.clone();
  const at::Tensor out = purifier_->purify(pictures_, rows({"a", "b", "c"}));
  EXPECT_TRUE(at::equal(pictures_, kept)) << "the input was written to";
  EXPECT_FALSE(out.requires_grad());
  EXPECT_EQ(out.size(0), 3);
  EXPECT_GE(out.min().item<double>(), -1e-6);
  EXPECT_LE(out.max().item<double>(), 1 + 1e-6);
  const bool moved = out.sizes() != kept.sizes() || !at::equal(out, kept);
  EXPECT_TRUE(moved) << "nothing changed";
}

TEST_P(PurifierConformance, TheBatchDoesNotMatter) {
  const at::Tensor together = purifier_->purify(pictures_, rows({"a", "b", "c"}));
  const at::Tensor alone = purifier_->purify(pictures_.narrow(0, 1, 1), rows({"b"}));
  const at::Tensor turned = purifier_->purify(pictures_.flip({0}), rows({"c", "b", "a"}));
  EXPECT_TRUE(at::allclose(together[1], alone[0], 0, 1e-6));
  EXPECT_TRUE(at::allclose(together[0], turned[2], 0, 1e-6));
}

TEST_P(PurifierConformance, DrawsByPositionAlone) {
  const at::Tensor first = purifier_->purify(pictures_, rows({"a", "b", "c"}));
  static_cast<void>(at::rand({5}));  // global randomness does not matter
  EXPECT_TRUE(at::equal(first, purifier_->purify(pictures_, rows({"a", "b", "c"}))));
  const at::Tensor other = purifier_->purify(pictures_, rows({"a", "b", "c"}, 2));
  EXPECT_EQ(at::equal(first, other), !purifier_->card().randomised);
}

TEST_P(PurifierConformance, AnAttachedPictureHasTheSameValuesAndAGradient) {
  const at::Tensor leaf = pictures_.clone().requires_grad_(true);
  const at::Tensor attached = purifier_->purify_attached(leaf, rows({"a", "b", "c"}));
  EXPECT_TRUE(at::equal(attached.detach(), purifier_->purify(pictures_, rows({"a", "b", "c"}))));
  ASSERT_TRUE(attached.requires_grad());
  const at::Tensor weight = at::arange(attached.numel(), at::kFloat).view(attached.sizes()).cos();
  const at::Tensor gradient = torch::autograd::grad({(weight * attached).sum()}, {leaf})[0];
  EXPECT_TRUE(at::isfinite(gradient).all().item<bool>());
  for (std::int64_t i = 0; i < 3; ++i) EXPECT_GT(gradient[i].abs().sum().item<double>(), 1e-3);
  const at::NoGradGuard no_grad;
  EXPECT_FALSE(purifier_->purify_attached(leaf, rows({"a", "b", "c"})).requires_grad());
}

TEST_P(PurifierConformance, WorksInDoublePrecision) {
  const at::Tensor wide = purifier_->purify(pictures_.to(at::kDouble), rows({"a", "b", "c"}));
  EXPECT_EQ(wide.scalar_type(), at::kDouble);
  const at::Tensor single = purifier_->purify(pictures_, rows({"a", "b", "c"})).to(at::kDouble);
  // A value on an edge between two levels or two pixels may fall to either side.
  EXPECT_LT((wide - single).abs().gt(1e-4).to(at::kDouble).mean().item<double>(), 0.01);
}

std::vector<std::string> every_purifier() {
  std::vector<std::string> names;
  for (const auto& [name, entry] : Registry<Purifier>::instance().entries()) names.push_back(name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Every, PurifierConformance, testing::ValuesIn(every_purifier()),
                         [](const auto& purifier) {
                           std::string name = purifier.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace purifier_conformance_test
}  // namespace robiq
