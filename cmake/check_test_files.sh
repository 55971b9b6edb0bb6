#!/usr/bin/env bash
# check_test_files.sh [DIRECTORY]: fails when a test file or fuzz target is in no build target, that is, when the
# CMakeLists.txt of its folder, or of one above it, does not name it.
set -euo pipefail

root=${1:-$(cd "$(dirname "$0")/.." && pwd)}
cd "$root"

is_named() { # path of a file below tests/
  local directory name
  directory=$(dirname "$1")
  name=$(basename "$1")
  while [ "$directory" != . ]; do
    if grep -qsE "(^|[[:space:]/(\"])${name//./\\.}($|[[:space:])\"])" "$directory/CMakeLists.txt"; then return 0; fi
    directory=$(dirname "$directory")
  done
  return 1
}

count=0
missing=0
while IFS= read -r file; do
  count=$((count + 1))
  is_named "$file" && continue
  echo "$file: no CMakeLists.txt names it, so it is never built" >&2
  missing=$((missing + 1))
done < <(find tests \( -name '*_test.cc' -o -path 'tests/fuzz/*.cc' -o -name '*_test.sh' -o -name 'test_*.py' \) | sort)

# A check that looks at nothing must not pass.
if [ "$count" -eq 0 ]; then
  echo "$root: there is no test file below tests/" >&2
  exit 1
fi
[ "$missing" -eq 0 ] || exit 1
echo "test files: all $count are built or run"
