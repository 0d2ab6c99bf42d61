#include "robiq/data/loader.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <set>

#include "robiq/tensor/resample.h"
#include "support/det.h"
#include "support/errors.h"

namespace robiq {
namespace loader_test {

/// Pictures whose every pixel says where it was: red its row, green its column, blue the picture.
class Coordinates final : public Dataset {
 public:
  explicit Coordinates(int count, std::int64_t height = 24, std::int64_t width = 30)
      : height_(height), width_(width) {
    for (int i = 0; i < count; ++i) {
      ImageRecord record;
      record.id = "p" + std::to_string(i);
      record.file = "unused";  // so that the cache keeps it
      record.mos = i;
      records_.push_back(record);
    }
  }
  [[nodiscard]] const DatasetCard& card() const noexcept override { return card_; }
  [[nodiscard]] std::span<const ImageRecord> records() const override { return records_; }
  [[nodiscard]] at::Tensor read(const ImageRecord& record) const override {
    ++reads;
    if (record.id == broken) {
      throw Error(ErrorKind::kData, {"the picture is cut off", record.id, "copy it again"});
    }
    const std::int64_t height = record.id == taller ? height_ + 1 : height_;
    at::Tensor picture = at::empty({3, height, width_}, at::kByte);
    picture[0].copy_(at::arange(height).unsqueeze(1).expand({height, width_}));
    picture[1].copy_(at::arange(width_).expand({height, width_}));
    picture[2].fill_(static_cast<int>(record.mos));
    return picture;
  }

  std::string broken, taller;
  mutable std::atomic<int> reads = 0;

 private:
  std::int64_t height_, width_;
  std::vector<ImageRecord> records_;
  DatasetCard card_;
};

std::vector<std::size_t> all_of(const Dataset& data) {
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < data.records().size(); ++i) all.push_back(i);
  return all;
}

std::vector<Batch> epoch_of(Loader& loader, std::int64_t epoch, std::int64_t first = 0) {
  loader.start(epoch, first);
  std::vector<Batch> batches;
  while (std::optional<Batch> batch = loader.next()) batches.push_back(*batch);
  return batches;
}

void expect_equal(const std::vector<Batch>& a, const std::vector<Batch>& b, std::size_t skip = 0) {
  ASSERT_EQ(a.size(), b.size() + skip);
  for (std::size_t i = 0; i < b.size(); ++i) {
    EXPECT_TRUE(at::equal(a[i + skip].pixels, b[i].pixels)) << i;
    EXPECT_TRUE(at::equal(a[i + skip].mos, b[i].mos)) << i;
    EXPECT_EQ(a[i + skip].ids, b[i].ids) << i;
  }
}

constexpr CropPolicy kCrops = {.side = 16, .per_image = 3, .flip = true};

TEST(Loader, GivesEveryCropOnceAndTheLastBatchIsShorter) {
  const Coordinates data(7);
  Loader loader(data, {0, 2, 3, 5, 6}, kCrops, {.batch_size = 4}, Rng(1));
  EXPECT_EQ(loader.pictures_per_epoch(), 5);
  EXPECT_EQ(loader.batches_per_epoch(), 4);
  const std::vector<Batch> batches = epoch_of(loader, 0);
  ASSERT_EQ(batches.size(), 4U);
  EXPECT_EQ(batches[0].pixels.sizes(), at::IntArrayRef({4, 3, 16, 16}));
  EXPECT_EQ(batches[3].pixels.sizes(), at::IntArrayRef({3, 3, 16, 16}));
  std::map<std::string, int> seen;
  for (const Batch& batch : batches) {
    ASSERT_EQ(static_cast<std::int64_t>(batch.ids.size()), batch.mos.size(0));
    for (std::size_t i = 0; i < batch.ids.size(); ++i) {
      const auto row = static_cast<std::int64_t>(i);
      EXPECT_EQ(batch.ids[i], "p" + std::to_string(batch.mos[row].item<int>()));
      EXPECT_EQ(batch.pixels[row][2][0][0].item<int>(), batch.mos[row].item<int>());
      ++seen[batch.ids[i]];
    }
  }
  EXPECT_THAT(seen, testing::ElementsAre(testing::Pair("p0", 3), testing::Pair("p2", 3),
                                         testing::Pair("p3", 3), testing::Pair("p5", 3),
                                         testing::Pair("p6", 3)));
}

TEST(Loader, CropsLieInsideAndHalfAreMirrored) {
  const Coordinates data(20);
  Loader loader(data, all_of(data), {.side = 16, .per_image = 10, .flip = true},
                {.batch_size = 200}, Rng(2));
  const std::vector<Batch> batches = epoch_of(loader, 0);
  const at::Tensor pixels = batches[0].pixels.to(at::kLong);
  int mirrored = 0;
  std::set<std::pair<std::int64_t, std::int64_t>> corners;
  for (std::int64_t i = 0; i < 200; ++i) {
    const at::Tensor rows = pixels[i][0], columns = pixels[i][1];
    const bool flipped = columns[0][0].item<int>() > columns[0][15].item<int>();
    mirrored += flipped ? 1 : 0;
    const at::Tensor upright = flipped ? columns.flip(1) : columns;
    const auto top = rows[0][0].item<std::int64_t>(), left = upright[0][0].item<std::int64_t>();
    EXPECT_LE(top, 24 - 16);
    EXPECT_LE(left, 30 - 16);
    corners.emplace(top, left);
    EXPECT_TRUE(at::equal(upright, (at::arange(16) + left).expand({16, 16})));
    EXPECT_TRUE(at::equal(rows, (at::arange(16) + top).unsqueeze(1).expand({16, 16})));
  }
  EXPECT_GT(mirrored, 70);
  EXPECT_LT(mirrored, 130);
  EXPECT_GT(corners.size(), 80U) << "of 9 x 15 places";
}

TEST(Loader, NeitherWorkersNorLookAheadNorCacheMatter) {
  const Coordinates data(23);
  Loader plain(data, all_of(data), kCrops, {.batch_size = 5}, Rng(3));
  const std::vector<Batch> wanted = epoch_of(plain, 2);
  for (const LoaderOptions& options :
       {LoaderOptions{.batch_size = 5, .workers = 4, .ahead = 1},
        LoaderOptions{.batch_size = 5, .workers = 3, .ahead = 50},
        LoaderOptions{.batch_size = 5, .workers = 2, .ahead = 4, .cache = {.memory_bytes = 0}}}) {
    Loader other(data, all_of(data), kCrops, options, Rng(3));
    expect_equal(wanted, epoch_of(other, 2));
  }
}

TEST(Loader, EpochsAndSeedsDifferAndRepeat) {
  const Coordinates data(10);
  Loader loader(data, all_of(data), kCrops, {.batch_size = 30}, Rng(3));
  Loader other(data, all_of(data), kCrops, {.batch_size = 30}, Rng(4));
  const std::vector<Batch> first = epoch_of(loader, 0), second = epoch_of(loader, 1);
  EXPECT_NE(first[0].ids, second[0].ids);
  EXPECT_NE(first[0].ids, epoch_of(other, 0)[0].ids);
  expect_equal(first, epoch_of(loader, 0));
}

TEST(Loader, BeginsAtAnyBatchOfAnEpoch) {
  const Coordinates data(10);
  Loader loader(data, all_of(data), kCrops, {.batch_size = 4, .workers = 2}, Rng(3));
  const std::vector<Batch> whole = epoch_of(loader, 1);
  for (const std::size_t first : {1U, 5U, 8U}) {
    expect_equal(whole, epoch_of(loader, 1, static_cast<std::int64_t>(first)), first);
  }
  loader.start(0);
  static_cast<void>(loader.next());  // an epoch left in the middle
  expect_equal(whole, epoch_of(loader, 1));
}

TEST(Loader, KeepsDecodedPicturesUpToItsLimit) {
  const Coordinates data(4);
  Loader keeps(data, all_of(data), kCrops, {.batch_size = 4}, Rng(1));
  static_cast<void>(epoch_of(keeps, 0));
  EXPECT_EQ(data.reads, 4);
  Loader forgets(data, all_of(data), kCrops, {.batch_size = 4, .cache = {.memory_bytes = 0}},
                 Rng(1));
  data.reads = 0;
  static_cast<void>(epoch_of(forgets, 0));
  EXPECT_EQ(data.reads, 12);
}

TEST(Loader, APictureThatCannotBeReadNamesItself) {
  for (const std::int64_t workers : {1, 3}) {
    Coordinates data(12);
    data.broken = "p7";
    Loader loader(data, all_of(data), {.side = 16}, {.batch_size = 2, .workers = workers}, Rng(1));
    expect_error(ErrorKind::kData, {"cut off", "p7", "again"},
                 [&] { static_cast<void>(epoch_of(loader, 0)); });
    data.broken = "";
    EXPECT_EQ(epoch_of(loader, 0).size(), 6U) << "the loader can begin again";
  }
}

TEST(Loader, PicturesThatDoNotFitAreRefused) {
  Coordinates data(6);
  Loader small(data, all_of(data), {.side = 25}, {}, Rng(1));
  expect_error(ErrorKind::kData, {"24 pixels, the model's crop 25", "p", "larger"},
               [&] { static_cast<void>(epoch_of(small, 0)); });
  data.taller = "p3";
  Loader mixed(data, all_of(data), {.side = 0}, {.batch_size = 6}, Rng(1));
  expect_error(ErrorKind::kData, {"different sizes", "p", "--batch-size 1"},
               [&] { static_cast<void>(epoch_of(mixed, 0)); });
}

TEST(Loader, WholePicturesComeAsTheyAre) {
  const Coordinates data(3);
  Loader loader(data, all_of(data), {.side = 0}, {.batch_size = 2}, Rng(1));
  const std::vector<Batch> batches = epoch_of(loader, 0);
  const at::Tensor images = batches[0].images(c10::kCPU);
  EXPECT_EQ(images.sizes(), at::IntArrayRef({2, 3, 24, 30}));
  EXPECT_FLOAT_EQ(images[0][0][23][0].item<float>(), 23.0F / 255);
}

TEST(Loader, TheRowsOfSeveralProcessesAreThoseOfOne) {
  const Coordinates data(11);
  const CropPolicy crops = {.side = 16, .per_image = 1, .flip = true};
  Loader whole(data, all_of(data), crops, {.batch_size = 5}, Rng(3));
  const std::vector<Batch> wanted = epoch_of(whole, 1);
  ASSERT_EQ(wanted.size(), 3U) << "the last with one row";
  for (const std::int64_t world : {2, 3, 7}) {
    std::vector<std::vector<Batch>> parts;
    for (std::int64_t rank = 0; rank < world; ++rank) {
      const LoaderOptions options{.batch_size = 5, .workers = 2, .rank = rank, .world = world};
      Loader loader(data, all_of(data), crops, options, Rng(3));
      EXPECT_EQ(loader.batches_per_epoch(), 3);
      parts.push_back(epoch_of(loader, 1));
      ASSERT_EQ(parts.back().size(), wanted.size());
    }
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      std::vector<std::string> ids;
      std::vector<at::Tensor> pixels, mos;
      for (const std::vector<Batch>& part : parts) {
        const Batch& batch = part[i];
        EXPECT_EQ(batch.rows_of_all, wanted[i].mos.size(0));
        EXPECT_EQ(batch.first_row, std::ssize(ids));
        ids.insert(ids.end(), batch.ids.begin(), batch.ids.end());
        if (!batch.ids.empty()) pixels.push_back(batch.pixels);
        EXPECT_EQ(batch.pixels.size(0), std::ssize(batch.ids));
        mos.push_back(batch.mos);
      }
      EXPECT_EQ(ids, wanted[i].ids);
      EXPECT_TRUE(at::equal(at::cat(pixels), wanted[i].pixels));
      EXPECT_TRUE(at::equal(at::cat(mos), wanted[i].mos));
    }
  }
}

TEST(Loader, MayBeLeftInTheMiddle) {
  const Coordinates data(50);
  Loader loader(data, all_of(data), kCrops, {.batch_size = 2, .workers = 4, .ahead = 2}, Rng(1));
  loader.start(0);
  static_cast<void>(loader.next());
}

/// What a picture of Coordinates was cut at: [rows' numbers, columns' numbers] of its corner.
std::pair<int, int> corner(const at::Tensor& crop, std::int64_t y, std::int64_t x) {
  return {crop[0][y][x].item<int>(), crop[1][y][x].item<int>()};
}

TEST(Loader, TurnsAShareOfTheCropsUpsideDown) {
  const Coordinates data(8);
  const CropPolicy policy{.side = 16, .per_image = 25, .upside_down = 0.7};
  Loader loader(data, all_of(data), policy, {.batch_size = 200}, Rng(1));
  const Batch batch = epoch_of(loader, 0).front();
  int turned = 0;
  for (std::int64_t i = 0; i < 200; ++i) {
    const auto [top, left] = corner(batch.pixels[i], 0, 0);
    const auto [bottom, right] = corner(batch.pixels[i], 15, 15);
    EXPECT_EQ(right - left, 15) << "left and right stay";
    EXPECT_EQ(std::abs(bottom - top), 15);
    turned += bottom < top ? 1 : 0;
  }
  EXPECT_NEAR(turned, 140, 20);  // 3 standard deviations
}

TEST(Loader, ExclusiveOffsetsNeverReachTheEnd) {
  const Coordinates data(4);
  const at::Tensor picture = data.read(data.records()[0]);
  const std::int64_t side = picture.size(1) - 1;  // offsets 0 and 1 along the height
  for (const bool exclusive : {false, true}) {
    const CropPolicy policy{.side = side, .per_image = 50, .exclusive = exclusive};
    Loader loader(data, {0}, policy, {.batch_size = 50}, Rng(1));
    const at::Tensor tops = epoch_of(loader, 0).front().pixels.select(1, 0).select(1, 0);
    EXPECT_EQ(tops.max().item<int>(), exclusive ? 0 : 1);
  }
}

TEST(Loader, ResizesBeforeTheCrop) {
  const Coordinates data(2);
  const CropPolicy policy{.resize_height = 24, .resize_width = 40};
  Loader loader(data, {1}, policy, {.batch_size = 1}, Rng(1));
  const at::Tensor wanted = resize_bytes(data.read(data.records()[1]), 24, 40);
  EXPECT_TRUE(at::equal(epoch_of(loader, 0).front().pixels[0], wanted));
}

TEST(Loader, LeavesOutALastBatchThatIsTooSmall) {
  const Coordinates data(9);
  for (const auto& [least, batches] : {std::pair(1, 3), std::pair(2, 2), std::pair(4, 2)}) {
    Loader loader(data, all_of(data), {.side = 16}, {.batch_size = 4, .least_batch = least},
                  Rng(1));
    EXPECT_EQ(loader.batches_per_epoch(), batches);
    EXPECT_EQ(epoch_of(loader, 0).size(), static_cast<std::size_t>(batches)) << least;
  }
}

}  // namespace loader_test
}  // namespace robiq
