#include "robiq/tensor/pictures/tiff/tiff_file.h"

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "robiq/tensor/pictures/picture_bytes.h"

namespace robiq {
namespace {

/// What libtiff says where only a note beside the picture is meant.
bool is_beside_the_picture(std::string_view text) {
  constexpr std::array<std::string_view, 23> kNotes = {
      "tags are not sorted in ascending order",
      "Unknown field with tag",
      "Sum of Photometric type-related color channels and ExtraSamples",  // alpha without a tag
      "\"ImageDescription\"",
      "\"DocumentName\"",
      "\"PageName\"",
      "\"Make\"",
      "\"Model\"",
      "\"Software\"",
      "\"DateTime\"",
      "\"Artist\"",
      "\"HostComputer\"",
      "\"Copyright\"",
      "\"XResolution\"",
      "\"YResolution\"",
      "\"ResolutionUnit\"",
      "\"RichTIFFIPTC\"",
      "\"Photoshop\"",
      "\"XMLPacket\"",
      "\"ICC Profile\"",
      "\"EXIFIFDOffset\"",
      "\"GPSIFDOffset\"",
      "\"PageNumber\"",
  };
  return std::any_of(kNotes.begin(), kNotes.end(), [&](std::string_view note) {
    return text.find(note) != std::string_view::npos;
  });
}

}  // namespace

tmsize_t TiffFile::read(thandle_t handle, void* target, tmsize_t count) {
  auto* memory = static_cast<Memory*>(handle);
  if (count <= 0 || memory->place >= memory->bytes.size()) return 0;
  const std::uint64_t remaining = memory->bytes.size() - memory->place;
  const std::uint64_t given = std::min(remaining, static_cast<std::uint64_t>(count));
  std::memcpy(target, memory->bytes.data() + memory->place, given);
  memory->place += given;
  return static_cast<tmsize_t>(given);
}

toff_t TiffFile::seek(thandle_t handle, toff_t offset, int whence) {
  auto* memory = static_cast<Memory*>(handle);
  if (whence == SEEK_CUR) offset += memory->place;
  if (whence == SEEK_END) offset += memory->bytes.size();
  return memory->place = offset;
}

int TiffFile::map(thandle_t handle, void** base, toff_t* size) {
  const std::string_view bytes = static_cast<Memory*>(handle)->bytes;
  *base = const_cast<char*>(bytes.data());  // libtiff only reads what was opened for reading
  *size = bytes.size();
  return 1;
}

int TiffFile::keep(TIFF*, void* memory, const char*, const char* format, std::va_list arguments) {
  constexpr int kHandled = 1;
  std::array<char, 300> text{};
  std::vsnprintf(text.data(), text.size(), format, arguments);
  std::string& complaint = static_cast<Memory*>(memory)->complaint;
  if (complaint.empty() && !is_beside_the_picture(text.data())) complaint = text.data();
  return kHandled;
}

TiffFile::TiffFile(std::string_view bytes) : memory_(new Memory{bytes, 0, {}}) {
  constexpr tmsize_t kMostMemory = tmsize_t{2} << 30;
  const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(
      TIFFOpenOptionsAlloc(), &TIFFOpenOptionsFree);
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), kMostMemory);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), keep, memory_.get());
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), keep, memory_.get());
  const auto refuse_to_write = [](thandle_t, void*, tmsize_t) -> tmsize_t { return 0; };
  const auto close = [](thandle_t) { return 0; };
  const auto size = [](thandle_t handle) -> toff_t {
    return static_cast<Memory*>(handle)->bytes.size();
  };
  const auto unmap = [](thandle_t, void*, toff_t) {};
  tiff_.reset(TIFFClientOpenExt("TIFF", "r", memory_.get(), read, refuse_to_write, seek, close,
                                size, map, unmap, options.get()));
  need_no_complaint();
  if (!tiff_) throw PictureFault{"the TIFF is damaged: libtiff does not take it"};
}

void TiffFile::need_no_complaint() const {
  if (memory_->complaint.empty()) return;
  throw PictureFault{"the TIFF is damaged or of a rare kind; libtiff says: " + memory_->complaint};
}

}  // namespace robiq
