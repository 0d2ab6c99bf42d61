#pragma once
#include <filesystem>
#include <string>

namespace robiq {

/// Draws every NAME.vl.json of a folder as NAME.svg beside it, by vega's own renderer in Node.
/// \param node  the program; looked for on PATH where it is a bare name
/// \return why no SVG was written: Node is not there, or robiq was built without figures; "" when
///         they were
/// \throws Error{kInternal} for a figure that cannot be drawn
[[nodiscard]] std::string draw_svgs(const std::filesystem::path& folder,
                                    const std::string& node = "node");

}  // namespace robiq
