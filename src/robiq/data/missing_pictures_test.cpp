#include "robiq/data/missing_pictures.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "robiq/core/files/files.h"
#include "robiq/tensor/pictures/image_io.h"
#include "support/det.h"
#include "support/errors.h"

namespace robiq {
namespace missing_pictures_test {

namespace fs = std::filesystem;

/// Six picture files of which one is cut off and one is not there.
class Six : public testing::Test, public Dataset {
 protected:
  Six() {
    for (const char* name : {"p0", "p1", "p2", "p3", "p4", "p5"}) {
      ImageRecord record;
      record.id = name;
      record.file = folder_.path() / (std::string(name) + ".png");
      write_png(record.file, det::image({name, 8, 10}));
      records_.push_back(record);
    }
    const std::string whole = read_file(records_[1].file, 1 << 20);
    write_file(records_[1].file, whole.substr(0, whole.size() / 2));
    fs::remove(records_[4].file);
  }

  [[nodiscard]] const DatasetCard& card() const noexcept override { return card_; }
  [[nodiscard]] std::span<const ImageRecord> records() const override { return records_; }

  TemporaryFolder folder_;
  DatasetCard card_{.spec = "six"};
  std::vector<ImageRecord> records_;
  std::vector<std::size_t> all_ = {5, 4, 3, 2, 1, 0};
};

TEST_F(Six, WhatCannotBeReadIsFoundAndLeftOut) {
  for (const std::int64_t workers : {1, 4}) {
    const auto missing = find_missing(*this, all_, {.allowed = 2, .workers = workers});
    ASSERT_EQ(missing.size(), 2U);
    EXPECT_EQ(missing[0].record, 4U) << "in the order of what was asked";
    EXPECT_NE(missing[0].reason.find("there is no file"), std::string::npos);
    EXPECT_EQ(missing[1].record, 1U);
    EXPECT_NE(missing[1].reason, "");
    std::vector<std::size_t> used = all_;
    leave_out(missing, used);
    EXPECT_EQ(used, (std::vector<std::size_t>{5, 3, 2, 0}));
  }
}

TEST_F(Six, OneMoreThanAllowedStopsTheRun) {
  expect_error(
      ErrorKind::kData,
      {"2 of 6 pictures cannot be read, and --allow-missing permits 1", "p4", "--allow-missing"},
      [&] { static_cast<void>(find_missing(*this, all_, {.allowed = 1})); });
}

TEST_F(Six, WhereNoneMayBeMissingOnlyTheFilesAreLookedFor) {
  expect_error(
      ErrorKind::kData,
      {"1 of 6 pictures cannot be read, and --allow-missing permits 0", "p4", "fix or copy"},
      [&] { static_cast<void>(find_missing(*this, all_, {})); });
  EXPECT_TRUE(find_missing(*this, {0, 1, 2}, {}).empty()) << "p1 is met later";
}

TEST_F(Six, WhatIsReadIsKeptInTheFolder) {
  const PictureCacheOptions cache{.folder = folder_.path() / "kept"};
  static_cast<void>(find_missing(*this, all_, {.allowed = 2, .cache = cache}));
  EXPECT_EQ(std::distance(fs::directory_iterator(cache.folder), {}), 4);
}

}  // namespace missing_pictures_test
}  // namespace robiq
