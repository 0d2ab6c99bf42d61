#include "robiq/app/study/file/study.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/errors.h"

namespace robiq {
namespace study_test {

constexpr const char* kSmall =
    "name = \"s\"\n"                  // 1
    "[[model]]\nname = \"cnniqa\"\n"  // 2, 3
    "[[attack]]\nspec = \"fgsm\"\n";  // 4, 5

Study read(const std::string& more) { return parse_study(kSmall + more, "s.toml"); }

void expect_refused(const std::string& text, const std::string& what, const std::string& where,
                    const std::string& hint) {
  SCOPED_TRACE(text);
  expect_error(ErrorKind::kUsage, {what, where, hint},
               [&] { static_cast<void>(parse_study(text, "s.toml")); });
}

void expect_refused_after(const std::string& more, const std::string& what,
                          const std::string& where, const std::string& hint) {
  expect_refused(kSmall + more, what, "s.toml:" + where, hint);
}

TEST(StudyFile, WhatIsLeftOutHasADefault) {
  const Study study = read("");
  EXPECT_THAT(study.seeds(), testing::ElementsAre(0));
  EXPECT_EQ(study.train_data(), "builtin");
  ASSERT_EQ(study.defenses.size(), 1U);
  EXPECT_EQ(study.defenses[0].name, "none");
  EXPECT_FALSE(study.report.paper);
}

TEST(StudyFile, TextsAndListsMeanTheSame) {
  const Study one = read("[[defense]]\nname = \"gradient-norm\"\nweight = 0.00001\n");
  const Study other = read("[[defense]]\nname = \"gradient-norm\"\nweight = [1e-5]\n");
  EXPECT_EQ(study_text(one), study_text(other));
}

TEST(StudyFile, ItsTextIsTheSameStudy) {
  const Study study = parse_study(
      "name = \"s\"\nseeds = [2, 0]\ndata = [\"builtin:scenes=4\", \"builtin:scenes=5\"]\n"
      "split_file = [\"a.csv\", \"b.csv\"]\n[train]\nepochs = 3\nlearning_rate = 1e-3\n"
      "[surrogate]\nepochs = 1\n[evaluate]\ndistance = [\"dists\"]\n"
      "[[model]]\nname = \"cnniqa\"\nlabel = \"mine\"\ntrain = { init = [\"a\", \"b\"] }\n"
      "evaluate = { scale = \"0:1\" }\n[[model]]\nname = \"dbcnn\"\nweights = \"w.pth\"\n"
      "[[defense]]\nname = \"none\"\n[[defense]]\nname = \"gradient-norm\"\n"
      "weight = [-1, 1e-5]\nweight_scale = \"recipe\"\nform = \"abs\"\n"
      "[[attack]]\nspec = [\"fgsm\", \"ifgsm:steps=2\"]\n[[attack]]\nspec = \"uap\"\n"
      "surrogate = \"cnniqa:seed=9\"\nfit = { epochs = 2 }\n"
      "[report]\npaper = true\ntables = [\"clean\"]\n",
      "s.toml");
  const std::string text = study_text(study);
  EXPECT_EQ(study_text(parse_study(text, "again")), text);
  EXPECT_THAT(text, testing::HasSubstr("seeds = [2, 0]\n"));
  EXPECT_THAT(text, testing::HasSubstr("weight = [-1, 1e-05]\n"));
  EXPECT_THAT(text, testing::HasSubstr("[attack.fit]\nepochs = 2\n"));
  EXPECT_EQ(study.split_file(1), "b.csv");
}

TEST(StudyFile, ItsTextLeavesOutWhatTheExactFormHasNot) {
  const std::string text =
      study_text(read("[[defense]]\nname = \"gradient-norm\"\nweight = 1e-5\nform = \"exact\"\n"));
  EXPECT_EQ(study_text(parse_study(text, "again")), text);
}

TEST(StudyFile, UnknownKeysNameTheirLineAndTheNearest) {
  expect_refused("nam = \"s\"\n", "unknown option 'nam'", "s.toml:1:7", "did you mean 'name'?");
  expect_refused_after("[[defence]]\nname = \"none\"\n", "unknown option 'defence'",
                       "6:", "did you mean 'defense'?");
  expect_refused_after("[train]\nepoch = 3\n", "unknown option 'epoch'", "7:9",
                       "did you mean 'epochs'?");
  expect_refused_after("[[attack]]\nspce = \"fgsm\"\n", "unknown option 'spce'", "7:8",
                       "did you mean 'spec'?");
  expect_refused_after("[[model]]\nname = \"dbcnn\"\ntrain = { epoch = 1 }\n",
                       "unknown option 'epoch'", "8:", "did you mean 'epochs'?");
  expect_refused_after("[report]\ntable = \"s4\"\n", "unknown option 'table'", "7:9",
                       "did you mean 'tables'?");
}

TEST(StudyFile, UnknownNamesNameTheNearest) {
  expect_refused_after("[[model]]\nname = \"cniqa\"\n", "no model is called 'cniqa'", "7:8",
                       "did you mean 'cnniqa'?");
  expect_refused_after("[[model]]\nname = \"cnniqa:hiden=3\"\n", "unknown option 'hiden'", "7:8",
                       "did you mean 'hidden'?");
  expect_refused_after("[[attack]]\nspec = \"fgms\"\n", "no attack is called 'fgms'", "7:8",
                       "did you mean 'fgsm'?");
  expect_refused_after("[[attack]]\nspec = \"fgsm:epsilon=3\"\n", "option 'epsilon' is 3", "7:8",
                       "give a value in the range");
  expect_refused_after("[[defense]]\nname = \"nt\"\n", "no defense is called 'nt'", "7:8",
                       "known: adversarial, gradient-norm");
  expect_refused_after("[[defense]]\nname = \"adversarial\"\nweight = [1]\n",
                       "'weight' belongs to gradient-norm", "8:10", "in the name");
  expect_refused_after("[[defense]]\nname = \"jpeg-augment+gradient-norm:weight=1e-3\"\n",
                       "'gradient-norm:weight=1e-3' in the name of a defense", "7:8",
                       "write gradient-norm there, and weight = \"1e-3\" below it");
  expect_refused("name = \"s\"\ndata = \"biltin\"\n", "no dataset is called 'biltin'", "s.toml:2:8",
                 "did you mean 'builtin'?");
}

TEST(StudyFile, WhatTheStudySetsIsSetInOnePlace) {
  expect_refused_after("[train]\nseed = 3\n", "'seed' is not set here", "7:8",
                       "write seeds at the top");
  expect_refused_after("[train]\nnt_weight = 3\n", "'nt_weight' is not set here", "7:13",
                       "write it in [[defense]]");
  expect_refused_after("[train]\ndefense = \"adversarial\"\n", "'defense' is not set here", "7:11",
                       "write it as name of [[defense]]");
  expect_refused_after("[evaluate]\nattack = \"fgsm\"\n", "'attack' is not set here", "7:10",
                       "write it as spec of [[attack]]");
  expect_refused_after("[evaluate]\nthreads = 2\n", "'threads' is not set here", "7:11",
                       "give --threads to `robiq experiment run`");
  expect_refused_after(
      "[[attack]]\nspec = \"uap\"\nsurrogate = \"cnniqa:seed=1\"\n"
      "fit = { weights = \"w\" }\n",
      "'weights' is not set here", "9:", "write it as surrogate of [[attack]]");
}

TEST(StudyFile, ValuesAreChecked) {
  expect_refused("[[model]]\nname = \"cnniqa\"\n", "the study's name is ''",
                 "s.toml:", "give name letters");
  expect_refused("name = \"a/b\"\n", "the study's name is 'a/b'", "s.toml:1:8",
                 "it is the name of");
  expect_refused("name = \"s\"\nseeds = [0, 0]\n", "seed 0 twice", "s.toml:2:9", "give it once");
  expect_refused("name = \"s\"\nseeds = [-1]\n", "'-1' is not a seed", "s.toml:2:9",
                 "whole numbers");
  expect_refused("name = \"s\"\nseeds = []\n", "no seeds", "s.toml:2:9", "at least one");
  expect_refused("name = \"s\"\nseeds = [0, 1]\nsplit_file = [\"a\", \"b\", \"c\"]\n",
                 "3 split files for 2 seeds", "s.toml:2:9", "one for all seeds");
  expect_refused("name = \"s\"\n", "no models", "s.toml", "write [[model]] and its name");
  expect_refused("name = \"s\"\n[[model]]\nname = \"cnniqa\"\n", "no attacks", "s.toml",
                 "write [[attack]] and its spec");
  expect_refused("name = \"s\"\n[model]\nname = \"cnniqa\"\n", "'model' is not a list of tables",
                 "s.toml:2:", "write [[model]] above its keys");
  expect_refused("name = \"s\"\ntrain = 3\n", "'train' is not a table", "s.toml:2:9",
                 "write [train], or train = { key = value }");
  expect_refused_after("[[defense]]\nname = \"none\"\nweight = 1\n",
                       "the defense 'none' has no 'weight'", "8:10", "leave it out");
  expect_refused_after("[[defense]]\nname = \"gradient-norm\"\nweight = [\"a\"]\n",
                       "'a' is not a weight", "8:10", "-1 for the model's recipe");
  for (const char* const wrong : {"nan", "inf", "1e300"}) {
    expect_refused_after(
        std::string("[[defense]]\nname = \"gradient-norm\"\nweight = ") + wrong + "\n",
        "is not a weight", "8:10", "from 0 to 1e9");
  }
  expect_refused_after("[[defense]]\nname = \"gradient-norm\"\nweight = []\n", "no weights", "8:10",
                       "at least one");
  expect_refused_after("[[defense]]\nname = \"gradient-norm\"\nweight_scale = \"own\"\n",
                       "'own' is not a scale of weights", "8:16", "recipe");
  expect_refused_after(
      "[[defense]]\nname = \"gradient-norm\"\nform = \"exact\"\nscheme = \"shared\"\n",
      "'scheme' has no effect together with form = \"exact\"", "9:10", "leave out one");
  expect_refused_after("[[model]]\nname = \"dbcnn\"\nweights = \"w\"\ntrain = { epochs = 1 }\n",
                       "a model with weights is not trained", "9:", "leave out one");
}

TEST(StudyFile, SurrogatesAreChecked) {
  const auto attack = [](const std::string& more) { return "[[attack]]\nspec = " + more; };
  expect_refused_after(attack("\"uap\"\n"), "uap has neither a perturbation nor a surrogate", "7:8",
                       "write uap:FILE, or give surrogate");
  expect_refused_after(attack("\"korhonen\"\nsurrogate = \"cnniqa\"\n"),
                       "neither a seed nor weights", "8:13", "write MODEL:seed=N to train it");
  expect_refused_after(attack("\"korhonen\"\nsurrogate = \"cnniqa:seed=1,weights=w\"\n"),
                       "a seed and weights", "8:13", "write MODEL:seed=N to train it");
  expect_refused_after(attack("\"korhonen\"\nsurrogate = \"cnniqa:seed=x\"\n"), "'x' is not a seed",
                       "8:13", "whole number");
  expect_refused_after(attack("\"fgsm:loss=up\"\ntransfer = true\n"),
                       "transfer without a surrogate", "8:12", "give surrogate");
  expect_refused_after(attack("\"fgsm:loss=up\"\nfit = { epochs = 1 }\n"), "nothing is fitted here",
                       "8:", "leave fit out");
  expect_refused_after(attack("\"uap:scle=1\"\nsurrogate = \"cnniqa:seed=1\"\n"),
                       "unknown option 'scle'", "7:8", "did you mean 'scale'?");
}

}  // namespace study_test
}  // namespace robiq
