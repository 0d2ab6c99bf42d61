// What stands in for picture files, for the readers of MATLAB, Excel and packed zip files, and for
// the checksum of zip files in a compute-only build.
#include <array>

#include "robiq/core/error.h"
#include "robiq/io/matlab/mat.h"
#include "robiq/io/table/xlsx.h"
#include "robiq/io/zip/zip_fields.h"
#include "robiq/tensor/pictures/image_io.h"
#include "robiq/tensor/pictures/picture_decoders.h"

namespace robiq {
namespace {

[[noreturn]] void refuse(const std::string& what, const std::string& where) {
  throw Error(ErrorKind::kModel,
              {"this robiq was built compute-only and cannot read " + what, where,
               "use a robiq that was configured with -DROBIQ_COMPUTE_ONLY=OFF"});
}

[[noreturn]] void refuse_pictures(const std::string& where) {
  throw Error(ErrorKind::kUsage, {"this robiq was built compute-only, without picture files", where,
                                  "use a robiq that was configured with -DROBIQ_COMPUTE_ONLY=OFF"});
}

/// What each value of a byte does, for the reflected polynomial 0x04C11DB7.
constexpr std::array<std::uint32_t, 256> kTable = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = value >> 1 ^ (value & 1 ? 0xEDB88320U : 0U);
    table[byte] = value;
  }
  return table;
}();

}  // namespace

ObjectPtr read_mat(const std::filesystem::path& file) { refuse("MATLAB files", file.string()); }

const std::string& XlsxSheet::cell(std::size_t /*row*/, std::size_t /*column*/) const {
  refuse("Excel files", "XlsxSheet");
}
XlsxSheet read_xlsx(const std::filesystem::path& file, const std::string& /*sheet*/) {
  refuse("Excel files", file.string());
}
XlsxSheet read_xlsx(const std::shared_ptr<const ByteSource>& source, const std::string& /*sheet*/,
                    const XlsxLimits& /*limits*/) {
  refuse("Excel files", source->name());
}

bool unpack_member(const ByteSource& source, const ZipMember& member, unsigned char* /*to*/) {
  refuse("packed members of zip files", source.name() + ", '" + member.name + "'");
}

std::uint32_t crc32_of(const void* bytes, std::uint64_t size) {
  const auto* const from = static_cast<const unsigned char*>(bytes);
  std::uint32_t value = ~0U;
  for (std::uint64_t i = 0; i < size; ++i) value = value >> 8 ^ kTable[(value ^ from[i]) & 0xFF];
  return ~value;
}

at::Tensor read_picture(const std::filesystem::path& file) { refuse_pictures(file.string()); }
void write_png(const std::filesystem::path& file, const at::Tensor&) {
  refuse_pictures(file.string());
}
std::string encode_png(const at::Tensor&) { refuse_pictures("encode_png()"); }
std::string encode_jpeg(const at::Tensor&) { refuse_pictures("encode_jpeg()"); }
at::Tensor jpeg_round_trip(const at::Tensor&, int) { refuse_pictures("jpeg_round_trip()"); }
std::string encode_jpeg_420(const at::Tensor&, int) { refuse_pictures("encode_jpeg_420()"); }
at::Tensor decode_jpeg(std::string_view, const PictureHeader&) { refuse_pictures("decode_jpeg()"); }

}  // namespace robiq
