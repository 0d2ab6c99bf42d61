#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <set>

#include "robiq/data/published_set.h"
#include "robiq/data/split.h"
#include "support/errors.h"
#include "support/fake_sets.h"

namespace robiq {
namespace published_sets_test {

namespace fs = std::filesystem;

std::unique_ptr<Dataset> open(const std::string& spec) {
  return Registry<Dataset>::instance().make(parse_spec(spec, "--data"), "--data");
}

/// Every published set, one at a time.
class PublishedSets : public testing::TestWithParam<test::FakeSet> {
 protected:
  [[nodiscard]] std::string spec() const { return GetParam().name + ":" + root_.string(); }
  TemporaryFolder folder_;
  fs::path root_ = GetParam().make(folder_.path());
};

TEST_P(PublishedSets, LoadsFromItsFolderAndFromTheOneAbove) {
  const auto data = open(spec());
  EXPECT_EQ(data->records().size(), GetParam().pictures);
  std::set<std::string> contents;
  for (const ImageRecord& record : data->records()) contents.insert(record.content);
  EXPECT_EQ(contents.size(), GetParam().contents);
  const auto above = open(GetParam().name + ":" + folder_.path().string());
  ASSERT_EQ(above->records().size(), data->records().size());
  EXPECT_EQ(above->records()[3].file, data->records()[3].file);
}

TEST_P(PublishedSets, NamesItsOptionsInItsSpec) {
  const auto data = open(spec());
  EXPECT_EQ(data->card().name, GetParam().name);
  EXPECT_FALSE(data->card().paper.empty());
  const auto again = open(data->card().spec);
  EXPECT_EQ(again->card().spec, data->card().spec);
  EXPECT_EQ(again->card().scale, data->card().scale);
}

TEST_P(PublishedSets, ReadsEveryPicture) {
  const auto data = open(spec());
  for (const ImageRecord& record : data->records()) {
    EXPECT_EQ(data->read(record).sizes(), (std::vector<std::int64_t>{3, 40, 40})) << record.id;
    const double normalised = data->card().scale.normalise(record.mos);
    EXPECT_GT(normalised, -0.01);
    EXPECT_LT(normalised, 100.01);
  }
}

TEST_P(PublishedSets, SplitsByScene) {
  const auto data = open(spec());
  const Split split = make_split(data->records(), {0.4, 0.3, 0.3}, Rng(0));
  EXPECT_EQ(split.train.size() + split.val.size() + split.test.size(), GetParam().pictures);
  for (const std::size_t a : split.train) {
    for (const std::size_t b : split.test) {
      EXPECT_NE(data->records()[a].content, data->records()[b].content);
    }
  }
}

TEST_P(PublishedSets, KeepsAMissingPictureForVerify) {
  const fs::path gone = open(spec())->records()[1].file;
  fs::remove(gone);
  const auto data = open(spec());
  EXPECT_EQ(data->records().size(), GetParam().pictures);
  expect_error(ErrorKind::kData, {"there is no", "*", "*"},
               [&] { (void)data->read(data->records()[1]); });
}

TEST_P(PublishedSets, RefusesAFolderThatIsAnotherOrHoldsNoPictures) {
  const std::string name = GetParam().name;
  const std::string nowhere = (folder_.path() / "nowhere").string();
  expect_error(ErrorKind::kData, {"there is no folder '" + nowhere, name + ":", "give the folder"},
               [&] { (void)open(name + ":" + nowhere); });
  make_folder(nowhere);
  expect_error(ErrorKind::kData,
               {"is not " + name + ": it holds no", name + ":", "give the folder"},
               [&] { (void)open(name + ":" + nowhere); });
  expect_error(ErrorKind::kUsage, {name + " needs the folder", name, name + ":PATH"},
               [&] { (void)open(name); });
  const auto data = open(spec());
  for (const ImageRecord& record : data->records()) fs::remove(record.file);
  expect_error(ErrorKind::kData, {"not one of the", name + ":", "where the first should be"},
               [&] { (void)open(spec()); });
}

TEST_P(PublishedSets, StatesFactsAndTraps) {
  const PublishedFacts& facts = published_facts().at(GetParam().name);
  EXPECT_GT(facts.pictures, 500);
  EXPECT_LT(facts.lowest, facts.highest);
  EXPECT_FALSE(facts.traps.empty());
  const ScoreScale scale = open(spec())->card().scale;
  EXPECT_EQ(scale.best > scale.worst, facts.higher_is_better);
}

INSTANTIATE_TEST_SUITE_P(All, PublishedSets, testing::ValuesIn(test::fake_sets()),
                         [](const auto& given) { return given.param.name; });

}  // namespace published_sets_test
}  // namespace robiq
