#!/usr/bin/env bash
# check_layering.sh [DIRECTORY]: fails when a file includes what the dependency direction of ARCHITECTURE.md forbids.
# DIRECTORY is the root of the source tree (default: the one that this script is in).
# The table below is the authority: a folder of lib/ that is not in it fails, too, so that none is forgotten.
set -euo pipefail

root=${1:-$(cd "$(dirname "$0")/.." && pwd)}
cd "$root"

# What each module may include of lib/, besides itself.
declare -A modules=(
  [base]=""
  [log]="base"
  [blend]="base"
  [object]="base"
  [pickle]="base object"
  [json]="base object"
  [task]="base object"
  [repair]="base pickle"
  [convert]="base object pickle json repair"
  [rewrite]="base object task"
  [render]="base object task picture"
  [docker]="base object task"
  [picture]="base"
  [lux]="base"
  [run]="base object task picture blend lux render docker"
  [batch]="base object pickle json convert task rewrite render"
)

# Headers from outside that belong to some folders only. tests and bench may include all.
declare -A outside=(
  ["curl/"]="lib/docker"                                    # only docker knows HTTP
  ["nlohmann/"]="lib/docker lib/run lib/batch tools"        # task files go through our own reader and writer
  ["cereal/"]="lib/run"                                     # its readers trust sizes: never for bytes from outside
  ["png.h"]="lib/picture"
  ["jpeglib.h"]="lib/picture"
  ["Imf"]="lib/picture"
  ["zlib.h"]="lib/blend lib/repair"
  ["zstd.h"]="lib/blend"
  ["spdlog/"]="lib/log lib/docker lib/run lib/batch tools"
  ["CLI/"]="tools"
  ["doctest/"]=""
)

failures=0
report() { # FILE:LINE, message
  echo "$1: $2" >&2
  failures=$((failures + 1))
}

has_word() { [[ " $1 " == *" $2 "* ]]; }

# FILE:LINE, the including folder (lib/json, tools/gt2json), the included path
check_own() {
  local place=$1 folder=$2 path=$3
  case $path in
    lib/*/*)
      local module=${folder#lib/} target
      target=${path#lib/}
      target=${target%%/*}
      if [[ $folder == lib/* && $target != "$module" ]] && ! has_word "${modules[$module]-}" "$target"; then
        report "$place" "$folder must not include $path: it may include ${modules[$module]:-nothing} of lib/"
      fi
      ;;
    tools/*)
      if [[ $path != "$folder"/* && ! ( $path == tools/common/* && $folder == tools/* ) ]]; then
        report "$place" "$folder must not include $path: a tool is included by itself and by tests only"
      fi
      ;;
    embedded/*)
      [[ $folder == tools/* || $folder == lib/run || $folder == lib/batch ]] ||
        report "$place" "$folder must not include $path: only tools and lib/run have files in them"
      ;;
    tests/* | bench/*) report "$place" "$folder must not include $path: tests see the tools and libraries, not the other way" ;;
    *) report "$place" "$path must be written from the root of the source tree" ;;
  esac
}

check_outside() { # FILE:LINE, the including folder, the included path
  local prefix
  for prefix in "${!outside[@]}"; do
    [[ $3 == "$prefix"* ]] || continue
    has_word "${outside[$prefix]}" "$2" || has_word "${outside[$prefix]}" "${2%%/*}" ||
      report "$1" "$2 must not include <$3>: it is for ${outside[$prefix]:-tests} only"
  done
}

check_include() { # FILE:LINE:TEXT as grep prints it
  local file line text top next
  IFS=: read -r file line text <<<"$1"
  IFS=/ read -r top next _ <<<"$file"
  local folder=$top/$next
  if [[ $text =~ \"(.*)\" ]]; then
    check_own "$file:$line" "$folder" "${BASH_REMATCH[1]}"
  elif [[ $text =~ \<(.*)\> ]]; then
    check_outside "$file:$line" "$folder" "${BASH_REMATCH[1]}"
  fi
}

for folder in lib/*/; do
  module=$(basename "$folder")
  [ -n "${modules[$module]+known}" ] || report "$folder" "is not in the table of $0"
done

includes=$(grep -rnE --include='*.h' --include='*.cc' --include='*.def' '^[[:space:]]*#[[:space:]]*include' lib tools || true)
# A check that looks at nothing must not pass.
if [ -z "$includes" ]; then
  echo "$root: there is no include in lib/ and tools/" >&2
  exit 1
fi
while IFS= read -r include; do check_include "$include"; done <<<"$includes"

if [ "$failures" -gt 0 ]; then
  echo "layering: $failures violations" >&2
  exit 1
fi
echo "layering: $(wc -l <<<"$includes") includes are in order"
