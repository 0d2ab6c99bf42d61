// From outside: Python writes a full-size checkpoint as the authors' programs do, and the program
// must give the score that the authors' own code gave for those weights.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "robiq/core/files/files.h"
#include "robiq/tensor/pictures/image_io.h"
#include "support/det.h"
#include "support/program.h"
#include "support/python.h"
#include "support/test_files.h"

namespace robiq {
namespace {

/// A model, how its file is wrapped, and the map from the golden score to what `robiq score` says.
struct Proof {
  const char* model;
  const char* wrapping;
  const char* ending;
  double factor = 1, offset = 0;
};

class CheckpointProof : public testing::TestWithParam<Proof> {};

TEST_P(CheckpointProof, TheProgramGivesTheAuthorsScore) {
  if (!test::python_has("torch, numpy")) GTEST_SKIP() << "no Python with torch here";
  const Proof proof = GetParam();
  const TemporaryFolder folder;
  const auto golden_file = test::fixture_path("models/" + std::string(proof.model) + ".json");
  const auto weights = folder.path() / ("w" + std::string(proof.ending));
  const test::PythonRun written =
      test::run_python("import runpy, sys\nsys.argv = ['', '" + golden_file.string() + "', '" +
                       weights.string() + "', '" + proof.wrapping + "']\nrunpy.run_path('" +
                       test::fixture_path("models/write_checkpoint.py").string() + "')\n");
  ASSERT_EQ(written.exit_code, 0) << written.output;
  const nlohmann::json golden = test::read_json(golden_file);
  const nlohmann::json& at = golden.at("cases").at(0);
  const std::string name = at.at("input").at("image");
  write_png(folder.path() / "picture.png",
            det::image({name, at.at("input").at("h"), at.at("input").at("w")}));

  const test::Finished run = test::run_program(
      folder.path(), "score picture.png --format json --model " + std::string(proof.model) +
                         " --weights " + weights.filename().string());
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const double score = nlohmann::json::parse(run.out).at("score");
  const double wanted = proof.factor * at.at("f64").at("score").get<double>() + proof.offset;
  EXPECT_NEAR(score, wanted, 1e-4 * std::abs(wanted));
}

INSTANTIATE_TEST_SUITE_P(Every, CheckpointProof,
                         testing::Values(Proof{"hyperiqa", "model", ".pth"},
                                         Proof{"dbcnn", "legacy-module", ".pkl"},
                                         Proof{"linearityiqa", "linearity", ".pth", 2.0, 0.5},
                                         Proof{"maniqa", "plain", ".pt"}),
                         [](const auto& proof) { return std::string(proof.param.model); });

}  // namespace
}  // namespace robiq
