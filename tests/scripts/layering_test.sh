#!/usr/bin/env bash
# Tests of the policy scripts cmake/check_layering.sh and cmake/check_test_files.sh: a script that checks nothing must show.
set -euo pipefail

project=$(cd "$(dirname "$0")/../.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

failed=0
fail() { echo "FAILED: $*" >&2; failed=1; }

# A tree of files: "PATH TEXT" each; the text of a source is its one include.
make_tree() {
  rm -rf "$scratch/tree"
  mkdir -p "$scratch/tree/lib" "$scratch/tree/tools" "$scratch/tree/tests"
  local entry
  for entry in "$@"; do
    mkdir -p "$scratch/tree/$(dirname "${entry%% *}")"
    echo "${entry#* }" >"$scratch/tree/${entry%% *}"
  done
}

expect_good() { # script, files of the tree
  make_tree "${@:2}"
  "$project/cmake/$1" "$scratch/tree" >"$scratch/out" 2>&1 || fail "$1 rejected $2: $(cat "$scratch/out")"
}

expect_bad() { # script, text of the message, files of the tree
  make_tree "${@:3}"
  if "$project/cmake/$1" "$scratch/tree" >"$scratch/out" 2>&1; then
    fail "$1 accepted ${*:3}"
  elif ! grep -qF -- "$2" "$scratch/out"; then
    fail "$1 does not say '$2': $(cat "$scratch/out")"
  fi
}

layering=check_layering.sh
fine='lib/json/a.h #include "lib/object/graph.h"'
expect_good $layering "$fine"
expect_good $layering "$fine" 'tools/gt2json/a.cc #include "lib/run/executor.h"'
expect_good $layering "$fine" 'tools/gt2json/a.cc #include "tools/common/command.h"'
expect_good $layering "$fine" 'tools/submit-task/a.cc #include "embedded/scripts.h"'
expect_good $layering "$fine" 'lib/run/a.cc #include "embedded/report.h"'
expect_good $layering "$fine" 'lib/docker/a.cc #include <curl/curl.h>'
expect_good $layering "$fine" 'lib/base/a.cc #include <vector>'

expect_bad $layering 'lib/object/a.h:1: lib/object must not include lib/json/encode.h: it may include base of lib/' \
  "$fine" 'lib/object/a.h #include "lib/json/encode.h"'
expect_bad $layering 'lib/base must not include lib/object/graph.h: it may include nothing' "$fine" 'lib/base/a.h #include "lib/object/graph.h"'
expect_bad $layering 'lib/task must not include lib/pickle/reader.h' "$fine" 'lib/task/deep/a.cc  #  include "lib/pickle/reader.h"'
expect_bad $layering 'lib/pickle must not include lib/json/read.h' "$fine" 'lib/pickle/table.def #include "lib/json/read.h"'
expect_bad $layering 'lib/run must not include tools/gt2json/command.h' "$fine" 'lib/run/a.cc #include "tools/gt2json/command.h"'
expect_bad $layering 'tools/gt2json must not include tools/submit-task/load.h' "$fine" 'tools/gt2json/a.cc #include "tools/submit-task/load.h"'
expect_bad $layering 'lib/base must not include tests/support/x.h' "$fine" 'lib/base/a.cc #include "tests/support/x.h"'
expect_bad $layering 'graph.h must be written from the root' "$fine" 'lib/base/a.cc #include "../object/graph.h"'
expect_bad $layering 'lib/render must not include <curl/curl.h>: it is for lib/docker only' "$fine" 'lib/render/a.cc #include <curl/curl.h>'
expect_bad $layering 'lib/task must not include <nlohmann/json.hpp>' "$fine" 'lib/task/a.cc #include <nlohmann/json.hpp>'
expect_bad $layering 'only tools and lib/run have files in them' "$fine" 'lib/json/a.cc #include "embedded/report.h"'
expect_bad $layering 'lib/newcomer/: is not in the table' "$fine" 'lib/newcomer/a.cc #include <vector>'
expect_bad $layering 'there is no include' 'lib/base/a.cc int a;'

files=check_test_files.sh
expect_good $files 'tests/unit/a_test.cc x' 'tests/unit/CMakeLists.txt gt_test(a SOURCES a_test.cc)'
expect_good $files 'tests/unit/a_test.cc x' 'tests/CMakeLists.txt gt_test(a SOURCES unit/a_test.cc)'
expect_bad $files 'tests/unit/a_test.cc: no CMakeLists.txt names it' 'tests/unit/a_test.cc x' 'tests/unit/CMakeLists.txt gt_test(a SOURCES aa_test.cc)'
expect_bad $files 'tests/fuzz/target.cc: no CMakeLists.txt names it' 'tests/fuzz/target.cc x' 'tests/CMakeLists.txt x'
expect_bad $files 'there is no test file' 'tests/CMakeLists.txt x'

[ "$failed" -eq 0 ] && echo "passed"
exit "$failed"
