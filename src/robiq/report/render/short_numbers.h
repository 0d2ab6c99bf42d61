#pragma once
#include <string>
#include <string_view>

namespace robiq {

/// A spec or a list of options with its numbers as people read them: "worst=4.49313798372287" as
/// "worst=4.493". Whole numbers, and digits inside names and paths, stay as they are.
/// \param digits  significant ones that a number keeps, 1 to 17
[[nodiscard]] std::string with_short_numbers(std::string_view text, int digits = 4);

}  // namespace robiq
