#pragma once
#include <string_view>

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

}  // namespace robiq
