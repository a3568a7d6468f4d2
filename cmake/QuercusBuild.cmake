# How every target of the project is built: language level, warnings, output folder, and the two
# functions that declare a room (a library) and a room's unit tests.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

find_program(QUERCUS_CCACHE ccache)
if(QUERCUS_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${QUERCUS_CCACHE}")
endif()

add_library(quercus_flags INTERFACE)
target_compile_options(quercus_flags INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor
                       $<$<BOOL:${QUERCUS_WERROR}>:-Werror>)
target_include_directories(quercus_flags INTERFACE "${PROJECT_SOURCE_DIR}")

# Numeric rooms: one instruction set for the whole build, so that every executor of a tree
# computes the same bytes (ARCHITECTURE section 4, "Same bytes").
add_library(quercus_numeric_flags INTERFACE)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  if(QUERCUS_PORTABLE)
    target_compile_options(quercus_numeric_flags INTERFACE -mavx2 -mfma -mbmi2)
  else()
    target_compile_options(quercus_numeric_flags INTERFACE -march=native)
  endif()
endif()
# Errno and trapping semantics cost speed and are never read; results stay IEEE and reproducible.
target_compile_options(quercus_numeric_flags INTERFACE -fno-math-errno -fno-trapping-math
                       -ffp-contract=off)

# quercus_room(<path> SOURCES ... [DEPS ...] [PRIVATE_DEPS ...] [NUMERIC])
# A room becomes the static library quercus_<path with _>, alias quercus::<same>.
# DEPS are the arrows of ARCHITECTURE section 2; PRIVATE_DEPS never appear in public headers.
function(quercus_room path)
  cmake_parse_arguments(ROOM "NUMERIC" "" "SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  string(REPLACE "/" "_" name "${path}")
  add_library(quercus_${name} STATIC ${ROOM_SOURCES})
  add_library(quercus::${name} ALIAS quercus_${name})
  # Every room ends up in the client SDK's shared library as well.
  set_target_properties(quercus_${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_compile_options(quercus_${name} PRIVATE -fno-semantic-interposition)
  target_link_libraries(quercus_${name} PUBLIC ${ROOM_DEPS}
                        PRIVATE $<BUILD_INTERFACE:quercus_flags> ${ROOM_PRIVATE_DEPS})
  target_include_directories(quercus_${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
  if(ROOM_NUMERIC)
    target_link_libraries(quercus_${name} PRIVATE $<BUILD_INTERFACE:quercus_numeric_flags>)
  endif()
endfunction()

# quercus_tests(<label> <room> SOURCES ... DEPS ...)
# One executable per label and room, quercus_<label>_<room>; each TEST_CASE is a ctest test.
function(quercus_tests label room)
  cmake_parse_arguments(T "" "TIMEOUT" "SOURCES;DEPS" ${ARGN})
  if(NOT T_TIMEOUT)
    set(T_TIMEOUT 60)
  endif()
  if(CMAKE_CXX_FLAGS MATCHES "-fsanitize")
    math(EXPR T_TIMEOUT "5 * ${T_TIMEOUT}")
  endif()
  # System tests measure times and kill processes: one at a time.
  set(serial OFF)
  if(label STREQUAL "system")
    set(serial ON)
  endif()
  set(name quercus_${label}_${room})
  add_executable(${name} ${T_SOURCES})
  target_link_libraries(${name} PRIVATE quercus_flags quercus_test_support ${T_DEPS})
  target_precompile_headers(${name} REUSE_FROM quercus_test_support)
  catch_discover_tests(${name} TEST_PREFIX "${label}/${room}: "
                       PROPERTIES LABELS ${label} TIMEOUT ${T_TIMEOUT} RUN_SERIAL ${serial})
endfunction()
