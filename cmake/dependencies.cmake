# Every dependency of the project, all from Debian packages. ./dev installs the packages.
find_package(fmt REQUIRED)                 # libfmt-dev: text formatting, float digits (Dragonbox)
# Header-only, so that the small tools load no shared library.
add_library(gt_fmt INTERFACE)
add_library(gt::fmt ALIAS gt_fmt)
target_link_libraries(gt_fmt INTERFACE fmt::fmt-header-only)
find_package(CLI11 REQUIRED)               # libcli11-dev: command lines
find_package(nlohmann_json REQUIRED)       # nlohmann-json3-dev: Engine API, reports
find_package(CURL REQUIRED)                # libcurl4-openssl-dev: HTTP over the engine's socket
find_package(PNG REQUIRED)                 # libpng-dev: rendered pictures
find_package(JPEG REQUIRED)                # libjpeg-dev: rendered pictures
find_package(OpenEXR REQUIRED)             # libopenexr-dev: rendered pictures
find_package(ZLIB REQUIRED)                # zlib1g-dev: scene files up to Blender 2.9, compressed tasks
# By its name, so that the small tools, which are static, find libz.a.
add_library(gt_zlib INTERFACE)
add_library(gt::zlib ALIAS gt_zlib)
target_link_libraries(gt_zlib INTERFACE z)
find_package(zstd REQUIRED)                # libzstd-dev: scene files from Blender 3.0 on
find_package(spdlog REQUIRED)              # libspdlog-dev: loggers, header-only
find_package(OpenSSL REQUIRED COMPONENTS Crypto)  # libssl-dev: SHA-256
find_package(cereal REQUIRED)              # libcereal-dev: the files of a run directory; header-only
find_package(Threads REQUIRED)
if(GT_TOOLS_TESTS)
  find_package(doctest REQUIRED)           # doctest-dev
  find_path(GT_VALIJSON_INCLUDE valijson/validator.hpp REQUIRED)  # libvalijson-dev: JSON Schema
endif()
