#include "robiq/data/split_order.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "robiq/core/files/files.h"
#include "robiq/core/text/text.h"
#include "support/errors.h"
#include "support/pickle_bytes.h"
#include "support/test_files.h"

namespace robiq {
namespace split_order_test {

std::vector<ImageRecord> pictures(std::size_t contents, std::size_t each = 1) {
  std::vector<ImageRecord> records;
  for (std::size_t i = 0; i < contents; ++i) {
    for (std::size_t j = 0; j < each; ++j) {
      ImageRecord record;
      record.content = "scene" + std::to_string(i);
      record.id = record.content + "-" + std::to_string(j);
      records.push_back(std::move(record));
    }
  }
  return records;
}

class SplitOrder : public testing::Test {
 protected:
  std::filesystem::path pickle(const std::vector<std::int64_t>& numbers) {
    write_file(file_, test::pickled(numbers));
    return file_;
  }
  TemporaryFolder folder_;
  std::filesystem::path file_ = folder_.path() / "order.pkl";
};

TEST_F(SplitOrder, ShufflesAsNumpyDoes) {
  const auto golden =
      test::read_json(test::fixture_path("models/splits.json"))["maniqa_kadid10k_reference_ids"];
  const std::vector<std::int64_t> order = numpy_order(20, 81);
  std::vector<std::string> train, val;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::string id = (order[i] < 9 ? "0" : "") + std::to_string(order[i] + 1);
    (i < 64 ? train : val).push_back(id);
  }
  EXPECT_EQ(golden["crc32_train_joined_by_newline"], test::crc32_of(join(train, "\n")));
  EXPECT_EQ(golden["crc32_val_joined_by_newline"], test::crc32_of(join(val, "\n")));
  EXPECT_EQ(numpy_order(0, 1), (std::vector<std::int64_t>{0}));
}

TEST_F(SplitOrder, CutsAsManiqaDoes) {
  const auto records = pictures(81, 2);
  const Split split = split_in_order(records, numpy_order(20, 81), {0.8, 0, 0.2}, Rounding::kDown);
  EXPECT_EQ(split.train.size(), 2U * 64U);
  EXPECT_EQ(split.test.size(), 2U * 17U);
  EXPECT_TRUE(shared_contents(split, records).empty());
  const auto many = pictures(10'073);
  const Split koniq = split_in_order(many, numpy_order(20, 10'073), {0.8, 0, 0.2}, Rounding::kDown);
  EXPECT_EQ(koniq.train.size(), 8058U);
  EXPECT_EQ(koniq.test.size(), 2015U);
}

TEST_F(SplitOrder, ReadsTheAuthorsPermutationOfLiveChallenge) {
  const auto golden =
      test::read_json(test::fixture_path("models/splits.json"))["livec_defenseiqa_nt"];
  auto order = golden["train"].get<std::vector<std::int64_t>>();
  const auto test = golden["test"].get<std::vector<std::int64_t>>();
  order.insert(order.end(), test.begin(), test.end());
  const auto read = read_order(pickle(order), 1162);
  EXPECT_EQ(read, order);
  EXPECT_EQ(std::filesystem::file_size(file_), 3240U);  // as published
  EXPECT_EQ(golden["sha256"], sha256_of_file(file_));
  const auto records = pictures(1162);
  const Split split = split_in_order(records, read, {0.8, 0, 0.2}, Rounding::kNearest);
  ASSERT_EQ(split.train.size(), 930U);
  auto sorted = test;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(std::vector<std::int64_t>(split.test.begin(), split.test.end()), sorted);
}

TEST_F(SplitOrder, RefusesWhatIsNoPermutation) {
  const auto refuses = [&](const std::vector<std::int64_t>& numbers, const std::string& what) {
    expect_error(ErrorKind::kData, {what, "order.pkl", "positions 0, 1, 2"},
                 [&] { (void)read_order(pickle(numbers), 3); });
  };
  EXPECT_EQ(read_order(pickle({2, 0, 1}), 3), (std::vector<std::int64_t>{2, 0, 1}));
  refuses({0, 1}, "it orders 2 and the data set has 3");
  refuses({0, 1, 3}, "it holds 3, and positions run from 0 to below 3");
  refuses({0, 1, -1}, "it holds -1");
  refuses({0, 1, 1}, "it holds 1 twice");
  write_file(file_, "\x80\x03]q" + std::string(1, '\0') + "(K" + std::string(1, '\0') + "NNe.");
  expect_error(ErrorKind::kData, {"other than whole numbers", "order.pkl", "*"},
               [&] { (void)read_order(file_, 3); });
  write_file(file_, "\x80\x03K\x05.");
  expect_error(ErrorKind::kData, {"holds no list", "order.pkl", "*"},
               [&] { (void)read_order(file_, 3); });
  write_file(file_, "cos\nsystem\n(S'true'\ntR.");
  expect_error(ErrorKind::kData, {"os.system", "order.pkl", "*"},
               [&] { (void)read_order(file_, 3); });
  expect_error(ErrorKind::kData, {"none.pkl", "*", "*"},
               [&] { (void)read_order(folder_.path() / "none.pkl", 3); });
}

TEST_F(SplitOrder, GivesEveryPartItsShare) {
  const auto records = pictures(10);
  const std::vector<std::int64_t> order = {9, 8, 7, 6, 5, 4, 3, 2, 1, 0};
  const Split split = split_in_order(records, order, {0.7, 0.1, 0.2}, Rounding::kDown);
  EXPECT_EQ(split.train, (std::vector<std::size_t>{3, 4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(split.val, (std::vector<std::size_t>{2}));
  EXPECT_EQ(split.test, (std::vector<std::size_t>{0, 1}));
  expect_error(ErrorKind::kUsage, {"0.5, 0 and 0.2, sum to 0.7", "split", "sum to 1"}, [&] {
    (void)split_in_order(records, order, {0.5, 0, 0.2}, Rounding::kDown);
  });
  expect_error(ErrorKind::kData, {"10 contents are too few", "split", "*"}, [&] {
    (void)split_in_order(records, order, {0.9, 0.01, 0.09}, Rounding::kNearest);
  });
}

TEST_F(SplitOrder, NamesContentsThatAreShared) {
  const auto records = pictures(2, 2);
  EXPECT_TRUE(
      shared_contents(split_from_parts(records, {"train", "train", "test", ""}), records).empty());
  EXPECT_EQ(shared_contents(split_from_parts(records, {"train", "train", "val", "test"}), records),
            (std::vector<std::string>{"scene1"}));
}

TEST_F(SplitOrder, ASplitByPictureIsReadBack) {
  const auto records = pictures(2, 2);
  auto own = records;
  for (ImageRecord& record : own) record.content = record.id;
  const Split split = split_from_parts(own, {"train", "test", "train", "test"});
  const auto file = folder_.path() / "split.csv";
  write_split(split, own, file);
  const Split read = read_split(file, records);
  EXPECT_EQ(read.sha256, split.sha256);
  EXPECT_EQ(shared_contents(read, records).size(), 2U);
  write_split(split, records, file);
  expect_error(ErrorKind::kData, {"'scene0' are in", "*", "one content into one split"},
               [&] { (void)read_split(file, records); });
}

}  // namespace split_order_test
}  // namespace robiq
