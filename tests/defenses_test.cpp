// Evaluations of defended models: what is stored of purifiers and certificates, attacks that know
// the purifier, and studies and reports over them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "robiq/core/files/files.h"
#include "robiq/io/table/csv.h"
#include "robiq/metric/defense_measures.h"
#include "robiq/store/results_store.h"
#include "support/json_lines.h"
#include "support/workbench.h"

namespace robiq {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using test::Finished;
using test::json_lines;
using test::Workbench;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kData =
    " --data builtin:scenes=4,size=64 --split-seed 0 --limit 4 --threads 1 --bootstrap 0 "
    "--include-trained --quiet ";

Finished run(const std::string& arguments) { return Workbench::get().run_well(arguments); }
fs::path at(const std::string& name) { return Workbench::get().path(name); }

std::vector<Json> evaluate(const std::string& folder, const std::string& options) {
  return json_lines(
      run("evaluate --weights w.safetensors --format jsonl --out " + folder + kData + options).out);
}

Json row_of(const std::vector<Json>& rows, const std::string& block) {
  for (const Json& row : rows) {
    if (row.at("block") == block) return row;
  }
  ADD_FAILURE() << "no row of " << block;
  return {};
}

/// A run's stored values of one picture under one attack: columns and distances by name.
using Values = std::map<std::string, double>;
std::map<std::int64_t, Values> stored(const std::string& folder, const std::string& attack) {
  const ResultsStore store(at(folder) / "results.sqlite", ResultsStore::Access::kRead);
  std::map<std::int64_t, Values> found;
  for (const ScoreRow& row : store.scores(1)) {
    if (row.attack != attack) continue;
    found[row.image]["before"] = row.before_native;
    found[row.image]["after"] = row.after_native;
  }
  for (const DistanceRow& row : store.distances(1)) {
    if (row.attack == attack) found[row.image][row.distance] = row.value;
  }
  for (const ImageRow& image : store.images()) {
    if (found.contains(image.id)) found[image.id]["mos"] = image.mos_normalised;
  }
  return found;
}

std::vector<double> column(const std::map<std::int64_t, Values>& rows, const std::string& name) {
  std::vector<double> values;
  for (const auto& [image, row] : rows) values.push_back(row.at(name));
  return values;
}

double mean_change(const std::string& folder, const std::string& attack) {
  double sum = 0;
  const auto rows = stored(folder, attack);
  for (const auto& [image, row] : rows) sum += std::abs(row.at("after") - row.at("before"));
  return sum / static_cast<double>(rows.size());
}

std::set<std::string> flags_in(const std::string& folder) {
  std::set<std::string> names;
  const ResultsStore store(at(folder) / "results.sqlite", ResultsStore::Access::kRead);
  for (const FlagRow& flag : store.flags(1)) names.insert(flag.flag);
  return names;
}

TEST(DefendedEvaluation, StoresTheFourScoresAndTheBenchmarksMeasures) {
  const std::vector<Json> rows =
      evaluate("four", "--attack fgsm --level image --purify jpeg:quality=30 --adaptive");
  const auto found = stored("four", "fgsm");
  ASSERT_EQ(found.size(), 4U);
  DefenseColumns columns;
  columns.clean = column(found, "bare_before");
  columns.attacked = column(found, "bare_after");
  columns.purified_clean = column(found, "before");
  columns.purified_attacked = column(found, "after");
  columns.mos = column(found, "mos");
  columns.ssim_attacked = column(found, "purified_ssim");
  columns.psnr_attacked = column(found, "purified_psnr_db");
  columns.ssim_clean = column(found, "purified_clean_ssim");
  columns.psnr_clean = column(found, "purified_clean_psnr_db");
  const Json row = row_of(rows, "before_after");
  EXPECT_EQ(row.at("msu_range"), 100);
  for (const DefenseMeasure& measure : defense_measures(columns, 100)) {
    ASSERT_TRUE(row.contains("msu_" + measure.name)) << measure.name;
    if (std::isnan(measure.value)) continue;
    EXPECT_NEAR(row["msu_" + measure.name].get<double>(), measure.value, 1e-6) << measure.name;
  }
  for (const double seconds : column(found, "purifier_seconds")) EXPECT_GT(seconds, 0);
  EXPECT_FALSE(row.contains("mean_purifier_seconds")) << "equal runs print equal rows";
}

TEST(DefendedEvaluation, TheModelsNameSaysWhatStandsBeforeIt) {
  evaluate("named", "--attack fgsm --purify noise:sigma=0.05 --draws 2");
  const ResultsStore store(at("named") / "results.sqlite", ResultsStore::Access::kRead);
  EXPECT_EQ(store.models().at(0).name, "cnniqa | noise:sigma=0.05, 2 draws, not adaptive");
  EXPECT_TRUE(flags_in("named").contains("not-adaptive"));
  const Finished refused = Workbench::get().run(
      std::string("evaluate --weights w.safetensors --out bar --attack fgsm --label a|b") + kData);
  EXPECT_EQ(refused.exit_code, 0) << "a bar without spaces is no purifier";
}

/// Purifiers with a gradient, with a stand-in, and with random draws.
class Adaptive : public testing::TestWithParam<const char*> {};

TEST_P(Adaptive, AttacksAreNeverWeakerThanThoseMadeWithoutThePurifier) {
  const std::string purify = GetParam();
  const std::string name = "adaptive-" + purify.substr(0, purify.find(':'));
  const std::string options = "--attack fgsm:epsilon=8/255 --level image --purify " + purify;
  evaluate(name + "-no", options);
  evaluate(name, options + " --adaptive");
  const double aware = mean_change(name, "fgsm"), unaware = mean_change(name + "-no", "fgsm");
  EXPECT_GE(aware, unaware - 1e-4);
  double won = 0;
  const auto rows = stored(name, "fgsm");
  for (const auto& [image, row] : rows) won += row.at("plain_won");
  const bool weak = won > 0.2 * static_cast<double>(rows.size());
  EXPECT_EQ(flags_in(name).contains("adaptive-weak"), weak);
  EXPECT_FALSE(flags_in(name).contains("not-adaptive"));
}

INSTANTIATE_TEST_SUITE_P(Purifiers, Adaptive,
                         testing::Values("jpeg:quality=20", "median-blur:kernel=5",
                                         "bit-depth:bits=2", "resize:scale=0.5", "flip",
                                         "noise:sigma=0.1"));

TEST(AdaptiveStandard, KeepsWhatItsMembersMadeBetterWithoutThePurifier) {
  // Straight through a coarse quantisation the gradient is that of another picture.
  const std::string options =
      "--attack standard:budget=4/255 --level image --purify colour-quantisation:levels=2 ";
  evaluate("set-no", options);
  evaluate("set", options + "--adaptive");
  for (const char* member : {"fgsm-up", "fgsm-down", "apgd-up", "apgd-down"}) {
    const std::string name = std::string("standard/") + member;
    const double way = name.ends_with("up") ? 1 : -1;
    const auto aware = stored("set", name), unaware = stored("set-no", name);
    ASSERT_EQ(aware.size(), 4U) << name;
    for (const auto& [image, row] : aware) {
      const double gain = way * (row.at("after") - row.at("before"));
      const Values& other = unaware.at(image);
      EXPECT_GE(gain, way * (other.at("after") - other.at("before")) - 1e-4) << name;
      EXPECT_TRUE(row.at("plain_won") == 0 || row.at("plain_won") == 1);
    }
  }
  for (const char* folder : {"set", "set-no"}) {
    for (const auto& [image, row] : stored(folder, "standard")) {
      EXPECT_TRUE(row.contains("bare_after") && row.contains("purified_ssim")) << folder;
    }
  }
}

TEST(ScoreOnlyAttacks, AskTheModelBehindItsPurifier) {
  const std::string options =
      "--attack square:queries=60,epsilon=8/255 --level image --purify median-blur:kernel=5 ";
  evaluate("asks-no", options);
  evaluate("asks", options + "--adaptive");
  EXPECT_EQ(mean_change("asks-no", "square"), mean_change("asks", "square"));
  EXPECT_FALSE(flags_in("asks-no").contains("not-adaptive"));
}

TEST(AdaptiveWeak, IsRaisedWhereThePurifiersGradientMisleads) {
  // Straight through a coarse quantisation the gradient is that of another picture.
  evaluate("weak",
           "--attack fgsm:epsilon=1/255 --level image --adaptive "
           "--purify colour-quantisation:levels=2");
  double won = 0;
  const auto rows = stored("weak", "fgsm");
  for (const auto& [image, row] : rows) {
    EXPECT_TRUE(row.at("plain_won") == 0 || row.at("plain_won") == 1);
    won += row.at("plain_won");
  }
  EXPECT_EQ(flags_in("weak").contains("adaptive-weak"),
            won > 0.2 * static_cast<double>(rows.size()));
}

constexpr const char* kCertify =
    "--attack fgsm --level image --certify 0.05 --certify-samples 60 --certify-confidence 0.9";

TEST(CertifiedEvaluation, StoresACertificateOfEveryPictureAndSaysWhatTheySayTogether) {
  const std::vector<Json> rows = evaluate("certified", kCertify);
  const auto found = stored("certified", "none");
  ASSERT_EQ(found.size(), 4U);
  double width = 0;
  for (const auto& [image, row] : found) {
    EXPECT_LE(row.at("certified_low"), row.at("smoothed_score"));
    EXPECT_GE(row.at("certified_high"), row.at("smoothed_score"));
    EXPECT_NEAR(row.at("certified_linf"), 0.05 / std::sqrt(3.0 * 64 * 64), 1e-9);
    width += (row.at("certified_high") - row.at("certified_low")) / 4;
  }
  const Json row = row_of(rows, "mos_before");
  EXPECT_EQ(row.at("certified_share"), 1);
  EXPECT_NEAR(row.at("certified_width").get<double>(), width, 1e-6);
  EXPECT_THAT(row.at("certified_share_note").get<std::string>(),
              HasSubstr("l2 radius 0.05, sigma 0.12, 60 copies, confidence 0.9 of each end"));
}

TEST(CertifiedEvaluation, WithBinsSaysWhichOneIsCertainAndOfHowManyPictures) {
  const std::vector<Json> rows = evaluate("binned", std::string(kCertify) +
                                                        " --certify-bins 2 --fail-if "
                                                        "mos_before.certified_bin_share()<0");
  double found = 0;
  for (const auto& [image, row] : stored("binned", "none")) {
    const double radius = row.at("certified_bin_radius");
    if (std::isnan(radius)) continue;
    found += 1;
    EXPECT_GT(radius, 0);
    const double low = row.at("certified_bin_low"), high = row.at("certified_bin_high");
    EXPECT_FALSE(row.at("smoothed_score") <= low || row.at("smoothed_score") > high);
  }
  EXPECT_GT(found, 0);
  const Json row = row_of(rows, "mos_before");
  EXPECT_EQ(row.at("certified_bin_share"), found / 4);
  EXPECT_THAT(row.at("certified_share_note").get<std::string>(), HasSubstr(", 2 bins"));
}

TEST(CertifiedEvaluation, ARadiusBeyondTheSamplesHasNoBoundsAndSaysSo) {
  const std::vector<Json> rows = evaluate(
      "uncertified", "--attack fgsm --certify 0.5 --certify-samples 20 --certify-confidence 0.9");
  const Json row = row_of(rows, "mos_before");
  EXPECT_EQ(row.at("certified_share"), 0);
  EXPECT_EQ(row.at("certified_width"), 100);
  for (const auto& [image, values] : stored("uncertified", "none")) {
    EXPECT_TRUE(std::isnan(values.at("certified_low")));
  }
}

TEST(CertifiedEvaluation, SaysTheCostBeforeAndTheMeaningOfTheRadius) {
  const Finished got = Workbench::get().run_well(
      std::string("evaluate --weights w.safetensors --out told ") + kCertify +
      " --data builtin:scenes=4,size=64 --split-seed 0 --limit 2 --threads 1 --include-trained");
  EXPECT_THAT(got.err, HasSubstr("certificates: 61 forward passes for each of 2 pictures"));
  EXPECT_THAT(got.err, HasSubstr("levels of 255"));
  EXPECT_LT(got.err.find("61 forward passes"), got.err.find("levels of 255"));
}

TEST(CertifiedEvaluation, TakesADenoiserAndRefusesRandomOnes) {
  const std::string denoised = std::string(kCertify) + " --certify-denoiser gaussian-blur:kernel=3";
  evaluate("denoised", denoised);
  evaluate("noisy", kCertify);
  EXPECT_NE(column(stored("denoised", "none"), "smoothed_score"),
            column(stored("noisy", "none"), "smoothed_score"));
  const auto refused = [&](const std::string& options) {
    return Workbench::get().run("evaluate --weights w.safetensors --out refused --attack fgsm " +
                                options + kData);
  };
  const Finished random = refused("--certify 0.05 --certify-denoiser noise");
  EXPECT_EQ(random.exit_code, 2);
  EXPECT_THAT(random.err, HasSubstr("draws random numbers"));
  EXPECT_EQ(refused("--certify 0.05 --purify flip").exit_code, 2);
  EXPECT_EQ(refused("--certify-samples 5").exit_code, 2) << "without --certify it has no effect";
  EXPECT_EQ(refused("--certify 0.05 --certify-denoiser dncnn:w.safetensors").exit_code, 4)
      << "other weights are no DnCNN";
}

constexpr const char* kStudy = R"(
name = "defended"
seeds = [0, 1]
data = "builtin:scenes=4,size=64"
[train]
epochs = 1
batch_size = 128
[evaluate]
level = "image"
bootstrap = 0
limit = 4
[[model]]
name = "cnniqa:hidden=16,filters=8,patches=16"
[[defense]]
name = "none"
[[defense]]
name = "jpeg-augment"
[[purify]]
spec = "jpeg:quality=50"
adaptive = [false, true]
[[purify]]
spec = "noise:sigma=0.05"
draws = 2
defense = "none"
[[attack]]
spec = ["fgsm", "ifgsm:steps=2"]
)";

Finished run_study() {
  write_file(at("defended.toml"), kStudy);
  return run("experiment run defended.toml --threads 1 --out study --format jsonl --quiet");
}

TEST(DefendedStudy, MakesADefendedModelASubjectOfItsOwnAndReportsIt) {
  std::set<std::string> purifiers;
  for (const Json& row : json_lines(run_study().out)) {
    purifiers.insert(row.at("purifier").get<std::string>());
    EXPECT_EQ(row.at("seeds"), 2);
  }
  EXPECT_THAT(purifiers,
              testing::UnorderedElementsAre("", "jpeg:quality=50", "jpeg:quality=50, not adaptive",
                                            "noise:sigma=0.05, 2 draws"));
  const Finished status = run("experiment status defended.toml --out study --format csv");
  EXPECT_THAT(status.out, HasSubstr("evaluate/builtin/cnniqa/none/jpeg:quality=50/seed0"));
  EXPECT_THAT(status.out,
              HasSubstr("evaluate/builtin/cnniqa/jpeg-augment/jpeg:quality=50-not-adaptive/seed1"));
  EXPECT_THAT(status.out, Not(HasSubstr("jpeg-augment/noise")));

  run("report study --out page");
  const CsvTable table = read_csv(at("page/tables/defenses.csv"));
  EXPECT_EQ(table.rows.size(), 2U * 3 + 1) << "bare, JPEG twice; noise before the baseline";
  std::map<std::string, int> known;
  for (const auto& row : table.rows) ++known[row[table.column("adaptive")]];
  EXPECT_EQ(known["not adaptive"], 2);
  EXPECT_EQ(known["yes"], 3);
  for (const char* name : {"srocc_clean", "srocc_attacked", "gain"}) {
    for (const auto& row : table.rows) EXPECT_NE(row[table.column(name)], "") << name;
  }
  for (const auto& row : table.rows) {
    for (const char* name : {"robust_gain", "similarity", "purifier_seconds"}) {
      EXPECT_EQ(row[table.column(name)].empty(), row[table.column("purifier")] == "none") << name;
    }
  }
  EXPECT_THAT(read_file(at("page/tables/rmse.csv"), 1 << 20), HasSubstr("not adaptive"));
  EXPECT_TRUE(fs::exists(at("page/figures/defenses.vl.json")));
}

TEST(DefendedStudy, WhatHasNoEffectIsRefused) {
  const auto refused = [](const std::string& tables) {
    write_file(at("refused.toml"),
               "name = \"r\"\n[[model]]\nname = \"cnniqa\"\n[[attack]]\n"
               "spec = \"fgsm\"\n" +
                   tables);
    const Finished got = Workbench::get().run("experiment status refused.toml");
    EXPECT_EQ(got.exit_code, 2) << got.err;
    return got.err;
  };
  EXPECT_THAT(refused("[[purify]]\nspec = \"flip\"\ndraws = 4\n"), HasSubstr("'draws'"));
  EXPECT_THAT(refused("[[purify]]\nspec = \"fli\"\n"), HasSubstr("did you mean 'flip'?"));
  EXPECT_THAT(refused("[[purify]]\ndraws = 4\n"), HasSubstr("spec"));
  EXPECT_THAT(refused("[[purify]]\nspec = \"flip\"\nadaptive = \"perhaps\"\n"),
              HasSubstr("perhaps"));
  EXPECT_THAT(refused("[[purify]]\nspec = \"flip\"\ndefense = \"gradient-norm\"\n"),
              HasSubstr("gradient-norm"));
  EXPECT_THAT(refused("[evaluate]\npurify = \"flip\"\n"), HasSubstr("[[purify]]"));
}

}  // namespace
}  // namespace robiq
