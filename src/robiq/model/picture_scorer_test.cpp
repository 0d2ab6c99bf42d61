#include "robiq/model/picture_scorer.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "robiq/core/files/files.h"
#include "robiq/tensor/image_batch.h"
#include "robiq/tensor/pictures/image_io.h"
#include "support/errors.h"
#include "support/tiny_iqa.h"

namespace robiq {
namespace picture_scorer_test {

using Kind = ViewPolicy::Kind;

at::Tensor bytes_of(std::int64_t height, std::int64_t width) {
  return to_bytes(det::picture({"scorer", height, width, 128, 64}).squeeze(0));
}

TEST(PictureScorer, IsTheMeanOverTheViewsOfThePicture) {
  test::TinyIqa model;
  const at::Tensor bytes = bytes_of(64, 96);
  const PictureScorer scorer(model, {.kind = Kind::kTiles, .side = 32});
  const at::Tensor views = cut_views(to_float(bytes).unsqueeze(0), scorer.input(bytes).views);
  EXPECT_EQ(views.size(0), 6);
  EXPECT_NEAR(scorer.score(bytes), model.score(views).mean().item<double>(), 1e-4);
}

TEST(PictureScorer, AFileAndItsBytesHaveOneScore) {
  test::TinyIqa model;
  const TemporaryFolder folder;
  const at::Tensor bytes = bytes_of(40, 50);
  write_png(folder.path() / "p.png", bytes);
  const PictureScorer scorer(model, {.kind = Kind::kRandom, .side = 32, .count = 3});
  EXPECT_EQ(scorer.score_file(folder.path() / "p.png", Rng(7)), scorer.score(bytes, Rng(7)));
  EXPECT_NE(scorer.score(bytes, Rng(8)), scorer.score(bytes, Rng(7)));
}

TEST(PictureScorer, TheWholePictureAndItsInputHaveOneScore) {
  test::TinyIqa model;
  const at::Tensor bytes = bytes_of(40, 50);
  const PictureScorer scorer(model, {.kind = Kind::kTiles, .side = 32});
  const auto ensemble = scorer.ensemble(40, 50);
  EXPECT_NEAR(ensemble->score(scorer.whole(bytes).picture).item<double>(), scorer.score(bytes),
              1e-4);
  EXPECT_NEAR(scorer.gradient(scorer.input(bytes)).score, scorer.score(bytes), 1e-4);
}

TEST(PictureScorer, SmallPicturesAreEnlargedWhereThatWasAsked) {
  test::TinyIqa model;
  const ViewPolicy views{.kind = Kind::kTiles, .side = 32};
  const at::Tensor bytes = bytes_of(20, 40);
  EXPECT_EQ(PictureScorer(model, views, /*fit=*/true).input(bytes).picture.size(2), 32);
  expect_error(ErrorKind::kData, {"smaller than the model's crop", "", "--fit"},
               [&] { static_cast<void>(PictureScorer(model, views).score(bytes)); });
}

}  // namespace picture_scorer_test
}  // namespace robiq
