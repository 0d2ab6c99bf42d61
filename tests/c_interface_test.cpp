// The C interface gives the numbers of the C++ one, from a caller that is compiled as C11.
#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "robiq/core/files/files.h"
#include "robiq/model/picture_input.h"
#include "robiq/model/picture_score.h"
#include "robiq/model/weights/weights.h"
#include "robiq/tensor/video/yuv.h"
#include "support/c_caller.h"
#include "support/det.h"

namespace robiq {
namespace c_interface_test {

using testing::HasSubstr;

constexpr std::int32_t kWidth = 61, kHeight = 45;

/// A small CNNIQA on disk, and a picture for it.
class CInterface : public testing::Test {
 protected:
  CInterface() {
    const Spec spec = parse_spec("cnniqa:hidden=8,filters=4", "test");
    const auto model = Registry<QualityModel>::instance().make(spec, "test");
    WeightsCard card;
    card.model = "cnniqa";
    card.options = {{"hidden", "8"}, {"filters", "4"}};
    card.scale = model->card().scale;
    save_weights(*model, card, weights());
  }

  [[nodiscard]] std::string weights() const { return folder_.path() / "w.safetensors"; }

  /// What the C++ interface says of a picture.
  [[nodiscard]] robiq_score wanted(const at::Tensor& bytes) const {
    const LoadedModel loaded =
        load_model(parse_spec("cnniqa", "test"), weights(), std::nullopt, c10::kCPU);
    const ModelCard& card = loaded.model->card();
    const at::Tensor input = picture_input(bytes, card, card.views, false, c10::kCPU);
    const auto views = make_views(card.views, input.size(2), input.size(3), Rng(0));
    const PictureGradient both = score_gradient(*loaded.model, input, views);
    return {both.score, both.gradient.abs().sum(at::kDouble).item<double>()};
  }

  /// Rows of RGB pixels, `stride` bytes apart, with other bytes between them.
  static std::vector<std::uint8_t> rows_of(const at::Tensor& bytes, std::ptrdiff_t stride) {
    const at::Tensor rows = bytes.permute({1, 2, 0}).contiguous();
    std::vector<std::uint8_t> memory(static_cast<std::size_t>(stride * kHeight), 99);
    for (std::ptrdiff_t y = 0; y < kHeight; ++y) {
      std::memcpy(memory.data() + y * stride, rows.data_ptr<std::uint8_t>() + y * kWidth * 3,
                  kWidth * 3);
    }
    return memory;
  }

  TemporaryFolder folder_;
  const at::Tensor picture_ = det::image({"c", kHeight, kWidth});
};

TEST_F(CInterface, ScoresRgbFromCAsTheCppInterfaceDoes) {
  const robiq_score expected = wanted(picture_);
  for (const std::ptrdiff_t stride : {kWidth * 3, kWidth * 3 + 13}) {
    robiq_score result{};
    ASSERT_EQ(c_score(weights().c_str(), rows_of(picture_, stride).data(), kWidth, kHeight, stride,
                      &result),
              ROBIQ_OK)
        << robiq_last_error().what;
    EXPECT_NEAR(result.score, expected.score, 1e-5);
    EXPECT_NEAR(result.gradient_l1, expected.gradient_l1, 1e-4 * expected.gradient_l1);
  }
}

TEST_F(CInterface, ReadsPicturesThatAreStoredBottomUp) {
  const std::ptrdiff_t stride = kWidth * 3;
  const auto memory = rows_of(picture_.flip(1), stride);
  robiq_score result{};
  ASSERT_EQ(c_score(weights().c_str(), memory.data() + (kHeight - 1) * stride, kWidth, kHeight,
                    -stride, &result),
            ROBIQ_OK);
  EXPECT_NEAR(result.score, wanted(picture_).score, 1e-5);
}

TEST_F(CInterface, ScoresYuvAsTheRgbItStandsFor) {
  const at::Tensor grey = picture_.select(0, 0).contiguous();
  YuvFormat format;
  format.width = kWidth;
  format.height = kHeight;
  format.chroma = YuvFormat::Chroma::k444;
  format.matrix = YuvFormat::Matrix::kBt709;
  format.full_range = true;
  YuvPlanes planes;
  planes.first.fill(reinterpret_cast<const std::byte*>(grey.data_ptr<std::uint8_t>()));
  planes.stride.fill(kWidth);
  robiq_score result{};
  ASSERT_EQ(c_score_yuv(weights().c_str(), grey.data_ptr<std::uint8_t>(), kWidth, kHeight, &result),
            ROBIQ_OK)
      << robiq_last_error().what;
  EXPECT_NEAR(result.score, wanted(yuv_to_rgb(format, planes)).score, 1e-5);
  EXPECT_TRUE(std::isnan(result.gradient_l1)) << "it was not asked for";
}

TEST_F(CInterface, SaysWhatWhereAndHowToMendIt) {
  robiq_model* model = nullptr;
  EXPECT_EQ(robiq_model_load("cnniqa", "none.safetensors", nullptr, &model), ROBIQ_MODEL);
  EXPECT_EQ(model, nullptr);
  EXPECT_EQ(robiq_last_error().status, ROBIQ_MODEL);
  EXPECT_THAT(robiq_last_error().what, HasSubstr("none.safetensors"));
  EXPECT_EQ(robiq_model_load("cnnqa", weights().c_str(), nullptr, &model), ROBIQ_USAGE);
  EXPECT_THAT(robiq_last_error().what, HasSubstr("cnnqa"));
  EXPECT_EQ(robiq_model_load("cnniqa", weights().c_str(), "tpu", &model), ROBIQ_USAGE);
  EXPECT_STREQ(robiq_last_error().where, "device");
  EXPECT_EQ(robiq_model_load(nullptr, nullptr, nullptr, &model), ROBIQ_USAGE);
  EXPECT_STREQ(robiq_last_error().where, "model");
  robiq_model_free(nullptr);
}

TEST_F(CInterface, RefusesWhatIsNoPicture) {
  robiq_model* model = nullptr;
  ASSERT_EQ(robiq_model_load("cnniqa", weights().c_str(), "cpu", &model), ROBIQ_OK);
  const std::vector<std::uint8_t> memory(300'000);
  robiq_score result{-1, -1};
  EXPECT_EQ(robiq_score_rgb(model, memory.data(), 64, 64, 191, 0, &result), ROBIQ_USAGE);
  EXPECT_STREQ(robiq_last_error().where, "stride");
  EXPECT_EQ(robiq_score_rgb(model, memory.data(), 0, 64, 192, 0, &result), ROBIQ_USAGE);
  EXPECT_EQ(robiq_score_rgb(model, nullptr, 64, 64, 192, 0, &result), ROBIQ_USAGE);
  EXPECT_EQ(robiq_score_rgb(model, memory.data(), 8, 8, 24, 0, &result), ROBIQ_DATA) << "too small";
  robiq_yuv yuv{};
  EXPECT_EQ(robiq_score_yuv(model, &yuv, 0, &result), ROBIQ_USAGE);
  yuv.width = yuv.height = 64;
  EXPECT_EQ(robiq_score_yuv(model, &yuv, 0, &result), ROBIQ_USAGE);
  EXPECT_STREQ(robiq_last_error().where, "picture->bits");
  EXPECT_EQ(result.score, -1) << "outputs are left alone";
  double worst = 0, best = 0;
  EXPECT_EQ(robiq_model_scale(model, &worst, &best), ROBIQ_OK);
  EXPECT_LT(worst, best);
  robiq_model_free(model);
}

TEST_F(CInterface, ScoresGreyAsYuvWithoutChroma) {
  const at::Tensor grey = picture_.select(0, 0).contiguous();
  robiq_model* model = nullptr;
  ASSERT_EQ(robiq_model_load("cnniqa", weights().c_str(), "cpu", &model), ROBIQ_OK);
  robiq_yuv yuv{};
  yuv.planes[0] = grey.data_ptr<std::uint8_t>();
  yuv.strides[0] = yuv.width = kWidth;
  yuv.height = kHeight;
  yuv.bits = 8;
  yuv.full_range = 1;
  yuv.chroma = ROBIQ_CHROMA_400;
  yuv.matrix = ROBIQ_BT709;
  robiq_score result{};
  ASSERT_EQ(robiq_score_yuv(model, &yuv, 0, &result), ROBIQ_OK) << robiq_last_error().what;
  EXPECT_NEAR(result.score, wanted(grey.expand({3, -1, -1}).contiguous()).score, 1e-5);
  robiq_model_free(model);
}

TEST_F(CInterface, IsToldAScaleThatNoFileNames) {
  robiq_model* model = nullptr;
  const std::string file = weights();
  EXPECT_EQ(robiq_model_load_scaled("cnniqa", file.c_str(), 1, 1, nullptr, &model), ROBIQ_USAGE);
  EXPECT_STREQ(robiq_last_error().where, "worst, best");
  ASSERT_EQ(robiq_model_load_scaled("cnniqa", file.c_str(), 9, 1, nullptr, &model), ROBIQ_OK);
  double worst = 0, best = 0;
  EXPECT_EQ(robiq_model_scale(model, &worst, &best), ROBIQ_OK);
  EXPECT_EQ(worst, 9);
  EXPECT_EQ(best, 1);
  EXPECT_THAT(robiq_model_note(model), HasSubstr("its own card 0 (worst) to 100 (best)"));
  robiq_model_free(model);
  ASSERT_EQ(robiq_model_load("cnniqa", file.c_str(), nullptr, &model), ROBIQ_OK);
  EXPECT_STREQ(robiq_model_note(model), "") << "the card names it";
  robiq_model_free(model);
}

TEST_F(CInterface, GivesEachThreadItsOwnModelAndItsOwnError) {
  const auto memory = rows_of(picture_, kWidth * 3);
  std::array<robiq_score, 3> results{};
  std::array<robiq_status, 3> statuses{};
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < results.size(); ++i) {
    threads.emplace_back([&, i] {
      const std::string file = i == 2 ? "none" : weights();
      statuses.at(i) =
          c_score(file.c_str(), memory.data(), kWidth, kHeight, kWidth * 3, &results.at(i));
      if (i < 2) {
        EXPECT_EQ(robiq_last_error().status, ROBIQ_OK);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(statuses, testing::ElementsAre(ROBIQ_OK, ROBIQ_OK, ROBIQ_MODEL));
  EXPECT_EQ(results[0].score, results[1].score);
}

TEST(CInterfaceVersion, IsThatOfTheHeader) {
  EXPECT_EQ(robiq_interface_version(), ROBIQ_INTERFACE_VERSION);
  EXPECT_THAT(robiq_version(), testing::MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+"));
}

}  // namespace c_interface_test
}  // namespace robiq
