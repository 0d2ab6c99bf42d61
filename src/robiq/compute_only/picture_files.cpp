// What stands in for the reading and writing of picture files in a compute-only build.
#include "robiq/core/error.h"
#include "robiq/tensor/pictures/image_io.h"
#include "robiq/tensor/pictures/picture_decoders.h"

namespace robiq {
namespace {

[[noreturn]] void refuse(const std::string& where) {
  throw Error(ErrorKind::kUsage, {"this robiq was built compute-only, without picture files", where,
                                  "use a robiq that was configured with -DROBIQ_COMPUTE_ONLY=OFF"});
}

}  // namespace

at::Tensor read_picture(const std::filesystem::path& file) { refuse(file.string()); }
void write_png(const std::filesystem::path& file, const at::Tensor&) { refuse(file.string()); }
std::string encode_png(const at::Tensor&) { refuse("encode_png()"); }
std::string encode_jpeg(const at::Tensor&) { refuse("encode_jpeg()"); }
at::Tensor jpeg_round_trip(const at::Tensor&, int) { refuse("jpeg_round_trip()"); }
std::string encode_jpeg_420(const at::Tensor&, int) { refuse("encode_jpeg_420()"); }
at::Tensor decode_jpeg(std::string_view, const PictureHeader&) { refuse("decode_jpeg()"); }

}  // namespace robiq
