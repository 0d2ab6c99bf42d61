# Uses ccache when it is installed; nothing else changes.
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
  # Build folders of one checkout share what they compile, unless the user's settings say otherwise.
  execute_process(COMMAND ${CCACHE_PROGRAM} --get-config base_dir
                  OUTPUT_VARIABLE robiq_base_dir ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(robiq_base_dir STREQUAL "")
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} ${CCACHE_PROGRAM})
  endif()
endif()
