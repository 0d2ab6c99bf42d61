// An option that changes nothing is an error; so is one that contradicts the weights' card; and the
// scale of scores is said.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/mistake.h"
#include "support/program.h"
#include "support/workbench.h"

namespace robiq {
namespace {

using Json = nlohmann::json;
using test::expect_mistakes;
using test::Finished;
using test::Workbench;
using testing::HasSubstr;

TEST(OptionWithoutEffect, IsRefused) {
  write_file(Workbench::get().path("nt.toml"), "epochs = 1\nnt_weight = 0.5\n");
  const std::string train = "train --out run ", e = "evaluate --weights w.safetensors --out run ";
  const std::string other = " --surrogate cnniqa --surrogate-weights w.safetensors ";
  const std::string a = " pictures/p0.png --weights w.safetensors --out o ";
  expect_mistakes({
      {train + "--nt-weight 0.5", 2, "without --nt", "--nt-weight", "add --nt"},
      {train + "--nt-form square", 2, "without --nt", "--nt-form"},
      {train + "--config nt.toml", 2, "without --nt", "nt.toml:2:"},
      {train + "--nt --nt-form exact --nt-step 0.1", 2, "--nt-form exact", "--nt-step"},
      {train + "--nt --nt-form exact --nt-scheme shared", 2, "--nt-form exact", "--nt-scheme"},
      {train + "--nt --nt-first-phase", 2, "no phase before the main one", "--nt-first-phase"},
      {train + "--batch-size 4 --micro-batch 8", 2, "larger than the batch of 4", "--micro-batch"},
      {train + "--loss norm-in-norm --batch-size 1", 2, "a batch of one has nothing to compare",
       "--batch-size"},
      {train + "--views 0", 2, "'0' is not a choice of views", "--views"},
      {train + "--nt --nt-weight -0.5", 2, "lambda is -0.5", "--nt-weight",
       "give 0 or more, or -1"},
      {e + "--certify 0.05 --fit", 2, "fit enlarges it", "--fit"},
      {train + "--seed 1 --seed 2", 2, "--seed has more values than it takes"},
      {train + "--weight-decay -0.5", 2, "the weight decay is -0.5", "--weight-decay"},
      {e + "--limit 1", 2, "--limit leaves one picture", "--limit", "give 2 or more"},
      {train + "--join-timeout 5", 2, "without a launcher of processes", "--join-timeout"},
      {e + "--process-timeout 5", 2, "without a launcher of processes", "--process-timeout"},
      {"experiment run s.toml --join-timeout 5", 2, "without a launcher of processes"},
      {train + "--cache-gib 3", 2, "without --cache-dir", "--cache-gib"},
      {e + "--triplet 20", 2, "without --save", "--triplet"},
      {e + "--examples 0 --example-side 32", 2, "without --examples", "--example-side"},
      {e + "--split-file s.csv --split-seed 3", 2, "--split-file", "--split-seed"},
      {e + "--split all --split-seed 3", 2, "--split all", "--split-seed"},
      {e + "--attack fgsm ifgsm" + other, 2, "made on a surrogate", "--surrogate"},
      {e + "--attack korhonen --level view", 2, "acts on views", "--level"},
      {e + "--attack fgsm fgsm:epsilon=0.005", 2, "are the same", "--attack"},
      {e + "--quiet --verbose", 2, "together with --quiet", "--verbose"},
      {"attack files:pictures" + a + "--surrogate cnniqa", 2, "asks no model", "--surrogate"},
      {"attack korhonen" + a + "--level view", 2, "whole pictures", "--level"},
      {"attack korhonen:least_steps=50,most_steps=20" + a, 2,
       "least_steps is 50, above most_steps"},
      {"attack korhonen:steps=5" + a, 2, "'steps' has no effect without variant=fm-goat"},
      {"attack perceptual:epsilon=0.1" + a, 2, "'epsilon'", "", "constraint=chebyshev"},
      {"attack perceptual:constraint=chebyshev,weight=3" + a, 2, "'weight'"},
      {"attack perceptual:centre=50" + a, 2, "'centre'", "", "score=logistic"},
      {"score pictures --weights w.safetensors --seed 3", 2, "--views paper", "--seed"},
      {"weights convert w.safetensors a.safetensors --scale 0:1", 2, "without --model", "--scale"},
      {"report trained --compare", 2, "a second run", "--compare"},
      {"bench score --attack fgsm", 2, "--attack", "robiq bench score"},
  });
}

TEST(Card, AnOptionThatContradictsItIsRefused) {
  const std::string score = "score pictures/p0.png --threads 1 --weights w.safetensors --model ";
  expect_mistakes({
      {score + "cnniqa:dropout=0.3", 4, "says dropout=0.3", "w.safetensors", "leave dropout out"},
      {score + "cnniqa:hidden=32", 4, "trained with hidden=16", "w.safetensors"},
  });
  static_cast<void>(Workbench::get().run_well(score + "cnniqa:hidden=16,dropout=0.50"));
  EXPECT_THAT(Workbench::get().run_well(score + "cnniqa --scale 0:1").err,
              HasSubstr("--scale says 0 (worst) to 1 (best)"));
}

TEST(Fgsm, ItsStepFollowsEpsilonUnlessGiven) {
  const std::string rest =
      " pictures/p0.png --level image --weights w.safetensors --threads 1 --format json --out ";
  const Finished wide = Workbench::get().run_well("attack fgsm:epsilon=0.03" + rest + "wide");
  const Json row = Json::parse(wide.out);
  EXPECT_NEAR(row.at("linf").get<double>(), 0.03, 1e-6);
  EXPECT_THAT(row.at("attack_options").get<std::string>(), HasSubstr("step_size=0.06"));
  EXPECT_THAT(wide.err, HasSubstr("step size 0.06"));
  EXPECT_EQ(row.at("scale"), (Json{{"worst", 0.0}, {"best", 100.0}}));
  const Finished usual = Workbench::get().run_well("attack fgsm" + rest + "usual");
  EXPECT_THAT(Json::parse(usual.out).at("attack_options").get<std::string>(),
              testing::AllOf(HasSubstr("epsilon=0.005"), HasSubstr("step_size=0.01")));
}

}  // namespace
}  // namespace robiq
