#include "robiq/tensor/system_field.h"

#include <fstream>
#include <string_view>

#include "robiq/core/text/text.h"

namespace robiq {

std::string system_field(const char* file, const std::string& key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const std::size_t colon = line.find(':');
    if (colon != line.npos && trim(std::string_view(line).substr(0, colon)) == key) {
      return std::string(trim(std::string_view(line).substr(colon + 1)));
    }
  }
  return "";
}

}  // namespace robiq
