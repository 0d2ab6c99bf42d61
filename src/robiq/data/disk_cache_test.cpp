#include "robiq/data/disk_cache.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "robiq/core/files/files.h"
#include "robiq/data/picture_cache.h"
#include "robiq/tensor/pictures/image_io.h"
#include "support/det.h"
#include "support/errors.h"

namespace robiq {
namespace disk_cache_test {

namespace fs = std::filesystem;
using std::chrono::hours;

constexpr std::int64_t kPlenty = 1 << 20;
/// 3 x 8 x 10 pixels and what stands before them.
constexpr std::int64_t kOneFile = 240 + 32;

/// Files that stand for pictures, and a folder for what is decoded from them.
class DiskCaches : public testing::Test {
 protected:
  [[nodiscard]] fs::path picture(const std::string& name, const std::string& bytes = "x") const {
    const fs::path file = folder_.path() / name;
    if (!fs::exists(file)) write_file(file, bytes);
    return file;
  }
  [[nodiscard]] static at::Tensor pixels(const std::string& name) {
    return det::image({name, 8, 10});
  }
  [[nodiscard]] fs::path kept() const { return folder_.path() / "kept"; }

  void keep(DiskCache& cache, const std::string& name) const {
    cache.keep(picture(name), cache.place_of(picture(name)), pixels(name));
  }
  [[nodiscard]] bool has(DiskCache& cache, const std::string& name) const {
    const auto found = cache.find(cache.place_of(picture(name)));
    EXPECT_TRUE(!found || at::equal(*found, pixels(name))) << name;
    return found.has_value();
  }
  [[nodiscard]] int files() const {
    return static_cast<int>(std::distance(fs::directory_iterator(kept()), {}));
  }

  TemporaryFolder folder_;
};

TEST_F(DiskCaches, KeepsPixelsForTheProcessAfterIt) {
  {
    DiskCache cache(kept(), "set", kPlenty);
    EXPECT_FALSE(has(cache, "a"));
    keep(cache, "a");
    EXPECT_TRUE(has(cache, "a"));
  }
  DiskCache later(kept(), "set", kPlenty);
  EXPECT_TRUE(has(later, "a"));
  EXPECT_FALSE(has(later, "b"));
}

TEST_F(DiskCaches, AnotherRecipeHasPixelsOfItsOwn) {
  DiskCache one(kept(), "as it is", kPlenty), other(kept(), "resized", kPlenty);
  keep(one, "a");
  EXPECT_FALSE(has(other, "a"));
}

TEST_F(DiskCaches, AChangedPictureIsNotWhatWasKept) {
  DiskCache cache(kept(), "set", kPlenty);
  keep(cache, "a");
  write_file(picture("a"), "another size");
  EXPECT_FALSE(has(cache, "a")) << "its size has changed";
  keep(cache, "a");
  EXPECT_TRUE(has(cache, "a"));
  fs::last_write_time(picture("a"), fs::last_write_time(picture("a")) - hours(5));
  EXPECT_FALSE(has(cache, "a")) << "its time has changed";
}

TEST_F(DiskCaches, APictureThatChangesWhileItIsDecodedIsNotKept) {
  DiskCache cache(kept(), "set", kPlenty);
  const fs::path before = cache.place_of(picture("a"));
  write_file(picture("a"), "changed");
  cache.keep(picture("a"), before, pixels("a"));
  EXPECT_EQ(files(), 0);
}

TEST_F(DiskCaches, DamagedFilesAreNotUsedAndAreReplaced) {
  DiskCache cache(kept(), "set", kPlenty);
  keep(cache, "a");
  const fs::path file = cache.place_of(picture("a"));
  const std::string whole = read_file(file, kPlenty);
  std::string flipped = whole, huge = whole;
  flipped[200] = static_cast<char>(flipped[200] ^ 1);
  huge[15] = 0x7F;  // the height
  for (const std::string& bytes :
       {std::string(), whole.substr(0, 20), whole.substr(0, whole.size() - 1),
        std::string(whole.size(), '\0'), flipped, huge}) {
    write_file(file, bytes);
    EXPECT_FALSE(has(cache, "a")) << bytes.size();
    keep(cache, "a");
    EXPECT_TRUE(has(cache, "a")) << bytes.size();
  }
}

TEST_F(DiskCaches, APictureThatIsNotThereHasNoPlace) {
  DiskCache cache(kept(), "set", kPlenty);
  EXPECT_EQ(cache.place_of(folder_.path() / "none"), fs::path());
  EXPECT_FALSE(cache.find({}).has_value());
  cache.keep(folder_.path() / "none", {}, pixels("a"));
  EXPECT_EQ(files(), 0);
}

TEST_F(DiskCaches, WhatThisProcessUsesStaysWhenTheFolderIsFull) {
  DiskCache cache(kept(), "set", 2 * kOneFile);
  for (const char* name : {"a", "b", "c"}) keep(cache, name);
  EXPECT_TRUE(has(cache, "a"));
  EXPECT_TRUE(has(cache, "b"));
  EXPECT_FALSE(has(cache, "c"));
  EXPECT_EQ(files(), 2);
}

TEST_F(DiskCaches, WhatIsLongestUnusedMakesRoom) {
  {
    DiskCache earlier(kept(), "set", kPlenty);
    for (const char* name : {"a", "b", "c"}) keep(earlier, name);
    const auto back = [&](const std::string& name, int days) {
      const fs::path file = earlier.place_of(picture(name));
      fs::last_write_time(file, fs::last_write_time(file) - hours(24 * days));
    };
    back("a", 3);
    back("b", 2);
    back("c", 1);
  }
  DiskCache cache(kept(), "set", 3 * kOneFile);
  EXPECT_TRUE(has(cache, "a")) << "the oldest is used now";
  keep(cache, "d");
  EXPECT_EQ(files(), 3);
  EXPECT_FALSE(has(cache, "b"));
  for (const char* name : {"a", "c", "d"}) EXPECT_TRUE(has(cache, name)) << name;
}

TEST_F(DiskCaches, CountsWhatOthersWriteBesideIt) {
  constexpr std::int64_t kFiles = 100;
  DiskCache one(kept(), "one", kFiles * kOneFile), other(kept(), "other", kFiles * kOneFile);
  for (int i = 0; i < kFiles; ++i) {
    keep(one, std::to_string(i));
    keep(other, std::to_string(i));
  }
  EXPECT_LE(files(), kFiles + 64) << "the folder is counted again after 64 files of one's own";
}

TEST_F(DiskCaches, ClearsWhatAKilledProcessLeftLongAgo) {
  fs::create_directories(kept());
  write_file(kept() / "0a.pixels.part1-0", "old");
  write_file(kept() / "0b.pixels.part2-0", "new");
  fs::last_write_time(kept() / "0a.pixels.part1-0", fs::file_time_type::clock::now() - hours(2));
  const DiskCache cache(kept(), "set", kPlenty);
  EXPECT_EQ(files(), 1);
}

TEST_F(DiskCaches, ManyThreadsAndTwoCachesAgree) {
  DiskCache one(kept(), "set", kPlenty), other(kept(), "set", kPlenty);
  for (int i = 0; i < 20; ++i) static_cast<void>(picture(std::to_string(i)));
  std::vector<std::jthread> threads;
  for (DiskCache* cache : {&one, &other, &one, &other}) {
    threads.emplace_back([this, cache] {
      for (int round = 0; round < 5; ++round) {
        for (int i = 0; i < 20; ++i) {
          if (!has(*cache, std::to_string(i))) keep(*cache, std::to_string(i));
        }
      }
    });
  }
  threads.clear();
  EXPECT_EQ(files(), 20);
}

TEST_F(DiskCaches, AFolderThatCannotBeIsRefused) {
  write_file(folder_.path() / "file", "x");
  expect_error(ErrorKind::kData, {"*", "file", "*"},
               [&] { const DiskCache cache(folder_.path() / "file" / "kept", "set", kPlenty); });
}

/// One picture file.
class OnePicture final : public Dataset {
 public:
  explicit OnePicture(const fs::path& file) : records_(1) { records_[0].file = file; }
  [[nodiscard]] const DatasetCard& card() const noexcept override { return card_; }
  [[nodiscard]] std::span<const ImageRecord> records() const override { return records_; }

 private:
  DatasetCard card_{.spec = "one"};
  std::vector<ImageRecord> records_;
};

TEST_F(DiskCaches, APictureIsDecodedOnceForManyRuns) {
  const fs::path file = folder_.path() / "p.png";
  write_png(file, pixels("p"));
  const auto time = fs::last_write_time(file);
  const OnePicture data(file);
  const PictureCacheOptions options{.memory_bytes = 0, .folder = kept()};
  EXPECT_TRUE(at::equal(PictureCache(data, options).get(0), pixels("p")));
  const auto size = fs::file_size(file);
  write_file(file, std::string(size, 'x'));  // what is kept is found by size and time alone
  fs::last_write_time(file, time);
  EXPECT_TRUE(at::equal(PictureCache(data, options).get(0), pixels("p")));
  expect_error(ErrorKind::kData, {"*", "p.png", "*"},
               [&] { static_cast<void>(PictureCache(data, {}).get(0)); });
}

}  // namespace disk_cache_test
}  // namespace robiq
