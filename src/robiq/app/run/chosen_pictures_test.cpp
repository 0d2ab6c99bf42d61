#include "robiq/app/run/chosen_pictures.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

namespace robiq {
namespace chosen_pictures_test {

std::unique_ptr<Dataset> builtin(const std::string& options) {
  return Registry<Dataset>::instance().make(parse_spec("builtin:" + options, "--data"), "--data");
}

std::vector<std::size_t> chosen(const Dataset& dataset, std::int64_t limit) {
  PictureChoice choice;
  choice.part = SplitPart::kAll;
  choice.limit = limit;
  return choose_pictures(dataset, choice, {}, 1).records;
}

/// How many of the records are of each kind of distortion.
std::map<std::string, std::int64_t> kinds(const Dataset& dataset,
                                          const std::vector<std::size_t>& records) {
  std::map<std::string, std::int64_t> counts;
  for (const std::size_t record : records) ++counts[dataset.records()[record].distortion];
  return counts;
}

/// A list without kinds, as a CSV file may be.
class Plain final : public Dataset {
 public:
  explicit Plain(int count) : records_(static_cast<std::size_t>(count)) {
    for (int i = 0; i < count; ++i) {
      records_[static_cast<std::size_t>(i)].id = std::to_string(i);
      records_[static_cast<std::size_t>(i)].content = std::to_string(i);
    }
  }
  [[nodiscard]] const DatasetCard& card() const noexcept override { return card_; }
  [[nodiscard]] std::span<const ImageRecord> records() const override { return records_; }

 private:
  DatasetCard card_;
  std::vector<ImageRecord> records_;
};

/// Of `limit` pictures of so many scenes under 25 kinds, in turn.
void expect_even(int scenes, std::int64_t limit) {
  SCOPED_TRACE(std::to_string(limit) + " of " + std::to_string(25 * scenes));
  const auto data = builtin("size=64,scenes=" + std::to_string(scenes));
  const std::vector<std::size_t> records = chosen(*data, limit);
  EXPECT_EQ(std::ssize(records), limit);
  const auto counts = kinds(*data, records);
  EXPECT_EQ(std::ssize(counts), std::min<std::int64_t>(limit, 25));
  for (const auto& [kind, count] : counts) {
    EXPECT_LE(std::abs(25 * count - limit), 25) << kind;
  }
  std::set<std::string> contents;
  for (const std::size_t record : records) contents.insert(data->records()[record].content);
  EXPECT_GE(2 * std::ssize(contents), std::min<std::int64_t>(limit, scenes)) << "scenes";
}

// With every n-th picture a stride of a multiple of 5 would see 5 kinds, of 25 one kind.
TEST(ChosenPictures, ALimitKeepsEveryKindAlikeAndManyScenes) {
  for (const std::int64_t limit : {8, 20, 25, 41, 60, 100, 199}) expect_even(8, limit);
  for (const std::int64_t limit : {25, 40, 41, 200, 333}) expect_even(32, limit);
  expect_even(2, 8);
  expect_even(40, 25);
}

// A kind is a distortion and its level, which come in turn: "blur-1", ..., "blur-4", "contrast-1".
TEST(ChosenPictures, ALimitBelowTheNumberOfKindsSeesSeveralLevels) {
  const auto data = builtin("scenes=8,size=64");
  for (const std::int64_t limit : {5, 6, 7, 12, 13}) {
    std::set<char> levels;
    const auto records = chosen(*data, limit);
    for (const auto& [kind, count] : kinds(*data, records)) levels.insert(kind.back());
    EXPECT_GE(levels.size(), 3U) << limit;
    EXPECT_EQ(std::ssize(records), limit);
  }
}

TEST(ChosenPictures, WithoutKindsALimitTakesOnePictureOfEachStretch) {
  const Plain data(1000);
  for (const std::int64_t limit : {1, 2, 3, 41, 60, 667, 999}) {
    const std::vector<std::size_t> records = chosen(data, limit);
    ASSERT_EQ(std::ssize(records), limit);
    for (std::int64_t i = 0; i < limit; ++i) {
      const auto record = static_cast<std::int64_t>(records[static_cast<std::size_t>(i)]);
      EXPECT_GE(record, i * 1000 / limit) << limit;
      EXPECT_LT(record, (i + 1) * 1000 / limit) << limit;
    }
    EXPECT_EQ(records, chosen(data, limit));
  }
}

TEST(ChosenPictures, WithoutALimitOrWithALargeOneEveryPictureIsThere) {
  const auto data = builtin("scenes=2,size=64");
  EXPECT_EQ(chosen(*data, 0).size(), 50U);
  EXPECT_EQ(chosen(*data, 50), chosen(*data, 0));
  EXPECT_EQ(chosen(*data, 51), chosen(*data, 0));
}

}  // namespace chosen_pictures_test
}  // namespace robiq
