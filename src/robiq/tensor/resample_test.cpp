#include "robiq/tensor/resample.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <numeric>

#include "support/det.h"
#include "support/errors.h"
#include "support/test_files.h"

namespace robiq {
namespace resample_test {

std::uint32_t crc_of(const at::Tensor& bytes) {
  std::uint32_t crc = 0xFFFFFFFFU;
  const auto* data = bytes.data_ptr<std::uint8_t>();
  for (std::int64_t i = 0; i < bytes.numel(); ++i) {
    crc ^= data[i];
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ 0xEDB88320U : crc >> 1;
  }
  return ~crc;
}

TEST(ResizeBytes, EqualsPillowBitForBit) {
  const auto cases = test::read_json(test::fixture_path("transforms.json"))["resize"];
  int count = 0;
  for (const auto& golden : cases) {
    if (golden["op"].get<std::string>().find("bilinear") == std::string::npos) continue;
    SCOPED_TRACE(golden["why"].get<std::string>());
    const auto& input = golden["input"];
    const at::Tensor picture =
        det::image({.name = input["image"], .h = input["h"], .w = input["w"]});
    const at::Tensor out = resize_bytes(picture, golden["output_h"], golden["output_w"]);
    const auto& wanted = golden["uint8"];
    EXPECT_EQ(out.sizes().vec(), wanted["shape"].get<std::vector<std::int64_t>>());
    for (std::size_t i = 0; i < wanted["sample_value"].size(); ++i) {
      const auto at = wanted["sample_index_chw"][i].get<std::int64_t>();
      EXPECT_EQ(out.data_ptr<std::uint8_t>()[at], wanted["sample_value"][i].get<int>()) << at;
    }
    EXPECT_EQ(crc_of(out), wanted["crc32_chw"].get<std::uint32_t>());
    ++count;
  }
  EXPECT_GE(count, 8);
}

TEST(ResizeBytes, KeepsWhatHasTheSizeAlready) {
  const at::Tensor picture = det::image({.name = "same", .h = 7, .w = 9});
  const at::Tensor out = resize_bytes(picture, 7, 9);
  EXPECT_TRUE(at::equal(out, picture));
  EXPECT_NE(out.data_ptr(), picture.data_ptr());
}

TEST(ResizeBytes, TakesViewsThatAreNotContiguous) {
  const at::Tensor picture = det::image({.name = "view", .h = 12, .w = 20});
  const at::Tensor part = picture.slice(2, 3, 17);
  EXPECT_TRUE(at::equal(resize_bytes(part, 5, 6), resize_bytes(part.contiguous(), 5, 6)));
}

TEST(ResizeBytes, SaysWhatItCannotResize) {
  expect_error(ErrorKind::kData,
               {"cannot resize Float [3, 4, 4] to 2x2", "resize_bytes()", "uint8 [3,H,W]"}, [] {
                 (void)resize_bytes(at::zeros({3, 4, 4}), 2, 2);
               });
  expect_error(ErrorKind::kData, {"to 0x2", "resize_bytes()", "sizes above 0"}, [] {
    (void)resize_bytes(at::zeros({3, 4, 4}, at::kByte), 0, 2);
  });
}

TEST(TriangleTaps, SumToOneWithinTheAxis) {
  for (const auto& [from, to] : {std::pair{100, 7}, std::pair{7, 100}, std::pair{1, 5}}) {
    for (const FilterTaps& taps : triangle_taps(from, to)) {
      EXPECT_NEAR(std::accumulate(taps.weights.begin(), taps.weights.end(), 0.0), 1.0, 1e-12);
      EXPECT_GE(taps.first, 0);
      EXPECT_LE(taps.first + static_cast<std::int64_t>(taps.weights.size()), from);
    }
  }
}

}  // namespace resample_test
}  // namespace robiq
