#!/usr/bin/python3
"""Renders the frames, or one strip of rows, of a Blender scene inside a container.

Saved as /golem/work/job.py and run there by `/usr/bin/python /golem/work/job.py`. What to render stands in params.py
beside it, one `name = literal` per line:

  scene_file       path of the scene in the container, such as "/golem/resources/scene.blend"
  script_src       text of the script that sets the crop inside Blender (blendercrop.py); saved as blendercrop.py
  output_basename  results are /golem/output/<output_basename><frame, 4 digits>.<extension>; without '#' and '/'
  output_format    Blender's name of a picture format, a key of EXTENSIONS
  frames           list of frame numbers
  resolution       [width, height] of the whole frame in pixels
  rows             [first, end): rows of the frame, counted from the top; [0, height] is the whole frame
  engine           render engine; None: as the scene says
  threads          number of threads; 0: Blender's choice
  adaptive         "scene": adaptive sampling as the scene has it; "off": without
  compositing      "scene": compositing as the scene has it; "off": without

Exit codes:

  0        every result is there
  1        the scene file is missing, or Blender itself failed
  2        params.py is wrong
  3        the script inside Blender failed
  4        the scene cannot be rendered in strips as it is
  5        this Blender does not have the render engine
  6        Blender said that all went well, but a result is missing or empty
  7        Blender could not be started
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
    "output_basename",
    "output_format",
    "frames",
    "resolution",
    "rows",
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

    for name in ("scene_file", "script_src", "output_basename", "output_format"):
        require(isinstance(params[name], str) and params[name], name, "text that is not empty")
    require(os.path.isabs(params["scene_file"]), "scene_file", "an absolute path")
    # Blender replaces '#' by digits of the frame number.
    require(not set(params["output_basename"]) & set("#/\0"), "output_basename", "a name without '#' and '/'")
    require(params["output_format"] in EXTENSIONS, "output_format", "one of " + ", ".join(EXTENSIONS))
    frames = params["frames"]
    # Blender reads a negative number as a distance from the scene's last frame.
    require(isinstance(frames, (list, tuple)) and frames and all(is_count(f, 0) for f in frames), "frames",
            "a list of frame numbers from 0")
    resolution = params["resolution"]
    require(isinstance(resolution, (list, tuple)) and len(resolution) == 2 and all(is_count(n, 1) for n in resolution),
            "resolution", "[width, height] in pixels")
    rows = params["rows"]
    require(isinstance(rows, (list, tuple)) and len(rows) == 2 and all(is_count(n, 0) for n in rows)
            and rows[0] < rows[1] <= resolution[1], "rows", "[first, end) within the %d rows" % resolution[1])
    require(params["engine"] is None or (isinstance(params["engine"], str) and params["engine"]), "engine",
            "the name of a render engine or None")
    require(is_count(params["threads"], 0), "threads", "a number from 0")
    for name in ("adaptive", "compositing"):
        require(params[name] in ("scene", "off"), name, "'scene' or 'off'")


def frame_list(frames):
    """Frames as Blender's -f takes them: runs of consecutive ones as first..last, since a list can be long."""
    runs = []
    for frame in frames:
        if runs and frame == runs[-1][1] + 1:
            runs[-1][1] = frame
        else:
            runs.append([frame, frame])
    return ",".join(str(a) if a == b else "%d..%d" % (a, b) for a, b in runs)


def output_name(params, frame):
    return "%s%04d%s" % (params["output_basename"], frame, EXTENSIONS[params["output_format"]])


def blender_command(params, work_dir=WORK_DIR, output_dir=OUTPUT_DIR):
    """Blender works its arguments off from left to right, so their order is part of what they mean."""
    settings = {name: params[name] for name in ("resolution", "rows", "engine", "adaptive", "compositing")}
    return [
        "blender",
        "-b",
        # A scene is data from a stranger: no script in it runs. Must come before the scene.
        "--disable-autoexec",
        params["scene_file"],
        # Without this a script that fails leaves exit code 0 and a picture that was not cropped. Must come before -P.
        "--python-exit-code", str(EXIT_SCRIPT_FAILED),
        "-P", os.path.join(work_dir, "blendercrop.py"),
        "-o", os.path.join(output_dir, params["output_basename"]),
        "-F", params["output_format"],
        "-t", str(params["threads"]),
        # Renders at once: everything before it is settings.
        "-f", frame_list(params["frames"]),
        "--", json.dumps(settings),
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


def missing_results(params, output_dir):
    problems = []
    for frame in params["frames"]:
        path = os.path.join(output_dir, output_name(params, frame))
        if not os.path.isfile(path):
            problems.append(path + " is missing")
        elif os.path.getsize(path) == 0:
            problems.append(path + " is empty")
    return problems


def remove_old_results(params, output_dir):
    for frame in params["frames"]:
        path = os.path.join(output_dir, output_name(params, frame))
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
    # A result of an earlier run must not pass for one of this run.
    remove_old_results(params, output_dir)
    try:
        code = run_blender(blender_command(params, work_dir, output_dir))
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
