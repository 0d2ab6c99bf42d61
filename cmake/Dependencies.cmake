# Every third-party package in one place. A missing one names the Debian package that has it.
function(robiq_require package debian)
  if(NOT ${package}_FOUND)
    message(FATAL_ERROR "${package} was not found. Run scripts/setup.sh, or: apt-get install ${debian}")
  endif()
endfunction()

find_package(Torch QUIET)
robiq_require(Torch libtorch-dev)
if(TORCH_CXX_FLAGS MATCHES "_GLIBCXX_USE_CXX11_ABI=0")
  message(FATAL_ERROR "this PyTorch was built with the old C++ ABI (_GLIBCXX_USE_CXX11_ABI=0) and "
                      "cannot be linked with the system's libraries; use PyTorch 2.7 or later")
endif()
add_library(robiq_torch INTERFACE)
target_include_directories(robiq_torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})
target_link_libraries(robiq_torch INTERFACE ${TORCH_LIBRARIES})

# robiq_headers(PACKAGE TARGET HEADER DEBIAN [DEFINITIONS...]): a package, or where only its headers lie
# in a folder on CMAKE_PREFIX_PATH, those.
function(robiq_headers package target header debian)
  find_package(${package} QUIET)
  if(TARGET ${target})
    return()
  endif()
  find_path(${package}_HEADERS ${header} PATH_SUFFIXES eigen3)
  mark_as_advanced(${package}_HEADERS)
  if(NOT ${package}_HEADERS)
    robiq_require(${package} ${debian})
    return()
  endif()
  add_library(${target} INTERFACE IMPORTED GLOBAL)
  target_include_directories(${target} SYSTEM INTERFACE ${${package}_HEADERS})
  target_compile_definitions(${target} INTERFACE ${ARGN})
endfunction()

robiq_headers(fmt fmt::fmt fmt/format.h libfmt-dev FMT_HEADER_ONLY)
robiq_headers(spdlog spdlog::spdlog spdlog/spdlog.h libspdlog-dev SPDLOG_FMT_EXTERNAL)
robiq_headers(nlohmann_json nlohmann_json::nlohmann_json nlohmann/json.hpp nlohmann-json3-dev)
robiq_headers(tomlplusplus tomlplusplus::tomlplusplus toml++/toml.h libtomlplusplus-dev)
robiq_headers(CLI11 CLI11::CLI11 CLI/CLI.hpp libcli11-dev)
robiq_headers(Eigen3 Eigen3::Eigen Eigen/Core libeigen3-dev)

# robiq_optional(SWITCH TARGET PACKAGE DEBIAN LIBRARIES [COMPONENTS...]): TARGET links LIBRARIES of the package, or
# nothing without the switch. An interface of our own, whose headers are the system's: OpenCV's and
# SQLiteCpp's warn under our flags.
macro(robiq_optional switch target package debian libraries)
  add_library(${target} INTERFACE)
  if(${switch})
    find_package(${package} QUIET ${ARGN})
    if(NOT ${package}_FOUND)
      message(FATAL_ERROR "${package} was not found. Run scripts/setup.sh, or: apt-get install ${debian}; "
                          "or do without it: -D${switch}=OFF")
    endif()
    target_link_libraries(${target} INTERFACE ${libraries})
  endif()
endmacro()

robiq_optional(ROBIQ_WITH_SQLITE robiq_sqlite SQLiteCpp libsqlitecpp-dev SQLiteCpp)
robiq_optional(ROBIQ_WITH_OPENSSL robiq_openssl OpenSSL libssl-dev OpenSSL::Crypto)
robiq_optional(ROBIQ_WITH_ZLIB robiq_zlib ZLIB zlib1g-dev ZLIB::ZLIB)
robiq_optional(ROBIQ_WITH_PUGIXML robiq_pugixml pugixml libpugixml-dev pugixml::pugixml)
robiq_optional(ROBIQ_WITH_OPENCV robiq_opencv OpenCV libopencv-dev "opencv_core;opencv_imgcodecs"
               COMPONENTS core imgcodecs)
if(ROBIQ_WITH_OPENCV)
  target_include_directories(robiq_opencv SYSTEM INTERFACE ${OpenCV_INCLUDE_DIRS})
endif()

# What decodes picture files with OpenCV, which would hide the warnings of these libraries.
robiq_optional(ROBIQ_WITH_OPENCV robiq_tiff TIFF libtiff-dev TIFF::TIFF)
robiq_optional(ROBIQ_WITH_OPENCV robiq_png PNG libpng-dev PNG::PNG)
robiq_optional(ROBIQ_WITH_OPENCV robiq_jpeg JPEG libjpeg62-turbo-dev JPEG::JPEG)
add_library(robiq_pictures INTERFACE)
robiq_optional(ROBIQ_WITH_OPENCV robiq_tiff_zlib ZLIB zlib1g-dev ZLIB::ZLIB)
target_link_libraries(robiq_pictures INTERFACE robiq_tiff robiq_png robiq_jpeg robiq_tiff_zlib)

# matio and the HDF5 it is made with: neither has CMake files of its own in Debian.
add_library(robiq_matio INTERFACE)
if(ROBIQ_WITH_MATIO)
  find_path(MATIO_INCLUDE_DIR matio.h)
  find_library(MATIO_LIBRARY matio)
  find_path(MATIO_HDF5_INCLUDE_DIR hdf5.h PATH_SUFFIXES hdf5/serial)
  find_library(MATIO_HDF5_LIBRARY NAMES hdf5_serial hdf5 PATH_SUFFIXES hdf5/serial)
  mark_as_advanced(MATIO_INCLUDE_DIR MATIO_LIBRARY MATIO_HDF5_INCLUDE_DIR MATIO_HDF5_LIBRARY)
  if(NOT (MATIO_INCLUDE_DIR AND MATIO_LIBRARY AND MATIO_HDF5_INCLUDE_DIR AND MATIO_HDF5_LIBRARY))
    message(FATAL_ERROR "matio was not found. Run scripts/setup.sh, or: apt-get install libmatio-dev; "
                        "or do without it: -DROBIQ_WITH_MATIO=OFF")
  endif()
  target_include_directories(robiq_matio SYSTEM INTERFACE ${MATIO_INCLUDE_DIR} ${MATIO_HDF5_INCLUDE_DIR})
  target_link_libraries(robiq_matio INTERFACE ${MATIO_LIBRARY} ${MATIO_HDF5_LIBRARY})
endif()
