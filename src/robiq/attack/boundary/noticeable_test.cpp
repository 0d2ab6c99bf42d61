#include "robiq/attack/boundary/noticeable.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "robiq/attack/boundary/surfree_round.h"
#include "support/det.h"
#include "support/test_files.h"

namespace robiq {
namespace noticeable_test {

using Json = nlohmann::json;

TEST(Noticeable, AgreesWithTheAuthorsMaps) {
  const Json fixture = test::read_json(test::fixture_path("attacks/boundary.json"));
  const double near = fixture.at("tolerance").at("jnd").get<double>();
  for (const Json& c : fixture.at("jnd")) {
    const at::Tensor bytes = det::image(det::image_spec(c.at("image")));
    const at::Tensor luma = byte_luma(bytes), jnd = just_noticeable(bytes);
    const at::Tensor edges = canny_edges(luma.unsqueeze(0), 50, 150), region = edge_region(bytes);
    EXPECT_EQ(edges.ne(0).sum().item<std::int64_t>(), c.at("edge_pixels_gray").get<std::int64_t>());
    EXPECT_EQ(region.sum().item<std::int64_t>(),
              c.at("edge_mask_pixels_rgb_blurred").get<std::int64_t>());
    EXPECT_NEAR(jnd.sum(at::kDouble).item<double>(), c.at("jnd_sum").get<double>(),
                near * static_cast<double>(jnd.numel()));
    EXPECT_LE(jnd.max().item<double>(), kMostNoticeable + 1e-4);
    for (std::size_t i = 0; i < c.at("sample_index_hw").size(); ++i) {
      const auto index = c.at("sample_index_hw")[i].get<std::int64_t>();
      const auto value = [&](const at::Tensor& map) { return map.flatten()[index].item<double>(); };
      EXPECT_EQ(value(luma), c.at("sample_gray")[i].get<double>());
      EXPECT_EQ(value(edges.ne(0)), c.at("sample_edge_gray")[i].get<double>());
      EXPECT_EQ(value(region), c.at("sample_edge_mask")[i].get<double>());
      EXPECT_NEAR(value(jnd), c.at("sample_jnd")[i].get<double>(), near);
    }
  }
}

TEST(Noticeable, IsLargestInTheDarkBesideEdges) {
  // Vertical bars, four columns wide, black and white.
  const at::Tensor bars = at::arange(24).div(4, "floor").remainder(2).mul(255).to(at::kByte);
  const at::Tensor jnd = just_noticeable(bars.expand({3, 24, 24}));
  EXPECT_GT(jnd.max().item<double>(), 100);
  EXPECT_LE(jnd.max().item<double>(), kMostNoticeable + 1e-4);
  EXPECT_NEAR(just_noticeable(at::zeros({3, 9, 9}, at::kByte)).max().item<double>(), 20, 1e-6);
}

TEST(Canny, FindsAStepAndLeavesAWeakOneThatTouchesNothing) {
  at::Tensor bytes = at::zeros({1, 12, 12}, at::kByte);
  bytes.narrow(2, 6, 6).fill_(20);  // a gradient of 80: over the low threshold only
  EXPECT_EQ(canny_edges(bytes, 50, 150).ne(0).sum().item<int>(), 0);
  bytes.narrow(1, 6, 6).narrow(2, 6, 6).fill_(200);
  const at::Tensor edges = canny_edges(bytes, 50, 150).ne(0);
  EXPECT_TRUE(edges.any(1)[0].item<bool>()) << "the weak part hangs on the strong one";
  EXPECT_FALSE(edges.select(1, 2).any().item<bool>());
}

TEST(LowFrequencyBasis, AgreesWithTheAuthorsVector) {
  const Json fixture = test::read_json(test::fixture_path("attacks/boundary.json"));
  const double near = fixture.at("tolerance").at("vector").get<double>();
  for (const Json& c : fixture.at("basis")) {
    const at::Tensor picture = det::picture(det::image_spec(c.at("image")));
    const std::int64_t side = picture.size(2);
    const at::Tensor half = zigzag_half(side, side);
    EXPECT_EQ(half.sum().item<std::int64_t>(), c.at("coefficients_kept").get<std::int64_t>());
    const auto count = static_cast<std::size_t>(3 * side * side);
    const at::Tensor u = at::tensor(det::uniform("bdb.dct", count), at::kDouble).to(at::kFloat);
    const at::Tensor signs = (u * 3).floor().sub(1).view({3, side, side});
    const at::Tensor raw = LowFrequencyBasis(picture).direction(signs);
    EXPECT_NEAR(raw.norm().item<double>(), c.at("raw_l2").get<double>(), 1e-5);
    const at::Tensor first =
        at::tensor(det::uniform("bdb.f", count), at::kDouble).sub(0.5).view_as(raw);
    const at::Tensor unit = first / first.norm();
    at::Tensor vector = raw.to(at::kDouble) - (unit * raw).sum() * unit;
    vector = vector / vector.norm();
    for (std::size_t i = 0; i < c.at("sample_index_chw").size(); ++i) {
      const auto index = c.at("sample_index_chw")[i].get<std::int64_t>();
      EXPECT_NEAR(raw.flatten()[index].item<double>(), c.at("raw_vector")[i].get<double>(), near);
      EXPECT_NEAR(vector.flatten()[index].item<double>(),
                  c.at("float64_unit_vector")[i].get<double>(), near);
    }
  }
}

TEST(LowFrequencyBasis, KeepsHalfOfAnyShapeFromTheCorner) {
  const at::Tensor kept = zigzag_half(3, 5);
  const at::Tensor wanted = at::tensor({1, 1, 1, 1, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0}).view({3, 5});
  EXPECT_EQ(kept.sum().item<int>(), 7);
  EXPECT_TRUE(at::equal(kept.to(at::kLong), wanted.to(at::kLong))) << kept;
}

}  // namespace noticeable_test
}  // namespace robiq
