#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "robiq/data/dataset.h"
#include "support/errors.h"

namespace robiq {
namespace builtin_test {

std::unique_ptr<Dataset> make(const std::string& spec) {
  return Registry<Dataset>::instance().make(parse_spec(spec, "--data"), "--data");
}

TEST(BuiltinData, HasEverySceneUnderEveryDistortion) {
  const auto data = make("builtin:scenes=3,size=64");
  const auto records = data->records();
  ASSERT_EQ(records.size(), 3U * 25U);
  EXPECT_EQ(records[0].id, "scene000-pristine");
  EXPECT_EQ(records[0].mos, 100);
  EXPECT_EQ(records[25 + 3].id, "scene001-gaussian_blur-3");
  EXPECT_EQ(records[25 + 3].content, "scene001");
  EXPECT_EQ(records[25 + 3].distortion, "gaussian_blur-3");
  EXPECT_EQ(data->card().scale, (ScoreScale{0, 100}));
  EXPECT_EQ(data->card().spec, "builtin:scenes=3,size=64,seed=0,noise=0");
  std::set<std::string> ids;
  for (const ImageRecord& record : records) {
    ids.insert(record.id);
    EXPECT_GE(record.mos, 0);
    EXPECT_LE(record.mos, 100);
    EXPECT_EQ(data->read(record).sizes(), (std::vector<std::int64_t>{3, 64, 64}));
  }
  EXPECT_EQ(ids.size(), records.size());
}

TEST(BuiltinData, IsAFunctionOfItsOptions) {
  const auto a = make("builtin:scenes=2,size=64,seed=5"),
             b = make("builtin:scenes=2,size=64,seed=5");
  const auto other = make("builtin:scenes=2,size=64,seed=6");
  for (std::size_t i = 0; i < a->records().size(); ++i) {
    EXPECT_EQ(a->records()[i].mos, b->records()[i].mos);
    EXPECT_TRUE(at::equal(a->read(a->records()[i]), b->read(b->records()[i])));
  }
  EXPECT_FALSE(at::equal(a->read(a->records()[0]), other->read(other->records()[0])));
}

TEST(BuiltinData, TextureAndLevelsStandInItsNameWhereTheyAreUsed) {
  const auto data = make("builtin:scenes=1,size=64,texture=0.5,levels=6");
  EXPECT_EQ(data->card().spec, "builtin:scenes=1,size=64,seed=0,noise=0,texture=0.5,levels=6");
  ASSERT_EQ(data->records().size(), 37U);
  const auto plain = make("builtin:scenes=1,size=64");
  EXPECT_FALSE(at::equal(data->read(data->records()[0]), plain->read(plain->records()[0])));
  EXPECT_EQ(make(data->card().spec)->card().spec, data->card().spec);
}

TEST(BuiltinData, GivesACopyThatMayBeChanged) {
  const auto data = make("builtin:scenes=1,size=64");
  const at::Tensor first = data->read(data->records()[0]);
  const at::Tensor kept = first.clone();
  first.zero_();
  EXPECT_TRUE(at::equal(data->read(data->records()[0]), kept));
}

TEST(BuiltinData, RatingNoiseScattersTheLabelsOnly) {
  const auto clean = make("builtin:scenes=4,size=64"),
             noisy = make("builtin:scenes=4,size=64,noise=5");
  double squares = 0;
  const std::size_t count = clean->records().size();
  for (std::size_t i = 0; i < count; ++i) {
    const double difference = noisy->records()[i].mos - clean->records()[i].mos;
    squares += difference * difference;
    EXPECT_GE(noisy->records()[i].mos, 0);
    EXPECT_LE(noisy->records()[i].mos, 100);
  }
  const double deviation = std::sqrt(squares / static_cast<double>(count));
  EXPECT_GT(deviation, 3);
  EXPECT_LT(deviation, 6);
  EXPECT_TRUE(at::equal(clean->read(clean->records()[7]), noisy->read(noisy->records()[7])));
}

TEST(BuiltinData, RefusesOptionsAndRecordsItDoesNotHave) {
  for (const char* spec : {"builtin:scenes=0", "builtin:size=32", "builtin:size=2048",
                           "builtin:noise=-1", "builtin:colour=1"}) {
    expect_error(ErrorKind::kUsage, {"*", "*", "*"}, [&] { (void)make(spec); });
  }
  const auto data = make("builtin:scenes=1,size=64");
  ImageRecord stranger;
  stranger.id = "scene009-jpeg-1";
  expect_error(
      ErrorKind::kData,
      {"the data set has no picture 'scene009-jpeg-1'", "builtin:scenes=1", "same data set"},
      [&] { (void)data->read(stranger); });
}

}  // namespace builtin_test
}  // namespace robiq
