#include <algorithm>
#include <array>
#include <cctype>

#include "robiq/tensor/pictures/image_io.h"

namespace robiq {

bool has_picture_ending(const std::filesystem::path& file) {
  static constexpr std::array kEndings = {".jpg", ".jpeg", ".png", ".bmp",
                                          ".tif", ".tiff", ".webp"};
  std::string ending = file.extension().string();
  for (char& c : ending) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return std::find(kEndings.begin(), kEndings.end(), ending) != kEndings.end();
}

}  // namespace robiq
