# The Python package robiq: the extension _robiq beside the files of python/robiq, in BUILD/python, from
# where it can be imported as it is. Built where a Python is found that has this very LibTorch's PyTorch.
set(ROBIQ_PYTHON AUTO CACHE STRING "the Python package: AUTO (where it can be built), ON (or fail) or OFF")
set_property(CACHE ROBIQ_PYTHON PROPERTY STRINGS AUTO ON OFF)
set(ROBIQ_PYTHON_BUILT OFF)

# Whether the Python `candidate` has a PyTorch of this LibTorch's version; sets `found`, or says why not in
# `reason`.
function(robiq_try_python candidate found reason)
  execute_process(
    COMMAND ${candidate} -c "import torch; print(torch.__version__.split('+')[0]); print(torch.__path__[0])"
    OUTPUT_VARIABLE answer ERROR_QUIET RESULT_VARIABLE failed OUTPUT_STRIP_TRAILING_WHITESPACE)
  set(${found} OFF PARENT_SCOPE)
  if(failed)
    set(${reason} "${candidate} has no PyTorch (apt-get install python3-torch)" PARENT_SCOPE)
    return()
  endif()
  string(REGEX MATCH "^[0-9]+\\.[0-9]+\\.[0-9]+" version "${answer}")
  string(REGEX REPLACE "^[^\n]*\n" "" folder "${answer}")
  if(NOT version VERSION_EQUAL Torch_VERSION)
    set(${reason} "the PyTorch of ${candidate} is ${version}, and LibTorch is ${Torch_VERSION}" PARENT_SCOPE)
    return()
  endif()
  set(${found} ON PARENT_SCOPE)
  set(robiq_torch_package ${folder} PARENT_SCOPE)
endfunction()

# Sets Python_EXECUTABLE, unless the user has.
macro(robiq_find_python_with_torch)
  set(robiq_python_reason "no python3 was found")
  set(robiq_python_candidates ${Python_EXECUTABLE})
  if(NOT Python_EXECUTABLE)
    find_program(robiq_python_first python3 NO_CACHE)
    set(robiq_python_candidates ${robiq_python_first} /usr/bin/python3)
  endif()
  set(robiq_python_found OFF)
  foreach(candidate ${robiq_python_candidates})
    if(NOT robiq_python_found AND EXISTS ${candidate})
      robiq_try_python(${candidate} robiq_python_found robiq_python_reason)
      if(robiq_python_found)
        set(Python_EXECUTABLE ${candidate} CACHE FILEPATH "the Python that robiq's package is for" FORCE)
      endif()
    endif()
  endforeach()
endmacro()

macro(robiq_find_python_parts)
  find_package(Python QUIET COMPONENTS Interpreter Development.Module)
  if(NOT Python_Development.Module_FOUND)
    set(robiq_python_reason "${Python_EXECUTABLE} has no headers (apt-get install python3-dev)")
    set(robiq_python_found OFF)
  endif()
  set(PYBIND11_FINDPYTHON ON)
  find_package(pybind11 QUIET)
  if(robiq_python_found AND NOT pybind11_FOUND)
    set(robiq_python_reason "pybind11 was not found (apt-get install pybind11-dev)")
    set(robiq_python_found OFF)
  endif()
  get_filename_component(robiq_torch_libraries "${TORCH_LIBRARY}" DIRECTORY)
  find_library(ROBIQ_TORCH_PYTHON torch_python
               HINTS ${robiq_torch_package}/lib ${robiq_torch_libraries} ${TORCH_INSTALL_PREFIX}/lib)
  mark_as_advanced(ROBIQ_TORCH_PYTHON)
  if(robiq_python_found AND NOT ROBIQ_TORCH_PYTHON)
    set(robiq_python_reason "libtorch_python was not found (apt-get install python3-torch)")
    set(robiq_python_found OFF)
  endif()
endmacro()

set(robiq_python_found OFF)
if(ROBIQ_COMPUTE_ONLY OR ROBIQ_SANITIZE)
  set(robiq_python_reason "builds that are compute-only or sanitized have no Python package")
elseif(NOT ROBIQ_PYTHON STREQUAL "OFF")
  robiq_find_python_with_torch()
  if(robiq_python_found)
    robiq_find_python_parts()
  endif()
endif()
if(NOT robiq_python_found)
  if(NOT ROBIQ_PYTHON MATCHES "^(AUTO|OFF)$")
    message(FATAL_ERROR "the Python package cannot be built: ${robiq_python_reason}. Run scripts/setup.sh "
                        "--tests, name another Python with -DPython_EXECUTABLE=..., or do without: "
                        "-DROBIQ_PYTHON=OFF")
  elseif(NOT ROBIQ_PYTHON STREQUAL "OFF")
    message(STATUS "The Python package is not built: ${robiq_python_reason}")
  endif()
  return()
endif()
set(ROBIQ_PYTHON_BUILT ON)

file(GLOB robiq_python_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/python/src/*.cpp)
pybind11_add_module(_robiq MODULE NO_EXTRAS ${robiq_python_sources})
robiq_own_code(_robiq)
robiq_compile_together(_robiq ${robiq_python_sources})
# pybind11's and PyTorch's types are hidden, and ours hold them.
target_compile_options(_robiq PRIVATE -Wno-attributes)
target_link_libraries(_robiq PRIVATE robiq ${ROBIQ_TORCH_PYTHON})

set(ROBIQ_PYTHON_PACKAGE ${CMAKE_BINARY_DIR}/python/robiq)
set_target_properties(_robiq PROPERTIES
  LIBRARY_OUTPUT_DIRECTORY ${ROBIQ_PYTHON_PACKAGE}
  INSTALL_RPATH "$ORIGIN" INSTALL_RPATH_USE_LINK_PATH ON)
configure_file(${PROJECT_SOURCE_DIR}/python/robiq/_build.py.in ${ROBIQ_PYTHON_PACKAGE}/_build.py @ONLY)
file(GLOB robiq_python_files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/python/robiq/*.py
     ${PROJECT_SOURCE_DIR}/python/robiq/*.pyi ${PROJECT_SOURCE_DIR}/python/robiq/py.typed)
foreach(file ${robiq_python_files})
  get_filename_component(name ${file} NAME)
  file(CREATE_LINK ${file} ${ROBIQ_PYTHON_PACKAGE}/${name} SYMBOLIC)
endforeach()

# What setup.py takes: `cmake --install BUILD --component python --prefix FOLDER`.
install(TARGETS _robiq LIBRARY DESTINATION robiq COMPONENT python EXCLUDE_FROM_ALL)
install(TARGETS robiq robiq_base LIBRARY DESTINATION robiq COMPONENT python EXCLUDE_FROM_ALL NAMELINK_SKIP)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/assets/models DESTINATION robiq COMPONENT python EXCLUDE_FROM_ALL
        FILES_MATCHING PATTERN "*.safetensors")
install(FILES ${robiq_python_files} ${ROBIQ_PYTHON_PACKAGE}/_build.py DESTINATION robiq
        COMPONENT python EXCLUDE_FROM_ALL)
