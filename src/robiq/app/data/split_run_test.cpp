#include "robiq/app/data/split_run.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "robiq/app/run/flag_parts.h"
#include "robiq/data/split.h"
#include "support/errors.h"
#include "support/fake_sets.h"
#include "support/pickle_bytes.h"
#include "support/test_files.h"

namespace robiq {
namespace split_run_test {

namespace fs = std::filesystem;

class SplitRun : public testing::Test {
 protected:
  SplitRun() {
    request_.data = "kadid10k:" + test::fake_kadid10k(folder_.path()).string();
    request_.out = at("split.csv");
    request_.train = 0.5;
    request_.val = 0.25;
    request_.test = 0.25;
  }
  [[nodiscard]] std::string at(const std::string& name) const {
    return (folder_.path() / "splits" / name).string();
  }
  WrittenSplit one() { return split_dataset(request_).at(0); }
  Split read(const std::string& file) {
    return read_split_file(file, *make_dataset(request_.data));
  }
  TemporaryFolder folder_;
  SplitRequest request_;
};

TEST_F(SplitRun, DividesByScene) {
  const auto row = one();
  EXPECT_EQ(row.train, 8);
  EXPECT_EQ(row.val, 4);
  EXPECT_EQ(row.test, 4);
  EXPECT_EQ(row.scenes, 4);
  EXPECT_EQ(row.scenes_shared, 0);
  EXPECT_EQ(row.official, false);
  EXPECT_EQ(row.sha256, read(request_.out).sha256);
}

TEST_F(SplitRun, DividesByPictureWhenAsked) {
  request_.by = "image";
  const auto row = one();
  EXPECT_GT(row.scenes_shared, 0);
  EXPECT_EQ(row.sha256, read(request_.out).sha256);
}

TEST_F(SplitRun, DrawsWhatTrainingDraws) {
  request_.train = 0.7;
  request_.val = 0.1;
  request_.test = 0.2;
  request_.seed = 3;
  const auto dataset = make_dataset(request_.data);
  EXPECT_EQ(one().sha256, make_split(dataset->records(), {}, Rng(3).child("split")).sha256);
}

TEST_F(SplitRun, RepeatsWithOneSeedAfterAnother) {
  request_.repeats = 11;
  const auto rows = split_dataset(request_);
  ASSERT_EQ(rows.size(), 11U);
  EXPECT_EQ(rows[4].file, at("split-04.csv"));
  EXPECT_EQ(rows[10].file, at("split-10.csv"));
  EXPECT_NE(rows[0].sha256, rows[1].sha256);
  request_.repeats = 1;
  request_.seed = 4;
  EXPECT_EQ(one().sha256, rows[4].sha256);
}

TEST_F(SplitRun, WritesOverNothingButItself) {
  (void)one();
  (void)one();
  request_.seed = 1;
  expect_error(ErrorKind::kUsage, {"holds something else", "--out", "another file"},
               [&] { (void)one(); });
}

TEST_F(SplitRun, KeepsTheOfficialParts) {
  request_.data = "koniq10k:" + test::fake_koniq10k(folder_.path()).string();
  const auto row = one();
  EXPECT_EQ(row.official, true);
  EXPECT_EQ(row.train, 6);
  EXPECT_EQ(read(request_.out).test, (std::vector<std::size_t>{8, 9}));
  request_.official = false;
  request_.out = at("mine.csv");
  EXPECT_EQ(one().train, 4);
}

TEST_F(SplitRun, ShufflesAsNumpyDoes) {
  request_.draw = "numpy";
  request_.seed = 20;
  request_.train = 0.8;
  request_.val = 0;
  request_.test = 0.2;
  const auto row = one();
  EXPECT_EQ(row.train, 12);  // int(0.8 * 4) = 3 scenes
  EXPECT_EQ(row.test, 4);
  request_.seed = std::int64_t{1} << 32;
  expect_error(ErrorKind::kUsage, {"below 2^32", "--seed", "*"}, [&] { (void)one(); });
}

TEST_F(SplitRun, TakesAnOrderThatIsGiven) {
  request_.order = (folder_.path() / "order.pkl").string();
  write_file(request_.order, test::pickled({3, 0, 1, 2}));
  const auto row = one();
  EXPECT_EQ(row.draw, "order");
  EXPECT_FALSE(row.seed.has_value());
  EXPECT_EQ(read(request_.out).train, (std::vector<std::size_t>{0, 1, 2, 3, 12, 13, 14, 15}));
  EXPECT_EQ(read(request_.out).test, (std::vector<std::size_t>{8, 9, 10, 11}));
  request_.by = "image";
  request_.out = at("other.csv");
  expect_error(ErrorKind::kData, {"it orders 4 and the data set has 16", "order.pkl", "*"},
               [&] { (void)one(); });
  request_.repeats = 2;
  expect_error(ErrorKind::kUsage, {"one order", "--repeats", "*"}, [&] { (void)one(); });
  request_.repeats = 1;
  request_.draw = "numpy";
  expect_error(ErrorKind::kUsage, {"is not drawn", "--draw", "*"}, [&] { (void)one(); });
  request_.out = "";
  expect_error(ErrorKind::kUsage, {"no file", "--out", "*"}, [&] { (void)one(); });
}

TEST_F(SplitRun, RepeatsTheAuthorsSplitOfLiveChallenge) {
  const fs::path root = test::fake_livec(folder_.path());
  std::vector<std::string> names;
  for (int i = 1; i <= 7; ++i) names.push_back("t" + std::to_string(i) + ".bmp");
  for (int i = 0; i < 1162; ++i) names.push_back(std::to_string(1164 - i) + ".bmp");
  const std::vector<double> mos(names.size(), 50);
  test::write_mat5(root / "Data" / "AllImages_release.mat",
                   {test::mat_cells("AllImages_release", names)});
  test::write_mat5(root / "Data" / "AllMOS_release.mat",
                   {test::Given::doubles("AllMOS_release", {1, mos.size()}, mos)});
  const auto golden =
      test::read_json(test::fixture_path("models/splits.json"))["livec_defenseiqa_nt"];
  auto order = golden["train"].get<std::vector<std::int64_t>>();
  auto last = golden["test"].get<std::vector<std::int64_t>>();
  order.insert(order.end(), last.begin(), last.end());
  request_.order = (folder_.path() / "CLIVE_traintest_index.pkl").string();
  write_file(request_.order, test::pickled(order));
  EXPECT_EQ(golden["sha256"], sha256_of_file(request_.order));
  request_.data = "livec:" + root.string();
  request_.train = 0.8;
  request_.val = 0;
  request_.test = 0.2;
  EXPECT_EQ(one().train, 930);
  const Split split = read(request_.out);
  std::sort(last.begin(), last.end());
  EXPECT_EQ(std::vector<std::int64_t>(split.test.begin(), split.test.end()), last);
}

TEST_F(SplitRun, RefusesASplitOfAnotherDataSet) {
  (void)one();
  const auto other = make_dataset("builtin:scenes=3,size=64");
  expect_error(ErrorKind::kData, {"is not in the data set", "split.csv:2", "*"},
               [&] { (void)read_split_file(request_.out, *other); });
}

}  // namespace split_run_test
}  // namespace robiq
