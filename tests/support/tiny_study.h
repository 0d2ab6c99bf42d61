#pragma once
// A study of seconds, run by the real program in a folder of the test program's own.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "robiq/core/files/files.h"
#include "robiq/store/results_store.h"
#include "support/program.h"

namespace robiq::test {

namespace fs = std::filesystem;
using Json = nlohmann::json;

/// Everything runs in one folder. No training happens before a test asks for it.
inline const fs::path& root() {
  static const TemporaryFolder folder;
  return folder.path();
}

inline Finished robiq(const std::string& arguments) { return run_program(root(), arguments); }

/// 2 x 2 trainings, a surrogate and a perturbation a seed, 4 evaluations: about three seconds.
inline constexpr const char* kTiny = R"(
name = "tiny"
seeds = [0, 1]
data = "builtin:scenes=4,size=64"
[train]
epochs = 2
batch_size = 128
learning_rate = 0.001
schedule = "constant"
[evaluate]
level = "image"
bootstrap = 10
limit = 6
[[model]]
name = "cnniqa:hidden=16,filters=8,patches=16"
[[defense]]
name = "none"
[[defense]]
name = "gradient-norm"
weight = 1e-6
[[attack]]
spec = ["fgsm", "ifgsm:steps=3"]
[[attack]]
spec = "uap:scale=0.04"
surrogate = "cnniqa:hidden=16,filters=8,seed=99"
fit = { max_steps = 3 }
[[attack]]
spec = "korhonen:most_steps=3,least_steps=1"
surrogate = "cnniqa:hidden=16,filters=8,seed=99"
)";

inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, text.npos) << from;
  return at == text.npos ? text : text.replace(at, from.size(), to);
}

/// Writes a study file. \return its name
inline std::string study(const std::string& name, const std::string& text) {
  write_file(root() / (name + ".toml"), text);
  return name + ".toml";
}

inline std::string run_command(const std::string& file, const std::string& out) {
  return "experiment run " + file + " --threads 1 --out " + out;
}

inline Finished run_well(const std::string& file, const std::string& out,
                         const std::string& more = "") {
  Finished got = robiq(run_command(file, out) + " " + more);
  EXPECT_EQ(got.exit_code, 0) << got.err;
  return got;
}

/// state by cell
inline std::map<std::string, std::string> states(const std::string& file, const std::string& out) {
  const Finished got = robiq("experiment status " + file + " --out " + out + " --format json");
  EXPECT_EQ(got.exit_code, 0) << got.err;
  std::map<std::string, std::string> states;
  for (const Json& row : Json::parse(got.out)) states[row["cell"]] = row["state"];
  return states;
}

inline std::size_t count(const std::map<std::string, std::string>& states,
                         const std::string& state) {
  return static_cast<std::size_t>(std::count_if(states.begin(), states.end(),
                                                [&](const auto& s) { return s.second == state; }));
}

/// before and after by cell, picture and attack, whatever folder they are of.
inline std::map<std::string, std::pair<double, double>> scores(const std::string& out) {
  const ResultsStore store(root() / out / "results.sqlite", ResultsStore::Access::kRead);
  std::map<std::int64_t, std::string> pictures;
  for (const ImageRow& image : store.images()) pictures[image.id] = image.name;
  std::map<std::string, std::pair<double, double>> scores;
  for (const CellRow& cell : store.cells()) {
    if (!cell.cell.starts_with("evaluate/")) continue;
    for (const ScoreRow& row : store.scores(cell.run)) {
      const std::string key = cell.cell + " " + pictures.at(row.image) + " " + row.attack;
      EXPECT_TRUE(scores.emplace(key, std::pair(row.before, row.after)).second) << key;
    }
  }
  return scores;
}

/// The study that nothing disturbed; made once.
inline const std::string& undisturbed() {
  static const std::string out = [] {
    run_well(study("tiny", kTiny), "undisturbed");
    return "undisturbed";
  }();
  return out;
}

inline constexpr std::size_t kTinyCells = 12, kTinyScores = 4 * 6 * 5;

}  // namespace robiq::test
