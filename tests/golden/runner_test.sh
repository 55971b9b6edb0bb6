#!/bin/sh
# runner_test.sh GOLDEN_RUNNER: proves that the runner fails when it should. A test that cannot fail tests nothing.
# shellcheck disable=SC2016  # $CASE and $1 are words of the runner
set -eu

runner=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
failures=0

# The tool of these tests: does what its arguments say.
cat >"$work/bin/fake" <<'FAKE'
#!/bin/sh
for word; do
  case $word in
    say:*) echo "${word#say:}" ;;
    complain:*) echo "${word#complain:}" >&2 ;;
    write:*) echo written >"${word#write:}" ;;
    folder:*) mkdir "${word#folder:}" ;;
    remove:*) rm "${word#remove:}" ;;
    link:*) ln -sf elsewhere "${word#link:}" ;;
    cat) cat ;;
    where) pwd ;;
    exit:*) exit "${word#exit:}" ;;
  esac
done
FAKE
chmod +x "$work/bin/fake"

new_case() { # NAME CMD...
  directory=$work/fake/$1
  rm -rf "$work/fake"
  mkdir -p "$directory"
  shift
  echo "$*" >"$directory/cmd"
}

run() { GT_TOOLS_BIN=$work/bin "$runner" "$@" "$directory" >"$work/log" 2>&1; }

passes() { # WHAT
  run && return
  echo "must pass, but fails: $1" && cat "$work/log"
  failures=$((failures + 1))
}

fails() { # WHAT WORDS-OF-THE-MESSAGE
  if run; then
    echo "must fail, but passes: $1"
  elif grep -qF -- "$2" "$work/log"; then
    return
  else
    echo "must say '$2': $1" && cat "$work/log"
  fi
  failures=$((failures + 1))
}

new_case plain "say:hello complain:careful write:out"
echo hello >"$directory/stdout"
echo careful >"$directory/stderr"
fails "a file that expect/ does not have" "out was left or changed"
mkdir "$directory/expect"
echo written >"$directory/expect/out"
passes "all as expected"
echo hallo >"$directory/stdout"
fails "another stdout" "stdout differs"
echo hello >"$directory/stdout"
: >"$directory/stderr"
fails "another stderr" "stderr differs"
echo careful >"$directory/stderr"
echo other >"$directory/expect/out"
fails "a file with other contents" "the file out has other contents"
echo more >"$directory/expect/more"
fails "a file that is not written" "the file more was not written"
run --rebase || { echo "--rebase must pass" && failures=$((failures + 1)); }
passes "after --rebase"
if [ "$(cat "$directory/expect/out")" != written ] || [ -e "$directory/expect/more" ]; then
  echo "--rebase must rewrite expect/" && failures=$((failures + 1))
fi

new_case plain "exit:3"
fails "an unexpected exit code" "exit code 3, expected 0"
echo 3 >"$directory/exit"
fails "a failure that is not named bad-" "only cases named bad-"
new_case bad-plain "exit:3"
echo 3 >"$directory/exit"
passes "an expected failure"
new_case bad-plain "exit:0"
fails "a bad- case that succeeds" "only cases named bad-"

new_case plain "folder:left"
fails "a directory that is left" "left was left or changed"
new_case plain "write:in"
echo precious >"$directory/in"
fails "an input that is changed" "in was left or changed"
new_case plain "remove:in"
echo precious >"$directory/in"
fails "an input that is removed" "in was removed"
[ "$(cat "$directory/in")" = precious ] || { echo "the case itself was changed" && failures=$((failures + 1)); }
new_case plain "link:in"
echo precious >"$directory/in"
fails "an input that becomes a link" "in was left or changed"

new_case plain "NAME=VALUE fake cat where 'say:two words'"
printf 'from stdin\n' >"$directory/stdin"
printf 'from stdin\n$CASE\ntwo words\n' >"$directory/stdout"
passes "the tool's name, stdin, the scratch directory, quotes"
echo 'two (\w+) => one $1' >"$directory/filters"
fails "without the filter's text" "stdout differs"
printf 'from stdin\n$CASE\none words\n' >"$directory/stdout"
passes "a filter"

new_case plain "cat"
printf 'bytes made \x27a\\x41\\n\x27 2*xy\nhardlink made again\nsymlink made link\ndirectory folder\n' >"$directory/setup"
passes "a setup"
echo 'explode now' >"$directory/setup"
fails "a setup that is not known" "setup does not know: explode now"

rm -rf "$work/fake" && mkdir "$work/fake" && directory=$work/fake
fails "no cases at all" "usage:"
mkdir "$work/fake/empty"
fails "a case without cmd" "has no file cmd"
new_case plain "say:hello"
rm "$work/bin/fake"
fails "a tool that is not there" "cannot run"

[ "$failures" -eq 0 ] || { echo "$failures failures" && exit 1; }
echo "the golden runner fails where it must"
