#!/bin/sh
# install_test.sh CMAKE BUILD SOURCE BINDIR MANDIR DATADIR: installs into a scratch prefix and runs the installed tools
# where neither the source tree nor the build tree can be seen. Directories of the prefix are relative to it.
# Exits 77 (skipped) where the trees cannot be hidden: that takes root and a mount namespace.
set -eu

cmake=$1 build=$2 source=$3 bindir=$4 mandir=$5 datadir=$6

if [ "$(id -u)" -ne 0 ] || ! unshare --mount mount -t tmpfs none "$source" 2>/dev/null; then
  echo "skipped: hiding the source tree takes root and a mount namespace"
  exit 77
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/prefix
failures=0

fail() {
  echo "$*" >&2
  failures=$((failures + 1))
}

"$cmake" --install "$build" --prefix "$prefix" --component tools >"$work/log" || { cat "$work/log" && exit 1; }

# ---- What is in place ----

same_as_source() { # installed file, file of the source tree
  cmp -s "$1" "$source/$2" || fail "$1 is not $source/$2"
}
for tool in "$source"/tools/*/main.cc; do
  tool=$(basename "$(dirname "$tool")")
  [ -x "$build/bin/$tool" ] || continue # not part of this build
  [ -x "$prefix/$bindir/$tool" ] || fail "$tool is not installed"
  same_as_source "$prefix/$mandir/man1/$tool.1" "tools/$tool/$tool.1"
  grep -q '^\.TH' "$prefix/$mandir/man1/$tool.1" || fail "$tool.1 is no man page"
done
for schema in "$source"/schemas/*.json; do
  same_as_source "$prefix/$datadir/gt-tools/schemas/$(basename "$schema")" "schemas/$(basename "$schema")"
done
for dockerfile in "$source"/scripts/Dockerfile.*; do
  same_as_source "$prefix/$datadir/gt-tools/scripts/$(basename "$dockerfile")" "scripts/$(basename "$dockerfile")"
done
[ -n "$(find "$prefix" -name 'task-2016.schema.json')" ] || fail "no schema is installed"
[ -n "$(find "$prefix" -name 'Dockerfile.blender')" ] || fail "no Dockerfile is installed"

# ---- What the installed tools do, with the trees hidden ----

mkdir "$work/here"
golden=$source/tests/golden
cp "$golden/gt2json/pickle/task.gt" "$work/here/task.gt"
cp "$golden/gt2json/pickle/expect/task.json" "$work/here/expected.json"
cp "$golden/blender2docker/pickle/expect/task.json" "$work/here/expected-docker.json"
cp "$golden/json2gt/pickle/expect/task.gt" "$work/here/expected.gt"
if [ -x "$prefix/$bindir/submit-task" ] && [ -d "$golden/submit-task/dry-run" ]; then
  mkdir "$work/here/dry-run"
  cp -r "$golden/submit-task/dry-run/." "$work/here/dry-run"
fi

cat >"$work/run.sh" <<'RUN'
set -eu
source=$1 build=$2
cd "$3"
mount -t tmpfs none "$source"
[ ! -d "$build" ] || mount -t tmpfs none "$build"
[ ! -e "$source/CMakeLists.txt" ] && [ ! -e "$build/CMakeCache.txt" ] || { echo "the trees are still there"; exit 1; }
gt2json --version
json2gt --version
blender2docker --version
gt2json task.gt task.json
cmp task.json expected.json
json2gt task.json again.gt
cmp again.gt expected.gt
blender2docker task.json docker.json
cmp docker.json expected-docker.json
if [ -d dry-run ]; then
  submit-task --version
  cd dry-run
  eval "$(cat cmd)" >/dev/null # the scripts that run in containers are inside the binary
fi
RUN
env -i PATH="$prefix/$bindir:/usr/bin:/bin:/usr/sbin:/sbin" \
  unshare --mount sh "$work/run.sh" "$source" "$build" "$work/here" || fail "the installed tools fail without the source tree"

[ "$failures" -eq 0 ] || { echo "$failures failures" >&2 && exit 1; }
echo "the installed tools work without the source tree"
