# `cmake --install`: executables in bin, the client SDK with its package files for
# find_package(Quercus), the contract's proto files in share/quercus/proto.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# The SDK's library: shared, so that its users need neither gRPC nor protobuf at build time.
# Its public headers name each other and the few of quantum/base that are installed beside them.
set_target_properties(quercus_client PROPERTIES
  OUTPUT_NAME quercus EXPORT_NAME client
  VERSION "${PROJECT_VERSION}" SOVERSION "${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}")
install(TARGETS quercus_client EXPORT QuercusTargets
  LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}"
  INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/client/include/quercus"
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING PATTERN "*.hpp")
# A quoted include is looked for beside the file that has it, so no second -I is needed.
install(FILES "${PROJECT_SOURCE_DIR}/quantum/base/status.hpp"
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/quercus/quantum/base")

# Server, manager, worker and command line say themselves that they are installed; those that use the
# library find it from bin. Attached mode and ranks look for the executor beside themselves.
if(TARGET quercus-executor)
  install(TARGETS quercus-executor RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()
file(RELATIVE_PATH QUERCUS_BIN_TO_LIB "${CMAKE_INSTALL_FULL_BINDIR}" "${CMAKE_INSTALL_FULL_LIBDIR}")
foreach(program IN ITEMS quercus quercus-server quercus-manager quercus-worker quercus-executor)
  if(TARGET ${program})
    set_target_properties(${program} PROPERTIES INSTALL_RPATH "$ORIGIN/${QUERCUS_BIN_TO_LIB}")
  endif()
endforeach()

install(DIRECTORY "${PROJECT_SOURCE_DIR}/proto/quercus"
  DESTINATION "${CMAKE_INSTALL_DATADIR}/quercus/proto" FILES_MATCHING PATTERN "*.proto")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" "${PROJECT_SOURCE_DIR}/README.md"
  DESTINATION "${CMAKE_INSTALL_DOCDIR}")

set(QUERCUS_PACKAGE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/Quercus")
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/QuercusConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/cmake/QuercusConfig.cmake"
  INSTALL_DESTINATION "${QUERCUS_PACKAGE_DIR}" PATH_VARS CMAKE_INSTALL_BINDIR)
# Before 1.0 a minor version may break its users.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/cmake/QuercusConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/cmake/QuercusConfig.cmake"
  "${PROJECT_BINARY_DIR}/cmake/QuercusConfigVersion.cmake" DESTINATION "${QUERCUS_PACKAGE_DIR}")
install(EXPORT QuercusTargets NAMESPACE Quercus:: DESTINATION "${QUERCUS_PACKAGE_DIR}")
