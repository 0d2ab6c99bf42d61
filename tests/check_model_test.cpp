// `robiq check-model` names every promise that a module breaks, and how to fix it.
#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "robiq/app/check/model_promises.h"
#include "robiq/app/check/promise_checks.h"
#include "robiq/core/files/files.h"
#include "support/mistake.h"
#include "support/program.h"
#include "support/script_module.h"
#include "support/tiny_iqa.h"

namespace robiq {
namespace {

using Json = nlohmann::json;
using State = PromiseResult::State;
using testing::HasSubstr;

constexpr const char* kScores = "scores a float picture in [0,1]";
constexpr const char* kInput = "does not write to its input";
constexpr const char* kNumber = "takes any number of pictures";
constexpr const char* kFinite = "its scores are finite";
constexpr const char* kAlone = "scores each picture by itself";
constexpr const char* kSame = "scores the same every time";
constexpr const char* kGradient = "has a gradient by the picture";
constexpr const char* kAgrees = "its gradient agrees with finite differences";
constexpr const char* kTwice = "can be differentiated twice";
constexpr const char* kScale = "its scores lie inside its scale";
constexpr const char* kSizes = "takes pictures of other sizes";
constexpr const char* kParameters = "has parameters to train";
constexpr const char* kModes = "has a training mode";

std::vector<std::string> promises_in(State state, const std::vector<PromiseResult>& results) {
  std::vector<std::string> names;
  for (const PromiseResult& result : results) {
    if (result.state == state) names.push_back(result.promise);
  }
  return names;
}

const PromiseResult& result_of(const std::vector<PromiseResult>& results,
                               const std::string& promise) {
  for (const PromiseResult& result : results) {
    if (result.promise == promise) return result;
  }
  throw std::runtime_error("no promise is called " + promise);
}

std::vector<PromiseResult> check_script(const std::string& body, const Params& options = {}) {
  const TemporaryFolder folder;
  Params params = options;
  params["file"] = {test::save_script(folder.path() / "m.pt", body), "test"};
  return check_promises(*Registry<QualityModel>::instance().make("torchscript", params));
}

TEST(ProbePictures, DifferAndStayAwayFromTheEnds) {
  const at::Tensor pictures = probe_pictures(3, 96, 112);
  EXPECT_EQ(pictures.sizes(), at::IntArrayRef({3, 3, 96, 112}));
  EXPECT_GE(pictures.min().item<float>(), 0.05F - 1e-6F);
  EXPECT_LE(pictures.max().item<float>(), 0.95F + 1e-6F);
  EXPECT_GT(pictures.std().item<float>(), 0.05F);
  for (const auto& [a, b] : {std::pair{0, 1}, {0, 2}, {1, 2}}) {
    EXPECT_GT((pictures[a] - pictures[b]).abs().mean().item<float>(), 0.01F);
  }
  EXPECT_TRUE(at::equal(pictures, probe_pictures(3, 96, 112)));
  EXPECT_EQ(probe_pictures(1, 20, 1100).sizes(), at::IntArrayRef({1, 3, 20, 1100}));
}

TEST(CheckModel, AGoodModuleBreaksNothing) {
  const auto results = check_script(test::kGoodScript);
  EXPECT_EQ(results.size(), 13u);
  EXPECT_THAT(promises_in(State::kBroken, results), testing::IsEmpty());
  EXPECT_THAT(promises_in(State::kNote, results), testing::ElementsAre(kModes));
  for (const PromiseResult& result : results) {
    EXPECT_NE(result.finding, "") << result.promise;
    EXPECT_EQ(result.hint.empty(), result.state == State::kKept) << result.promise;
  }
}

TEST(CheckModel, ModelsOfOursAreCheckedToo) {
  test::TinyIqa model;
  const auto results = check_promises(model);
  EXPECT_THAT(promises_in(State::kBroken, results), testing::IsEmpty());
  EXPECT_EQ(model.scalar_type(), at::kFloat);
}

/// A module, and the promises it breaks with words of what is said about the first.
struct Bad {
  std::string name, body;
  std::vector<std::string> broken;
  std::string finding, hint;
};

class BadModule : public testing::TestWithParam<Bad> {};

TEST_P(BadModule, IsNamed) {
  const Bad& bad = GetParam();
  const auto results = check_script(bad.body);
  EXPECT_THAT(promises_in(State::kBroken, results), testing::ElementsAreArray(bad.broken));
  const PromiseResult& first = result_of(results, bad.broken.front());
  EXPECT_THAT(first.finding, HasSubstr(bad.finding));
  EXPECT_THAT(first.hint, HasSubstr(bad.hint));
  for (const PromiseResult& result : results) {
    EXPECT_EQ(result.finding.find('\n'), std::string::npos) << result.finding;
    EXPECT_EQ(result.finding.find("Traceback"), std::string::npos) << result.finding;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Every, BadModule,
    testing::Values(
        Bad{"TwoScores",
            "    return torch.stack([self.z(x), self.z(x)], 1)\n",
            {kScores},
            "returned [1, 2] for 1 picture",
            "one score a picture"},
        Bad{"NotANumber",
            "    return torch.sqrt(-1 - torch.abs(self.z(x)))\n",
            {kFinite},
            "nan",
            "division by zero"},
        Bad{"RandomInEvaluation",
            "    return 100 * torch.sigmoid(self.z(torch.dropout(x, 0.2, True)))\n",
            {kSame},
            "two calls are ",
            "model.eval()"},
        Bad{"CoupledByTheBatch",
            "    z = self.z(x)\n    return 50 + 10 * (z - z.mean()) + z\n",
            {kAlone},
            "apart",
            "average over no batch"},
        Bad{"ConstantsOnAnotherDevice",
            "    return self.z(x) + torch.zeros([1], dtype=6, "
            "device=torch.device(\"cuda\"))\n",
            {kScores},
            "does not run on this device",
            "device=x.device"},
        Bad{"Argmax",
            "    return torch.argmax(self.features(x), 1).float() * 10\n",
            {kGradient},
            "no gradient by the picture",
            "argmax"},
        Bad{"NoGrad",
            "    torch.set_grad_enabled(False)\n    return self.z(x)\n",
            {kGradient},
            "no gradient by the picture",
            "no_grad"},
        Bad{"Detached",
            "    return self.z(x.detach())\n",
            {kGradient},
            "no gradient by the picture",
            "detach"},
        Bad{"Constant",
            "    return 0 * self.z(x) + 50\n",
            {kGradient},
            "the gradient is zero",
            "differentiable operations"},
        Bad{"RoundsItsInput",
            "    y = (torch.round(x * 8) / 8 - x).detach() + x\n    return self.z(y)\n",
            {kAgrees},
            "% apart",
            "round"},
        Bad{"WritesToItsInput",
            "    x -= 0.5\n    return self.z(x)\n",
            {kScores, kInput},
            "writes to the picture",
            "copy=true"},
        Bad{"TracedForOnePicture",
            "    f = self.features(x).view([1, 8])\n    return torch.matmul(f, self.head)\n",
            {kNumber},
            "invalid for input of size",
            "batch=1"},
        Bad{"OneNumberForTheBatch",
            "    return self.z(x).mean()\n",
            {kNumber},
            "returned [] for 2 pictures",
            "one score a picture"},
        Bad{"OneSizeOnly",
            "    h = torch.relu(torch.conv2d(x, self.weight, self.bias, [2, 2])).mean(1)\n"
            "    return h.view([-1, 110 * 110]).mean(1) * 10\n",
            {kScores},
            "takes 224x224, but not 96x96",
            "size=224"},
        Bad{"InfiniteSlope",
            "    return torch.sqrt(torch.relu(x - 0.5).mean([1, 2, 3]) * 0) + self.z(x)\n",
            {kGradient},
            "not finite",
            "root"}),
    [](const auto& bad) { return bad.param.name; });

TEST(CheckModel, OptionsMendWhatTheySayTheyMend) {
  const auto broken_with = [](const std::string& body, const Params& options) {
    return promises_in(State::kBroken, check_script(body, options));
  };
  const std::string frozen =
      "    f = self.features(x).view([1, 8])\n    return torch.matmul(f, self.head)\n";
  EXPECT_THAT(broken_with(frozen, {{"batch", {std::int64_t{1}, "test"}}}), testing::IsEmpty());
  const std::string writes = "    x -= 0.5\n    return self.z(x)\n";
  EXPECT_THAT(broken_with(writes, {{"copy", {true, "test"}}}), testing::IsEmpty());
  const std::string sized =
      "    h = torch.relu(torch.conv2d(x, self.weight, self.bias, [2, 2])).mean(1)\n"
      "    return h.view([-1, 110 * 110]).mean(1) * 10\n";
  EXPECT_THAT(broken_with(sized, {{"size", {std::int64_t{224}, "test"}}}), testing::IsEmpty());
}

TEST(CheckModel, WhatIsNotNeededIsNoted) {
  const auto note_of = [](const std::string& body, const char* promise) {
    const auto results = check_script(body);
    EXPECT_THAT(promises_in(State::kBroken, results), testing::IsEmpty());
    const PromiseResult& result = result_of(results, promise);
    EXPECT_EQ(result.state, State::kNote) << result.finding;
    EXPECT_NE(result.hint, "");
    return result.finding;
  };
  EXPECT_THAT(note_of("    return self.z(x) + 300\n", kScale), HasSubstr("best 100"));
  EXPECT_THAT(note_of("    assert x.size(2) == 96, \"only 96\"\n"
                      "    return self.z(x)\n",
                      kSizes),
              HasSubstr("only 96"));
  EXPECT_THAT(note_of("    return x.mean([1, 2, 3])\n", kTwice), HasSubstr("no graph"));
  EXPECT_THAT(note_of(test::kGoodScript, kModes), HasSubstr("changes nothing"));
  const TemporaryFolder folder;
  torch::jit::Module frozen = test::make_script(test::kGoodScript);
  for (const at::Tensor& tensor : frozen.parameters()) tensor.requires_grad_(false);
  frozen.save((folder.path() / "f.pt").string());
  const auto results = check_promises(*Registry<QualityModel>::instance().make(
      "torchscript", {{"file", {(folder.path() / "f.pt").string(), "test"}}}));
  EXPECT_EQ(result_of(results, kParameters).state, State::kNote);
  EXPECT_EQ(result_of(results, kGradient).state, State::kKept);
}

TEST(CheckModelCommand, SaysItInEveryFormatAndInItsExitCode) {
  const TemporaryFolder folder;
  test::save_script(folder.path() / "good.pt", test::kGoodScript);
  test::save_script(folder.path() / "bad.pt", "    return self.z(x.detach())\n");
  const auto run = [&](const std::string& arguments) {
    return test::run_program(folder.path(), "check-model " + arguments + " --threads 1");
  };
  const auto good = run("torchscript:good.pt --format json");
  EXPECT_EQ(good.exit_code, 0) << good.err;
  const Json rows = Json::parse(good.out);
  ASSERT_EQ(rows.size(), 13u);
  for (const char* key : {"promise", "state", "needed_for", "finding", "hint", "robiq_version"}) {
    EXPECT_TRUE(rows[0].contains(key)) << key;
  }
  const auto bad = run("torchscript:bad.pt");
  EXPECT_EQ(bad.exit_code, 4);
  EXPECT_THAT(bad.out, HasSubstr("broken: has a gradient by the picture\n  hint  "));
  EXPECT_THAT(bad.err, HasSubstr("error: 1 of 13 promises is broken\n  at    torchscript:bad.pt"));
  EXPECT_EQ(run("cnniqa:hidden=16,filters=4").exit_code, 0) << "with random weights";
  test::expect_mistake({"", 4, "no such file", "none.pt", "check the path"},
                       run("torchscript:none.pt"));
  test::expect_mistake({"", 2, "needs a file", "--model torchscript", "torchscript:FILE"},
                       run("torchscript"));
}

}  // namespace
}  // namespace robiq
