// Checkpoints cut off and damaged at every byte.
#include <gtest/gtest.h>

#include "robiq/core/files/files.h"
#include "robiq/io/torch/torch_file.h"
#include "support/object_json.h"
#include "support/test_files.h"

namespace robiq {
namespace torch_sweep_test {

TorchFile read(const std::string& bytes) {
  return read_torch_file(source_of_bytes("a.pth", bytes));
}

std::string fixture(const std::string& name) {
  return read_file(test::fixture_path("checkpoints/" + name), 1 << 20);
}

constexpr const char* kSwept[] = {"tensor.pth", "parameters.pth", "legacy_protocol4.pth",
                                  "split_protocol0.pkl", "split_protocol4.pkl"};

TEST(CheckpointSweep, FilesCutOffAreRefused) {
  for (const char* const name : kSwept) {
    const std::string whole = fixture(name);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      SCOPED_TRACE(std::string(name) + " cut at " + std::to_string(size));
      try {
        (void)read(whole.substr(0, size));
        ADD_FAILURE() << "it was read";
      } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kModel);
      }
    }
  }
}

TEST(CheckpointSweep, FlippedBytesAreRefusedOrHarmless) {
  for (const char* const name : kSwept) {
    const std::string whole = fixture(name);
    for (std::size_t at = 0; at < whole.size(); ++at) {
      for (const int bits : {1, 0x20, 0xFF}) {
        std::string flipped = whole;
        flipped[at] = static_cast<char>(flipped[at] ^ bits);
        try {
          (void)test::plain(*read(flipped).root);
        } catch (const Error& error) {
          EXPECT_EQ(error.kind(), ErrorKind::kModel) << name << " flipped at " << at;
        }
      }
    }
  }
}

}  // namespace torch_sweep_test
}  // namespace robiq
