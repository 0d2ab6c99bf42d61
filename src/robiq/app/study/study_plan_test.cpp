#include "robiq/app/study/study_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "robiq/app/study/named_inputs.h"
#include "robiq/app/study/study_setup.h"
#include "robiq/core/files/files.h"
#include "support/errors.h"

namespace robiq {
namespace study_plan_test {

using testing::ElementsAre;

std::vector<StudyCell> plan(const std::string& text) {
  return plan_study(parse_study("name = \"s\"\n" + text, "s.toml"), StudyFolder("out"));
}

std::vector<std::string> names(const std::vector<StudyCell>& cells) {
  std::vector<std::string> all;
  for (const StudyCell& cell : cells) all.push_back(cell.name);
  return all;
}

constexpr const char* kModel = "[[model]]\nname = \"cnniqa\"\n";
constexpr const char* kAttack = "[[attack]]\nspec = \"fgsm\"\n";

TEST(StudyPlan, ModelsTimesDefensesTimesSeeds) {
  const auto cells = plan("seeds = [0, 3]\n" + std::string(kModel) +
                          "[[defense]]\nname = \"none\"\n[[defense]]\nname = \"gradient-norm\"\n"
                          "weight = [-1, 1e-5]\nform = \"abs\"\n" +
                          kAttack);
  EXPECT_THAT(names(cells),
              ElementsAre("train/cnniqa/none/seed0", "train/cnniqa/gradient-norm:form=abs/seed0",
                          "train/cnniqa/gradient-norm:weight=1e-05,form=abs/seed0",
                          "train/cnniqa/none/seed3", "train/cnniqa/gradient-norm:form=abs/seed3",
                          "train/cnniqa/gradient-norm:weight=1e-05,form=abs/seed3",
                          "evaluate/builtin/cnniqa/none/seed0",
                          "evaluate/builtin/cnniqa/gradient-norm:form=abs/seed0",
                          "evaluate/builtin/cnniqa/gradient-norm:weight=1e-05,form=abs/seed0",
                          "evaluate/builtin/cnniqa/none/seed3",
                          "evaluate/builtin/cnniqa/gradient-norm:form=abs/seed3",
                          "evaluate/builtin/cnniqa/gradient-norm:weight=1e-05,form=abs/seed3"));
  const auto& base = std::get<TrainRequest>(cells[0].request);
  EXPECT_FALSE(base.nt);
  EXPECT_TRUE(base.resume);
  EXPECT_EQ(base.out, "out/train/cnniqa/none/seed0");
  const auto& recipe = std::get<TrainRequest>(cells[4].request);
  EXPECT_TRUE(recipe.nt);
  EXPECT_EQ(recipe.nt_weight, std::nullopt);
  EXPECT_EQ(recipe.nt_choice.shape.form, NormForm::kAbs);
  EXPECT_EQ(recipe.compute.seed, 3);
  EXPECT_EQ(std::get<TrainRequest>(cells[5].request).nt_weight, 1e-5);
  const auto& evaluate = std::get<EvaluateRequest>(cells[7].request);
  EXPECT_EQ(evaluate.weights,
            "out/train/cnniqa/gradient-norm-form=abs/seed0/checkpoints/best.safetensors");
  EXPECT_EQ(evaluate.out, "out");
  EXPECT_THAT(evaluate.attack, ElementsAre("fgsm"));
  EXPECT_THAT(cells[7].needs, ElementsAre(1U));
}

TEST(StudyPlan, OptionsOfAModelWinOverThoseOfAll) {
  const auto cells = plan(
      "[train]\nepochs = 3\nbatch_size = 5\n[evaluate]\nlimit = 9\n"
      "[[model]]\nname = \"cnniqa\"\ntrain = { epochs = 4 }\nevaluate = { save = 2 }\n" +
      std::string(kAttack));
  EXPECT_EQ(std::get<TrainRequest>(cells[0].request).epochs, 4);
  EXPECT_EQ(std::get<TrainRequest>(cells[0].request).batch_size, 5);
  EXPECT_EQ(std::get<EvaluateRequest>(cells[1].request).limit, 9);
  EXPECT_EQ(std::get<EvaluateRequest>(cells[1].request).save, 2);
}

TEST(StudyPlan, WeightsCanBeScaled) {
  const std::string defense = std::string(kModel) +
                              "[[defense]]\nname = \"gradient-norm\"\nweight = [1e-4, -1]\n"
                              "weight_scale = ";
  const auto doubled = plan(defense + "2\n" + kAttack);
  EXPECT_EQ(doubled[0].name, "train/cnniqa/gradient-norm:weight=0.0001,weight_scale=2/seed0");
  EXPECT_EQ(std::get<TrainRequest>(doubled[0].request).nt_weight, 2e-4);
  EXPECT_EQ(std::get<TrainRequest>(doubled[1].request).nt_weight, std::nullopt);
  EXPECT_FALSE(doubled[0].recipe_weight);
  const auto own = plan(defense + "\"recipe\"\n" + kAttack);
  EXPECT_EQ(std::get<TrainRequest>(own[0].request).nt_weight, 1e-4);
  EXPECT_TRUE(own[0].recipe_weight);
  EXPECT_FALSE(own[1].recipe_weight);
}

TEST(StudyPlan, ASurrogateIsTrainedForEachSeedOnItsSplit) {
  const auto cells = plan("seeds = [0, 1]\n[surrogate]\nepochs = 2\n" + std::string(kModel) +
                          "[[attack]]\nspec = [\"uap:scale=0.02\", \"uap:scale=0.04\"]\n"
                          "surrogate = \"cnniqa:seed=99\"\nfit = { max_steps = 3 }\n"
                          "[[attack]]\nspec = \"korhonen\"\nsurrogate = \"cnniqa:seed=99\"\n" +
                          kAttack);
  ASSERT_THAT(
      names(cells),
      ElementsAre("train/cnniqa/none/seed0", "train/cnniqa/none/seed1",
                  "surrogate/cnniqa:seed=99/seed0", "surrogate/cnniqa:seed=99/seed1",
                  "uap/cnniqa:seed=99-max_steps=3/seed0", "uap/cnniqa:seed=99-max_steps=3/seed1",
                  "evaluate/builtin/cnniqa/none/seed0", "evaluate/builtin/cnniqa/none/seed1"));
  const auto& surrogate = std::get<TrainRequest>(cells[3].request);
  EXPECT_EQ(surrogate.compute.seed, 99);
  EXPECT_EQ(surrogate.epochs, 2);
  EXPECT_EQ(surrogate.split_file, "out/splits/seed1.csv");
  EXPECT_EQ(cells[3].split_of, "builtin");
  const auto& fit = std::get<UapRequest>(cells[5].request);
  EXPECT_EQ(fit.weights, "out/surrogate/cnniqa-seed=99/seed1/checkpoints/best.safetensors");
  EXPECT_EQ(fit.split_file, "out/splits/seed1.csv");
  EXPECT_EQ(fit.max_steps, 3);
  const auto& evaluate = std::get<EvaluateRequest>(cells[7].request);
  EXPECT_THAT(evaluate.attack,
              ElementsAre("uap:out/uap/cnniqa-seed=99-max_steps=3/seed1.safetensors,scale=0.02",
                          "uap:out/uap/cnniqa-seed=99-max_steps=3/seed1.safetensors,scale=0.04",
                          "fgsm", "korhonen"));
  EXPECT_EQ(evaluate.surrogate.model, "cnniqa");
  EXPECT_EQ(evaluate.surrogate.weights, fit.weights);
  EXPECT_FALSE(evaluate.transfer);
  EXPECT_THAT(cells[7].needs, testing::UnorderedElementsAre(1U, 3U, 5U, 5U));
}

TEST(StudyPlan, AttacksAreGroupedByTheModelThatTheyAsk) {
  const auto cells = plan(std::string(kModel) +
                          "[[attack]]\nspec = \"fgsm\"\nsurrogate = \"cnniqa:weights=w\"\n"
                          "transfer = true\n"
                          "[[attack]]\nspec = \"korhonen\"\nsurrogate = \"cnniqa:weights=w\"\n"
                          "[[attack]]\nspec = [\"ifgsm\", \"korhonen\"]\n");
  ASSERT_THAT(names(cells),
              ElementsAre("train/cnniqa/none/seed0",
                          "evaluate/builtin/cnniqa/none/transfer-cnniqa:weights=w/seed0",
                          "evaluate/builtin/cnniqa/none/with-cnniqa:weights=w/seed0",
                          "evaluate/builtin/cnniqa/none/seed0"));
  const auto attacks = [&](std::size_t i) { return std::get<EvaluateRequest>(cells[i].request); };
  EXPECT_TRUE(attacks(1).transfer);
  EXPECT_THAT(attacks(1).attack, ElementsAre("fgsm"));
  EXPECT_THAT(attacks(2).attack, ElementsAre("ifgsm", "korhonen"));
  EXPECT_EQ(attacks(2).surrogate.weights, "w");
  EXPECT_THAT(attacks(3).attack, ElementsAre("korhonen"));
  EXPECT_EQ(attacks(3).surrogate.model, "");
}

TEST(StudyPlan, GivenWeightsAreNotTrained) {
  const auto cells = plan("[[model]]\nname = \"cnniqa\"\nweights = \"w.pth\"\nlabel = \"mine\"\n" +
                          std::string(kAttack));
  ASSERT_THAT(names(cells), ElementsAre("evaluate/builtin/mine/given/seed0"));
  EXPECT_EQ(std::get<EvaluateRequest>(cells[0].request).weights, "w.pth");
}

TEST(StudyPlan, OtherDataSetsAreEvaluatedWhole) {
  const auto cells =
      plan("data = [\"builtin:scenes=4\", \"builtin:scenes=5\"]\nsplit_file = \"a.csv\"\n" +
           std::string(kModel) + kAttack);
  ASSERT_EQ(cells.size(), 3U);
  EXPECT_EQ(cells[1].name, "evaluate/builtin:scenes=4/cnniqa/none/seed0");
  EXPECT_EQ(std::get<TrainRequest>(cells[0].request).split_file, "a.csv");
  EXPECT_EQ(std::get<EvaluateRequest>(cells[1].request).split, SplitPart::kTest);
  EXPECT_EQ(std::get<EvaluateRequest>(cells[1].request).split_file, "a.csv");
  EXPECT_EQ(std::get<EvaluateRequest>(cells[2].request).split, SplitPart::kAll);
  EXPECT_EQ(std::get<EvaluateRequest>(cells[2].request).split_file, "");
}

TEST(StudyPlan, NothingIsThereTwice) {
  expect_error(ErrorKind::kUsage, {"the attack 'fgsm' is there twice", "s.toml:6:1", "remove one"},
               [] { (void)plan(std::string(kModel) + kAttack + kAttack); });
  expect_error(ErrorKind::kUsage,
               {"the study has two cells 'train/cnniqa/none/seed0'", "s", "give models a label"},
               [] { (void)plan(std::string(kModel) + kModel + kAttack); });
}

TEST(StudyPlan, AFirstPhaseIsForModelsThatHaveOne) {
  const std::string with = "[[defense]]\nname = \"gradient-norm\"\nfirst_phase = true\n";
  const auto cells = plan(std::string(kModel) + "[[model]]\nname = \"dbcnn\"\n" + with + kAttack);
  EXPECT_FALSE(std::get<TrainRequest>(cells[0].request).nt_choice.first_phase) << cells[0].name;
  EXPECT_TRUE(std::get<TrainRequest>(cells[1].request).nt_choice.first_phase) << cells[1].name;
  expect_error(ErrorKind::kUsage, {"'first_phase' has no effect", "s", "leave it out"},
               [&] { (void)plan(kModel + with + kAttack); });
}

TEST(StudyPlan, WhatAnEvaluationRefusesIsRefused) {
  const std::string given = "[[model]]\nname = \"cnniqa\"\nweights = \"w.safetensors\"\n";
  expect_error(ErrorKind::kUsage, {"a certificate is of the model alone", "certify", "leave out"},
               [&] {
                 (void)plan("[evaluate]\ncertify = 0.05\n" + given + kAttack +
                            "[[purify]]\nspec = \"jpeg:quality=50\"\n");
               });
  expect_error(ErrorKind::kUsage, {"read as a model behind a purifier", "label", "leave out"},
               [&] { (void)plan(given + "label = \"a | b\"\n" + kAttack); });
}

TEST(MadeByStudy, IsWhatLiesInItsFolderHoweverThatIsSpelled) {
  for (const char* folder : {"runs/x", "runs/x/", "./runs/x"}) {
    EXPECT_TRUE(made_by_study(StudyFolder(folder), "runs/x/train/a/best.safetensors")) << folder;
    EXPECT_FALSE(made_by_study(StudyFolder(folder), "runs/xy/best.safetensors")) << folder;
  }
  EXPECT_TRUE(made_by_study(StudyFolder("."), "train/a/best.safetensors"));
  EXPECT_FALSE(made_by_study(StudyFolder("."), "w.safetensors")) << "put there by the user";
  EXPECT_FALSE(made_by_study(StudyFolder("."), "../a/best.safetensors"));
  EXPECT_FALSE(made_by_study(StudyFolder("."), "/a/best.safetensors"));
}

TEST(ChosenCells, BringWhatTheyNeed) {
  const auto cells =
      plan(std::string(kModel) +
           "[[defense]]\nname = \"none\"\n[[defense]]\nname = \"gradient-norm\"\n" + kAttack);
  EXPECT_THAT(chosen_cells(cells, {}), ElementsAre(true, true, true, true));
  EXPECT_THAT(chosen_cells(cells, {"evaluate/*/none/*"}), ElementsAre(true, false, true, false));
  EXPECT_THAT(chosen_cells(cells, {"train/*"}), ElementsAre(true, true, false, false));
  expect_error(ErrorKind::kUsage,
               {"no cell is called 'train/cnniqa/non/seed0'", "--cell",
                "did you mean 'train/cnniqa/none/seed0'?"},
               [&] { (void)chosen_cells(cells, {"train/cnniqa/non/seed0"}); });
}

}  // namespace study_plan_test
}  // namespace robiq
