// What stands in for image_io.cpp in a build without OpenCV.
#include "robiq/core/error.h"
#include "robiq/tensor/image_io.h"

namespace robiq {
namespace {

[[noreturn]] void refuse(const std::string& where) {
  throw Error(ErrorKind::kUsage, {"this robiq was built without picture files", where,
                                  "install OpenCV and configure with -DROBIQ_WITH_OPENCV=ON"});
}

}  // namespace

at::Tensor read_picture(const std::filesystem::path& file) { refuse(file.string()); }
void write_png(const std::filesystem::path& file, const at::Tensor&) { refuse(file.string()); }
std::string encode_png(const at::Tensor&) { refuse("encode_png()"); }
std::string encode_jpeg(const at::Tensor&) { refuse("encode_jpeg()"); }

}  // namespace robiq
