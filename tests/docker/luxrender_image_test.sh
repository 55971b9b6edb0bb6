#!/usr/bin/env bash
# Builds Dockerfile.luxrender with a stand-in archive, under a name of its own, and runs docker_luxtask.py in the image.
# The stand-in's luxconsole and luxmerger are shell scripts that say what they are: nothing here shows that a real LuxRender
# works. Exit code 77: skipped, as no engine answers or there is no golem/base.
set -euo pipefail

project=$(cd "$(dirname "$0")/../.." && pwd)
image="gt-tools-test/luxrender:$$"
# Below the project, not in /tmp: an engine may have a /tmp of its own, and bind mounts need a path that it sees, too.
scratch=$(mktemp -d "$project/build-luxrender-test.XXXXXX")
server=
leftovers=  # what the classic builder keeps of a build that failed

clean() {
  if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; fi
  # shellcheck disable=SC2086  # a list
  docker image rm --force "$image" $leftovers >/dev/null 2>&1 || true
  rm -rf "$scratch"
}
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

skip() { echo "skipped: $*"; exit 77; }
fail() { echo "FAILED: $*" >&2; exit 1; }

command -v docker >/dev/null || skip "there is no docker command"
docker version >/dev/null 2>&1 || skip "no Docker engine answers"
docker image inspect golem/base >/dev/null 2>&1 || skip "there is no image golem/base (./dev images makes it)"

make_archive() {
  local top="$scratch/lux-stand-in"
  mkdir -p "$top"
  cat >"$top/luxconsole" <<'STAND_IN'
#!/bin/sh
# Not LuxRender. Writes the file that `-o BASE` names.
echo "stand-in for luxconsole: $*"
while [ "$1" != "-o" ]; do shift; done
echo "made by a stand-in for luxconsole" >"$2.flm"
STAND_IN
  printf '#!/bin/sh\necho "stand-in for luxmerger"\n' >"$top/luxmerger"
  chmod 755 "$top/luxconsole" "$top/luxmerger"
  mkdir "$scratch/www"
  tar -C "$scratch" -cjf "$scratch/www/lux.tar.bz2" lux-stand-in
}

# Serves the archive on a free port of this machine; the build runs in the host's network, so it needs no route to it.
serve() {
  python3 -u - "$scratch/www" >"$scratch/port" 2>"$scratch/server.log" <<'SERVER' &
import functools, http.server, sys
handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=sys.argv[1])
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
print(server.server_address[1], flush=True)
server.serve_forever()
SERVER
  server=$!
  for _ in $(seq 100); do
    [ -s "$scratch/port" ] && return
    sleep 0.1
  done
  fail "the web server did not start: $(cat "$scratch/server.log")"
}

build() { # further arguments of docker build
  docker build --network host --force-rm -t "$image" -f "$project/scripts/Dockerfile.luxrender" "$@" "$project" \
    >"$scratch/build.log" 2>&1
}

# The last image that a failed build made, never the one that it began with.
last_layer() {
  sed -n 's/^ ---> \([0-9a-f]\{12\}\)$/\1/p' "$scratch/build.log" | tail -n +2 | tail -n 1
}

expect_refusal() { # the text that the log must have, arguments of docker build
  local text=$1
  shift
  if build "$@"; then fail "the build succeeded although: $text"; fi
  leftovers+=" $(last_layer)"
  grep -qF -- "$text" "$scratch/build.log" || fail "the log lacks '$text': $(tail -n 15 "$scratch/build.log")"
}

# Runs docker_luxtask.py as submit-task does, without network, rights and a writable root file system.
run_task() { # content of params.py
  rm -rf "$scratch/work" "$scratch/resources" "$scratch/output"
  mkdir "$scratch/work" "$scratch/resources" "$scratch/output"
  echo "Film" >"$scratch/resources/scene.lxs"
  cp "$project/scripts/docker_luxtask.py" "$scratch/work/job.py"
  printf '%s\n' "$1" >"$scratch/work/params.py"
  docker run --rm --user "$(id -u):$(id -g)" --read-only --cap-drop ALL --security-opt no-new-privileges --network none \
    --tmpfs /tmp -v "$scratch/work:/golem/work" -v "$scratch/resources:/golem/resources:ro" \
    -v "$scratch/output:/golem/output" -w /golem/work "$image" /golem/work/job.py >"$scratch/run.log" 2>&1
}

make_archive
serve
url="http://127.0.0.1:$(cat "$scratch/port")/lux.tar.bz2"
sum=$(sha256sum "$scratch/www/lux.tar.bz2" | cut -c 1-64)
wrong=$(printf '0%.0s' $(seq 64))

expect_refusal "golem/luxrender needs a LuxRender archive"
expect_refusal "golem/luxrender needs a LuxRender archive" --build-arg "LUXRENDER_URL=$url"
expect_refusal "the archive is $sum, LUXRENDER_SHA256 is $wrong" \
  --build-arg "LUXRENDER_URL=$url" --build-arg "LUXRENDER_SHA256=$wrong"

build --build-arg "LUXRENDER_URL=$url" --build-arg "LUXRENDER_SHA256=$sum" || fail "build: $(tail -n 15 "$scratch/build.log")"
[ "$(docker run --rm --network none --entrypoint luxmerger "$image")" = "stand-in for luxmerger" ] ||
  fail "luxmerger is not on PATH"

parameters='action = "render"
scene_file = "/golem/resources/scene.lxs"
scene_text = "Film"
output_basename = "part"
output_format = "PNG"
lux_args = ["-t", "2"]
start_slot = [0, 1]'
run_task "$parameters" || fail "the task ended with $?: $(cat "$scratch/run.log")"
grep -qxF "stand-in for luxconsole: -t 2 -o /golem/output/part /golem/work/scene/scene.lxs" "$scratch/run.log" ||
  fail "luxconsole was called otherwise: $(cat "$scratch/run.log")"
[ -s "$scratch/output/part.flm" ] || fail "there is no part.flm"
[ "$(ls "$scratch/work")" = "$(printf 'job.py\nparams.py')" ] || fail "the work directory has more in it: $(ls "$scratch/work")"

code=0
run_task "${parameters/scene.lxs/other.lxs}" || code=$?
[ "$code" = 1 ] || fail "a missing scene gave exit code $code, not 1"
grep -qF "/golem/resources/other.lxs does not exist" "$scratch/run.log" || fail "the message does not name the scene"

echo "passed: built and run with a stand-in archive"
