#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "robiq/core/files/files.h"
#include "robiq/tensor/pictures/image_io.h"
#include "support/det.h"

namespace robiq {
namespace png_mark_test {

TEST(PngMark, TellsOurPicturesFromOthersAndLeavesThePixels) {
  const TemporaryFolder folder;
  const at::Tensor picture = det::image({"mark", 20, 30});
  const auto plain = folder.path() / "plain.png", marked = folder.path() / "marked.png";
  write_png(plain, picture);
  write_file(marked, with_our_mark(read_file(plain, 1u << 20)));
  EXPECT_FALSE(has_our_mark(plain));
  EXPECT_TRUE(has_our_mark(marked));
  EXPECT_TRUE(at::equal(read_picture(marked), picture));
  EXPECT_FALSE(has_our_mark(folder.path() / "none.png"));
  write_file(plain, "no picture");
  EXPECT_FALSE(has_our_mark(plain));
}

}  // namespace png_mark_test
}  // namespace robiq
