// Apart from image_io.cpp, which needs OpenCV: a compute-only build has this too.
#include <fstream>
#include <ios>
#include <string>
#include <string_view>

#include "robiq/tensor/pictures/image_io.h"

namespace robiq {
namespace {

using namespace std::string_view_literals;

/// Signature and IHDR, which every PNG begins with.
constexpr std::size_t kHeaderBytes = 8 + 12 + 13;
constexpr std::string_view kSignature = "\x89PNG\r\n\x1A\n"sv;
/// Length, type, "Software" = "robiq", checksum.
constexpr std::string_view kChunk = "\0\0\0\x0EtEXtSoftware\0robiq\x90\x6B\xC0\x72"sv;

}  // namespace

std::string with_our_mark(const std::string& png) {
  std::string marked = png;
  marked.insert(kHeaderBytes, kChunk);
  return marked;
}

bool has_our_mark(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string begin(kHeaderBytes + kChunk.size(), '\0');
  if (!in.read(begin.data(), static_cast<std::streamsize>(begin.size()))) return false;
  const std::string_view bytes = begin;
  return bytes.starts_with(kSignature) && bytes.substr(kHeaderBytes) == kChunk;
}

}  // namespace robiq
