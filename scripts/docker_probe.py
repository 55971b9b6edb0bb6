#!/usr/bin/python3
"""Tells which Blender an image has: /golem/output/probe.json. Saved as /golem/work/job.py and run there; takes no parameters.

{"version": [3, 4, 1], "engines": ["BLENDER_EEVEE", ...], "denoiser": false}, or {"version": null} without a Blender that
starts. Exit code 0 in both cases.
"""

import json
import os
import subprocess

OUTPUT = "/golem/output/probe.json"

# Runs inside Blender. Engines are those that the scene's own setting takes.
INSIDE = """
import bpy, json
try:
    bpy.context.scene.render.engine = "NO_SUCH_ENGINE"
except TypeError as error:
    import re
    engines = re.findall(r"'([^']+)'", str(error).partition(" not found in ")[2])
try:
    import _cycles
    denoiser = bool(getattr(_cycles, "with_openimagedenoise", True))
except ImportError:
    denoiser = False
with open(%r, "w") as file:
    json.dump({"version": list(bpy.app.version), "engines": engines, "denoiser": denoiser}, file)
"""


def main():
    unfinished = OUTPUT + ".unfinished"
    command = ["blender", "-b", "--factory-startup", "--python-expr", INSIDE % unfinished]
    try:
        subprocess.run(command, env=dict(os.environ, HOME="/tmp"), check=False)
    except OSError as error:
        print("Blender cannot be started: %s" % error)
    if not os.path.exists(unfinished):
        with open(unfinished, "w") as file:
            json.dump({"version": None}, file)
    os.rename(unfinished, OUTPUT)


if __name__ == "__main__":
    main()
