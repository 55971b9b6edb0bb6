#!/usr/bin/env bash
# examples_test.sh BIN SOURCE: every example of the README, of the man pages and of --help works as it stands there, in a
# directory that has the files it names. submit-task, for which it would take an engine, is asked what it would do (--dry-run).
set -uo pipefail
bin=$(realpath "$1") source=$(realpath "$2")
export PATH=$bin:$PATH
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
export HOME=$place/home

prepare() { # the example
  rm -rf "${place:?}"/*
  mkdir -p "$HOME/golem/save/2016" "$place/work/old" "$place/work/samples" "$place/out"
  cd "$place/work" || exit 1
  cp -r "$source/samples/blocks" samples/
  local task
  for task in blendertask.gt task.gt old.gt old/task.gt downloaded.gt blocks.gt anim.gt; do cp samples/blocks/blocks.gt "$task"; done
  sed 's/$/\r/' samples/blocks/blocks.gt >from-windows.gt
  cp "$source/tests/conformance/corpus/lux_default.gt" luxtask.gt
  cp samples/blocks/blocks.json blendertask.json
  cp samples/blocks/blocks.json task.json
  cp samples/blocks/docker-blocks.json docker-blendertask.json
  sed "s#/home/ania/blocks#$place/work/samples/blocks#g; s#/home/ania/renders#$place/out#" samples/blocks/docker-blocks.json >big.json
  sed "s#$place/work/samples/blocks/#C:\\\\\\\\Users\\\\\\\\ania\\\\\\\\#g" big.json >old.json
  cp blendertask.gt "$HOME/golem/save/2016/"
  case $1 in
    *--no-clobber*) rm task.json ;;
    find*) rm from-windows.gt ;;
    *"--from modern"*) gt2json --compat modern task.gt task.json ;;
    *"migrate-tasks verify"* | *"migrate-tasks undo"*) migrate-tasks "$HOME/golem/save" --out "$HOME/golem/migrated" --quiet ;;
  esac
}

# Places of the examples that are not in the directory, an engine, and a pager.
adapted() {
  sed -e "s#/mnt/ania#$place/work/samples/blocks#; s#/mnt/migrated#$place/out#; s# | less\$##" \
    -e '/^submit-task/s#$# --dry-run#; /^submit-task old.gt/s#old.gt#old.json#' <<<"$1"
}

# An engine, or a run that exists, is needed for these.
is_left_out() { [[ $1 == *--reap* || $1 == *--run-subtask* || $1 == *"--engine podman"* || $1 == "submit-task big.json --check"* ]]; }

readme() { sed -n 's/^    //p' "$source/README.md"; }
page() { sed -n '/^\.SH EXAMPLES/,/^\.EE/p' "$source/tools/$1/$1.1" | sed -e 's/\\-/-/g' -e 's/\\e/\\/g'; }
help() { "$1" --help | sed -n '/^Examples:/,/^$/s/^  //p'; }
of_tools() { grep -E '(^|\| *)(gt2json|json2gt|blender2docker|migrate-tasks|submit-task) [^─]*$'; }

tools=(gt2json json2gt blender2docker migrate-tasks submit-task)
count=0 failures=0
while IFS= read -r example; do
  is_left_out "$example" && continue
  count=$((count + 1))
  prepare "$example"
  command=$(adapted "$example")
  output=$(bash -o pipefail -c "$command" 2>&1 >"$place/out.txt" </dev/null) && continue
  failures=$((failures + 1))
  printf 'fails: %s\n%s\n' "$example" "$output"
done < <({ readme; for tool in "${tools[@]}"; do page "$tool"; help "$tool"; done; } | of_tools | sort -u)

echo "$count examples, $failures of them fail"
[ "$failures" -eq 0 ] && [ "$count" -ge 20 ]
