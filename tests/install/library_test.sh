#!/bin/sh
# library_test.sh CMAKE BUILD SOURCE INCLUDEDIR LIBDIR: installs the library, moves it, and builds samples/docker-job with it as a
# stranger would: with find_package and with pkg-config. Runs what was built where an engine has golem/base.
set -eu

cmake=$1 build=$2 source=$3 includedir=$4 libdir=$5

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
  echo "$*" >&2
  exit 1
}
logged() { # command
  "$@" >"$work/log" 2>&1 || { cat "$work/log" && fail "failed: $*"; }
}

logged "$cmake" --install "$build" --prefix "$work/first" --component library
mv "$work/first" "$work/prefix"
prefix=$work/prefix
if grep -rlF -e "$source" -e "$build" -e "$work/first" "$prefix" --include=*.h --include=*.cmake --include=*.pc; then
  fail "these files name a place that is not theirs"
fi

# ---- Headers: each stands alone, and needs no other than those that are there ----

find "$prefix/$includedir" -name '*.h' | sort >"$work/headers"
[ "$(wc -l <"$work/headers")" -gt 40 ] || fail "few headers: $(cat "$work/headers")"
while read -r header; do
  path=${header#"$prefix/$includedir/"}
  case $path in
    gt/docker/job.h | gt/docker/outputs.h | gt/convert/load.h) # one by one, each takes a second
      echo "#include <$path>" | c++ -std=c++20 -fsyntax-only -I"$prefix/$includedir" -x c++ - || fail "$path does not stand alone" ;;
  esac
  echo "#include <$path>" >>"$work/all.cc"
done <"$work/headers"
c++ -std=c++20 -fsyntax-only -I"$prefix/$includedir" "$work/all.cc" || fail "the headers are not all there"

# ---- The sample, outside of the source tree ----

cp -r "$source/samples/docker-job" "$work/sample"
logged "$cmake" -S "$work/sample" -B "$work/sample/build" -DCMAKE_PREFIX_PATH="$prefix"
logged "$cmake" --build "$work/sample/build"
if command -v pkg-config >/dev/null; then
  PKG_CONFIG_PATH=$prefix/$libdir/pkgconfig
  export PKG_CONFIG_PATH
  # shellcheck disable=SC2046 # words
  logged c++ -std=c++20 "$work/sample/main.cc" -o "$work/sample/by-pkg-config" $(pkg-config --cflags --libs gt-tools-docker)
fi

# ---- The other components, and what is no component ----

project() { # components
  mkdir -p "$work/other"
  printf 'cmake_minimum_required(VERSION 3.25)\nproject(other LANGUAGES CXX)\nfind_package(gt-tools 0.1 REQUIRED %s)\n' "$1" \
    >"$work/other/CMakeLists.txt"
  cat >>"$work/other/CMakeLists.txt" <<'CMAKE'
foreach(module base log object pickle json task rewrite convert docker picture blend lux render run)
  if(gt-tools_${module}_FOUND)
    message(STATUS "found ${module}")
  endif()
endforeach()
add_executable(other main.cc)
target_link_libraries(other PRIVATE gt::convert)
CMAKE
  cat >"$work/other/main.cc" <<'CPP'
#include <gt/convert/load.h>
int main() { return 0; }
CPP
  "$cmake" -S "$work/other" -B "$work/other/build" -DCMAKE_PREFIX_PATH="$prefix" >"$work/log" 2>&1
}
project "" || { cat "$work/log" && fail "all modules are not found"; }
[ "$(grep -c '^-- found ' "$work/log")" -eq 14 ] || { cat "$work/log" && fail "not every module is found without components"; }
logged "$cmake" --build "$work/other/build"
rm -r "$work/other/build"
project "COMPONENTS pickle convert" || { cat "$work/log" && fail "two modules are not found"; }
[ "$(grep -c '^-- found ' "$work/log")" -eq 2 ] || { cat "$work/log" && fail "not the two modules that were asked for"; }
rm -r "$work/other/build"
if project "COMPONENTS telepathy"; then fail "a module that there is not is found"; fi
grep -q telepathy "$work/log" || { cat "$work/log" && fail "the missing module is not named"; }

# ---- What was built, in a container ----

cd "$work/sample"
for program in build/docker-job by-pkg-config; do
  [ -x "$program" ] || continue
  code=0
  "./$program" no/such:image >"$work/out" 2>&1 || code=$?
  [ "$code" -eq 4 ] || { cat "$work/out" && fail "$program: exit code $code instead of 4 without its image"; }
done
if ! docker image inspect golem/base >/dev/null 2>&1; then
  echo "built; not run: no engine with golem/base"
  exit 0
fi
for program in build/docker-job by-pkg-config; do
  [ -x "$program" ] || continue
  rm -rf work output
  "./$program" golem/base >"$work/out" || fail "$program failed"
  printf 'Witaj, świecie 6 True\ncopied note.txt\n' | cmp - "$work/out"
  cmp resources/note.txt output/note.txt
  echo 'import time; time.sleep(60)' >job.py
  code=0
  "./$program" golem/base 1 || code=$?
  [ "$code" -eq 124 ] || fail "$program: exit code $code instead of 124 when it takes too long"
  cp "$source/samples/docker-job/job.py" job.py
done
[ -z "$(docker ps --all --quiet --filter "volume=$work/sample/work")" ] || fail "containers are left"
echo "built with find_package and pkg-config, and run"
