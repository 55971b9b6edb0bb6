"""Renders subtasks of a Blender scene, strips or whole frames, one after the other. Runs inside Blender:

    blender -b SCENE --python-exit-code 3 -P blendercrop.py -- SETTINGS

SETTINGS is the path of a JSON file: scene_file (as Blender must have opened it), output_dir, resolution [width, height],
format (as `blender -F` takes it), extension, engine (a name or null), adaptive and compositing ("scene", "off" or "on"), and
subtasks, a list of {number, frame, rows [first, end) counted from the top, columns [first, end), name}. A result appears as
output_dir/NAME only when it is whole. Written for Blender 2.80 to 4.x; tried with 3.4.1.

A strip must hold the pixels that the whole frame has there, bit for bit. What makes that impossible is refused here, since
nobody would see the seams before the picture is put together.

What it says of its progress stands in lines of their own on standard output, which begin with "gt-tools: ":
"gt-tools: Blender 3.4.1", "gt-tools: subtask 3 begins", "gt-tools: subtask 3 is done", "gt-tools: subtask 3 failed: REASON".
A subtask that fails leaves the others as they are.

Exit codes: 3 anything unexpected (from --python-exit-code), 4 the scene cannot be rendered in strips as it is, 5 this
Blender does not have the engine, 8 some subtasks failed, 9 this Blender cannot read the scene as it was saved.
"""

import json
import os
import re
import sys

EXIT_NOT_IN_STRIPS = 4
EXIT_NO_ENGINE = 5
EXIT_SUBTASK_FAILED = 8
EXIT_OTHER_SCENE = 9

# Nodes that pass a picture on as it is. Any other may look at neighbouring pixels, or at the whole picture.
PASSIVE_NODES = {"R_LAYERS", "COMPOSITE", "VIEWER", "REROUTE", "FRAME"}


LOSSY_CODECS = {"PXR24", "B44", "B44A", "DWAA", "DWAB"}

# Where `blender -F` has another word than the scene.
FILE_FORMATS = {"TGA": "TARGA"}


class Refused(Exception):
    def __init__(self, message, code):
        super().__init__(message)
        self.code = code


# ---- No Blender needed ----

def read_settings(argv):
    with open(argv[argv.index("--") + 1], encoding="utf-8") as file:
        return json.load(file)


def edges(first, end, size):
    """(least, most) of a border that takes the pixels [first, end) of `size`, counted as Blender does.

    Blender keeps borders as 32-bit floats and cuts border * size down to whole pixels. Half a pixel more than the edge stays
    clear of both roundings; the edge itself would come out a pixel too low for many sizes.
    """
    return ((first + 0.5) / size if first else 0.0, min(1.0, (end + 0.5) / size))


def border(rows, height):
    """(border_min_y, border_max_y) of a strip; Blender counts them from the bottom, as parts of the height."""
    first, end = rows
    return edges(height - end, height - first, height)


def is_part(subtask, settings):
    width, height = settings["resolution"]
    return list(subtask["rows"]) != [0, height] or list(subtask["columns"]) != [0, width]


def say(message):
    print("gt-tools: " + message, flush=True)


def engine_names(message):
    """The engines that Blender lists when it refuses one: enum "X" not found in ('CYCLES', ...)."""
    return re.findall(r"'([^']+)'", message.partition(" not found in ")[2])


# ---- What the scene does ----

def adaptive_sampling(scene):
    return scene.render.engine == "CYCLES" and getattr(scene.cycles, "use_adaptive_sampling", False)


def compositing(scene):
    tree = getattr(scene, "node_tree", None)
    if not (scene.render.use_compositing and scene.use_nodes and tree):
        return False
    return any(node.type not in PASSIVE_NODES for node in tree.nodes)


def sequencing(scene):
    editor = scene.sequence_editor
    return bool(scene.render.use_sequencer and editor and len(editor.sequences) > 0)


def denoising(scene):
    if scene.render.engine != "CYCLES":
        return False
    # Until 2.83 only the view layers have a switch; later the scene has one too.
    if not getattr(scene.cycles, "use_denoising", True):
        return False
    return any(layer.use and getattr(layer.cycles, "use_denoising", False) for layer in scene.view_layers)


def can_denoise(scene):
    """Whether this Blender has the denoiser that the scene would use. One that is asked for and missing is an error."""
    import _cycles
    import bpy
    # Before 2.90 the denoiser is part of Cycles itself, and until 2.93 that one (NLM) is still a choice.
    if getattr(_cycles, "with_openimagedenoise", True):
        return True
    return bpy.app.version < (3, 0, 0) and scene.cycles.denoiser == "NLM"


def strip_problems(scene):
    """Why strips of this scene would differ from the whole frame: (reason, way out) pairs.

    EEVEE's effects that look at neighbouring pixels (bloom, ambient occlusion, reflections) are not among them: Blender
    3.4.1 draws the whole frame and keeps the strip, and no pixel differs. For the same reason its strips save no time.
    """
    whole = "submit-task --strips 1"
    problems = []
    if adaptive_sampling(scene):
        problems.append(("adaptive sampling is on", "submit-task --adaptive off, or --strips 1"))
    if compositing(scene):
        problems.append(("compositing nodes are used", "submit-task --compositing off, or --strips 1"))
    if sequencing(scene):
        problems.append(("the video sequencer is used", whole))
    if denoising(scene):
        problems.append(("denoising is on", whole))
    if scene.render.use_stamp:
        problems.append(("a stamp is burnt into the picture", whole))
    return problems


# ---- Changes ----

def set_engine(scene, name):
    try:
        scene.render.engine = name
    except TypeError as error:
        known = ", ".join(engine_names(str(error))) or str(error)
        raise Refused("this Blender does not have the render engine %s; it has %s" % (name, known), EXIT_NO_ENGINE)


def set_part(render, subtask, settings):
    render.use_border = render.use_crop_to_border = is_part(subtask, settings)
    if is_part(subtask, settings):
        # What such a codec loses depends on the pixels around: parts would show where they meet. They are put together with ZIP.
        if render.image_settings.exr_codec in LOSSY_CODECS:
            render.image_settings.exr_codec = "ZIP"
        width, height = settings["resolution"]
        render.border_min_x, render.border_max_x = edges(*subtask["columns"], width)
        render.border_min_y, render.border_max_y = border(subtask["rows"], height)


def set_picture(render, settings):
    render.resolution_x, render.resolution_y = settings["resolution"]
    render.resolution_percentage = 100
    # Colour mode and depth stay as they are in the scene, where the format has them.
    render.image_settings.file_format = FILE_FORMATS.get(settings["format"], settings["format"])
    # Of PNG, in percent. Who puts the picture together packs it, and every core is needed here.
    render.image_settings.compression = 0
    # The name of the result is known beforehand only with its extension, and it must not be left out if it exists.
    render.use_file_extension = True
    render.use_overwrite = True


def set_switches(scene, settings):
    # Dithering depends on the place in the strip: up to 2/255 of difference in two thirds of all pixels.
    scene.render.dither_intensity = 0.0
    if settings["adaptive"] == "off" and hasattr(scene.cycles, "use_adaptive_sampling"):
        scene.cycles.use_adaptive_sampling = False
    if settings["compositing"] != "scene":
        scene.render.use_compositing = settings["compositing"] == "on"
    if denoising(scene) and not can_denoise(scene):
        print("note: this Blender was built without a denoiser; the picture is not denoised", file=sys.stderr)
        scene.cycles.use_denoising = False


def prepare(scene, settings):
    if settings["engine"] is not None:
        set_engine(scene, settings["engine"])
    set_picture(scene.render, settings)
    set_switches(scene, settings)
    has_parts = any(is_part(subtask, settings) for subtask in settings["subtasks"])
    problems = strip_problems(scene) if has_parts else []
    if problems:
        raise Refused("strips of this scene would differ from the whole frame: " +
                      "; ".join("%s (way out: %s)" % problem for problem in problems), EXIT_NOT_IN_STRIPS)


def require_scene(bpy, settings):
    """Blender goes on with its default cube, or with half of the scene, where it cannot read the file that it was given."""
    if os.path.realpath(bpy.data.filepath or "/") != os.path.realpath(settings["scene_file"]):
        raise Refused("Blender has not opened %s" % settings["scene_file"], EXIT_OTHER_SCENE)
    if tuple(bpy.data.version[:2]) > tuple(bpy.app.version[:2]):
        raise Refused("the scene was saved by Blender %d.%d, this is Blender %d.%d, which cannot read all of it" %
                      (tuple(bpy.data.version[:2]) + tuple(bpy.app.version[:2])), EXIT_OTHER_SCENE)


# ---- Rendering ----

def mark(render, subtask):
    """Notes in the file, where its format can, which subtask it is of: results cannot be mistaken for each other."""
    if render.use_stamp:
        return  # it would be burnt into the picture
    render.metadata_input = "SCENE"
    render.use_stamp_note = True
    render.stamp_note_text = subtask["mark"]


def keep_data(render, subtasks, index, version):
    """What Blender made of the scene is kept from one subtask to the next. It is Blender that takes note of what changes between
    frames: 3.4.1 did in everything that was tried. Before that, what was made is kept for the strips of one frame only;
    switching it off lets go of it at once."""
    if version >= (3, 4):
        render.use_persistent_data = len(subtasks) > 1
        return
    frame = subtasks[index]["frame"]
    is_first = index == 0 or subtasks[index - 1]["frame"] != frame
    is_last = index + 1 == len(subtasks) or subtasks[index + 1]["frame"] != frame
    if is_first:
        render.use_persistent_data = False
    if not (is_first and is_last):
        render.use_persistent_data = True


def render_one(bpy, scene, subtask, settings):
    render = scene.render
    if scene.frame_current != subtask["frame"]:
        scene.frame_set(subtask["frame"])
    set_part(render, subtask, settings)
    mark(render, subtask)
    result = os.path.join(settings["output_dir"], subtask["name"])
    unfinished = os.path.join(settings["output_dir"], "unfinished-" + subtask["name"])
    render.filepath = unfinished
    bpy.ops.render.render(write_still=True)
    os.rename(unfinished, result)


def render_all(bpy, scene, settings):
    """Returns the exit code."""
    subtasks = settings["subtasks"]
    code = 0
    for index, subtask in enumerate(subtasks):
        say("subtask %d begins" % subtask["number"])
        keep_data(scene.render, subtasks, index, bpy.app.version)
        try:
            render_one(bpy, scene, subtask, settings)
        except (RuntimeError, OSError) as error:
            reason = " ".join(str(error).split())
            say("subtask %d failed: %s" % (subtask["number"], reason))
            print("subtask %d: %s" % (subtask["number"], reason), file=sys.stderr, flush=True)
            code = EXIT_SUBTASK_FAILED
        else:
            say("subtask %d is done" % subtask["number"])
    return code


def main():
    import bpy
    say("Blender %s" % bpy.app.version_string)
    settings = read_settings(sys.argv)
    try:
        require_scene(bpy, settings)
        prepare(bpy.context.scene, settings)
    except Refused as refusal:
        print(refusal, file=sys.stderr, flush=True)
        sys.exit(refusal.code)
    code = render_all(bpy, bpy.context.scene, settings)
    # All results are there. What Blender still would do is give its memory back piece by piece, or crash at that.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
