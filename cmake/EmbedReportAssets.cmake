# cmake -DASSETS=... -DPACKAGES=... -DWITH_FIGURES=ON|OFF -DOUT=... -P: writes the C++ file that holds
# the page's parts and the packages' browser builds (see src/robiq/report/render/page_assets.h).

# In this order they stand in the page, as one module.
set(modules theme.mjs escape.mjs dom.js table_text.js report_data.js filters.js tables.js specs.js tip.js points.js
    figures.js pictures.js gallery.js runs.js page.js)

# As raw bytes in one literal, whose length the compiler knows without counting.
function(append_text name text)
  file(APPEND ${OUT}.new "constexpr std::string_view k${name} = R\"ROBIQ(${text})ROBIQ\"sv;\n\n")
endfunction()

# Nothing that stands inside <script> may end it.
function(refuse_markup file text)
  if(text MATCHES "</script|<!--")
    message(FATAL_ERROR "${file} has </script or <!-- in it and cannot stand in a page")
  endif()
endfunction()

set(script "")
foreach(module ${modules})
  file(READ ${ASSETS}/${module} text)
  refuse_markup(${module} "${text}")
  string(REGEX REPLACE "(^|\n)import [^\n]*" "\\1" text "${text}")
  string(REGEX REPLACE "(^|\n)export " "\\1" text "${text}")
  string(APPEND script "${text}\n")
endforeach()

file(WRITE ${OUT}.new "// Made by cmake/EmbedReportAssets.cmake.\n#include \"robiq/report/render/page_assets.h\"\n\nnamespace robiq {\nnamespace {\nusing namespace std::string_view_literals;\n\n")
file(READ ${ASSETS}/page.html text)
append_text(Skeleton "${text}")
file(READ ${ASSETS}/report.css text)
append_text(Style "${text}")
append_text(Script "${script}")
file(READ ${ASSETS}/theme.mjs text)
append_text(Theme "${text}")
file(READ ${ASSETS}/escape.mjs text)
append_text(Escape "${text}")
file(READ ${ASSETS}/svg.mjs text)
append_text(SvgScript "${text}")

set(licences "")
foreach(package vega vega-lite vega-embed)
  string(REPLACE "-" "_" name ${package})
  set(text "")
  if(WITH_FIGURES)
    file(READ ${PACKAGES}/node_modules/${package}/build/${package}.min.js text)
    refuse_markup(${package} "${text}")
    string(REGEX REPLACE "\n//# sourceMappingURL=[^\n]*" "" text "${text}")
    file(READ ${PACKAGES}/node_modules/${package}/LICENSE licence)
    file(READ ${PACKAGES}/node_modules/${package}/package.json about)
    string(JSON version GET "${about}" version)
    string(APPEND licences "${package} ${version}\n${licence}\n")
  endif()
  append_text(${name} "${text}")
endforeach()
string(REPLACE "--" "- -" licences "${licences}")
append_text(Licences "${licences}")

file(APPEND ${OUT}.new [[
}  // namespace

const PageAssets& page_assets() {
  static const PageAssets assets{kSkeleton, kStyle,     kScript,     kTheme,   kEscape, kSvgScript,
                                 kvega,     kvega_lite, kvega_embed, kLicences};
  return assets;
}

}  // namespace robiq
]])
file(RENAME ${OUT}.new ${OUT})
