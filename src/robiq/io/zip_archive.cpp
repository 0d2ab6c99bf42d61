#include "robiq/io/zip_archive.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>
#include <new>

#include "robiq/core/error.h"

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

/// Unpacks exactly `member.size` bytes out of exactly `member.packed`.
/// \return false when the stream is anything else
bool unpack(const ByteSource& source, const ZipMember& member, unsigned char* to) {
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

}  // namespace

ZipArchive::ZipArchive(const std::filesystem::path& file) : ZipArchive(open_source(file)) {}

ZipArchive::ZipArchive(std::shared_ptr<const ByteSource> source) : source_(std::move(source)) {
  for (ZipMember& member : read_zip_directory(*source_)) {
    names_.push_back(member.name);
    members_.emplace(member.name, std::move(member));
  }
}

bool ZipArchive::is_zip(const ByteSource& source) {
  return source.size() >= 4 && source.read_at(0, 4) == std::string("PK\3\4");
}

std::uint64_t ZipArchive::size_of(const std::string& name) const { return member(name).size; }

std::string ZipArchive::read(const std::string& name) const {
  const std::uint64_t size = size_of(name);
  std::string bytes;
  try {
    bytes.resize(size);
  } catch (const std::exception&) {
    source_->refuse("there is no memory for its " + std::to_string(size) + " bytes", name);
  }
  read_into(name, bytes.data(), size);
  return bytes;
}

void ZipArchive::read_into(const std::string& name, void* bytes, std::uint64_t size) const {
  const ZipMember& from = member(name);
  if (size != from.size) {
    source_->refuse("it has " + std::to_string(from.size) + " bytes, and " + std::to_string(size) +
                        " are wanted",
                    name);
  }
  auto* const to = static_cast<unsigned char*>(bytes);
  if (!from.deflated) {
    source_->read_at(from.data, to, size);
  } else if (!unpack(*source_, from, to)) {
    source_->refuse("its packed bytes are damaged", name);
  }
  if (crc32_z(crc32_z(0, nullptr, 0), to, size) != from.crc) {
    source_->refuse("its bytes are damaged: their CRC-32 is not the one on record", name);
  }
}

const ZipMember& ZipArchive::member(const std::string& name) const {
  const auto found = members_.find(name);
  if (found == members_.end()) source_->refuse("it has no member of this name", name);
  return found->second;
}

}  // namespace robiq
