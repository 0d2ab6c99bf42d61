#include "robiq/app/evaluate/evaluation_beginning.h"

#include <gtest/gtest.h>

#include "robiq/core/files/files.h"
#include "robiq/store/run_inputs.h"

namespace robiq {
namespace evaluation_beginning_test {

RunRow evaluation(const std::string& options, const std::string& hash,
                  const std::string& pictures = "12ab") {
  RunRow row;
  row.kind = RunKind::kEvaluate;
  row.label = "cnniqa none";
  row.config_toml = options + inputs_text({{"the pictures", pictures}});
  row.config_sha256 = hash;
  return row;
}

class BegunEvaluation : public testing::Test {
 protected:
  TemporaryFolder folder_;
  ResultsStore store_{folder_.path() / "results.sqlite"};
  std::int64_t first_ = store_.begin_run(
      evaluation("device = \"cpu\"\nmodel = \"cnniqa\"\nseed = 1\nthreads = 1\n", "first"));
};

TEST_F(BegunEvaluation, GoesOnWhateverTheOrderOfItsOptionsAndOnAnotherDevice) {
  const RunRow again =
      evaluation("model = \"cnniqa\"\nseed = 1\nthreads = 1\ndevice = \"auto\"\n", "other order");
  EXPECT_EQ(begin_or_go_on(store_, again), first_);
}

TEST_F(BegunEvaluation, IsAnotherWithOtherOptionsOrPictures) {
  const std::string options = "device = \"cpu\"\nmodel = \"cnniqa\"\nthreads = 1\n";
  const std::int64_t second = begin_or_go_on(store_, evaluation(options + "seed = 2\n", "second"));
  EXPECT_NE(second, first_);
  EXPECT_NE(begin_or_go_on(store_, evaluation(options + "seed = 1\n", "third", "34cd")), first_);
}

TEST_F(BegunEvaluation, IsFoundByItsHash) {
  const RunRow same = evaluation("seed = 1\n", "first");
  EXPECT_EQ(begin_or_go_on(store_, same), first_);
}

}  // namespace evaluation_beginning_test
}  // namespace robiq
