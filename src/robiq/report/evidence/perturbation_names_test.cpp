#include "robiq/report/evidence/perturbation_names.h"

#include <gtest/gtest.h>

#include "robiq/store/run_inputs.h"

namespace robiq {
namespace perturbation_names_test {

PerturbationNames names_of(const std::vector<std::string>& files) {
  PerturbationNames names;
  for (const std::string& file : files) names.add("file=" + file + ",scale=0.04");
  return names;
}

TEST(PerturbationNames, AreBareWhereThatTellsThemApart) {
  const PerturbationNames names = names_of({"a/u.safetensors", "b/v.npy"});
  EXPECT_EQ(names.in_options("file=a/u.safetensors,scale=0.04"), "file=u,scale=0.04");
  EXPECT_EQ(names.in_options("steps=2,epsilon=0.1"), "steps=2,epsilon=0.1");
  EXPECT_EQ(names.in_options("file="), "") << "a model without one";
}

TEST(PerturbationNames, OfOneNameInTwoFoldersStayTwo) {
  const PerturbationNames names = names_of({"a/u.safetensors", "b/u.safetensors", "b/w.npy"});
  EXPECT_EQ(names.in_options("file=a/u.safetensors"), "file=a/u");
  EXPECT_EQ(names.in_options("file=b/u.safetensors"), "file=b/u");
  EXPECT_EQ(names.in_options("file=b/w.npy"), "file=w");
}

TEST(PerturbationNames, OfAStudysSeedsAreOne) {
  const PerturbationNames names =
      names_of({"run/uap/x/seed0.safetensors", "run/uap/x/seed1.safetensors"});
  EXPECT_EQ(names.in_options("file=run/uap/x/seed0.safetensors"), "file=x");
  EXPECT_EQ(names.in_options("file=run/uap/x/seed1.safetensors"), "file=x");
}

TEST(PerturbationNames, OneFileByTwoPathsIsOne) {
  PerturbationNames names = names_of({"u.npy", "/home/me/u.npy", "./u.npy"});
  EXPECT_EQ(names.in_options("file=/home/me/u.npy"), "file=/home/me/u") << "not known yet";
  const ReadInputs read{{file_input("u.npy", "the attack uap"), "12ab"},
                        {file_input("/home/me/u.npy", "the attack uap"), "12ab"},
                        {file_input("./u.npy", "the attack uap"), "12ab"}};
  names.add_contents("seed = 1\n" + inputs_text(read));
  for (const char* file : {"u.npy", "/home/me/u.npy", "./u.npy"}) {
    EXPECT_EQ(names.in_options(std::string("file=") + file), "file=u");
  }
}

}  // namespace perturbation_names_test
}  // namespace robiq
