#include "robiq/app/run/flag_parts.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>
#include <memory>
#include <sstream>
#include <string>

#include "robiq/core/files/files.h"
#include "robiq/core/options/registry.h"
#include "robiq/model/quality_model.h"
#include "robiq/net/convolution_norm.h"
#include "support/errors.h"

namespace robiq {
namespace flag_parts_test {

namespace fs = std::filesystem;

TEST(Inputs, ScaleIsTwoDifferentNumbers) {
  EXPECT_EQ(parse_scale(""), std::nullopt);
  EXPECT_EQ(parse_scale("0:100"), (ScoreScale{0, 100}));
  EXPECT_EQ(parse_scale("9.5:-1"), (ScoreScale{9.5, -1}));
  for (const char* text : {"5", "1:1", "a:b", "1:2:3", ":", "1:", "nan:1", "0:inf", " "}) {
    const testing::ScopedTrace trace(__FILE__, __LINE__, text);
    expect_error(ErrorKind::kUsage, {"is not a scale", "--scale", "WORST:BEST"},
                 [&] { static_cast<void>(parse_scale(text)); });
  }
}

TEST(Inputs, ViewsAreThoseOfTheModelOrSoMany) {
  ModelCard card;
  card.views = {.kind = ViewPolicy::Kind::kTiles, .side = 32};
  card.paper_views = {.kind = ViewPolicy::Kind::kRandom, .side = 32, .count = 25};
  EXPECT_EQ(parse_views("grid", card).kind, ViewPolicy::Kind::kTiles);
  EXPECT_EQ(parse_views("grid", card).count, 0);
  EXPECT_EQ(parse_views("paper", card).count, 25);
  EXPECT_EQ(parse_views("3", card).count, 3);
  EXPECT_EQ(parse_views("3", card).kind, ViewPolicy::Kind::kTiles);
  for (const char* text : {"", "0", "-1", "2.5", "all"}) {
    expect_error(ErrorKind::kUsage, {"is not a choice of views", "--views", "grid, paper"},
                 [&] { static_cast<void>(parse_views(text, card)); });
  }
}

TEST(Inputs, AnAttacksOptionsAreWrittenInFull) {
  const auto text = [](const char* spec) {
    return attack_options(parse_spec(spec, "test")).text();
  };
  EXPECT_EQ(text("fgsm:epsilon=0.0050"), text("fgsm"));
  EXPECT_EQ(text("fgsm:loss=mid,epsilon=5e-3"), text("fgsm"));
  EXPECT_NE(text("fgsm:epsilon=0.006"), text("fgsm"));
  EXPECT_THAT(text("fgsm"), testing::HasSubstr("epsilon=0.005,"));
  EXPECT_THAT(text("uap:a.npy,scale=0.1"),
              testing::AllOf(testing::HasSubstr("file=a.npy,"), testing::HasSubstr(",scale=0.1")));
  EXPECT_EQ(text("uap:a.npy"), text("uap:file=a.npy"));
}

TEST(Inputs, SpecsNameTheirFlag) {
  expect_error(ErrorKind::kUsage, {"'bulitin'", "--data", "'builtin'"},
               [] { static_cast<void>(make_dataset("bulitin")); });
  expect_error(ErrorKind::kUsage, {"'fgms'", "--attack", "'fgsm'"},
               [] { static_cast<void>(make_attack("fgms")); });
  expect_error(ErrorKind::kUsage, {"no weights for hyperiqa", "--weights", "best.safetensors"},
               [] { static_cast<void>(load_model_flag("hyperiqa", "", "", "cpu")); });
}

TEST(Inputs, LabelsAreHashedWithTheirPictures) {
  const auto hash = [](const char* spec) { return labels_sha256(*make_dataset(spec)); };
  EXPECT_EQ(hash("builtin:scenes=1,size=64"), hash("builtin:scenes=1,size=64"));
  EXPECT_NE(hash("builtin:scenes=1,size=64"), hash("builtin:scenes=1,size=64,noise=1"));
  EXPECT_NE(hash("builtin:scenes=1,size=64"), hash("builtin:scenes=2,size=64"));
}

TEST(Inputs, PicturesAreFilesFoldersAndLinesOfStandardInput) {
  const TemporaryFolder folder;
  const fs::path in = folder.path() / "in";
  for (const char* name : {"b.png", "a.jpg", "c.txt", "deeper/d.png"}) write_file(in / name, "");
  EXPECT_THAT(list_pictures({in.string()}), testing::ElementsAre(in / "a.jpg", in / "b.png"));
  EXPECT_THAT(list_pictures({"x.png", in.string()}),
              testing::ElementsAre("x.png", in / "a.jpg", in / "b.png"));
  std::istringstream lines("one.png\n\ntwo with space.png\n");
  std::streambuf* const kept = std::cin.rdbuf(lines.rdbuf());
  const std::vector<fs::path> piped = list_pictures({"-"});
  std::cin.rdbuf(kept);
  EXPECT_THAT(piped, testing::ElementsAre("one.png", "two with space.png"));
  make_folder(folder.path() / "empty");
  expect_error(ErrorKind::kData, {"holds no pictures", "", "JPEG"},
               [&] { static_cast<void>(list_pictures({(folder.path() / "empty").string()})); });
  expect_error(ErrorKind::kUsage, {"list of pictures is empty", "", "standard input"},
               [] { static_cast<void>(list_pictures({})); });
}

std::unique_ptr<QualityModel> model_of(const std::string& name) {
  return Registry<QualityModel>::instance().make(name, {});
}

TEST(ExactNetworks, AnOptionThatChangesNothingIsRefused) {
  const auto cnniqa = model_of("cnniqa");
  expect_error(ErrorKind::kUsage, {"no effect", "--exact", "leave it out"},
               [&] { use_exact_networks(true, {cnniqa.get()}); });
  EXPECT_FALSE(exact_networks());
}

TEST(ExactNetworks, OneModelThatFoldsIsEnoughAndTheNextCommandFoldsAgain) {
  const auto cnniqa = model_of("cnniqa"), linearity = model_of("linearityiqa");
  use_exact_networks(true, {cnniqa.get(), linearity.get()});
  EXPECT_TRUE(exact_networks());
  use_exact_networks(false, {linearity.get()});
  EXPECT_FALSE(exact_networks());
}

}  // namespace flag_parts_test
}  // namespace robiq
