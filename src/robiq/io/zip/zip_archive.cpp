#include "robiq/io/zip/zip_archive.h"

#include <exception>

#include "robiq/core/error.h"
#include "robiq/io/zip/zip_fields.h"

namespace robiq {
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
  } else if (!unpack_member(*source_, from, to)) {
    source_->refuse("its packed bytes are damaged", name);
  }
  if (crc32_of(to, size) != from.crc) {
    source_->refuse("its bytes are damaged: their CRC-32 is not the one on record", name);
  }
}

const ZipMember& ZipArchive::member(const std::string& name) const {
  const auto found = members_.find(name);
  if (found == members_.end()) source_->refuse("it has no member of this name", name);
  return found->second;
}

}  // namespace robiq
