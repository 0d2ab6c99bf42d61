#include "robiq/data/split.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "robiq/core/files/files.h"
#include "robiq/io/table/csv.h"
#include "support/errors.h"

namespace robiq {
namespace split_test {

/// `contents` contents of three pictures each; every content's split comes from `names`.
std::vector<ImageRecord> records_of(int contents, const std::map<int, std::string>& names = {}) {
  std::vector<ImageRecord> records;
  for (int content = 0; content < contents; ++content) {
    for (int picture = 0; picture < 3; ++picture) {
      ImageRecord& record = records.emplace_back();
      record.content = "c" + std::to_string(content);
      record.id = record.content + "-" + std::to_string(picture);
      record.mos = 10 * content + picture;
      if (names.contains(content)) record.split = names.at(content);
    }
  }
  return records;
}

std::set<std::string> contents_of(const std::vector<ImageRecord>& records,
                                  const std::vector<std::size_t>& part) {
  std::set<std::string> contents;
  for (const std::size_t i : part) contents.insert(records[i].content);
  return contents;
}

TEST(Split, DividesByContentInTheWantedShares) {
  const auto records = records_of(60);
  const Split split = make_split(records, {}, Rng(3));
  EXPECT_EQ(contents_of(records, split.train).size(), 42U);
  EXPECT_EQ(contents_of(records, split.val).size(), 6U);
  EXPECT_EQ(contents_of(records, split.test).size(), 12U);
  EXPECT_EQ(split.train.size() + split.val.size() + split.test.size(), records.size());
  for (const std::string& content : contents_of(records, split.train)) {
    EXPECT_FALSE(contents_of(records, split.val).contains(content));
    EXPECT_FALSE(contents_of(records, split.test).contains(content));
  }
  EXPECT_TRUE(std::is_sorted(split.train.begin(), split.train.end()));
}

TEST(Split, DependsOnItsSeedAndNothingElse) {
  const auto records = records_of(20);
  EXPECT_EQ(make_split(records, {}, Rng(1)).test, make_split(records, {}, Rng(1)).test);
  EXPECT_EQ(make_split(records, {}, Rng(1)).sha256, make_split(records, {}, Rng(1)).sha256);
  EXPECT_NE(make_split(records, {}, Rng(1)).sha256, make_split(records, {}, Rng(2)).sha256);
}

TEST(Split, HashIsOfItsSortedLines) {
  const auto records = records_of(3, {{0, "val"}, {1, "test"}, {2, "train"}});
  std::string lines;
  for (const char* line : {"c0-0\tval", "c0-1\tval", "c0-2\tval", "c1-0\ttest", "c1-1\ttest",
                           "c1-2\ttest", "c2-0\ttrain", "c2-1\ttrain", "c2-2\ttrain"}) {
    lines += std::string(line) + "\n";
  }
  EXPECT_EQ(make_split(records, {}, Rng(1)).sha256, sha256(lines));
}

TEST(Split, OfThreeContentsHasNoEmptyPart) {
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const Split split = make_split(records_of(3), {}, Rng(seed));
    EXPECT_EQ(split.train.size(), 3U);
    EXPECT_EQ(split.val.size(), 3U);
    EXPECT_EQ(split.test.size(), 3U);
  }
  const Split uneven = make_split(records_of(4), {0.1, 0.45, 0.45}, Rng(0));
  EXPECT_FALSE(uneven.train.empty());
  EXPECT_FALSE(uneven.val.empty());
  EXPECT_FALSE(uneven.test.empty());
}

TEST(Split, LeavesAPartWithoutAShareEmpty) {
  const Split split = make_split(records_of(10), {0.8, 0, 0.2}, Rng(0));
  EXPECT_TRUE(split.val.empty());
  EXPECT_EQ(split.test.size(), 6U);
}

TEST(Split, KeepsWhatTheDataSetNames) {
  std::map<int, std::string> names;
  for (int i = 0; i < 20; ++i) names[i] = i < 15 ? "train" : "test";
  const auto records = records_of(20, names);
  const Split split = make_split(records, {}, Rng(4));
  EXPECT_EQ(contents_of(records, split.test),
            (std::set<std::string>{"c15", "c16", "c17", "c18", "c19"}));
  EXPECT_TRUE(split.val.empty()) << "what is named train stays there";
  EXPECT_EQ(contents_of(records, split.train).size(), 15U);
  for (int i = 0; i < 3; ++i) names[i] = "val";
  const auto all_named = records_of(20, names);
  const Split kept = make_split(all_named, {}, Rng(4));
  EXPECT_EQ(contents_of(all_named, kept.val), (std::set<std::string>{"c0", "c1", "c2"}));
  EXPECT_EQ(contents_of(all_named, kept.test).size(), 5U);
}

TEST(Split, OfNamedPartsAddsNothingToThem) {
  const auto named = records_of(
      6, {{0, "train"}, {1, "train"}, {2, "train"}, {3, "train"}, {4, "val"}, {5, "val"}});
  const Split split = make_split(named, {}, Rng(0), SplitPurpose::kTraining);
  EXPECT_EQ(split.train.size(), 12U);
  EXPECT_EQ(split.val.size(), 6U);
  EXPECT_TRUE(split.test.empty());
  const auto some = records_of(12, {{0, "train"}, {1, "train"}, {2, "val"}});
  const Split drawn = make_split(some, {}, Rng(0));
  EXPECT_EQ(contents_of(some, drawn.train), (std::set<std::string>{"c0", "c1"}));
  EXPECT_EQ(contents_of(some, drawn.val), std::set<std::string>{"c2"});
  EXPECT_EQ(contents_of(some, drawn.test).size(), 9U);
}

TEST(Split, APartWithoutAShareStaysEmpty) {
  const auto some = records_of(12, {{0, "test"}, {1, "test"}});
  const Split split = make_split(some, {0, 0, 1}, Rng(0));
  EXPECT_TRUE(split.train.empty());
  EXPECT_TRUE(split.val.empty());
  EXPECT_EQ(contents_of(some, split.test), (std::set<std::string>{"c0", "c1"}));
  const auto none = records_of(12);
  EXPECT_EQ(contents_of(none, make_split(none, {0, 0, 1}, Rng(0)).test).size(), 12U);
}

TEST(Split, WhereTrainingPicturesAreNamedTheOthersAreForValidationAndTest) {
  const auto some = records_of(40, {{0, "train"}, {1, "train"}, {2, "train"}, {3, "train"}});
  const Split split = make_split(some, {}, Rng(0));
  EXPECT_EQ(contents_of(some, split.train).size(), 4U);
  EXPECT_EQ(contents_of(some, split.val).size(), 12U) << "0.1 of 0.3";
  EXPECT_EQ(contents_of(some, split.test).size(), 24U);
}

TEST(Split, OnlyTrainingNeedsATrainingPart) {
  const auto all_test = records_of(3, {{0, "test"}, {1, "test"}, {2, "test"}});
  EXPECT_EQ(make_split(all_test, {}, Rng(0), SplitPurpose::kEvaluating).test.size(), 9U);
  EXPECT_EQ(make_split(all_test, {}, Rng(0), SplitPurpose::kDividing).test.size(), 9U);
  expect_error(ErrorKind::kData, {"nothing is left to train on", "split", "--split-file"},
               [&] { (void)make_split(all_test, {}, Rng(0), SplitPurpose::kTraining); });
  EXPECT_EQ(make_split(records_of(1), {}, Rng(0), SplitPurpose::kEvaluating).test.size(), 3U);
}

TEST(Split, NamedForOnePictureHoldsForItsContent) {
  auto records = records_of(5);
  records[1].split = "test";
  const Split split = make_split(records, {}, Rng(0));
  EXPECT_TRUE(contents_of(records, split.test).contains("c0"));
  EXPECT_EQ(split.test.size(), 3U);
}

TEST(Split, WithTooFewContentsIsRefused) {
  expect_error(
      ErrorKind::kData,
      {"only 1 content (scene): nothing is left for train", "split", "each part needs one"},
      [] { (void)make_split(records_of(1), {}, Rng(0)); });
  expect_error(ErrorKind::kData, {"nothing is left for", "split", "*"},
               [] { (void)make_split(records_of(0), {}, Rng(0)); });
  EXPECT_NO_THROW((void)make_split(records_of(2), {0.5, 0, 0.5}, Rng(0)));
}

TEST(Split, OfTwoContentsTrainsOnOneAndTestsWithTheOther) {
  const Split split = make_split(records_of(2), {}, Rng(0));
  EXPECT_FALSE(split.train.empty());
  EXPECT_FALSE(split.test.empty());
  EXPECT_TRUE(split.val.empty());
}

TEST(Split, WithImpossibleSharesIsRefused) {
  expect_error(ErrorKind::kUsage, {"0.5, 0.1 and 0.2, sum to 0.8", "split", "sum to 1"}, [] {
    (void)make_split(records_of(9), {0.5, 0.1, 0.2}, Rng(0));
  });
  expect_error(ErrorKind::kUsage, {"1.2, -0.2 and 0, hold one below 0", "split", "at least 0"}, [] {
    (void)make_split(records_of(9), {1.2, -0.2, 0}, Rng(0));
  });
}

TEST(Split, ThatLeaksIsRefused) {
  auto records = records_of(6, {{0, "train"}, {1, "test"}});
  records[2].split = "test";
  expect_error(ErrorKind::kData,
               {"the pictures of 'c0' are in train and in test", "c0-2", "one split"},
               [&] { (void)make_split(records, {}, Rng(0)); });
  records[2].split = "holdout";
  expect_error(ErrorKind::kData, {"'holdout' is not a split", "c0-2", "train, val or test"},
               [&] { (void)make_split(records, {}, Rng(0)); });
}

TEST(SplitFile, ReadsBackAsItWas) {
  const TemporaryFolder folder;
  const auto records = records_of(12);
  Split split = make_split(records, {}, Rng(8));
  write_split(split, records, folder.path() / "split.csv");
  const Split read = read_split(folder.path() / "split.csv", records);
  EXPECT_EQ(read.train, split.train);
  EXPECT_EQ(read.val, split.val);
  EXPECT_EQ(read.test, split.test);
  EXPECT_EQ(read.sha256, split.sha256);
  EXPECT_EQ(read_csv(folder.path() / "split.csv").header,
            (std::vector<std::string>{"image", "mos", "content", "split"}));
  split.train.resize(2);
  write_split(split, records, folder.path() / "limited.csv");
  EXPECT_EQ(read_split(folder.path() / "limited.csv", records).train, split.train);
}

TEST(SplitFile, OfAnotherDataSetIsRefused) {
  const TemporaryFolder folder;
  const auto records = records_of(3);
  const auto read = [&](const std::string& rows) {
    write_file(folder.path() / "s.csv", "image,split\n" + rows);
    return read_split(folder.path() / "s.csv", records);
  };
  const std::string all =
      "c0-0,train\nc0-1,train\nc0-2,train\nc1-0,val\nc1-1,val\nc1-2,val\nc2-0,test\nc2-1,test\n";
  EXPECT_NO_THROW((void)read(all + "c2-2,test\n"));
  expect_error(ErrorKind::kData, {"'c9-9' is not in the data set", "s.csv:2", "this data set"},
               [&] { (void)read("c9-9,train\n"); });
  expect_error(ErrorKind::kData, {"or is listed twice", "s.csv:3", "this data set"},
               [&] { (void)read("c0-0,train\nc0-0,train\n"); });
  expect_error(ErrorKind::kData, {"no row for 'c2-2'", "s.csv", "this data set"},
               [&] { (void)read(all); });
  expect_error(ErrorKind::kData, {"'c2' are in test and in val", "s.csv:10", "one split"},
               [&] { (void)read(all + "c2-2,val\n"); });
  expect_error(ErrorKind::kData, {"'later' is not a split", "s.csv:10", "train, val or test"},
               [&] { (void)read(all + "c2-2,later\n"); });
}

}  // namespace split_test
}  // namespace robiq
