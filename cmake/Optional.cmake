# What can be left out where a library is not to be had, as on a machine with PyTorch, CMake and a
# compiler only. What then does not work says so by name; nothing is left out without being asked.
option(ROBIQ_WITH_OPENCV "read and write picture files (OpenCV)" ON)
option(ROBIQ_WITH_SQLITE "keep results: evaluate, report, experiment (SQLiteCpp)" ON)
option(ROBIQ_WITH_MATIO "read MATLAB files (matio, HDF5)" ON)
option(ROBIQ_WITH_PUGIXML "read Excel files (pugixml)" ON)
option(ROBIQ_WITH_ZLIB "read packed members of zip files (zlib)" ON)
option(ROBIQ_WITH_OPENSSL "SHA-256 by OpenSSL; otherwise by our own, slower" ON)

if(ROBIQ_WITH_MATIO AND NOT ROBIQ_WITH_ZLIB)
  message(FATAL_ERROR "ROBIQ_WITH_MATIO needs ROBIQ_WITH_ZLIB")
endif()

# robiq_stand_in(SWITCH LIST FILES...): of FILE.cpp and FILE_without.cpp, LIST keeps the one that the
# switch asks for.
function(robiq_stand_in switch list)
  set(sources ${${list}})
  foreach(file ${ARGN})
    if(${switch})
      list(FILTER sources EXCLUDE REGEX "/${file}_without\\.cpp$")
    else()
      list(FILTER sources EXCLUDE REGEX "/${file}\\.cpp$")
    endif()
  endforeach()
  set(${list} ${sources} PARENT_SCOPE)
endfunction()

# robiq_leave_out(SWITCH LIST REGEX): without the switch, LIST loses the files whose path matches.
function(robiq_leave_out switch list regex)
  set(sources ${${list}})
  if(NOT ${switch})
    list(FILTER sources EXCLUDE REGEX "${regex}")
  endif()
  set(${list} ${sources} PARENT_SCOPE)
endfunction()

# robiq_leave_out_users(SWITCH LIST REGEX): without the switch, LIST loses the files in which a line
# matches: tests of what is not there.
function(robiq_leave_out_users switch list regex)
  set(sources ${${list}})
  if(NOT ${switch})
    foreach(source ${sources})
      file(STRINGS ${source} lines REGEX "${regex}" LIMIT_COUNT 1)
      if(lines)
        list(REMOVE_ITEM sources ${source})
      endif()
    endforeach()
  endif()
  set(${list} ${sources} PARENT_SCOPE)
endfunction()

# robiq_tell(SWITCH MACRO REGEX FILES...): if the switch is on, defines MACRO for those of the files in
# which a line matches; for these alone, so that a switch recompiles little.
function(robiq_tell switch macro regex)
  if(NOT ${switch})
    return()
  endif()
  foreach(source ${ARGN})
    file(STRINGS ${source} lines REGEX "${regex}" LIMIT_COUNT 1)
    if(lines)
      set_property(SOURCE ${source} APPEND PROPERTY COMPILE_DEFINITIONS ${macro})
    endif()
  endforeach()
endfunction()
