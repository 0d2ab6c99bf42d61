# `cmake --install BUILD --prefix PREFIX`: headers, the two libraries, the two programs, and a CMake
# package for find_package(robiq). The program and the libraries find each other wherever PREFIX is.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

file(RELATIVE_PATH ROBIQ_BIN_TO_LIB /${CMAKE_INSTALL_BINDIR} /${CMAKE_INSTALL_LIBDIR})
set_target_properties(robiq robiq_base PROPERTIES
  VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
  INSTALL_RPATH "$ORIGIN")
set_target_properties(robiq_cli robiq_front PROPERTIES INSTALL_RPATH "$ORIGIN/${ROBIQ_BIN_TO_LIB}")
# Where LibTorch and others lie, if not where the system looks.
set_target_properties(robiq robiq_base robiq_cli robiq_front PROPERTIES INSTALL_RPATH_USE_LINK_PATH ON)

install(TARGETS robiq robiq_base robiq_torch EXPORT robiqTargets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS robiq_cli robiq_front RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY src/robiq DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING PATTERN "*.h" PATTERN cli EXCLUDE PATTERN zoo EXCLUDE)
install(FILES include/robiq/robiq.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/robiq)

install(FILES ${CMAKE_BINARY_DIR}/answers.json DESTINATION ${CMAKE_INSTALL_DATADIR}/robiq OPTIONAL)
install(DIRECTORY assets/models DESTINATION ${CMAKE_INSTALL_DATADIR}/robiq
        FILES_MATCHING PATTERN "*.safetensors" PATTERN "*.md")
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/robiq)

# For programs in C: `pkg-config --cflags --libs robiq`, wherever PREFIX is.
file(RELATIVE_PATH ROBIQ_PKGCONFIG_TO_PREFIX /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(cmake/robiq.pc.in ${CMAKE_BINARY_DIR}/robiq.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/robiq.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

set(ROBIQ_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/robiq)
install(EXPORT robiqTargets NAMESPACE robiq:: DESTINATION ${ROBIQ_PACKAGE_DIR})
configure_package_config_file(cmake/robiqConfig.cmake.in ${CMAKE_BINARY_DIR}/robiqConfig.cmake
                              INSTALL_DESTINATION ${ROBIQ_PACKAGE_DIR}
                              PATH_VARS CMAKE_INSTALL_INCLUDEDIR CMAKE_INSTALL_LIBDIR)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/robiqConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/robiqConfig.cmake ${CMAKE_BINARY_DIR}/robiqConfigVersion.cmake
        DESTINATION ${ROBIQ_PACKAGE_DIR})
