#!/bin/sh
# with_python.sh SCRIPT [ARGUMENT...]: runs a test script beside this one by Debian's python3, or skips.
[ -x /usr/bin/python3 ] || {
  echo "skipped: there is no /usr/bin/python3"
  exit 77
}
script=$1
shift
exec /usr/bin/python3 -B "$(dirname "$0")/$script" "$@"
