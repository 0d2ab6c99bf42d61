#pragma once
#include <string>
#include <string_view>

#include "robiq/report/report.h"

namespace robiq {

/// The report as one HTML file that needs no network: tables, figures and pictures to explore.
[[nodiscard]] std::string render_page(const Report& report);

/// The same page around a report that is already JSON, as page_json() writes it.
[[nodiscard]] std::string page_around(std::string_view title, std::string_view json);

}  // namespace robiq
