#!/usr/bin/python3
"""Renders a LuxRender scene inside a container: one run of luxconsole.

Never tried with a real LuxRender, which was nowhere to be had; tests run it with a stand-in luxconsole. So it does little and
assumes one thing only, that `luxconsole ARGUMENTS -o BASE SCENE` writes BASE with an extension.

Saved as /golem/work/job.py and run there by `/usr/bin/python /golem/work/job.py`. Parameters in params.py beside it, one
`name = literal` per line:

  scene_file       path of the .lxs file in the container, such as "/golem/resources/scene.lxs"
  output_basename  results are /golem/output/<output_basename>.<extension>; without '/'
  lux_args         list of further arguments of luxconsole, such as ["-t", "2"]

Exit codes: 0 a result is there; 1 the scene file is missing; 2 params.py is wrong; 6 luxconsole said that all went well, but
there is no result; 7 luxconsole could not be started; 128 + n it was ended by signal n; any other is luxconsole's own.
"""

import os
import signal
import subprocess
import sys

OUTPUT_DIR = "/golem/output"

EXIT_NO_SCENE = 1
EXIT_BAD_PARAMS = 2
EXIT_NO_RESULT = 6
EXIT_NO_LUXCONSOLE = 7


def say(message):
    print(message, file=sys.stderr, flush=True)


def problem_of(params):
    """What is wrong with the parameters, or None."""
    for name in ("scene_file", "output_basename", "lux_args"):
        if name not in params:
            return "it lacks " + name
    if not isinstance(params["scene_file"], str) or not os.path.isabs(params["scene_file"]):
        return "scene_file must be an absolute path"
    base = params["output_basename"]
    if not isinstance(base, str) or not base or "/" in base:
        return "output_basename must be a name without '/'"
    args = params["lux_args"]
    if not isinstance(args, (list, tuple)) or not all(isinstance(arg, str) for arg in args):
        return "lux_args must be a list of texts"
    return None


def luxconsole_command(params, output_dir=OUTPUT_DIR):
    return ["luxconsole", *params["lux_args"], "-o", os.path.join(output_dir, params["output_basename"]), params["scene_file"]]


def results(params, output_dir=OUTPUT_DIR):
    paths = [os.path.join(output_dir, name) for name in os.listdir(output_dir)
             if name.startswith(params["output_basename"] + ".")]
    return sorted(path for path in paths if os.path.isfile(path) and os.path.getsize(path) > 0)


def run(command):
    children = []

    def stop(*_):
        if not children:
            sys.exit(128 + signal.SIGTERM)
        children[0].terminate()

    # The first process of a container gets no default action for SIGTERM: without this it could only be killed.
    signal.signal(signal.SIGTERM, stop)
    children.append(subprocess.Popen(command, env=dict(os.environ, HOME="/tmp")))
    code = children[0].wait()
    return code if code >= 0 else 128 - code


def render(params, output_dir=OUTPUT_DIR):
    """Returns the exit code."""
    if not os.path.isfile(params["scene_file"]):
        say("the scene file %s does not exist in the container" % params["scene_file"])
        return EXIT_NO_SCENE
    # A result of an earlier run must not pass for one of this run.
    for path in results(params, output_dir):
        os.remove(path)
    try:
        code = run(luxconsole_command(params, output_dir))
    except OSError as error:
        say("luxconsole cannot be started: %s" % error)
        return EXIT_NO_LUXCONSOLE
    if code != 0:
        say("luxconsole ended with exit code %d" % code)
        return code
    if not results(params, output_dir):
        say("luxconsole ended with exit code 0, but there is no %s.* in %s" % (params["output_basename"], output_dir))
        return EXIT_NO_RESULT
    return 0


def main():
    sys.dont_write_bytecode = True  # no __pycache__ beside params.py
    try:
        import params as module
    except (ImportError, SyntaxError) as error:
        say("params.py: %s" % error)
        return EXIT_BAD_PARAMS
    params = vars(module)
    problem = problem_of(params)
    if problem:
        say("params.py: " + problem)
        return EXIT_BAD_PARAMS
    return render(params)


if __name__ == "__main__":
    sys.exit(main())
