#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "robiq/core/error.h"
#include "robiq/defense/defense.h"
#include "robiq/tensor/image_batch.h"
#include "robiq/tensor/pictures/image_io.h"
#include "support/test_files.h"
#include "support/tiny_iqa.h"

namespace robiq {
namespace jpeg_augment_test {

using Json = nlohmann::json;

TrainBatch batch_of(std::int64_t count) {
  std::vector<at::Tensor> pictures;
  for (std::int64_t i = 0; i < count; ++i) {
    pictures.push_back(det::picture({"j" + std::to_string(i), 24, 31}));
  }
  return {at::cat(pictures), at::arange(count).to(at::kFloat)};
}

TrainBatch augmented(const std::string& options, const TrainBatch& batch, const Rng& step) {
  test::TinyIqa model;
  const auto defense =
      Registry<Defense>::instance().make(parse_spec("jpeg-augment" + options, "test"), "test");
  return defense->prepare(model, batch, step);
}

TEST(JpegAugment, RoundTripAgreesWithPillow) {
  const Json fixture = test::read_json(test::fixture_path("attacks/defenses.json"));
  const double tolerance = fixture.at("tolerance").at("jpeg_sample").get<double>();
  int compared = 0;
  for (const Json& c : fixture.at("cases")) {
    const std::string name = c.at("defense").get<std::string>();
    if (!name.starts_with("pil-jpeg")) continue;
    const int quality = std::stoi(name.substr(name.find('=') + 1));
    const at::Tensor bytes = det::image(det::image_spec(c.at("image")));
    const at::Tensor flat = to_float(jpeg_round_trip(bytes, quality)).flatten();
    const Json& clean = c.at("clean");
    for (std::size_t i = 0; i < clean.at("sample").size(); ++i) {
      EXPECT_NEAR(flat[clean.at("sample_index_chw")[i].get<std::int64_t>()].item<double>(),
                  clean.at("sample")[i].get<double>(), tolerance)
          << name;
    }
    ++compared;
  }
  EXPECT_GT(compared, 0);
}

TEST(JpegAugment, ChangesAboutHalfOfThePicturesAndNoLabel) {
  const TrainBatch batch = batch_of(200);
  const TrainBatch out = augmented("", batch, Rng(1));
  const at::Tensor changed = (out.images != batch.images).flatten(1).any(1);
  const auto count = changed.sum().item<std::int64_t>();
  EXPECT_GT(count, 75);
  EXPECT_LT(count, 125);
  EXPECT_TRUE(at::equal(out.mos, batch.mos));
  EXPECT_TRUE(at::equal(augmented(":probability=0", batch, Rng(1)).images, batch.images));
}

TEST(JpegAugment, QualityIsDrawnBetweenBothEnds) {
  const at::Tensor bytes = det::image({"j0", 24, 31});
  const TrainBatch batch{to_float(bytes).unsqueeze(0), at::zeros({1})};
  std::set<int> seen;
  for (std::uint64_t step = 0; step < 40; ++step) {
    const at::Tensor out =
        augmented(":low=70,high=72,probability=1", batch, Rng(0).child(step)).images;
    for (int quality = 60; quality < 80; ++quality) {
      if (at::equal(out[0], to_float(jpeg_round_trip(bytes, quality)))) seen.insert(quality);
    }
  }
  EXPECT_TRUE(seen.contains(70) && seen.contains(72));
  EXPECT_LE(seen.size(), 5U) << "neighbours may share their tables";
}

TEST(JpegAugment, ARowIsDrawnAtItsPlaceAmongTheRowsOfAll) {
  const TrainBatch batch = batch_of(6);
  const TrainBatch whole = augmented("", batch, Rng(5));
  const TrainBatch part{batch.images.narrow(0, 2, 3), batch.mos.narrow(0, 2, 3), 2, 6};
  EXPECT_TRUE(at::equal(augmented("", part, Rng(5)).images, whole.images.narrow(0, 2, 3)));
  EXPECT_FALSE(at::equal(augmented("", batch, Rng(6)).images, whole.images));
}

TEST(JpegAugment, ReversedQualitiesAreRefused) {
  EXPECT_THROW(static_cast<void>(augmented(":low=90,high=60", batch_of(1), Rng(0))), Error);
  EXPECT_THROW(static_cast<void>(augmented(":low=0", batch_of(1), Rng(0))), Error);
}

}  // namespace jpeg_augment_test
}  // namespace robiq
