# robiq_embed_text(FILE HEADER NAME): makes HEADER, in which FILE stands as a string_view NAME.
function(robiq_embed_text file header name)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${file})
  file(READ ${CMAKE_CURRENT_SOURCE_DIR}/${file} text)
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/${header}.new CONTENT
"#pragma once
#include <string_view>
namespace robiq {
inline constexpr std::string_view ${name} = R\"EMBEDDED(${text})EMBEDDED\";
}  // namespace robiq
" @ONLY)
  file(COPY_FILE ${CMAKE_BINARY_DIR}/generated/${header}.new
       ${CMAKE_BINARY_DIR}/generated/${header} ONLY_IF_DIFFERENT)
endfunction()
