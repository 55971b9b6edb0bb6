#!/usr/bin/python3
"""Renders subtasks of a Blender scene, strips or whole frames, inside a container.

Saved as /golem/work/job.py and run there by `/usr/bin/python /golem/work/job.py`. What to render stands in params.py
beside it, one `name = literal` per line:

  scene_file       path of the scene in the container, such as "/golem/resources/scene.blend"
  script_src       text of the script that renders inside Blender (blendercrop.py); saved as blendercrop.py
  output_format    Blender's name of a picture format, a key of EXTENSIONS
  resolution       [width, height] of the whole frame in pixels
  subtasks         list of {number, frame, rows, columns, name, mark}, at least one: rows and columns are [first, end), rows
                   counted from the top; the result is /golem/output/<name>; mark is noted in it where its format can
  engine           render engine; None: as the scene says
  threads          number of threads; 0: Blender's choice
  adaptive         "scene": adaptive sampling as the scene has it; "off": without
  compositing      "scene": compositing as the scene has it; "off": without; "on": with

A result appears under its name when it is whole, while the others are still to come; standard output says how far it is (see
blendercrop.py).

Exit codes:

  0        every result is there
  1        the scene file is missing, or Blender itself failed
  2        params.py is wrong
  3        the script inside Blender failed
  4        the scene cannot be rendered in strips as it is
  5        this Blender does not have the render engine
  6        Blender said that all went well, but a result is missing or empty
  7        Blender could not be started
  8        some subtasks failed, the results of the others are there
  9        this Blender cannot read the scene as it was saved
  128 + n  Blender was ended by signal n
  any other code is Blender's own

Python 3, standard library only. Nothing is written outside /golem/work, /golem/output and /tmp.
"""

import json
import os
import signal
import subprocess
import sys

WORK_DIR = "/golem/work"
OUTPUT_DIR = "/golem/output"

EXIT_NO_SCENE = 1
EXIT_BAD_PARAMS = 2
EXIT_SCRIPT_FAILED = 3
EXIT_NO_RESULT = 6
EXIT_NO_BLENDER = 7

# Blender takes any other spelling for an error that it only mentions: it writes the scene's own format and exits with 0.
EXTENSIONS = {
    "PNG": ".png",
    "TGA": ".tga",
    "JPEG": ".jpg",
    "BMP": ".bmp",
    "TIFF": ".tif",
    "HDR": ".hdr",
    "OPEN_EXR": ".exr",
    "OPEN_EXR_MULTILAYER": ".exr",
}

NAMES = (
    "scene_file",
    "script_src",
    "output_format",
    "resolution",
    "subtasks",
    "engine",
    "threads",
    "adaptive",
    "compositing",
)


class BadParams(Exception):
    pass


def is_count(value, least):
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def read_params(module):
    """The parameters of a module as a dictionary; raises BadParams."""
    missing = [name for name in NAMES if not hasattr(module, name)]
    if missing:
        raise BadParams("it lacks " + ", ".join(missing))
    params = {name: getattr(module, name) for name in NAMES}
    check_params(params)
    return params


def check_params(params):
    def require(condition, name, meaning):
        if not condition:
            raise BadParams("%s = %.200r: must be %s" % (name, params[name], meaning))

    for name in ("scene_file", "script_src", "output_format"):
        require(isinstance(params[name], str) and params[name], name, "text that is not empty")
    require(os.path.isabs(params["scene_file"]), "scene_file", "an absolute path")
    require(params["output_format"] in EXTENSIONS, "output_format", "one of " + ", ".join(EXTENSIONS))
    resolution = params["resolution"]
    require(isinstance(resolution, (list, tuple)) and len(resolution) == 2 and all(is_count(n, 1) for n in resolution),
            "resolution", "[width, height] in pixels")
    subtasks = params["subtasks"]
    require(isinstance(subtasks, (list, tuple)) and subtasks and all(isinstance(one, dict) for one in subtasks), "subtasks",
            "a list of dictionaries, at least one")
    for one in subtasks:
        problem = problem_of(one, params)
        if problem:
            raise BadParams("subtasks: %.200r: %s" % (one, problem))
    require(params["engine"] is None or (isinstance(params["engine"], str) and params["engine"]), "engine",
            "the name of a render engine or None")
    require(is_count(params["threads"], 0), "threads", "a number from 0")
    require(params["adaptive"] in ("scene", "off"), "adaptive", "'scene' or 'off'")
    require(params["compositing"] in ("scene", "off", "on"), "compositing", "'scene', 'off' or 'on'")


def is_range(value, size):
    return (isinstance(value, (list, tuple)) and len(value) == 2 and all(is_count(n, 0) for n in value)
            and value[0] < value[1] <= size)


def problem_of(subtask, params):
    """What is wrong with it, or None."""
    width, height = params["resolution"]
    extension = EXTENSIONS[params["output_format"]]
    name = subtask.get("name")
    if not is_count(subtask.get("number"), 1):
        return "number must be a number from 1"
    if not is_count(subtask.get("frame"), 0):
        return "frame must be a number from 0"
    if not is_range(subtask.get("rows"), height):
        return "rows must be [first, end) within the %d rows" % height
    if not is_range(subtask.get("columns"), width):
        return "columns must be [first, end) within the %d columns" % width
    # Blender replaces '#' by digits of the frame number.
    if not isinstance(name, str) or set(name) & set("#/\0") or not name.endswith(extension) or name == extension:
        return "name must be a name without '#' and '/' that ends in " + extension
    if not isinstance(subtask.get("mark"), str):
        return "mark must be text"
    return None


def blender_settings(params, output_dir=OUTPUT_DIR):
    names = ("scene_file", "resolution", "subtasks", "engine", "adaptive", "compositing")
    settings = {name: params[name] for name in names}
    settings["format"] = params["output_format"]
    settings["output_dir"] = output_dir
    return settings


def blender_command(params, work_dir=WORK_DIR):
    """Blender works its arguments off from left to right, so their order is part of what they mean."""
    return [
        "blender",
        "-b",
        # A scene is data from a stranger: no script in it runs. Must come before the scene.
        "--disable-autoexec",
        "-t", str(params["threads"]),
        params["scene_file"],
        # Without this a script that fails leaves exit code 0 and a picture that was not cropped. Must come before -P.
        "--python-exit-code", str(EXIT_SCRIPT_FAILED),
        "-P", os.path.join(work_dir, "blendercrop.py"),
        "--", os.path.join(work_dir, "settings.json"),
    ]


def blender_environment(environment):
    """Neither a home directory nor a passwd entry is needed: the user is any number, the root file system read-only."""
    changed = {name: value for name, value in environment.items() if not name.startswith("XDG_")}
    changed["HOME"] = "/tmp"
    return changed


def run_blender(command):
    """Runs Blender with this process's own streams; returns its exit code, 128 + n for signal n."""
    children = []

    def stop(*_):
        if not children:
            sys.exit(128 + signal.SIGTERM)
        children[0].terminate()

    # The first process of a container gets no default action for SIGTERM: without this it could only be killed.
    signal.signal(signal.SIGTERM, stop)
    children.append(subprocess.Popen(command, env=blender_environment(os.environ)))
    code = children[0].wait()
    return code if code >= 0 else 128 - code


def results(params, output_dir):
    return [os.path.join(output_dir, subtask["name"]) for subtask in params["subtasks"]]


def missing_results(params, output_dir):
    problems = []
    for path in results(params, output_dir):
        if not os.path.isfile(path):
            problems.append(path + " is missing")
        elif os.path.getsize(path) == 0:
            problems.append(path + " is empty")
    return problems


def remove_old_results(params, output_dir):
    for path in results(params, output_dir):
        if os.path.lexists(path):
            os.remove(path)


def say(message):
    print(message, file=sys.stderr, flush=True)


def render(params, work_dir=WORK_DIR, output_dir=OUTPUT_DIR):
    """Returns the exit code."""
    if not os.path.isfile(params["scene_file"]):
        say("the scene file %s does not exist in the container" % params["scene_file"])
        return EXIT_NO_SCENE
    with open(os.path.join(work_dir, "blendercrop.py"), "w", encoding="utf-8") as script:
        script.write(params["script_src"])
    with open(os.path.join(work_dir, "settings.json"), "w", encoding="utf-8") as settings:
        json.dump(blender_settings(params, output_dir), settings)
    # A result of an earlier run must not pass for one of this run.
    remove_old_results(params, output_dir)
    try:
        code = run_blender(blender_command(params, work_dir))
    except OSError as error:
        say("Blender cannot be started: %s" % error)
        return EXIT_NO_BLENDER
    if code != 0:
        say("Blender ended with exit code %d" % code)
        return code
    problems = missing_results(params, output_dir)
    for problem in problems:
        say("Blender ended with exit code 0, but the result %s" % problem)
    return EXIT_NO_RESULT if problems else 0


def main():
    sys.dont_write_bytecode = True  # no __pycache__ beside params.py
    try:
        import params as module
        params = read_params(module)
    except (BadParams, ImportError, SyntaxError) as error:
        say("params.py: %s" % error)
        return EXIT_BAD_PARAMS
    return render(params)


if __name__ == "__main__":
    sys.exit(main())
