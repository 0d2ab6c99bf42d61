#pragma once
#include <tiffio.h>

#include <cstdarg>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace robiq {

/// A TIFF in memory, opened by libtiff, whose errors and warnings are kept instead of printed.
class TiffFile {
 public:
  /// \throws PictureFault when libtiff does not take it
  explicit TiffFile(std::string_view bytes);

  [[nodiscard]] TIFF* get() const noexcept { return tiff_.get(); }

  /// A tag's value, or its default.
  template <class Number>
  [[nodiscard]] Number value(std::uint32_t tag, Number otherwise = {}) const {
    Number found = otherwise;
    return TIFFGetFieldDefaulted(get(), tag, &found) == 1 ? found : otherwise;
  }

  /// Called after each step. \throws PictureFault with the first thing that libtiff complained of;
  /// notes beside the picture (unknown tags, its author, its colour profile) are no such thing
  void need_no_complaint() const;

 private:
  struct Memory {
    std::string_view bytes;
    std::uint64_t place = 0;
    std::string complaint;
  };
  struct Close {
    void operator()(TIFF* tiff) const noexcept { TIFFClose(tiff); }
  };
  static tmsize_t read(thandle_t handle, void* target, tmsize_t count);
  static toff_t seek(thandle_t handle, toff_t offset, int whence);
  static int map(thandle_t handle, void** base, toff_t* size);
  static int keep(TIFF* tiff, void* memory, const char* module, const char* format,
                  std::va_list arguments);

  std::unique_ptr<Memory> memory_;  // libtiff keeps a pointer to it
  std::unique_ptr<TIFF, Close> tiff_;
};

}  // namespace robiq
