#!/usr/bin/env bash
# man_pages_test.sh BIN SOURCE: every option that a tool's --help names is in its man page, and the other way round.
set -euo pipefail
bin=$1 source=$2
failures=0

options() { grep -oE -e '(^|[ ,])--[a-z][a-z0-9-]+' | grep -oE -e '--[a-z0-9-]+' | sort -u; }
in_help() { "$bin/$1" --help | sed '/^Examples:/,$d' | options; }
in_page() { sed -e 's/\\-/-/g' -e 's/"/ /g' "$1" | grep -E '^\.(B|BI|BR|IR) +(-[a-zA-Z], )? *-' | options; }

for page in "$source"/tools/*/*.1; do
  tool=$(basename "$page" .1)
  [ -x "$bin/$tool" ] || continue
  [ "$(in_help "$tool" | wc -l)" -ge 3 ] || { echo "$tool --help names hardly an option" && failures=1; }
  diff --label "$tool --help" --label "$tool.1" -u <(in_help "$tool") <(in_page "$page") || failures=1
done
[ "$failures" -eq 0 ]
