# Compiler flags and build options; nothing about dependencies or targets.
option(GT_TOOLS_TESTS "Build the tests" ON)
option(GT_TOOLS_BENCH "Build the benchmarks" OFF)
option(GT_TOOLS_FUZZ "Build the libFuzzer targets (clang only)" OFF)
option(GT_TOOLS_WERROR "Treat warnings as errors (for developers and CI)" OFF)
set(GT_TOOLS_SANITIZE "" CACHE STRING "Sanitizers, as given to -fsanitize=")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

add_library(gt_flags INTERFACE)
target_compile_options(gt_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor
                                          -Wold-style-cast -Woverloaded-virtual)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 warns about its own std::string operator+ (GCC bug 105651).
  target_compile_options(gt_flags INTERFACE -Wno-restrict)
endif()
if(GT_TOOLS_WERROR)
  target_compile_options(gt_flags INTERFACE -Werror)
endif()
if(GT_TOOLS_SANITIZE)
  add_compile_options(-fsanitize=${GT_TOOLS_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${GT_TOOLS_SANITIZE})
endif()
