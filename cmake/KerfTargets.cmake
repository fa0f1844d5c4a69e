# kerf_library(NAME folder SOURCES ... [PUBLIC ...] [PRIVATE ...]): one static library for one folder. Its headers
# are included by their path from the project's root ("planner/plans/plan.hpp").
find_program(KERF_CCACHE ccache)
if(KERF_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${KERF_CCACHE})
endif()

function(kerf_compile_options target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wconversion
                                           -Wno-sign-conversion -Wdouble-promotion -Wold-style-cast
                                           $<$<BOOL:${KERF_STRICT}>:-Werror>)
  # g++ 12 sees overlaps in std::string's own code that are not there (GCC bug 105651).
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(${target} PRIVATE -Wno-restrict)
  endif()
  target_compile_definitions(${target} PRIVATE KERF_VERSION="${PROJECT_VERSION}")
  # The same bits everywhere: no contraction of a*b+c, no reassociation.
  target_compile_options(${target} PRIVATE -ffp-contract=off)
endfunction()

function(kerf_library target)
  cmake_parse_arguments(ARG "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(${target} STATIC ${ARG_SOURCES})
  add_library(kerf::${target} ALIAS ${target})
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
  target_link_libraries(${target} PUBLIC ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
  kerf_compile_options(${target})
  set_property(GLOBAL APPEND PROPERTY KERF_LIBRARIES ${target})
endfunction()

# kerf_test(NAME SOURCES ... LIBRARIES ...): one GoogleTest program. Every program is one ctest test, except that
# each TEST inside is listed on its own.
function(kerf_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LIBRARIES} GTest::gtest GTest::gmock GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE KERF_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
                                             KERF_BINARY_DIR="${PROJECT_BINARY_DIR}")
  kerf_compile_options(${name})
  include(GoogleTest)
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 600)
endfunction()
