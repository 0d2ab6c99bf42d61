#pragma once
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "robiq/core/files/files.h"
#include "robiq/store/results_store.h"

namespace robiq::test {

inline RunRow some_run(const std::string& config = "c0ffee") {
  return {.kind = RunKind::kEvaluate,
          .label = "é",
          .command = "robiq evaluate --model cnniqa",
          .config_toml = "seed = 3\n",
          .config_sha256 = config,
          .robiq_version = "0.1.0",
          .torch_version = "1.13.0",
          .device = "cpu",
          .threads = 2,
          .seed = 3,
          .started_utc = "2024-05-01T10:00:00Z",
          .finished_utc = "",
          .status = RunStatus::kFinished};
}

inline ModelRow some_model(const std::string& defense = "none") {
  return {.name = "cnniqa", .defense = defense, .weights_sha256 = "abc", .card_json = "{}"};
}

inline ImageRow some_image(const std::string& name = "a.png") {
  return {.dataset = "builtin:scenes=60",
          .split_sha256 = "def",
          .name = name,
          .content = "scene-1",
          .mos = 3.5,
          .mos_normalised = 62.5,
          .thumbnail = ""};
}

/// A store with one run, one model and one image, and the row that joins them.
struct FilledStore {
  explicit FilledStore(const std::filesystem::path& file) : store(file) {
    row.run = store.begin_run(some_run());
    row.model = store.model_id(some_model());
    row.image = store.image_id(some_image());
    row.attack = "fgsm";
  }
  ResultsStore store;
  ScoreRow row;
};

/// A test with a place for one results database.
class StoreTest : public testing::Test {
 protected:
  TemporaryFolder folder_;
  std::filesystem::path file_ = folder_.path() / "results.sqlite";
};

}  // namespace robiq::test
