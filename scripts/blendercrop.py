"""Sets a Blender scene up for rendering whole or as one strip of rows. Runs inside Blender, before `-f` renders.

    blender -b SCENE --python-exit-code 3 -P blendercrop.py ... -f FRAMES -- SETTINGS

SETTINGS is JSON: resolution [width, height], rows [first, end) counted from the top, engine (a name or null), adaptive and
compositing ("scene" or "off"). Written for Blender 2.80 to 4.x; tried with 3.4.1.

A strip must hold the pixels that the whole frame has there, bit for bit. What makes that impossible is refused here, since
nobody would see the seams before the picture is put together.

Exit codes: 3 anything unexpected (from --python-exit-code), 4 the scene cannot be rendered in strips as it is, 5 this
Blender does not have the engine.
"""

import json
import re
import sys

EXIT_NOT_IN_STRIPS = 4
EXIT_NO_ENGINE = 5

# Nodes that pass a picture on as it is. Any other may look at neighbouring pixels, or at the whole picture.
PASSIVE_NODES = {"R_LAYERS", "COMPOSITE", "VIEWER", "REROUTE", "FRAME"}


class Refused(Exception):
    def __init__(self, message, code):
        super().__init__(message)
        self.code = code


# ---- No Blender needed ----

def read_settings(argv):
    return json.loads(argv[argv.index("--") + 1])


def border(rows, height):
    """(border_min_y, border_max_y) of a strip; Blender counts them from the bottom, as parts of the height.

    Blender keeps borders as 32-bit floats and cuts border * height down to whole rows. Half a row more than the edge stays
    clear of both roundings; the edge itself would come out a row too low for many heights.
    """
    first, end = rows
    bottom, top = height - end, height - first
    return ((bottom + 0.5) / height if bottom else 0.0, min(1.0, (top + 0.5) / height))


def is_strip(settings):
    return list(settings["rows"]) != [0, settings["resolution"][1]]


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


def set_frame(render, settings):
    render.resolution_x, render.resolution_y = settings["resolution"]
    render.resolution_percentage = 100
    render.use_border = render.use_crop_to_border = is_strip(settings)
    if is_strip(settings):
        render.border_min_x, render.border_max_x = 0.0, 1.0
        render.border_min_y, render.border_max_y = border(settings["rows"], settings["resolution"][1])


def set_switches(scene, settings):
    # Dithering depends on the place in the strip: up to 2/255 of difference in two thirds of all pixels.
    scene.render.dither_intensity = 0.0
    # The name of the result is known beforehand only with its extension, and it must not be left out if it exists.
    scene.render.use_file_extension = True
    scene.render.use_overwrite = True
    if settings["adaptive"] == "off" and hasattr(scene.cycles, "use_adaptive_sampling"):
        scene.cycles.use_adaptive_sampling = False
    if settings["compositing"] == "off":
        scene.render.use_compositing = False
    if denoising(scene) and not can_denoise(scene):
        print("note: this Blender was built without a denoiser; the picture is not denoised", file=sys.stderr)
        scene.cycles.use_denoising = False


def prepare(scene, settings):
    if settings["engine"] is not None:
        set_engine(scene, settings["engine"])
    set_frame(scene.render, settings)
    set_switches(scene, settings)
    problems = strip_problems(scene) if is_strip(settings) else []
    if problems:
        raise Refused("strips of this scene would differ from the whole frame: " +
                      "; ".join("%s (way out: %s)" % problem for problem in problems), EXIT_NOT_IN_STRIPS)


def main():
    import bpy
    try:
        prepare(bpy.context.scene, read_settings(sys.argv))
    except Refused as refusal:
        print(refusal, file=sys.stderr, flush=True)
        sys.exit(refusal.code)


if __name__ == "__main__":
    main()
