#pragma once
// A folder with pictures, good and bad, and a model trained for a second: what the program's tests
// work with. Made once a test program.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "robiq/core/files/files.h"
#include "robiq/tensor/pictures/image_io.h"
#include "support/det.h"
#include "support/program.h"

namespace robiq::test {

inline constexpr const char* kTinyTraining =
    " --data builtin:scenes=4,size=64 --model cnniqa:hidden=16,filters=8,patches=16 "
    "--batch-size 128 --learning-rate 0.001 --schedule constant --threads 1 ";

/// Holds: pictures/p0.png .. p4.png, 64x48; small.png, 20x20; w.safetensors, trained for one epoch
/// by the run in trained/.
class Workbench {
 public:
  static const Workbench& get() {
    static const Workbench bench;
    return bench;
  }

  [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }
  [[nodiscard]] std::filesystem::path path(const std::string& name) const { return path() / name; }
  [[nodiscard]] Finished run(const std::string& arguments, const std::string& input = "") const {
    return run_program(path(), arguments, input);
  }
  /// What must end with 0.
  [[nodiscard]] Finished run_well(const std::string& arguments,
                                  const std::string& input = "") const {
    const testing::ScopedTrace trace(__FILE__, __LINE__, "robiq " + arguments);
    Finished finished = run(arguments, input);
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    return finished;
  }

 private:
  Workbench() {
    for (const char* name : {"p0", "p1", "p2", "p3", "p4"}) {
      write_png(path("pictures") / (std::string(name) + ".png"), det::image({name, 48, 64}));
    }
    write_png(path("small.png"), det::image({"small", 20, 20}));
    const Finished training = run(std::string("train --out trained --epochs 1") + kTinyTraining);
    EXPECT_EQ(training.exit_code, 0) << training.err;
    std::filesystem::copy(path("trained/checkpoints/best.safetensors"), path("w.safetensors"));
  }

  TemporaryFolder folder_;
};

}  // namespace robiq::test
