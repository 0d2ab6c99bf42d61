#include "robiq/model/weights/weights.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "robiq/core/files/files.h"
#include "robiq/io/safetensors.h"
#include "robiq/tensor/random.h"
#include "support/errors.h"

namespace robiq {
namespace weights_test {

Spec spec_of(const std::string& text) { return parse_spec(text, "test"); }

/// A small cnniqa saved with a card.
class WeightsFile : public testing::Test {
 protected:
  void SetUp() override {
    seed_torch_globals(Rng(5));
    model_ = Registry<QualityModel>::instance().make(spec_of("cnniqa:hidden=8,filters=4"), "test");
    card_.model = "cnniqa";
    card_.options = {{"hidden", "8"}, {"filters", "4"}};
    card_.scale = {1, 5};
    card_.defense = "gradient-norm:weight=0.001";
    card_.validation = {{"srocc", 0.9}};
    file_ = folder_.path() / "w.safetensors";
    save_weights(*model_, card_, file_);
  }

  TemporaryFolder folder_;
  std::filesystem::path file_;
  std::unique_ptr<QualityModel> model_;
  WeightsCard card_;
};

TEST_F(WeightsFile, MakesTheModelItDescribes) {
  const LoadedModel loaded = load_model(spec_of("cnniqa"), file_, std::nullopt, c10::kCPU);
  EXPECT_FALSE(loaded.model->training());
  EXPECT_EQ(loaded.model->card().scale, (ScoreScale{1, 5}));
  EXPECT_EQ(loaded.card.defense, card_.defense);
  EXPECT_EQ(loaded.card.validation, card_.validation);
  EXPECT_EQ(loaded.weights_sha256, sha256_of_file(file_));
  const at::Tensor images = uniform_tensor(Rng(1), {2, 3, 40, 40}, 0, 1, c10::kCPU);
  model_->set_training(false);
  EXPECT_TRUE(at::equal(loaded.model->score(images), model_->score(images)));
}

TEST_F(WeightsFile, TheUsersScaleWins) {
  const LoadedModel loaded = load_model(spec_of("cnniqa"), file_, ScoreScale{0, 10}, c10::kCPU);
  EXPECT_EQ(loaded.model->card().scale, (ScoreScale{0, 10}));
}

TEST_F(WeightsFile, EqualModelsGiveEqualBytes) {
  const auto other = folder_.path() / "again.safetensors";
  save_weights(*model_, card_, other);
  EXPECT_EQ(sha256_of_file(file_), sha256_of_file(other));
}

TEST_F(WeightsFile, OtherShapesAreListed) {
  SafetensorsFile contents = read_safetensors(file_);
  contents.tensors["fc3.bias"] = at::zeros({9});
  write_safetensors(file_, contents);
  expect_error(ErrorKind::kModel, {"misshapen", "cnniqa", "saved from this model"}, [&] {
    static_cast<void>(load_model(spec_of("cnniqa"), file_, std::nullopt, c10::kCPU));
  });
}

TEST_F(WeightsFile, AnOptionThatContradictsTheCardIsRefused) {
  expect_error(
      ErrorKind::kModel, {"trained with hidden=8", "w.safetensors", "leave hidden out"}, [&] {
        static_cast<void>(load_model(spec_of("cnniqa:hidden=9"), file_, std::nullopt, c10::kCPU));
      });
}

TEST_F(WeightsFile, MissingAndLeftOverNamesAreListedAndNothingIsLoaded) {
  SafetensorsFile contents = read_safetensors(file_);
  contents.tensors["extra"] = contents.tensors.at("fc3.bias");
  contents.tensors.erase("fc3.bias");
  write_safetensors(file_, contents);
  const at::Tensor before = model_->state().at("fc1.weight").clone();
  expect_error(ErrorKind::kModel, {"missing (1): fc3.bias; left over (1): extra", "cnniqa", "*"},
               [&] { model_->load_state(contents.tensors); });
  EXPECT_TRUE(at::equal(model_->state().at("fc1.weight"), before));
}

TEST_F(WeightsFile, WeightsOfAnotherModelAreNamed) {
  card_.model = "hyperiqa";
  save_weights(*model_, card_, file_);
  expect_error(
      ErrorKind::kModel,
      {"belong to the model 'hyperiqa', not to 'cnniqa'", "w.safetensors", "--model hyperiqa"},
      [&] { static_cast<void>(load_model(spec_of("cnniqa"), file_, std::nullopt, c10::kCPU)); });
}

TEST_F(WeightsFile, ABrokenCardIsRefused) {
  expect_error(ErrorKind::kModel, {"card cannot be read", "here", "again"},
               [] { static_cast<void>(card_from_json("{\"format\":1}", "here")); });
  expect_error(ErrorKind::kModel, {"newer", "here", "at least as new"},
               [] { static_cast<void>(card_from_json("{\"format\":99}", "here")); });
}

TEST_F(WeightsFile, AMissingFileIsSaidWithTheModelsExitCode) {
  expect_error(ErrorKind::kModel, {"*", "*", "*"}, [&] {
    static_cast<void>(
        load_model(spec_of("cnniqa"), folder_.path() / "none", std::nullopt, c10::kCPU));
  });
}

}  // namespace weights_test
}  // namespace robiq
