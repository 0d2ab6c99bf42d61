#pragma once
#include <string>
#include <string_view>

#include "robiq/report/report.h"

namespace robiq {

/// What the page reads: the report as JSON on one line, in which every "<" is written as an escape,
/// so that it can stand inside <script>. Words of data columns are coded by a dictionary, numbers
/// of data have six significant digits, NaN is null, pictures are data addresses. \throws
/// Error{kInternal} for a figure whose specification is not JSON
[[nodiscard]] std::string page_json(const Report& report);

}  // namespace robiq
