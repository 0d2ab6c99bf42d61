#include "robiq/core/files/files.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>

#include "robiq/core/error.h"
#include "robiq/core/files/unfinished_file.h"
#include "robiq/core/sha256.h"
#include "robiq/core/text/text.h"

namespace robiq {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void cannot(const std::string& doing, const fs::path& file,
                         const std::string& reason) {
  throw Error(ErrorKind::kData, {"cannot " + doing + ": " + reason, file.string(),
                                 "check that every part of the path is a folder, that you may "
                                 "write there, and that the disk has room"});
}

}  // namespace

void require_file(const fs::path& file, ErrorKind kind) {
  std::error_code code;
  if (fs::exists(file, code)) return;
  throw Error(kind, {"there is no file '" + file.string() + "'", "", "check the path"});
}

std::string read_file(const fs::path& file, std::uint64_t limit_bytes, ErrorKind kind) {
  require_file(file, kind);
  std::error_code code;
  if (fs::is_directory(file, code)) {
    throw Error(kind,
                {"'" + file.string() + "' is a folder, but a file is needed", "", "name a file"});
  }
  std::ifstream in(file, std::ios::binary);
  if (!in)
    throw Error(kind, {"'" + file.string() + "' cannot be read", "", "check its permissions"});
  std::string bytes;
  std::array<char, 1 << 16> piece{};
  while (in.read(piece.data(), piece.size()) || in.gcount() > 0) {
    bytes.append(piece.data(), static_cast<std::size_t>(in.gcount()));
    if (bytes.size() > limit_bytes) {
      throw Error(kind, {"'" + file.string() + "' is larger than " +
                             bytes_text(static_cast<double>(limit_bytes)),
                         "", "give a smaller file"});
    }
  }
  if (in.bad()) {
    throw Error(kind, {"'" + file.string() + "' cannot be read to its end", "", "check the disk"});
  }
  return bytes;
}

void make_folder(const fs::path& folder) {
  std::error_code code;
  fs::create_directories(folder, code);
  if (code || !fs::is_directory(folder)) {
    cannot("make the folder", folder, code ? code.message() : "a file of that name is in the way");
  }
}

void sync_to_disk(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) cannot("flush to disk", path, std::strerror(errno));
  const bool failed = ::fsync(descriptor) != 0 && errno != EINVAL && errno != EROFS;
  const std::string reason = failed ? std::strerror(errno) : "";
  ::close(descriptor);
  if (failed) cannot("flush to disk", path, reason);
}

void write_file_with(const fs::path& file, const std::function<void(const fs::path&)>& write) {
  if (file.has_parent_path()) make_folder(file.parent_path());
  std::error_code code;
  if (fs::is_directory(file, code)) cannot("write", file, "a folder of that name is in the way");
  try {
    UnfinishedFile unfinished(file);
    write(unfinished.path());
    sync_to_disk(unfinished.path());
    unfinished.finish();
  } catch (const fs::filesystem_error& error) {
    cannot("write", file, error.code().message());
  }
}

void write_file(const fs::path& file, std::string_view bytes) {
  write_file_with(file, [&](const fs::path& temporary) {
    std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.close();
    if (!out) cannot("write", file, std::strerror(errno));
  });
}

std::string sha256(std::string_view bytes) {
  Sha256 digest;
  digest.add(bytes);
  return digest.hexadecimal();
}

std::string sha256_of_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::error_code code;
  if (!in || fs::is_directory(file, code)) cannot("read", file, "it is missing or may not be read");
  Sha256 digest;
  std::array<char, 1 << 16> piece{};
  while (in.read(piece.data(), piece.size()) || in.gcount() > 0) {
    digest.add({piece.data(), static_cast<std::size_t>(in.gcount())});
  }
  if (in.bad()) cannot("read", file, "it ends in a read error");
  return digest.hexadecimal();
}

TemporaryFolder::TemporaryFolder() {
  std::error_code code;
  const fs::path parent = fs::temp_directory_path(code);
  if (code) cannot("find the folder for temporary files", parent, code.message());
  std::string pattern = (parent / "robiq-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr)
    cannot("make a temporary folder", pattern, std::strerror(errno));
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code code;
  fs::remove_all(path_, code);
}

std::string shortened_name(const std::string& name, std::size_t most) {
  if (name.size() <= most) return name;
  constexpr std::size_t kDigits = 16;
  std::size_t kept = most - kDigits - 1;
  while (kept > 0 && (name[kept] & 0xC0) == 0x80) --kept;  // no half letters of UTF-8
  return name.substr(0, kept) + "~" + sha256(name).substr(0, kDigits);
}

std::string bounded_stem_of(std::string_view id, std::size_t most) {
  return shortened_name(file_stem_of(id), most);
}

}  // namespace robiq
