#!/usr/bin/python3
"""Does one of the three jobs of a LuxRender task inside a container: a subtask, the merging of its films, the picture.

Never tried with a real LuxRender, which was nowhere to be had: written from its sources, and run in tests with stand-ins for
luxconsole and luxmerger. Saved as /golem/work/job.py and run there by `/usr/bin/python /golem/work/job.py`. Parameters in
params.py beside it, one `name = literal` per line:

  action           "render": renders the scene into a new film; "merge": adds up films; "image": makes the picture of a film
  output_basename  results are /golem/output/<output_basename>.<extension>; without '/' and '.'

  of render and image:
  scene_file       path of the scene below /golem/resources: relative paths in the scene are relative to its directory
  scene_text       what luxconsole gets instead of that file: the scene rewritten for this job, text or bytes
  output_format    "PNG", "EXR" or "TGA"
  lux_args         list of further arguments of luxconsole, such as ["-t", "2"]

  of render:       result: <output_basename>.flm (a picture as well, which nobody needs)
  start_slot       [place, places] among the jobs that may start at the same time, such as [0, 4]: each starts in seconds of
                   its own. luxconsole takes its random numbers from the second in which it starts, and adding up films of
                   the same random numbers makes no better picture. [0, 1]: starts at once

  of merge:        result: <output_basename>.flm
  films            list of paths of films

  of image:        result: <output_basename>.<extension of output_format>
  film             path of a film

Exit codes:

  0        the result is there
  1        the scene file is missing, or luxconsole itself failed
  2        params.py is wrong
  3        a film is missing or empty
  4        luxmerger failed, or left a film out
  6        luxconsole or luxmerger said that all went well, but there is no result
  7        luxconsole or luxmerger could not be started
  128 + n  it was ended by signal n
  any other code is luxconsole's own

Python 3, standard library only. Nothing is written outside /golem/work, /golem/output and /tmp.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time

WORK_DIR = "/golem/work"
RESOURCES_DIR = "/golem/resources"
OUTPUT_DIR = "/golem/output"

EXIT_NO_SCENE = 1
EXIT_BAD_PARAMS = 2
EXIT_NO_FILM = 3
EXIT_MERGE_FAILED = 4
EXIT_NO_RESULT = 6
EXIT_NOT_STARTED = 7

EXTENSIONS = {"PNG": ".png", "EXR": ".exr", "TGA": ".tga"}

# A slot is long enough for a program to have looked at the clock before it ends, if it starts in the slot's first second.
SLOT_SECONDS = 3

# luxmerger says this of a film that it leaves out, goes on with the others, and exits with 0.
LEFT_OUT = (b"Error reading FLM file", b"Unable to open file")


class BadParams(Exception):
    pass


class Failure(Exception):
    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def say(message):
    print(message, file=sys.stderr, flush=True)


# ---- Parameters ----

def is_text(value):
    return isinstance(value, str) and bool(value)


def is_path(value):
    return is_text(value) and os.path.isabs(value)


def is_list_of(check, value):
    return isinstance(value, (list, tuple)) and all(check(item) for item in value)


def is_whole(value):
    return isinstance(value, int) and not isinstance(value, bool)


def is_slot(value):
    return is_list_of(is_whole, value) and len(value) == 2 and 0 <= value[0] < value[1] <= 1000


CHECKS = {
    "output_basename": (lambda v: is_text(v) and not set(v) & set("/.\0"), "a name without '/' and '.'"),
    "scene_file": (is_path, "an absolute path"),
    "scene_text": (lambda v: isinstance(v, (str, bytes)) and bool(v), "text or bytes that are not empty"),
    "output_format": (lambda v: is_text(v) and v in EXTENSIONS, "one of " + ", ".join(EXTENSIONS)),
    "lux_args": (lambda v: is_list_of(lambda arg: isinstance(arg, str), v), "a list of texts"),
    "start_slot": (is_slot, "[place, places], counted from 0"),
    "films": (lambda v: is_list_of(is_path, v) and bool(v), "a list of absolute paths"),
    "film": (is_path, "an absolute path"),
}

SCENE_NAMES = ("output_basename", "scene_file", "scene_text", "output_format", "lux_args")
NAMES = {
    "render": SCENE_NAMES + ("start_slot",),
    "merge": ("output_basename", "films"),
    "image": SCENE_NAMES + ("film",),
}


def read_params(module):
    """The parameters of a module as a dictionary; raises BadParams."""
    action = getattr(module, "action", None)
    if not is_text(action) or action not in NAMES:
        raise BadParams("action = %.200r: must be one of %s" % (action, ", ".join(NAMES)))
    missing = [name for name in NAMES[action] if not hasattr(module, name)]
    if missing:
        raise BadParams("it lacks " + ", ".join(missing))
    params = {name: getattr(module, name) for name in NAMES[action]}
    for name, value in params.items():
        check, meaning = CHECKS[name]
        if not check(value):
            raise BadParams("%s = %.200r: must be %s" % (name, value, meaning))
    return dict(params, action=action)


# ---- The scene ----

def link_entries(source, target, but):
    os.mkdir(target)
    for name in os.listdir(source):
        if name != but:
            os.symlink(os.path.join(source, name), os.path.join(target, name))


def lay_out_scene(params, resources_dir=RESOURCES_DIR, work_dir=WORK_DIR):
    """Writes the scene's text as a file; returns its path.

    luxconsole goes into the directory of the scene file that it is given, and relative paths in a scene start from there, those
    in included files, too. The scene's own directory is read-only, so the text cannot be written beside what it refers to; nor
    would the right working directory help, as luxconsole leaves it. So the directories from /golem/resources down to the scene
    are made anew below /golem/work/scene, with a link for each entry, and the text under the scene's name. "../maps/a.png"
    leads to the same file as from the original, and LuxRender can unpack there what a scene has embedded in it.
    """
    if not os.path.isfile(params["scene_file"]):
        raise Failure(EXIT_NO_SCENE, "the scene file %s does not exist in the container" % params["scene_file"])
    relative = os.path.relpath(params["scene_file"], resources_dir)
    parts = relative.split(os.sep)
    if parts[0] == os.pardir:
        raise Failure(EXIT_NO_SCENE, "the scene file %s is not below %s" % (params["scene_file"], resources_dir))
    source, target = resources_dir, os.path.join(work_dir, "scene")
    remove_scene(work_dir)
    for name in parts:
        link_entries(source, target, name)
        source, target = os.path.join(source, name), os.path.join(target, name)
    text = params["scene_text"]
    with open(target, "wb") as file:
        file.write(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    return target


def remove_scene(work_dir=WORK_DIR):
    shutil.rmtree(os.path.join(work_dir, "scene"), ignore_errors=True)  # follows no link


# ---- Programs ----

class Program:
    """One program at a time, with SIGTERM passed on to it."""

    def __init__(self):
        self.child = None
        # The first process of a container gets no default action for SIGTERM: without this it could only be killed.
        signal.signal(signal.SIGTERM, self.stop)

    def stop(self, *_):
        if self.child is None:
            sys.exit(128 + signal.SIGTERM)
        self.child.terminate()

    def start(self, command, **options):
        try:
            self.child = subprocess.Popen(command, env=dict(os.environ, HOME="/tmp"), **options)
        except OSError as error:
            raise Failure(EXIT_NOT_STARTED, "%s cannot be started: %s" % (command[0], error)) from None

    def wait(self):
        code = self.child.wait()
        return code if code >= 0 else 128 - code

    def run(self, command, **options):
        self.start(command, **options)
        return self.wait()

    def run_and_watch(self, command, needles):
        """Passes the program's streams on as they are; returns its exit code and whether it said one of `needles`."""
        self.start(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        found = []
        pumps = [threading.Thread(target=pump, args=(stream.fileno(), target, needles, found))
                 for stream, target in ((self.child.stdout, 1), (self.child.stderr, 2))]
        for thread in pumps:
            thread.start()
        for thread in pumps:
            thread.join()
        return self.wait(), bool(found)


def pump(source, target, needles, found):
    overlap = max(len(needle) for needle in needles) - 1
    tail = b""
    while True:
        chunk = os.read(source, 65536)
        if not chunk:
            return
        tail += chunk
        if any(needle in tail for needle in needles):
            found.append(True)
        tail = tail[-overlap:]
        while chunk:
            chunk = chunk[os.write(target, chunk):]


def output_path(params, extension, output_dir=OUTPUT_DIR):
    return os.path.join(output_dir, params["output_basename"] + extension)


def remove_old_results(params):
    """A result of an earlier run must not pass for one of this run, nor be a film to go on with."""
    for extension in (".flm", ".flm.temp", *EXTENSIONS.values()):
        path = output_path(params, extension)
        if os.path.lexists(path):
            os.remove(path)


def is_there(path):
    return os.path.isfile(path) and os.path.getsize(path) > 0


def require_films(paths, result):
    for path in paths:
        if os.path.realpath(path) == os.path.realpath(result):
            raise Failure(EXIT_BAD_PARAMS, "params.py: the film %s would be replaced by the result" % path)
        if not is_there(path):
            raise Failure(EXIT_NO_FILM, "the film %s is %s" % (path, "empty" if os.path.exists(path) else "missing"))


def require_result(program, path):
    if not is_there(path):
        raise Failure(EXIT_NO_RESULT, "%s ended with exit code 0, but the result %s is %s" %
                      (program, path, "empty" if os.path.exists(path) else "missing"))


# ---- Actions ----

def seconds_to_wait(now, place, places):
    """From `now` to the next first second of slots number place, place + places, place + 2 * places and so on."""
    if places == 1:
        return 0.0
    cycle = SLOT_SECONDS * places
    into_slot = (now - SLOT_SECONDS * place) % cycle
    return 0.0 if into_slot < 1 else cycle - into_slot


def run_luxconsole(program, params, arguments):
    scene = lay_out_scene(params)
    try:
        # The directory is for a luxconsole that would not go there by itself.
        code = program.run(["luxconsole", *params["lux_args"], *arguments, scene], cwd=os.path.dirname(scene))
    finally:
        remove_scene()
    if code != 0:
        raise Failure(code, "luxconsole ended with exit code %d" % code)


def render(program, params):
    remove_old_results(params)
    time.sleep(seconds_to_wait(time.time(), *params["start_slot"]))
    run_luxconsole(program, params, ["-o", output_path(params, "")])
    # Its exit code is 0 also for a scene that it could not read.
    require_result("luxconsole", output_path(params, ".flm"))


def merge(program, params):
    result = output_path(params, ".flm")
    require_films(params["films"], result)
    remove_old_results(params)
    code, left_out = program.run_and_watch(["luxmerger", "-o", result, *params["films"]], LEFT_OUT)
    if code > 128:
        raise Failure(code, "luxmerger ended with exit code %d" % code)
    if code != 0 or left_out:
        raise Failure(EXIT_MERGE_FAILED,
                      "luxmerger left a film out" if left_out else "luxmerger ended with exit code %d" % code)
    require_result("luxmerger", result)


def image(program, params):
    film = output_path(params, ".flm")
    require_films([params["film"]], film)
    remove_old_results(params)
    # luxconsole goes on with the film of its output name, and writes it anew at the end: so it gets a copy. No -o: it would
    # set another name after -R, and the film to go on with would be looked for under that.
    shutil.copyfile(params["film"], film)
    run_luxconsole(program, params, ["-R", film])
    require_result("luxconsole", output_path(params, EXTENSIONS[params["output_format"]]))


def main():
    sys.dont_write_bytecode = True  # no __pycache__ beside params.py
    try:
        import params as module
        params = read_params(module)
    except (BadParams, ImportError, SyntaxError) as error:
        say("params.py: %s" % error)
        return EXIT_BAD_PARAMS
    try:
        {"render": render, "merge": merge, "image": image}[params["action"]](Program(), params)
    except Failure as failure:
        say(str(failure))
        return failure.code
    return 0


if __name__ == "__main__":
    sys.exit(main())
