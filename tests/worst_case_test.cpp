// What `robiq evaluate` promises of the worst case, of equal strength and of bounded queries.
#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "robiq/core/files/files.h"
#include "robiq/store/results_store.h"
#include "robiq/tensor/pictures/image_io.h"
#include "support/json_lines.h"
#include "support/script_module.h"
#include "support/workbench.h"

namespace robiq {
namespace worst_case_test {

using Json = nlohmann::json;
using test::Finished;
using test::json_lines;
using test::Workbench;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kPictures =
    " --data builtin:scenes=4,size=64 --split-seed 0 --limit 4 --views 1 --threads 1 --bootstrap "
    "20 "
    "--include-trained ";
constexpr const char* kTrained = " --weights w.safetensors ";

Finished evaluate(const std::string& folder, const std::string& options) {
  return Workbench::get().run_well("evaluate --format jsonl --out " + folder + kPictures + options);
}

std::string script(const std::string& name, const std::string& body) {
  return test::save_script(Workbench::get().path(name + ".pt"), body);
}

ResultsStore results(const std::string& folder) {
  return ResultsStore(Workbench::get().path(folder) / "results.sqlite",
                      ResultsStore::Access::kRead);
}

std::vector<std::string> refused(const std::string& folder) {
  std::vector<std::string> names;
  for (const FlagRow& flag : results(folder).flags(1)) {
    if (flag.severity == Severity::kRefused) names.push_back(flag.flag);
  }
  return names;
}

const Json& row_of(const std::vector<Json>& rows, const std::string& attack,
                   const std::string& block) {
  for (const Json& row : rows) {
    if (row.at("attack") == attack && row.at("block") == block) return row;
  }
  ADD_FAILURE() << "no row of " << attack << ", " << block;
  return rows.front();
}

TEST(Standard, QuantisedScoresRefuseTheHeadline) {
  script("quantised", "    return torch.round(100 * torch.sigmoid(self.z(x)) / 2) * 2\n");
  const Finished got =
      evaluate("quantised", "--model torchscript:quantised.pt --attack standard:budget=16/255");
  EXPECT_THAT(refused("quantised"), Contains("zero-gradient"));
  EXPECT_THAT(got.err, HasSubstr("zero-gradient"));
  EXPECT_THAT(got.err, HasSubstr("the worst case cannot stand as a headline"));
  EXPECT_THAT(got.err, Not(HasSubstr("worst case at 16/255")));
}

TEST(Standard, GradientsThatLeadNowhereAreBeatenByTheBlackBox) {
  script("masked",
         "    s = 100 * torch.sigmoid(self.z(x))\n"
         "    return torch.round(s / 2) * 2 + 0.001 * x[:, :, ::7, ::5].mean([1, 2, 3])\n");
  evaluate("masked", "--model torchscript:masked.pt --attack standard:budget=16/255");
  EXPECT_THAT(refused("masked"), Contains("black-box-wins"));
}

TEST(Standard, AModelWithHonestGradientsKeepsItsHeadline) {
  script("honest", test::kGoodScript);
  const Finished got =
      evaluate("honest", "--model torchscript:honest.pt --attack standard:budget=4/255+16/255");
  EXPECT_THAT(refused("honest"), testing::IsEmpty());
  EXPECT_THAT(got.err, HasSubstr("worst case at 4/255: scores move by"));
  for (const char* words : {", SROCC down to ", " alone), KROCC ", ", R ", "; won by ", " %"}) {
    EXPECT_THAT(got.err, HasSubstr(words));
  }
  const std::vector<Json> rows = json_lines(got.out);
  double wins = 0;
  for (const Json& row : rows) {
    if (row.at("attack") != "standard" || row.at("block") != "before_after" ||
        row.at("options") != "budget=16/255") {
      continue;
    }
    for (const auto& [key, value] : row.items()) {
      if (key.starts_with("wins_") && value.is_number()) wins += value.get<double>();
    }
    for (const char* name : {"change_mean", "r", "irs_change", "irs_r"}) {
      EXPECT_TRUE(row.at(name).is_number()) << name;
    }
  }
  EXPECT_NEAR(wins, 1, 1e-9);
  for (const Json& row : rows)
    EXPECT_FALSE(row.at("attack") == "standard" && row.at("options") == "");
}

TEST(Standard, UnboundedRunsPushAllViewsOfAPictureTheSameWay) {
  script("brightness", "    return 100 * x.mean([1, 2, 3])\n");
  std::string table = "image,mos\n";
  for (const char* const name : {"one.png", "two.png"}) {
    // Of four views one scores 98 and three 38: the picture 53.
    at::Tensor bytes = at::full({3, 64, 64}, 97, at::kByte);
    bytes.narrow(1, 0, 32).narrow(2, 0, 32).fill_(250);
    write_png(Workbench::get().path(name), bytes);
    table += std::string(name) + ",5" + std::to_string(table.size() % 10) + "\n";
  }
  write_file(Workbench::get().path("lit.csv"), table);
  static_cast<void>(Workbench::get().run_well(
      "evaluate --model torchscript:brightness.pt,size=32,crops=2x2 --data csv:lit.csv --split all "
      "--attack standard:budget=0.02/255 --purify noise:sigma=0.0001 --draws 1 --adaptive "
      "--threads 1 --bootstrap 20 --out lit"));
  EXPECT_THAT(refused("lit"), Not(Contains("unbounded-fails")));
}

TEST(Standard, SaysItsCostBeforeAndItsTableAfter) {
  const Finished got =
      Workbench::get().run_well(std::string("evaluate --format table --out costs") + kPictures +
                                kTrained + "--attack standard:budget=4/255");
  EXPECT_THAT(got.err, HasSubstr("1209 forward and 205 backward passes for each of 4 pictures"));
  EXPECT_THAT(got.out, HasSubstr("worst_case_rmse"));
  EXPECT_THAT(got.out, HasSubstr("irs_change"));
  EXPECT_THAT(got.out, HasSubstr("apgd-up"));
  const Finished again =
      Workbench::get().run_well(std::string("evaluate --format table --out costs") + kPictures +
                                kTrained + "--attack standard:budget=4/255");
  EXPECT_EQ(again.out, got.out);
  EXPECT_THAT(again.err, Not(HasSubstr("passes for each"))) << "nothing is left to pay for";
}

TEST(Align, AttacksReachTheSameDistortion) {
  const std::string options = std::string(kTrained) +
                              "--attack fgsm ifgsm:steps=3,step_size=0.004 madc random-signs "
                              "--align l2=0.8";
  const std::vector<Json> rows = json_lines(evaluate("aligned", options).out);
  for (const char* attack : {"fgsm", "ifgsm", "madc", "random-signs"}) {
    const Json& row = row_of(rows, attack, "before_after");
    EXPECT_NEAR(row.at("aligned_value").get<double>(), 0.8, 0.008) << attack;
    EXPECT_NEAR(row.at("mean_l2").get<double>(), 0.8, 0.008) << "all pictures were searched";
    EXPECT_TRUE(row.at("aligned_within_tolerance").get<bool>());
    EXPECT_GT(row.at("strength").get<double>(), 0);
    EXPECT_GT(row.at("aligned_trials").get<int>(), 1);
    EXPECT_THAT(row.at("options").get<std::string>(), HasSubstr("align=l2=0.8"));
    EXPECT_THAT(row.at("options").get<std::string>(), Not(HasSubstr("epsilon")));
  }
  EXPECT_EQ(row_of(rows, "madc", "before_after").at("strength_option"), "rmse");
  const Finished again = evaluate("aligned", options);
  EXPECT_EQ(json_lines(again.out), rows) << "the strength that was found is kept";
}

TEST(Align, AnLinfBallNeedsNoSearch) {
  const std::vector<Json> rows =
      json_lines(evaluate("ball", std::string(kTrained) + "--attack pgd --align linf=4/255").out);
  const Json& row = row_of(rows, "pgd", "before_after");
  EXPECT_EQ(row.at("aligned_trials"), 1);
  EXPECT_NEAR(row.at("strength").get<double>(), 4.0 / 255, 1e-12);
}

TEST(Align, ASimilarityIsReachedFromAbove) {
  const std::vector<Json> rows = json_lines(
      evaluate("alike", std::string(kTrained) + "--attack random-signs --align ssim=0.9").out);
  EXPECT_NEAR(row_of(rows, "random-signs", "before_after").at("mean_ssim").get<double>(), 0.9,
              0.002);
}

TEST(Align, WhatHasNoStrengthIsRefused) {
  const Workbench& bench = Workbench::get();
  for (const char* wrong : {"--attack standard --align linf=4/255",
                            "--attack filters --align ssim=0.9", "--attack fgsm --align ssim=1.5",
                            "--attack fgsm --align psnr=30", "--attack fgsm --align linf"}) {
    const Finished got =
        bench.run(std::string("evaluate --out refused") + kPictures + kTrained + wrong);
    EXPECT_EQ(got.exit_code, 2) << wrong << got.err;
  }
}

TEST(Queries, BoundEveryAttackThatSeesScoresAlone) {
  const std::vector<Json> rows = json_lines(
      evaluate("bounded", std::string(kTrained) + "--attack fgsm square nes --queries 60").out);
  for (const char* attack : {"square", "nes"}) {
    const Json& row = row_of(rows, attack, "before_after");
    EXPECT_THAT(row.at("options").get<std::string>(), HasSubstr("queries=60"));
    EXPECT_LE(row.at("mean_queries").get<double>(), 60) << "of one view";
    EXPECT_GT(row.at("mean_queries").get<double>(), 0);
  }
  EXPECT_FALSE(row_of(rows, "fgsm", "before_after").contains("mean_queries"));
}

TEST(Queries, HaveNoEffectOnOthersAndSaySo) {
  const Workbench& bench = Workbench::get();
  for (const char* wrong :
       {"--attack fgsm --queries 60", "--attack square:queries=50 --queries 60"}) {
    const Finished got =
        bench.run(std::string("evaluate --out refused") + kPictures + kTrained + wrong);
    EXPECT_EQ(got.exit_code, 2) << wrong;
    EXPECT_THAT(got.err, HasSubstr("queries"));
  }
  EXPECT_EQ(
      bench.run(std::string("attack fgsm pictures/p0.png --out refused --queries 60") + kTrained)
          .exit_code,
      2);
}

TEST(Queries, AreCountedForASinglePictureToo) {
  const std::vector<Json> rows = json_lines(
      Workbench::get()
          .run_well(std::string("attack square pictures/p0.png --level image --format jsonl "
                                "--out queried --queries 40 --threads 1") +
                    kTrained)
          .out);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_LE(rows[0].at("queries").get<int>(), 40);
  EXPECT_EQ(rows[0].at("queries"), rows[0].at("forwards"));
}

}  // namespace worst_case_test
}  // namespace robiq
