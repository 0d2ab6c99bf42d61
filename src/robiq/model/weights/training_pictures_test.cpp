#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "robiq/model/weights/weights.h"
#include "support/errors.h"

namespace robiq {
namespace training_pictures_test {

const std::string kOne = "00000000000000aa", kTwo = "ffffffffffffffff";

TEST(TrainingPictures, ComeBackSortedAndOnce) {
  const TrainingPictures pictures{{kTwo, kOne, kTwo}, {kOne}};
  const TrainingPictures back =
      training_pictures_from_json(training_pictures_to_json(pictures), "w");
  EXPECT_EQ(back.training, (std::vector<std::string>{kOne, kTwo}));
  EXPECT_EQ(back.validation, std::vector<std::string>{kOne});
}

TEST(TrainingPictures, TakeInThoseOfAnEarlierTraining) {
  TrainingPictures pictures{{kOne}, {}};
  pictures.add({{kTwo}, {kOne}});
  EXPECT_EQ(pictures.training, (std::vector<std::string>{kOne, kTwo}));
  EXPECT_EQ(pictures.validation, std::vector<std::string>{kOne});
}

TEST(TrainingPictures, ADamagedListIsRefused) {
  for (const char* const text :
       {"", "[]", "{\"training\":\"\"}", "{\"training\":\"abc\",\"validation\":\"\"}",
        "{\"training\":\"GGGGGGGGGGGGGGGG\",\"validation\":\"\"}",
        "{\"training\":7,\"validation\":\"\"}"}) {
    expect_error(ErrorKind::kModel, {"list of the training's pictures is damaged", "w.st", "copy"},
                 [&] { (void)training_pictures_from_json(text, "w.st"); });
  }
}

}  // namespace training_pictures_test
}  // namespace robiq
