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
      {"cnniqa deep+wide", "none"},
      {"torchscript:/data/my models:v2/x.pt", "none"},
      {"torchscript:/a b+c/x.pt", "jpeg-augment+gradient-norm"},
      {"cnniqa", "BoxAugment"},
      {"cnniqa", "my_noise:level=2"},
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

TEST(TrainingLabel, TextsThatRobiqDidNotWriteAreCutAtTheLastSpace) {
  EXPECT_EQ(TrainingLabel::parse("a b/c d/e").model, "a b/c");
  const std::string letters(1 << 20, 'a');
  EXPECT_EQ(TrainingLabel::parse("x " + letters + " " + letters + "?").model, "x " + letters);
}

}  // namespace training_label_test
}  // namespace robiq
