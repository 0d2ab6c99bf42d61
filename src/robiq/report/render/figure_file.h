#pragma once
#include <map>
#include <string>

#include "robiq/report/report.h"

namespace robiq {

/// A figure as a file of its own: its Vega-Lite specification with the data that it names inside
/// ("datasets"), and its caption as description. NaN is null.
/// \throws Error{kInternal} when the specification is not JSON or names data that are not there
[[nodiscard]] std::string figure_file(const Figure& figure,
                                      const std::map<std::string, DataTable>& data);

}  // namespace robiq
