# gt_module(NAME SOURCES a.cc ... DEPENDS base ... LINKS fmt::fmt ... INTERNAL x.h ...)
#   A static library gt_NAME from lib/NAME. DEPENDS are other modules, LINKS are libraries from outside: a module
#   links only what it declares, so a missing declaration is a link error. INTERNAL headers are not installed.
function(gt_module name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;LINKS;INTERNAL" ${ARGN})
  add_library(gt_${name} STATIC ${ARG_SOURCES})
  add_library(gt::${name} ALIAS gt_${name})
  set(modules ${ARG_DEPENDS})
  list(TRANSFORM modules PREPEND gt::)
  target_include_directories(gt_${name} PUBLIC "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>"
                                               "$<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/generated>")
  target_compile_features(gt_${name} PUBLIC cxx_std_20)
  target_link_libraries(gt_${name} PUBLIC ${modules} ${ARG_LINKS} PRIVATE $<BUILD_INTERFACE:gt_flags>)
  gt_install_module(${name} DEPENDS ${ARG_DEPENDS} LINKS ${ARG_LINKS} INTERNAL ${ARG_INTERNAL})
endfunction()

# How static tools are linked. Where the compiler makes position-independent code anyway they are so, too: in other static
# programs the first exception sorts a table of the whole program, which takes longer than all else that an error does. What
# nobody calls is left out: a seventh of the memory of a small process.
include(CheckCXXSourceCompiles)
check_cxx_source_compiles("#ifndef __PIE__\n#error\n#endif\nint main() { return 0; }" GT_TOOLS_IS_PIE)
set(gt_static "$<IF:$<BOOL:${GT_TOOLS_IS_PIE}>,-static-pie,-static>" -Wl,--gc-sections)

# gt_tool(NAME SOURCES ... DEPENDS ... [STATIC]): the tool NAME from tools/NAME, and a library gt_tool_NAME without
#   main.cc that tests call in-process. STATIC tools load no shared library, which halves the start of a small process.
function(gt_tool name)
  cmake_parse_arguments(ARG "STATIC" "" "SOURCES;DEPENDS;LINKS" ${ARGN})
  string(REPLACE "-" "_" id ${name})
  list(TRANSFORM ARG_DEPENDS PREPEND gt::)
  add_library(gt_tool_${id} STATIC ${ARG_SOURCES})
  target_include_directories(gt_tool_${id} PUBLIC "${PROJECT_SOURCE_DIR}" "${PROJECT_BINARY_DIR}/generated")
  target_link_libraries(gt_tool_${id} PUBLIC ${ARG_DEPENDS} ${ARG_LINKS} PRIVATE gt_flags)
  add_executable(${name} main.cc)
  target_link_libraries(${name} PRIVATE gt_tool_${id} gt_flags)
  if(ARG_STATIC AND NOT GT_TOOLS_SANITIZE)
    target_link_options(${name} PRIVATE ${gt_static})
  endif()
  install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT tools)
  install(FILES "${CMAKE_CURRENT_SOURCE_DIR}/${name}.1" DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT tools)
endfunction()

# gt_test(NAME SOURCES ... LINKS ... [LABEL unit]): a doctest binary.
function(gt_test name)
  cmake_parse_arguments(ARG "" "LABEL" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE ${ARG_LINKS} gt_doctest_main gt_flags)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABEL}" SKIP_RETURN_CODE 77)
endfunction()
