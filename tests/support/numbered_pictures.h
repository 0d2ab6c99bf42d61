#pragma once
// What tests of the training loop share: a data set of ten pictures, and weights compared.
#include <ATen/ATen.h>

#include <span>
#include <string>
#include <vector>

#include "robiq/data/dataset.h"
#include "robiq/train/trainer.h"
#include "support/det.h"

namespace robiq::test {

/// Pictures made from their number; one label may be NaN.
class NumberedPictures final : public Dataset {
 public:
  NumberedPictures() {
    card_.name = "numbered";
    for (int i = 0; i < 10; ++i) {
      ImageRecord record;
      record.id = "picture" + std::to_string(i);
      record.mos = 10.0 * i;
      records_.push_back(record);
    }
  }
  [[nodiscard]] const DatasetCard& card() const noexcept override { return card_; }
  [[nodiscard]] std::span<const ImageRecord> records() const override { return records_; }
  [[nodiscard]] at::Tensor read(const ImageRecord& record) const override {
    return det::image({record.id, 20, 20});
  }
  std::vector<ImageRecord> records_;

 private:
  DatasetCard card_;
};

inline TrainPhase phase_of(const StepParts& step, std::int64_t epochs) {
  TrainPhase phase{.step = step};
  phase.epochs = epochs;
  return phase;
}

inline bool same_weights(const TensorMap& a, const TensorMap& b) {
  for (const auto& [name, tensor] : a) {
    if (!at::equal(tensor, b.at(name))) return false;
  }
  return true;
}

inline TensorMap copied(const TensorMap& tensors) {
  TensorMap copy;
  for (const auto& [name, tensor] : tensors) copy[name] = tensor.detach().clone();
  return copy;
}

}  // namespace robiq::test
