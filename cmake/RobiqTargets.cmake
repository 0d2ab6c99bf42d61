include(GNUInstallDirs)

# Warnings and sanitizers for code that is ours. -Wno-restrict: gcc 12 reports impossible
# overlaps inside <bits/char_traits.h> for string concatenation at -O2; with designated
# initialisers, leaving members at their defaults is what is meant; gcc 13 takes a reference to
# something static for one into a temporary that was an argument, and gcc 14 reports impossible copies
# inside std::vector<bool> where LibTorch's autograd functions are inlined. -Wno-subobject-linkage: files that
# are compiled together look to gcc like headers of the file that includes them.
function(robiq_own_code target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-restrict
                                           -Wno-missing-field-initializers -Wno-subobject-linkage)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 13)
    target_compile_options(${target} PRIVATE -Wno-dangling-reference -Wno-array-bounds
                                             -Wno-stringop-overflow)
  endif()
  if(ROBIQ_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(ROBIQ_SANITIZE)
    # gcc 12 takes std::regex's own code for uninitialised when it is instrumented.
    target_compile_options(${target} PRIVATE -fsanitize=address,undefined -fno-omit-frame-pointer
                                             -Wno-maybe-uninitialized)
    target_link_options(${target} PRIVATE -fsanitize=address,undefined)
  endif()
endfunction()

# robiq_compile_together(TARGET SOURCES...): up to eight files of one folder are compiled together, so
# that they share one reading of LibTorch's headers; a new file changes its own folder's units alone.
function(robiq_compile_together target)
  if(NOT CMAKE_UNITY_BUILD)
    return()
  endif()
  foreach(source ${ARGN})
    get_filename_component(folder ${source} DIRECTORY)
    file(RELATIVE_PATH name ${PROJECT_SOURCE_DIR} ${folder})
    string(MAKE_C_IDENTIFIER "${name}" name)
    if(NOT DEFINED count_${name})
      set(count_${name} 0)
    endif()
    math(EXPR unit "${count_${name}} / 8")
    math(EXPR count_${name} "${count_${name}} + 1")
    set_source_files_properties(${source} TARGET_DIRECTORY ${target} PROPERTIES UNITY_GROUP ${name}_${unit})
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD_MODE GROUP)
endfunction()

function(robiq_add_library target)
  add_library(${target} SHARED ${ARGN})
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>
                                              $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_compile_definitions(${target} PRIVATE ROBIQ_VERSION="${PROJECT_VERSION}")
  robiq_own_code(${target})
  robiq_compile_together(${target} ${ARGN})
endfunction()
