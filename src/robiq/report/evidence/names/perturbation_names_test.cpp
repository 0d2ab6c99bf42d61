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
  EXPECT_EQ(
      names.in_options(AttackOptions::parse("file=a/u.safetensors,scale=0.04"), "runs").text(),
      "file=u,scale=0.04");
  EXPECT_EQ(names.in_options(AttackOptions::parse("steps=2,epsilon=0.1"), "runs").text(),
            "epsilon=0.1,steps=2");
  EXPECT_EQ(names.in_options(AttackOptions::parse("file="), "runs").text(), "")
      << "a model without one";
}

TEST(PerturbationNames, OfOneNameInTwoFoldersStayTwo) {
  const PerturbationNames names = names_of({"a/u.safetensors", "b/u.safetensors", "b/w.npy"});
  EXPECT_EQ(names.in_options(AttackOptions::parse("file=a/u.safetensors"), "runs").text(),
            "file=a/u");
  EXPECT_EQ(names.in_options(AttackOptions::parse("file=b/u.safetensors"), "runs").text(),
            "file=b/u");
  EXPECT_EQ(names.in_options(AttackOptions::parse("file=b/w.npy"), "runs").text(), "file=w");
}

TEST(PerturbationNames, OfAStudysSeedsAreOne) {
  const PerturbationNames names =
      names_of({"run/uap/x/seed0.safetensors", "run/uap/x/seed1.safetensors"});
  EXPECT_EQ(
      names.in_options(AttackOptions::parse("file=run/uap/x/seed0.safetensors"), "runs").text(),
      "file=x");
  EXPECT_EQ(
      names.in_options(AttackOptions::parse("file=run/uap/x/seed1.safetensors"), "runs").text(),
      "file=x");
}

TEST(PerturbationNames, OneFileByTwoPathsIsOne) {
  PerturbationNames names = names_of({"u.npy", "/home/me/u.npy", "./u.npy"});
  EXPECT_EQ(names.in_options(AttackOptions::parse("file=/home/me/u.npy"), "runs").text(),
            "file=/home/me/u")
      << "not known yet";
  const ReadInputs read{{file_input("u.npy", "the attack uap"), "12ab"},
                        {file_input("/home/me/u.npy", "the attack uap"), "12ab"},
                        {file_input("./u.npy", "the attack uap"), "12ab"}};
  names.add_contents("seed = 1\n" + inputs_text(read), "runs");
  for (const char* file : {"u.npy", "/home/me/u.npy", "./u.npy"}) {
    EXPECT_EQ(names.in_options(AttackOptions::parse(std::string("file=") + file), "runs").text(),
              "file=u");
  }
}

TEST(PerturbationNames, OneThatWasRemadeBetweenTwoFoldersIsTwo) {
  PerturbationNames names = names_of({"u.npy"});
  for (const char* folder : {"one", "two"}) {
    const ReadInputs read{{file_input("u.npy", "the attack uap"), std::string(folder) + "-hash"}};
    names.add_contents("seed = 1\n" + inputs_text(read), folder);
  }
  const AttackOptions options = AttackOptions::parse("file=u.npy");
  EXPECT_EQ(names.in_options(options, "one").text(), "file=u one-ha");
  EXPECT_EQ(names.in_options(options, "two").text(), "file=u two-ha");
}

}  // namespace perturbation_names_test
}  // namespace robiq
