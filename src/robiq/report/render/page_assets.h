#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "robiq/report/report.h"

namespace robiq {

/// The parts of the report's page, embedded when robiq was built.
struct PageAssets {
  std::string_view
      skeleton;  ///< HTML with {{title}}, {{style}}, {{script}}, {{libraries}}, {{report}}
  std::string_view style;       ///< CSS
  std::string_view script;      ///< the page's own modules, as one
  std::string_view theme;       ///< theme.mjs, which svg_script imports
  std::string_view escape;      ///< escape.mjs, which svg_script imports too
  std::string_view svg_script;  ///< svg.mjs
  std::string_view vega;        ///< browser builds; empty where robiq was built without figures
  std::string_view vega_lite, vega_embed;
  std::string_view licences;  ///< of those three
};

[[nodiscard]] const PageAssets& page_assets();

/// Whether the page draws its figures (ROBIQ_WITH_FIGURES).
[[nodiscard]] inline bool page_has_figures() { return !page_assets().vega.empty(); }

/// What the page reads: the report as JSON on one line, in which every "<" is written as an escape,
/// so that it can stand inside <script>. Words of data columns are coded by a dictionary, numbers
/// of data have six significant digits, NaN is null, pictures are data addresses.
/// \throws Error{kInternal} for a figure whose specification is not JSON
[[nodiscard]] std::string page_json(const Report& report);

/// The report as one HTML file that needs no network: tables, figures and pictures to explore.
[[nodiscard]] std::string render_page(const Report& report);

/// The same page around a report that is already JSON, as page_json() writes it.
[[nodiscard]] std::string page_around(std::string_view title, std::string_view json);

/// "data:image/png;base64,iVBO..." (RFC 2397), or "" without bytes.
[[nodiscard]] std::string data_address(std::string_view media_type, std::string_view bytes);

/// A figure as a file of its own: its Vega-Lite specification with the data that it names inside
/// ("datasets"), and its caption as description. NaN is null.
/// \throws Error{kInternal} when the specification is not JSON or names data that are not there
[[nodiscard]] std::string figure_file(const Figure& figure,
                                      const std::map<std::string, DataTable>& data);

/// Draws every NAME.vl.json of a folder as NAME.svg beside it, by vega's own renderer in Node.
/// \param node  the program; looked for on PATH where it is a bare name
/// \return why no SVG was written: Node is not there, or robiq was built without figures; "" when
///         they were
/// \throws Error{kInternal} for a figure that cannot be drawn
[[nodiscard]] std::string draw_svgs(const std::filesystem::path& folder,
                                    const std::string& node = "node");

}  // namespace robiq
