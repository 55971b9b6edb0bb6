"""Makes scenes of every kind with Blender, opens each again, and writes down what Blender itself says of it. Runs inside Blender:

    blender -b --factory-startup -P blend_scenes.py -- make DIRECTORY COUNT    scene-NNN.blend and scene-NNN.truth
    blender -b --factory-startup -P blend_scenes.py -- truth SCENE TRUTH ...   of files that are there

The lines are those of tests/unit/blend/listing.h.
"""

import os
import random
import struct
import sys
import traceback
import wave
import zlib

import bpy

PASSIVE_NODES = {"R_LAYERS", "COMPOSITE", "VIEWER", "REROUTE", "FRAME"}
EXTERNAL_NODES = {"TEX_IES": "IES file", "SCRIPT": "OSL script"}


# ---- What Blender says ----

def compositing(scene):
    if not (scene.render.use_compositing and scene.use_nodes and scene.node_tree):
        return False
    return any(node.type not in PASSIVE_NODES for node in scene.node_tree.nodes)


def denoising(scene):
    return scene.cycles.use_denoising and any(layer.use and layer.cycles.use_denoising for layer in scene.view_layers)


def scene_lines(scene):
    render, image = scene.render, scene.render.image_settings
    editor = scene.sequence_editor
    camera = scene.camera is not None or any(marker.camera for marker in scene.timeline_markers)
    values = {
        "engine": render.engine,
        "frames": "%d %d %d" % (scene.frame_start, scene.frame_end, scene.frame_current),
        "resolution": "%d %d %d" % (render.resolution_x, render.resolution_y, render.resolution_percentage),
        "camera": int(camera),
        "image": "%s %s %s %d" % (image.file_format, image.color_depth, image.color_mode, image.quality),
        "compositing": int(compositing(scene)),
        "sequencer": int(bool(render.use_sequencer and editor and len(editor.sequences) > 0)),
        "stamp": int(render.use_stamp),
        "adaptive": int(scene.cycles.use_adaptive_sampling),
        "denoising": int(denoising(scene)),
        "samples": scene.cycles.samples,
    }
    return ["scene %s %s %s" % (scene.name, key, value) for key, value in values.items()]


def file_line(kind, name, path, extent="one", packed=False):
    return "file %s | %s | %s | %s | %s" % (kind, name, path, extent, "packed" if packed else "outside")


def image_lines():
    for image in bpy.data.images:
        if image.library or not image.filepath or image.source in ("GENERATED", "VIEWER"):
            continue
        extent = {"SEQUENCE": "sequence", "TILED": "tiles"}.get(image.source, "one")
        yield file_line("movie" if image.source == "MOVIE" else "image", image.name, image.filepath, extent,
                        len(image.packed_files) > 0)


def data_lines():
    for library in bpy.data.libraries:
        if library.parent is None:
            yield file_line("linked library", library.name, library.filepath, packed=library.packed_file is not None)
    for sound in bpy.data.sounds:
        yield file_line("sound", sound.name, sound.filepath, packed=sound.packed_file is not None)
    for font in bpy.data.fonts:
        if font.filepath != "<builtin>":
            yield file_line("font", font.name, font.filepath, packed=font.packed_file is not None)
    for clip in bpy.data.movieclips:
        yield file_line("movie clip", clip.name, clip.filepath, "sequence" if clip.source == "SEQUENCE" else "one")
    for volume in bpy.data.volumes:
        yield file_line("volume", volume.name, volume.filepath, "sequence" if volume.is_sequence else "one",
                        volume.packed_file is not None)
    for cache in bpy.data.cache_files:
        yield file_line("cache", cache.name, cache.filepath, "sequence" if cache.is_sequence else "one")


def node_lines():
    owners = list(bpy.data.materials) + list(bpy.data.lights) + list(bpy.data.worlds)
    trees = [owner.node_tree for owner in owners if owner.node_tree and not owner.library] + list(bpy.data.node_groups)
    for tree in trees:
        for node in tree.nodes:
            if node.type in EXTERNAL_NODES and node.mode == "EXTERNAL" and node.filepath:
                yield file_line(EXTERNAL_NODES[node.type], "", node.filepath)
    for thing in bpy.data.objects:
        for modifier in thing.modifiers:
            if modifier.type == "MESH_CACHE" and modifier.filepath and not thing.library:
                yield file_line("mesh cache", "", modifier.filepath)


def strip_lines(scene):
    for strip in scene.sequence_editor.sequences_all if scene.sequence_editor else []:
        if strip.type == "MOVIE":
            yield file_line("movie", strip.name, strip.filepath)
        elif strip.type == "IMAGE":
            extent = "sequence" if len(strip.elements) > 1 else "one"
            yield file_line("image", strip.name, os.path.join(strip.directory, strip.elements[0].filename), extent)


def truth():
    lines = ["version %d.%d" % (bpy.data.version[0] * 100 + bpy.data.version[1], bpy.data.version[2]),
             "active " + bpy.context.scene.name]
    for scene in bpy.data.scenes:
        if not scene.library:
            lines += scene_lines(scene)
            lines += strip_lines(scene)
    lines += list(image_lines()) + list(data_lines()) + list(node_lines())
    return sorted(lines, key=lambda line: line.encode())


def write_truth(blend, target):
    bpy.ops.wm.open_mainfile(filepath=blend)
    with open(target, "w", encoding="utf-8") as out:
        out.write("\n".join(truth()) + "\n")


# ---- Files that scenes name ----

def png(path):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    with open(path, "wb") as out:
        out.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0)) +
                  chunk(b"IDAT", zlib.compress(b"\0" + b"\x40" * 6 + b"\0" + b"\x80" * 6)) + chunk(b"IEND", b""))


def make_library(path, inner):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    with bpy.data.libraries.load(inner, link=True, relative=True) as (source, target):
        target.materials = source.materials
    mesh = bpy.data.meshes.new("LinkedMesh")
    mesh.materials.append(bpy.data.materials["Inner"])
    thing = bpy.data.objects.new("LinkedThing", mesh)
    camera = bpy.data.objects.new("LinkedCamera", bpy.data.cameras.new("LinkedCamera"))
    for made in (thing, camera):
        bpy.context.scene.collection.objects.link(made)
    bpy.ops.wm.save_as_mainfile(filepath=path)


def make_files(directory):
    at = lambda name: os.path.join(directory, name)
    for name in ("wood.png", "zażółć.png", "frame_001.png", "frame_002.png", "tile.1001.png"):
        png(at(name))
    with wave.open(at("tone.wav"), "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", ""))
        out.writeframes(b"\0\0" * 800)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    material = bpy.data.materials.new("Inner")
    material.use_fake_user = True
    bpy.ops.wm.save_as_mainfile(filepath=at("inner.blend"))
    for name in ("library.blend", "bibliothèque.blend"):
        make_library(at(name), at("inner.blend"))


# ---- Scenes ----

class Maker:
    """One scene file, from the numbers of `chance`."""

    def __init__(self, directory, chance):
        self.directory, self.chance = directory, chance

    def maybe(self, part=0.5):
        return self.chance.random() < part

    def at(self, name):
        return os.path.join(self.directory, name)

    def output(self, scene):
        image, pick = scene.render.image_settings, self.chance.choice
        image.file_format = pick([item.identifier for item in image.bl_rna.properties["file_format"].enum_items])
        for attribute in ("color_mode", "color_depth"):
            for value in self.chance.sample(["BW", "RGB", "RGBA"] if attribute == "color_mode" else ["8", "10", "12", "16", "32"], 3):
                try:
                    setattr(image, attribute, value)
                    break
                except TypeError:
                    pass
        image.quality = self.chance.randint(0, 100)

    def settings(self, scene):
        render, pick = scene.render, self.chance.choice
        render.engine = pick(["CYCLES", "CYCLES", "BLENDER_EEVEE", "BLENDER_WORKBENCH"])
        scene.frame_start, scene.frame_end = self.chance.randint(0, 50), self.chance.randint(50, 1048574)
        scene.frame_set(self.chance.randint(-10, 100))
        render.resolution_x, render.resolution_y = self.chance.randint(4, 65536), self.chance.randint(4, 65536)
        render.resolution_percentage = self.chance.randint(1, 32767)
        render.use_stamp, render.use_compositing, render.use_sequencer = self.maybe(), self.maybe(0.8), self.maybe(0.8)
        self.output(scene)

    def cycles(self, scene):
        for name in ("use_adaptive_sampling", "use_denoising"):
            if self.maybe(0.7):
                setattr(scene.cycles, name, self.maybe())
        if self.maybe(0.7):
            scene.cycles.samples = self.chance.randint(1, 1 << 24)
        if self.maybe(0.3):
            scene["cycles_note"] = {"samples": 7, "cycles": {"use_denoising": False}}  # a user's own, which must not count
        for i in range(self.chance.randint(0, 2)):
            scene.view_layers.new("Layer %d" % i)
        for layer in scene.view_layers:
            layer.use = self.maybe(0.7)
            if self.maybe(0.7):
                layer.cycles.use_denoising = self.maybe()
            if self.maybe(0.3):
                layer["note"] = 1.5

    def camera(self, scene):
        way = self.chance.choice(["none", "own", "own", "marker", "linked"])
        if way in ("own", "marker"):
            camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
            scene.collection.objects.link(camera)
            if way == "own":
                scene.camera = camera
            else:
                scene.timeline_markers.new("plain", frame=1)
                scene.timeline_markers.new("switch", frame=2).camera = camera
        elif way == "linked":
            with bpy.data.libraries.load(self.at("library.blend"), link=True, relative=self.maybe()) as (source, target):
                target.objects = ["LinkedCamera"]
            scene.collection.objects.link(target.objects[0])
            scene.camera = target.objects[0]

    def nodes(self, scene):
        if self.maybe(0.4):
            return
        scene.use_nodes = True
        nodes = scene.node_tree.nodes
        for kind in self.chance.sample(["CompositorNodeViewer", "NodeReroute", "NodeFrame", "CompositorNodeComposite"], 2):
            nodes.new(kind)
        if self.maybe():
            nodes.new(self.chance.choice(["CompositorNodeBlur", "CompositorNodeGlare", "CompositorNodeImage", "CompositorNodeMixRGB",
                                          "CompositorNodeOutputFile"]))
        scene.use_nodes = self.maybe(0.8)

    def strips(self, scene):
        if self.maybe(0.6):
            return
        strips = scene.sequence_editor_create().sequences
        for i in range(self.chance.randint(0, 3)):
            kind = self.chance.choice(["color", "image", "images", "sound", "meta"])
            name = "Strip %s %d" % (kind, i)
            if kind == "color":
                strips.new_effect(name, "COLOR", channel=i + 1, frame_start=1, frame_end=20)
            elif kind in ("image", "images"):
                path = bpy.path.relpath(self.at("frame_001.png"), start=self.directory) if self.maybe() else self.at("frame_001.png")
                strip = strips.new_image(name, path, channel=i + 1, frame_start=1)
                if kind == "images":
                    strip.elements.append("frame_002.png")
            elif kind == "sound":
                strips.new_sound(name, self.at("tone.wav"), channel=i + 1, frame_start=1)
            else:
                meta = strips.new_meta(name, channel=i + 1, frame_start=1)
                meta.sequences.new_image(name + " inside", self.at("wood.png"), channel=1, frame_start=1)

    def images(self):
        for i in range(self.chance.randint(0, 4)):
            kind = self.chance.choice(["one", "packed", "SEQUENCE", "MOVIE", "TILED", "generated", "missing", "backslash"])
            if kind == "generated":
                image = bpy.data.images.new("made %d" % i, 4, 4)
                if self.maybe():
                    image.pack()
            elif kind in ("missing", "backslash"):
                image = bpy.data.images.new("made %d" % i, 4, 4)
                image.source = "FILE"
                image.filepath = "//textures\\deep\\gone.png" if kind == "backslash" else "//../gone/%s.png" % ("x" * self.chance.randint(1, 200))
            else:
                name = {"SEQUENCE": "frame_001.png", "TILED": "tile.1001.png"}.get(kind) or self.chance.choice(["wood.png", "zażółć.png"])
                image = bpy.data.images.load(self.at(name))
                if kind == "packed":
                    image.pack()
                if self.maybe():
                    image.filepath = "//" + name
                if kind not in ("one", "packed"):
                    image.source = kind
                    if kind == "TILED":
                        image.filepath = "//tile.<UDIM>.png"
            image.use_fake_user = True

    def others(self, scene):
        if self.maybe(0.3):
            sound = bpy.data.sounds.load(self.at("tone.wav"))
            sound.use_fake_user = True
            if self.maybe():
                sound.pack()
        if self.maybe(0.3):
            volume = bpy.data.volumes.new("Smoke")
            volume.filepath, volume.is_sequence, volume.use_fake_user = "//smoke_0001.vdb", self.maybe(), True
        if self.maybe(0.3):
            clip = bpy.data.movieclips.load(self.at(self.chance.choice(["wood.png", "frame_001.png"])))
            clip.use_fake_user = True
        if self.maybe(0.3):
            mesh = bpy.data.objects.new("Cached", bpy.data.meshes.new("Cached"))
            scene.collection.objects.link(mesh)
            mesh.modifiers.new("Cache", "MESH_CACHE").filepath = self.chance.choice(["", "//cached.mdd"])
        if self.maybe(0.3):
            light = bpy.data.lights.new("Light", "POINT")
            light.use_nodes, light.use_fake_user = True, True
            node = light.node_tree.nodes.new("ShaderNodeTexIES")
            node.mode = self.chance.choice(["INTERNAL", "EXTERNAL"])
            node.filepath = "//lamp.ies"
            script = light.node_tree.nodes.new("ShaderNodeScript")
            script.mode, script.filepath = "EXTERNAL", "//shader.osl"

    def libraries(self, scene):
        if self.maybe(0.6):
            return
        name = self.chance.choice(["library.blend", "bibliothèque.blend"])
        with bpy.data.libraries.load(self.at(name), link=True, relative=self.maybe()) as (_, target):
            target.objects = ["LinkedThing"]
        scene.collection.objects.link(target.objects[0])
        if self.maybe(0.4):
            try:
                bpy.ops.file.pack_libraries()
            except RuntimeError:
                pass  # Blender packs none whose path is absolute

    def one_scene(self, scene):
        self.settings(scene)
        self.cycles(scene)
        self.camera(scene)
        self.nodes(scene)
        self.strips(scene)

    def make(self, path):
        bpy.ops.wm.read_factory_settings(use_empty=self.maybe(0.8))
        scenes = [bpy.context.scene] + [bpy.data.scenes.new("Scene żółty %d" % i) for i in range(self.chance.choice([0, 0, 0, 1, 3]))]
        for scene in scenes:
            self.one_scene(scene)
        self.images()
        self.others(scenes[0])
        self.libraries(scenes[-1])
        bpy.context.window.scene = self.chance.choice(scenes)
        bpy.ops.wm.save_as_mainfile(filepath=path, compress=self.maybe(), relative_remap=False)


def make_all(directory, count):
    make_files(directory)
    for number in range(count):
        path = os.path.join(directory, "scene-%03d.blend" % number)
        Maker(directory, random.Random(number)).make(path)
        write_truth(path, path[:-len("blend")] + "truth")


def main():
    arguments = sys.argv[sys.argv.index("--") + 1:]
    if arguments[0] == "make":
        make_all(arguments[1], int(arguments[2]))
    else:
        for blend, target in zip(arguments[1::2], arguments[2::2]):
            write_truth(blend, target)


# Without this Blender ends with exit code 0 whatever the script did.
try:
    main()
except BaseException:
    traceback.print_exc()
    sys.stderr.flush()
    os._exit(1)
