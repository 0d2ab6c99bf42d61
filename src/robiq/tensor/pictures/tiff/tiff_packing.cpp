#include <zlib.h>

#include <array>

#include "robiq/tensor/pictures/picture_bytes.h"
#include "robiq/tensor/pictures/tiff/tiff_layout.h"

namespace robiq {

void check_packbits(std::string_view packed, std::uint64_t size) {
  constexpr std::uint64_t kMostPadding = 2;
  std::uint64_t place = 0, filled = 0;
  while (filled < size && place < packed.size()) {
    const auto code = static_cast<unsigned char>(packed[place++]);
    if (code < 128) {  // so many bytes as they are
      place += code + 1U;
      filled += code + 1U;
    } else if (code > 128) {  // one byte, repeated
      place += 1;
      filled += 257U - code;
    }
  }
  if (filled == size && place <= packed.size() && packed.size() - place <= kMostPadding) return;
  throw PictureFault{"the TIFF is damaged: its PackBits data do not fill their piece exactly"};
}

void check_deflate(std::string_view packed) {
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) return;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());  // of a file of 1 GiB at most
  std::array<Bytef, 32768> scratch{};
  int state = Z_OK;
  while (state == Z_OK) {
    stream.next_out = scratch.data();
    stream.avail_out = static_cast<uInt>(scratch.size());
    state = inflate(&stream, Z_NO_FLUSH);
  }
  inflateEnd(&stream);
  // Data that only lack their end are libtiff's to judge.
  if (state != Z_DATA_ERROR && state != Z_NEED_DICT) return;
  throw PictureFault{"the TIFF is damaged: its Deflate data do not match their checksum"};
}

}  // namespace robiq
