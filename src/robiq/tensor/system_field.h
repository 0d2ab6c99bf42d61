#pragma once
#include <string>

namespace robiq {

/// What stands after "key" and a colon, without the blanks around it, in the first such line of a
/// file that Linux writes, e.g. "flags" of /proc/cpuinfo; empty when there is none.
[[nodiscard]] std::string system_field(const char* file, const std::string& key);

}  // namespace robiq
