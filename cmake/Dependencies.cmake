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
# LibTorch may lie inside the checkout, as in a virtual environment: what is installed names no such place.
target_include_directories(robiq_torch SYSTEM INTERFACE "$<BUILD_INTERFACE:${TORCH_INCLUDE_DIRS}>")
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

# What reads and writes files, as interfaces of our own whose headers are the system's: OpenCV's and
# SQLiteCpp's warn under our flags. A compute-only build does without them.
add_library(robiq_base_files INTERFACE)
add_library(robiq_files INTERFACE)
if(ROBIQ_COMPUTE_ONLY)
  return()
endif()

# robiq_package(TARGET PACKAGE DEBIAN LIBRARIES [COMPONENTS...]): TARGET links LIBRARIES of the package.
macro(robiq_package target package debian libraries)
  find_package(${package} QUIET ${ARGN})
  if(NOT ${package}_FOUND)
    message(FATAL_ERROR "${package} was not found. Run scripts/setup.sh, or: apt-get install ${debian}; "
                        "or do without picture files and results: -DROBIQ_COMPUTE_ONLY=ON")
  endif()
  add_library(${target} INTERFACE)
  target_link_libraries(${target} INTERFACE ${libraries})
endmacro()

robiq_package(robiq_sqlite SQLiteCpp libsqlitecpp-dev SQLiteCpp)
robiq_package(robiq_openssl OpenSSL libssl-dev OpenSSL::Crypto)
robiq_package(robiq_zlib ZLIB zlib1g-dev ZLIB::ZLIB)
robiq_package(robiq_pugixml pugixml libpugixml-dev pugixml::pugixml)
robiq_package(robiq_opencv OpenCV libopencv-dev "opencv_core;opencv_imgcodecs" COMPONENTS core imgcodecs)
target_include_directories(robiq_opencv SYSTEM INTERFACE ${OpenCV_INCLUDE_DIRS})
# These decode picture files beside OpenCV, which would hide their warnings.
robiq_package(robiq_tiff TIFF libtiff-dev TIFF::TIFF)
robiq_package(robiq_png PNG libpng-dev PNG::PNG)
robiq_package(robiq_jpeg JPEG libjpeg62-turbo-dev JPEG::JPEG)

# matio has no CMake files of its own in Debian; its header includes HDF5's.
find_path(MATIO_INCLUDE_DIR matio.h)
find_library(MATIO_LIBRARY matio)
find_path(MATIO_HDF5_INCLUDE_DIR hdf5.h PATH_SUFFIXES hdf5/serial)
mark_as_advanced(MATIO_INCLUDE_DIR MATIO_LIBRARY MATIO_HDF5_INCLUDE_DIR)
if(NOT (MATIO_INCLUDE_DIR AND MATIO_LIBRARY AND MATIO_HDF5_INCLUDE_DIR))
  message(FATAL_ERROR "matio was not found. Run scripts/setup.sh, or: apt-get install libmatio-dev; "
                      "or do without picture files and results: -DROBIQ_COMPUTE_ONLY=ON")
endif()
add_library(robiq_matio INTERFACE)
target_include_directories(robiq_matio SYSTEM INTERFACE ${MATIO_INCLUDE_DIR} ${MATIO_HDF5_INCLUDE_DIR})
target_link_libraries(robiq_matio INTERFACE ${MATIO_LIBRARY})

# Videos other than .y4m and raw YUV. Optional: without these, such a video is refused by name.
option(ROBIQ_WITH_FFMPEG "read videos by FFmpeg's libraries, where they are found" ON)
add_library(robiq_ffmpeg INTERFACE)
if(ROBIQ_WITH_FFMPEG)
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND)
    pkg_check_modules(FFMPEG QUIET IMPORTED_TARGET libavformat libavcodec libavutil libswscale)
  endif()
  if(FFMPEG_FOUND)
    target_link_libraries(robiq_ffmpeg INTERFACE PkgConfig::FFMPEG)
    target_compile_definitions(robiq_ffmpeg INTERFACE ROBIQ_WITH_FFMPEG)
  else()
    message(STATUS "FFmpeg's libraries were not found: videos other than .y4m and raw YUV will be refused. "
                   "For them: apt-get install libavformat-dev libavcodec-dev libswscale-dev")
  endif()
endif()

target_link_libraries(robiq_base_files INTERFACE robiq_sqlite robiq_openssl)
target_link_libraries(robiq_files INTERFACE robiq_opencv robiq_tiff robiq_png robiq_jpeg robiq_zlib
                                            robiq_matio robiq_pugixml robiq_ffmpeg)
