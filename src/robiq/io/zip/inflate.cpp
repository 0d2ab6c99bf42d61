#include <zlib.h>

#include <algorithm>
#include <array>

#include "robiq/io/zip/zip_fields.h"

namespace robiq {
namespace {

/// zlib's state, freed on every way out.
class Inflater {
 public:
  Inflater() : ready_(inflateInit2(&stream_, -MAX_WBITS) == Z_OK) {}
  ~Inflater() {
    if (ready_) inflateEnd(&stream_);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  [[nodiscard]] bool ready() const noexcept { return ready_; }
  [[nodiscard]] z_stream& stream() noexcept { return stream_; }

 private:
  z_stream stream_{};
  bool ready_;
};

}  // namespace

bool unpack_member(const ByteSource& source, const ZipMember& member, unsigned char* to) {
  Inflater inflater;
  if (!inflater.ready()) source.refuse("there is no memory to unpack it", member.name);
  z_stream& stream = inflater.stream();
  std::array<unsigned char, 1 << 16> piece{};
  // zlib wants somewhere to write even when nothing is to come.
  std::array<unsigned char, 1> beyond{};
  std::uint64_t taken = 0, given = 0;
  int state = Z_OK;
  while (state == Z_OK) {
    if (stream.avail_in == 0) {
      const std::uint64_t count = std::min<std::uint64_t>(piece.size(), member.packed - taken);
      if (count == 0) return false;
      source.read_at(member.data + taken, piece.data(), count);
      taken += count;
      stream.next_in = piece.data();
      stream.avail_in = static_cast<uInt>(count);
    }
    const bool full = given == member.size;
    const auto room = static_cast<uInt>(std::min<std::uint64_t>(member.size - given, 1U << 30));
    stream.next_out = full ? beyond.data() : to + given;
    stream.avail_out = full ? 1 : room;
    state = inflate(&stream, Z_NO_FLUSH);
    if (state == Z_BUF_ERROR) state = Z_OK;  // it only wants more input
    if (full && stream.avail_out == 0) return false;
    if (!full) given += room - stream.avail_out;
  }
  return state == Z_STREAM_END && given == member.size && taken == member.packed &&
         stream.avail_in == 0;
}

std::uint32_t crc32_of(const void* bytes, std::uint64_t size) {
  const auto* const from = static_cast<const Bytef*>(bytes);
  return static_cast<std::uint32_t>(crc32_z(crc32_z(0, nullptr, 0), from, size));
}

}  // namespace robiq
