#include "robiq/store/training_label.h"

#include <gtest/gtest.h>

namespace robiq {
namespace training_label_test {

TEST(TrainingLabel, ComesBackWithSpacesInOptionsOfEither) {
  const TrainingLabel labels[] = {
      {"cnniqa", "none"},
      {"my model", "gradient-norm:weight=1e-05"},
      {"torchscript:file=/my dir/x.pt", "jpeg-augment+gradient-norm:weight=0.001"},
      {"cnniqa:filters=8", "adversarial:labels=lpips,heads=/my dir/x.safetensors"},
  };
  for (const TrainingLabel& label : labels) {
    const TrainingLabel read = TrainingLabel::parse(label.text());
    EXPECT_EQ(read.model, label.model);
    EXPECT_EQ(read.defense, label.defense);
  }
}

TEST(TrainingLabel, AModelAloneHasNoDefense) {
  EXPECT_EQ(TrainingLabel::parse("cnniqa").model, "cnniqa");
  EXPECT_EQ(TrainingLabel::parse("cnniqa").defense, "none");
}

}  // namespace training_label_test
}  // namespace robiq
