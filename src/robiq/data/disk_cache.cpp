#include "robiq/data/disk_cache.h"

#include <ATen/ATen.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <vector>

#include "robiq/core/error.h"
#include "robiq/core/files/files.h"
#include "robiq/core/log.h"
#include "robiq/tensor/pictures/image_io.h"

namespace robiq {
namespace fs = std::filesystem;

namespace {

constexpr const char* kEnding = ".pixels";
/// Other processes add files too: after so many of our own the folder is counted again.
constexpr std::int64_t kWritesBetweenScans = 64;
constexpr auto kAbandonedAfter = std::chrono::hours(1);

/// What stands before the pixels. The digits count the ways of decoding: pixels that an older
/// decoder made are not used.
struct Header {
  std::array<char, 8> magic{'r', 'b', 'q', 'p', 'i', 'x', '0', '2'};
  std::int64_t height = 0, width = 0;
  std::uint64_t checksum = 0;

  [[nodiscard]] bool is_sound() const {
    return magic == Header{}.magic && height > 0 && width > 0 && height <= kMaxPicturePixels &&
           width <= kMaxPicturePixels && height * width <= kMaxPicturePixels;
  }
  [[nodiscard]] std::int64_t pixel_bytes() const { return 3 * height * width; }
};

/// Eight bytes at a time; a file of zeros, which a power cut can leave, does not pass.
std::uint64_t checksum_of(const Header& header, const std::uint8_t* pixels) {
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15ULL;
  std::uint64_t sum = static_cast<std::uint64_t>(header.height) * kOdd +
                      static_cast<std::uint64_t>(header.width) + 1;
  const auto bytes = static_cast<std::size_t>(header.pixel_bytes());
  const auto add = [&](std::uint64_t word) {
    sum = (sum ^ word) * kOdd;
    sum ^= sum >> 29;
  };
  std::size_t i = 0;
  for (; i + sizeof(std::uint64_t) <= bytes; i += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, pixels + i, sizeof(word));
    add(word);
  }
  for (; i < bytes; ++i) add(pixels[i]);
  return sum;
}

std::optional<at::Tensor> read_kept(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  Header header;
  if (!in.read(reinterpret_cast<char*>(&header), sizeof(header)) || !header.is_sound()) {
    return std::nullopt;
  }
  at::Tensor pixels = at::empty({3, header.height, header.width}, at::kByte);
  auto* const bytes = pixels.data_ptr<std::uint8_t>();
  if (!in.read(reinterpret_cast<char*>(bytes), header.pixel_bytes()) ||
      checksum_of(header, bytes) != header.checksum) {
    return std::nullopt;
  }
  return pixels;
}

/// Renamed into place without a flush to disk, which would cost more than decoding again: the
/// checksum finds what a power cut leaves. \return "" or the system's reason
std::string write_kept(const fs::path& file, const at::Tensor& pixels) {
  static std::atomic<std::uint64_t> count = 0;
  const fs::path part =
      file.string() + ".part" + std::to_string(::getpid()) + "-" + std::to_string(count++);
  const at::Tensor whole = pixels.contiguous();
  Header header;
  header.height = whole.size(1);
  header.width = whole.size(2);
  header.checksum = checksum_of(header, whole.data_ptr<std::uint8_t>());
  std::error_code code;
  std::ofstream out(part, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(&header), sizeof(header));
  out.write(static_cast<const char*>(whole.data_ptr()), header.pixel_bytes());
  out.close();
  const std::string reason = out ? "" : std::strerror(errno);
  if (reason.empty()) fs::rename(part, file, code);
  if (reason.empty() && !code) return "";
  std::error_code ignored;
  fs::remove(part, ignored);
  return reason.empty() ? code.message() : reason;
}

}  // namespace

DiskCache::DiskCache(fs::path folder, std::string recipe, std::int64_t limit_bytes)
    : folder_(std::move(folder)), recipe_(std::move(recipe)), limit_bytes_(limit_bytes) {
  make_folder(folder_);
  const std::error_code code = scan();
  if (!code) return;
  throw Error(ErrorKind::kData, {"the folder of decoded pictures cannot be read: " + code.message(),
                                 folder_.string(), "name another with --cache-dir"});
}

std::error_code DiskCache::scan() {
  files_.clear();
  held_bytes_ = written_since_scan_ = 0;
  std::error_code code;
  fs::directory_iterator entries(folder_, code);
  const auto now = fs::file_time_type::clock::now();
  for (; !code && entries != fs::directory_iterator(); entries.increment(code)) {
    const std::string name = entries->path().filename().string();
    // Another process may remove a file while we look at it, which is no loss.
    std::error_code gone;
    const auto bytes = static_cast<std::int64_t>(entries->file_size(gone));
    if (gone) continue;
    const auto used = entries->last_write_time(gone);
    if (gone) continue;
    if (name.ends_with(kEnding)) {
      files_[name] = {bytes, used};
      held_bytes_ += bytes;
    } else if (name.find(std::string(kEnding) + ".part") != name.npos &&
               now - used > kAbandonedAfter) {
      fs::remove(entries->path(), gone);
    }
  }
  return code;
}

fs::path DiskCache::place_of(const fs::path& picture) const {
  struct stat found {};
  std::error_code code;
  const fs::path whole = fs::absolute(picture, code).lexically_normal();
  if (code || ::stat(whole.c_str(), &found) != 0) return {};
  const std::string identity =
      recipe_ + '\n' + whole.string() + '\n' + std::to_string(found.st_size) + '\n' +
      std::to_string(found.st_mtim.tv_sec) + '.' + std::to_string(found.st_mtim.tv_nsec);
  constexpr std::size_t kDigits = 32;
  return folder_ / (sha256(identity).substr(0, kDigits) + kEnding);
}

std::optional<at::Tensor> DiskCache::find(const fs::path& place) {
  if (place.empty()) return std::nullopt;
  std::optional<at::Tensor> pixels = read_kept(place);
  if (!pixels) return std::nullopt;
  const std::scoped_lock lock(mutex_);
  if (used_.insert(place.filename().string()).second) {
    std::error_code code;  // the time of change says when it was used last
    fs::last_write_time(place, fs::file_time_type::clock::now(), code);
  }
  return pixels;
}

bool DiskCache::make_room(std::int64_t bytes) {
  if (full_) return false;
  if (held_bytes_ + bytes <= limit_bytes_ && written_since_scan_ < kWritesBetweenScans) return true;
  if (scan()) return false;
  std::vector<std::pair<fs::file_time_type, std::string>> unused;
  for (const auto& [name, kept] : files_) {
    if (!used_.contains(name)) unused.emplace_back(kept.used, name);
  }
  std::sort(unused.begin(), unused.end());
  for (const auto& [used, name] : unused) {
    if (held_bytes_ + bytes <= limit_bytes_) break;
    std::error_code code;
    fs::remove(folder_ / name, code);
    held_bytes_ -= files_[name].bytes;
    files_.erase(name);
  }
  // What this process has used stays: who reads a set in turn would else always miss.
  full_ = held_bytes_ + bytes > limit_bytes_;
  return !full_;
}

void DiskCache::keep(const fs::path& picture, const fs::path& place, const at::Tensor& pixels) {
  if (place.empty() || place_of(picture) != place) return;
  const auto bytes = static_cast<std::int64_t>(sizeof(Header)) + pixels.numel();
  const std::string name = place.filename().string();
  {
    const std::scoped_lock lock(mutex_);
    const auto broken = files_.find(name);  // or written by another thread just now
    if (broken != files_.end()) {
      held_bytes_ -= broken->second.bytes;
      files_.erase(broken);
    }
    if (!make_room(bytes)) return;
    held_bytes_ += bytes;
    ++written_since_scan_;
    files_[name] = {bytes, fs::file_time_type::clock::now()};
    used_.insert(name);
  }
  const std::string reason = write_kept(place, pixels);
  if (!reason.empty()) warn_once(reason);
}

void DiskCache::warn_once(const std::string& reason) {
  {
    const std::scoped_lock lock(mutex_);
    if (warned_) return;
    warned_ = true;
  }
  log::warning("decoded pictures cannot be kept in {}: {}; they are decoded again each time",
               folder_.string(), reason);
}

}  // namespace robiq
