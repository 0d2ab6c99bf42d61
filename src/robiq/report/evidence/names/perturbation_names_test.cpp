#include "robiq/report/evidence/names/perturbation_names.h"

#include <gtest/gtest.h>

#include "robiq/store/run_inputs.h"

namespace robiq {
namespace perturbation_names_test {

PerturbationNames names_of(const std::vector<std::string>& files) {
  PerturbationNames names;
  for (const std::string& file : files)
    names.add(AttackOptions({{"file", file}, {"scale", "0.04"}}));
  return names;
}

TEST(PerturbationNames, AreBareWhereThatTellsThemApart) {
  const PerturbationNames names = names_of({"a/u.safetensors", "b/v.npy"});
  EXPECT_EQ(names.in_options(AttackOptions::parse("file=a/u.safetensors,scale=0.04")).text(),
            "file=u,scale=0.04");
  EXPECT_EQ(names.in_options(AttackOptions::parse("steps=2,epsilon=0.1")).text(),
            "epsilon=0.1,steps=2");
  EXPECT_EQ(names.in_options(AttackOptions::parse("file=")).text(), "") << "a model without one";
}

TEST(PerturbationNames, OfOneNameInTwoFoldersStayTwo) {
  const PerturbationNames names = names_of({"a/u.safetensors", "b/u.safetensors", "b/w.npy"});
  EXPECT_EQ(names.in_options(AttackOptions::parse("file=a/u.safetensors")).text(), "file=a/u");
  EXPECT_EQ(names.in_options(AttackOptions::parse("file=b/u.safetensors")).text(), "file=b/u");
  EXPECT_EQ(names.in_options(AttackOptions::parse("file=b/w.npy")).text(), "file=w");
}

TEST(PerturbationNames, OfAStudysSeedsAreOne) {
  const PerturbationNames names =
      names_of({"run/uap/x/seed0.safetensors", "run/uap/x/seed1.safetensors"});
  EXPECT_EQ(names.in_options(AttackOptions::parse("file=run/uap/x/seed0.safetensors")).text(),
            "file=x");
  EXPECT_EQ(names.in_options(AttackOptions::parse("file=run/uap/x/seed1.safetensors")).text(),
            "file=x");
}

TEST(PerturbationNames, OneFileByTwoPathsIsOne) {
  PerturbationNames names = names_of({"u.npy", "/home/me/u.npy", "./u.npy"});
  EXPECT_EQ(names.in_options(AttackOptions::parse("file=/home/me/u.npy")).text(), "file=/home/me/u")
      << "not known yet";
  const ReadInputs read{{file_input("u.npy", "the attack uap"), "12ab"},
                        {file_input("/home/me/u.npy", "the attack uap"), "12ab"},
                        {file_input("./u.npy", "the attack uap"), "12ab"}};
  names.add_contents("seed = 1\n" + inputs_text(read));
  for (const char* file : {"u.npy", "/home/me/u.npy", "./u.npy"}) {
    EXPECT_EQ(names.in_options(AttackOptions::parse(std::string("file=") + file)).text(), "file=u");
  }
}

}  // namespace perturbation_names_test
}  // namespace robiq
