#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "robiq/core/error.h"
#include "robiq/defense/defense.h"
#include "robiq/defense/task_ascent.h"
#include "support/tiny_iqa.h"

namespace robiq {
namespace adversarial_test {

std::unique_ptr<Defense> defense_of(const std::string& spec) {
  return Registry<Defense>::instance().make(parse_spec(spec, "test"), "test");
}

/// Rows 4 and 5 of 9.
TrainBatch some_rows() {
  return {at::cat({det::picture({"a", 16, 16}), det::picture({"b", 16, 16})}),
          at::tensor({20.0F, 70.0F}), 4, 9};
}

StepTask mean_square() {
  return {[](const at::Tensor& outputs, const at::Tensor& mos) {
            return (outputs.select(1, 0) - mos).square().mean();
          },
          true};
}

TrainBatch prepared(const std::string& spec) {
  test::TinyIqa model;
  const auto defense = defense_of(spec);
  defense->see_task(mean_square());
  return defense->prepare(model, some_rows(), Rng(0));
}

TEST(Adversarial, RowsThatAreDoubledHaveTheirPlacesAmongTheRowsOfAll) {
  const TrainBatch both = prepared("adversarial");
  EXPECT_EQ(both.images.size(0), 4);
  EXPECT_EQ(both.mos.size(0), 4);
  EXPECT_EQ(both.first_row, 8);
  EXPECT_EQ(both.rows_of_all, 18);
  const TrainBatch attacked = prepared("adversarial:labels=keep");
  EXPECT_EQ(attacked.images.size(0), 2);
  EXPECT_EQ(attacked.first_row, 4);
  EXPECT_TRUE(at::equal(attacked.mos, some_rows().mos));
  EXPECT_EQ(prepared("adversarial:labels=keep,clean=yes").images.size(0), 4);
}

TEST(Adversarial, LabelsFallByWhatThePictureLost) {
  const at::Tensor fixed = prepared("adversarial:labels=fixed,drop=10").mos;
  EXPECT_TRUE(at::allclose(fixed, at::tensor({10.0F, 20.0F, 60.0F, 70.0F})));
  const at::Tensor twice = prepared("adversarial:labels=fixed,drop=10,penalty=3").mos;
  EXPECT_TRUE(at::allclose(twice, at::tensor({0.0F, 20.0F, 40.0F, 70.0F})));
  const at::Tensor least = prepared("adversarial:labels=min").mos;
  EXPECT_TRUE(at::allclose(least, at::tensor({0.0F, 20.0F, 0.0F, 70.0F})));
}

TEST(Adversarial, LabelsOfDifferenceScoresRise) {
  const at::Tensor labels =
      lowered_labels(at::tensor({20.0F, 95.0F}), at::tensor({0.1F, 0.1F}), 1, {100, 0});
  EXPECT_TRUE(at::allclose(labels, at::tensor({30.0F, 100.0F})));
}

TEST(Adversarial, LabelsOutsideTheRangeAreRefused) {
  EXPECT_THROW(static_cast<void>(prepared("adversarial:range=1:5")), Error);
}

TEST(Adversarial, WhatHasNoEffectAndWrongRangesAreRefused) {
  for (const char* const spec :
       {"adversarial:steps=5", "adversarial:method=apgd,projection=noisy", "adversarial:drop=5",
        "adversarial:range=5", "adversarial:range=5:5", "adversarial:labels=lpips",
        "adversarial:labels=keep,penalty=2", "adversarial:epsilon=2"}) {
    EXPECT_THROW(static_cast<void>(defense_of(spec)), Error) << spec;
  }
}

TEST(Adversarial, TheTaskMustBeKnown) {
  test::TinyIqa model;
  EXPECT_THROW(static_cast<void>(defense_of("adversarial")->prepare(model, some_rows(), Rng(0))),
               Error);
}

}  // namespace adversarial_test
}  // namespace robiq
