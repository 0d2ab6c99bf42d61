# What the report's page is made of: its skeleton, style and scripts, and the npm packages that draw
# its figures, all embedded in robiq_base. Sets ROBIQ_REPORT_ASSETS to the source file to compile.
cmake_dependent_option(ROBIQ_WITH_FIGURES
  "draw figures in the report's page (vega, vega-lite, vega-embed from npm)" ON "NOT ROBIQ_COMPUTE_ONLY" OFF)

set(ROBIQ_REPORT_SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/assets/report)
set(ROBIQ_REPORT_PACKAGES ${CMAKE_BINARY_DIR}/report_packages)
set(ROBIQ_REPORT_ASSETS ${CMAKE_BINARY_DIR}/generated/robiq/report/page_assets.cpp)

set(robiq_packages_stamp "")
if(ROBIQ_WITH_FIGURES)
  find_program(ROBIQ_NPM npm)
  mark_as_advanced(ROBIQ_NPM)
  if(NOT ROBIQ_NPM)
    message(FATAL_ERROR "npm was not found, by which vega, vega-lite and vega-embed are installed. Run "
                        "scripts/setup.sh, or: apt-get install nodejs npm; or do without figures in the "
                        "report's page: -DROBIQ_WITH_FIGURES=OFF")
  endif()
  # The browser's driver is for tests only.
  set(robiq_omit --omit=dev)
  if(ROBIQ_TESTS)
    set(robiq_omit)
  endif()
  set(robiq_packages_stamp ${ROBIQ_REPORT_PACKAGES}/installed.stamp)
  add_custom_command(OUTPUT ${robiq_packages_stamp}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${ROBIQ_REPORT_PACKAGES}
    COMMAND ${CMAKE_COMMAND} -E copy ${ROBIQ_REPORT_SOURCES}/package.json
            ${ROBIQ_REPORT_SOURCES}/package-lock.json ${ROBIQ_REPORT_SOURCES}/.npmrc ${ROBIQ_REPORT_PACKAGES}
    COMMAND ${ROBIQ_NPM} ci ${robiq_omit} --ignore-scripts --no-audit --no-fund --loglevel=error
    COMMAND ${CMAKE_COMMAND} -E touch ${robiq_packages_stamp}
    DEPENDS ${ROBIQ_REPORT_SOURCES}/package.json ${ROBIQ_REPORT_SOURCES}/package-lock.json
            ${ROBIQ_REPORT_SOURCES}/.npmrc
    WORKING_DIRECTORY ${CMAKE_BINARY_DIR}/report_packages
    COMMENT "Installing the npm packages of the report's page (npm ci)" VERBATIM)
  file(MAKE_DIRECTORY ${ROBIQ_REPORT_PACKAGES})
endif()

file(GLOB robiq_page_parts CONFIGURE_DEPENDS ${ROBIQ_REPORT_SOURCES}/*.js ${ROBIQ_REPORT_SOURCES}/*.mjs
     ${ROBIQ_REPORT_SOURCES}/*.css ${ROBIQ_REPORT_SOURCES}/*.html)
add_custom_command(OUTPUT ${ROBIQ_REPORT_ASSETS}
  COMMAND ${CMAKE_COMMAND} -DASSETS=${ROBIQ_REPORT_SOURCES} -DPACKAGES=${ROBIQ_REPORT_PACKAGES}
          -DWITH_FIGURES=${ROBIQ_WITH_FIGURES} -DOUT=${ROBIQ_REPORT_ASSETS}
          -P ${CMAKE_CURRENT_SOURCE_DIR}/cmake/EmbedReportAssets.cmake
  DEPENDS ${robiq_page_parts} ${robiq_packages_stamp}
          ${CMAKE_CURRENT_SOURCE_DIR}/cmake/EmbedReportAssets.cmake
  COMMENT "Embedding the report's page" VERBATIM)
