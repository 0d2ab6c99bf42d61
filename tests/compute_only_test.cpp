// -DROBIQ_COMPUTE_ONLY=ON configures, links and computes what this build does, to the last bit;
// what it was built without it refuses by name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <string>

#include "robiq/core/files/files.h"
#include "support/places.h"
#include "support/program.h"
#include "support/shell.h"

namespace robiq {
namespace compute_only_test {

namespace fs = std::filesystem;
using test::Finished;
using testing::HasSubstr;
using testing::Not;

/// Beside this build: there both see the sources at one relative path, by which ccache knows them.
const std::string kBuild = ROBIQ_BINARY_DIR "_compute_only";

constexpr const char* kTraining =
    " train --out trained --epochs 1 --model cnniqa:hidden=16,filters=8,patches=16 "
    "--data builtin:scenes=4,size=64 --defense adversarial+gradient-norm:weight=1e-6 --batch-size "
    "128 "
    "--learning-rate 0.001 --schedule constant --threads 1 --quiet";
/// A compute-only build, and the same work done by it and by this build; made once.
class ComputeOnly : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const Finished built = test::run_shell(
        "/", "cmake -G '" ROBIQ_GENERATOR "' -S '" + test::source_folder() + "' -B '" + kBuild +
                 "' -DROBIQ_COMPUTE_ONLY=ON -DCMAKE_BUILD_TYPE='" ROBIQ_BUILD_TYPE
                 "' -DCMAKE_CXX_COMPILER='" ROBIQ_COMPILER "' -DTorch_DIR='" ROBIQ_TORCH_DIR
                 "' -DCMAKE_PREFIX_PATH='" ROBIQ_PREFIX_PATH "' -DROBIQ_WERROR='" ROBIQ_WERROR_HERE
                 "' && cmake --build '" +
                 kBuild + "' --parallel $(nproc)");
    ASSERT_EQ(built.exit_code, 0) << built.out.substr(built.out.size() -
                                                      std::min<std::size_t>(built.out.size(), 8000))
                                  << built.err;
  }
  static const fs::path& folder() {
    static const TemporaryFolder made;
    return made.path();
  }
  /// Runs the compute-only program in a folder of its own.
  static Finished small(const std::string& arguments) {
    make_folder(folder() / "small");
    return test::run_shell(folder() / "small", "'" + kBuild + "/robiq' " + arguments);
  }
  static Finished whole(const std::string& arguments) {
    make_folder(folder() / "whole");
    return test::run_shell(folder() / "whole", "\"$robiq\" " + arguments);
  }
  static std::string bytes(const std::string& file) {
    return read_file(folder() / file, 64U << 20U);
  }
};

TEST_F(ComputeOnly, ReadsNoHeaderOfALibraryForFiles) {
  const std::string pattern =
      "SQLiteCpp|sqlite3.h|opencv2|tiffio.h|png.h|jpeglib.h|matio.h|pugixml.hpp|openssl/|zlib.h";
  const Finished read =
      test::run_shell("/", "ninja -C '" + kBuild + "' -t deps | grep -E '/(" + pattern + ")'");
  EXPECT_EQ(read.out, "");
}

TEST_F(ComputeOnly, LinksNoLibraryForFiles) {
  const Finished libraries = test::run_shell("/", "ldd '" + kBuild + "/robiq-compute'");
  EXPECT_EQ(libraries.exit_code, 0) << libraries.err;
  EXPECT_THAT(libraries.out, HasSubstr(kBuild + "/librobiq.so"));
  EXPECT_THAT(libraries.out, HasSubstr("libtorch"));
  EXPECT_THAT(libraries.out, Not(HasSubstr("not found")));
  for (const char* library : {"librobiq", "librobiq_base"}) {
    const Finished needed =
        test::run_shell("/", "objdump -p '" + kBuild + "/" + library + ".so' | grep NEEDED");
    for (const char* other : {"opencv", "sqlite", "SQLite", "libtiff", "libpng", "libjpeg", "matio",
                              "pugixml", "libcrypto", "libz."}) {
      EXPECT_THAT(needed.out, Not(HasSubstr(other))) << library;
    }
  }
}

TEST_F(ComputeOnly, TrainsAndAttacksToTheLastBit) {
  const Finished by_small = small(kTraining), by_whole = whole(kTraining);
  ASSERT_EQ(by_small.exit_code, 0) << by_small.err;
  ASSERT_EQ(by_whole.exit_code, 0) << by_whole.err;
  const std::string file = "/trained/checkpoints/best.safetensors", trained = bytes("small" + file);
  EXPECT_GT(trained.size(), 1000U);
  EXPECT_EQ(trained, bytes("whole" + file));
  EXPECT_FALSE(fs::exists(folder() / "small/trained/results.sqlite"));
}

TEST_F(ComputeOnly, ScoresAndMeasures) {
  const Finished score = small("bench score --model cnniqa --height 64 --width 64 --repeats 1");
  EXPECT_EQ(score.exit_code, 0) << score.err;
  const Finished attack = small(
      "bench attack --model cnniqa --height 64 --width 64 --repeats 1 --attack ifgsm:steps=2");
  EXPECT_EQ(attack.exit_code, 0) << attack.err;
  write_file(folder() / "small/scores.csv", "mos,before,after\n10,12,40\n50,45,30\n90,88,60\n");
  write_file(folder() / "whole/scores.csv", bytes("small/scores.csv"));
  const std::string measures = "metrics scores.csv --format json";
  EXPECT_EQ(small(measures).out, whole(measures).out);
  EXPECT_EQ(small("list attacks").out, whole("list attacks").out);
}

TEST_F(ComputeOnly, SaysWhatItWasBuiltWithout) {
  const Finished refused = small("report trained");
  EXPECT_EQ(refused.exit_code, 2) << refused.err;
  EXPECT_THAT(refused.err, HasSubstr("compute-only, without its results database"));
  EXPECT_THAT(refused.err, HasSubstr("-DROBIQ_COMPUTE_ONLY=OFF"));
}

}  // namespace compute_only_test
}  // namespace robiq
