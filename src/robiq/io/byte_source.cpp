#include "robiq/io/byte_source.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

#include "robiq/core/error.h"
#include "robiq/core/files/files.h"
#include "robiq/io/safetensors_header.h"

namespace robiq {
namespace fs = std::filesystem;
namespace {

class FileSource final : public ByteSource {
 public:
  FileSource(std::string name, int descriptor, std::uint64_t size)
      : ByteSource(std::move(name)), descriptor_(descriptor), size_(size) {}
  ~FileSource() override { ::close(descriptor_); }

  [[nodiscard]] std::uint64_t size() const noexcept override { return size_; }

 private:
  void fetch(std::uint64_t offset, void* bytes, std::uint64_t count) const override {
    auto* to = static_cast<char*>(bytes);
    while (count > 0) {
      const ssize_t got = ::pread(descriptor_, to, count, static_cast<off_t>(offset));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) refuse("it ended early while it was read");
      to += got;
      offset += static_cast<std::uint64_t>(got);
      count -= static_cast<std::uint64_t>(got);
    }
  }

  int descriptor_;
  std::uint64_t size_;
};

class MemorySource final : public ByteSource {
 public:
  MemorySource(std::string name, std::string bytes)
      : ByteSource(std::move(name)), bytes_(std::move(bytes)) {}

  [[nodiscard]] std::uint64_t size() const noexcept override { return bytes_.size(); }

 private:
  void fetch(std::uint64_t offset, void* bytes, std::uint64_t count) const override {
    std::copy_n(bytes_.data() + offset, count, static_cast<char*>(bytes));
  }

  std::string bytes_;
};

[[noreturn]] void refuse_file(const fs::path& file, const std::string& problem) {
  throw Error(ErrorKind::kModel, {problem, file.string(), "check the path and its permissions"});
}

}  // namespace

void ByteSource::read_at(std::uint64_t offset, void* bytes, std::uint64_t count) const {
  if (offset > size() || count > size() - offset) refuse("it ends too early: it is cut off");
  if (count > 0) fetch(offset, bytes, count);
}

std::string ByteSource::read_at(std::uint64_t offset, std::uint64_t count) const {
  if (offset > size() || count > size() - offset) refuse("it ends too early: it is cut off");
  std::string bytes;
  try {
    bytes.resize(count);
  } catch (const std::exception&) {
    refuse("there is no memory for " + std::to_string(count) + " bytes of it");
  }
  read_at(offset, bytes.data(), count);
  return bytes;
}

void ByteSource::refuse(const std::string& problem, const std::string& place) const {
  throw Error(ErrorKind::kModel,
              {problem, place.empty() ? name_ : name_ + ", '" + printable_name(place) + "'",
               "get the file again, or write it again with the program that made it"});
}

std::shared_ptr<const ByteSource> open_source(const fs::path& file) {
  require_file(file, ErrorKind::kModel);
  std::error_code code;
  if (!fs::is_regular_file(file, code)) refuse_file(file, "it is not an ordinary file");
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    refuse_file(file, std::string("it cannot be read: ") + std::strerror(errno));
  }
  const off_t size = ::lseek(descriptor, 0, SEEK_END);
  if (size < 0) {
    ::close(descriptor);
    refuse_file(file, "its size cannot be told");
  }
  return std::make_shared<FileSource>(file.string(), descriptor, static_cast<std::uint64_t>(size));
}

std::shared_ptr<const ByteSource> source_of_bytes(std::string name, std::string bytes) {
  return std::make_shared<MemorySource>(std::move(name), std::move(bytes));
}

}  // namespace robiq
