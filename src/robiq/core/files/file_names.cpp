#include "robiq/core/files/file_names.h"

#include "robiq/core/files/files.h"
#include "robiq/core/text/text.h"

namespace robiq {

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
