#include "robiq/app/study/progress/study_work.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace robiq {
namespace study_work_test {

using testing::ElementsAre;
using testing::IsEmpty;

/// Two models, trained and evaluated: cells 0 and 1, and 2 and 3 that need them.
StudySetup setup() {
  const std::string text =
      "name = \"s\"\n[[model]]\nname = \"cnniqa\"\n[[model]]\nname = "
      "\"dbcnn\"\n[[attack]]\nspec = \"fgsm\"\n";
  StudySetup made{text, parse_study(text, "s.toml"), StudyFolder("out"), {}};
  made.cells = plan_study(made.study, made.folder);
  return made;
}

TEST(StudyWork, DoesNotBeginWhatNeedsAFailedCell) {
  const StudySetup study = setup();
  ASSERT_EQ(study.cells.size(), 4U);
  StudyWork work(study, std::vector<bool>(4, true), nullptr);
  EXPECT_EQ(work.count_chosen(), 4U);
  EXPECT_THAT(work.begin_stage(StudyStage::kTrain), ElementsAre(0, 1));
  work.fail_cell({0, 6, "the loss is NaN"});
  work.end_cell(1);
  work.end_stage();
  EXPECT_THAT(work.open(), ElementsAre(0, 2, 3));
  EXPECT_THAT(work.begin_stage(StudyStage::kEvaluate), ElementsAre(3));
  work.end_cell(3);
  work.end_stage();
  EXPECT_FALSE(work.stopped());
  ASSERT_TRUE(work.has_failures());
  EXPECT_EQ(work.failure()->text().what,
            "1 of 4 cells failed, and 1 that need them were not begun; the first, " +
                study.cells[0].name + ": the loss is NaN");
  EXPECT_EQ(work.failure()->exit_code(), 6);
}

TEST(StudyWork, LeavesOutWhatIsDoneAndWhatIsNotChosen) {
  const StudySetup study = setup();
  StudyWork work(study, {true, false, true, false}, nullptr);
  work.set_done({0});
  EXPECT_EQ(work.count_chosen(), 2U);
  EXPECT_THAT(work.open(), ElementsAre(2));
  EXPECT_THAT(work.begin_stage(StudyStage::kTrain), IsEmpty());
  work.end_stage();
  EXPECT_THAT(work.begin_stage(StudyStage::kEvaluate), ElementsAre(2));
  work.end_cell(2);
  work.end_stage();
  EXPECT_THAT(work.open(), IsEmpty());
  EXPECT_FALSE(work.failure());
}

TEST(StudyWork, WhatIsLeftIsWithoutWhatFailedAndWhatNeedsIt) {
  const StudySetup study = setup();
  StudyWork work(study, std::vector<bool>(4, true), nullptr);
  EXPECT_EQ(work.left(), (StudyClock::Cells{{StudyStage::kTrain, 2}, {StudyStage::kEvaluate, 2}}));
  static_cast<void>(work.begin_stage(StudyStage::kTrain));
  work.fail_cell({0, 6, "the loss is NaN"});
  EXPECT_EQ(work.left(), (StudyClock::Cells{{StudyStage::kTrain, 1}, {StudyStage::kEvaluate, 1}}));
}

TEST(StudyClock, EstimatesByStage) {
  StudyClock clock;
  EXPECT_EQ(clock.left_text({}), "");
  EXPECT_EQ(clock.left_text({{StudyStage::kTrain, 4}}), "") << "nothing is known yet";
  for (const double seconds : {30, 5000, 20}) clock.add_finished(StudyStage::kTrain, seconds);
  EXPECT_EQ(clock.left_text({{StudyStage::kTrain, 2}}), "about 1 min 00 s left");
  EXPECT_EQ(clock.left_text({{StudyStage::kTrain, 0.5}, {StudyStage::kEvaluate, 0}}),
            "about 15.0 s left");
  EXPECT_EQ(clock.left_text({{StudyStage::kTrain, 2}, {StudyStage::kEvaluate, 1}}),
            "more than 1 min 00 s left");
}

}  // namespace study_work_test
}  // namespace robiq
