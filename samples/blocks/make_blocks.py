"""Makes blocks.blend, a small Cycles scene:

    blender -b --factory-startup --python make_blocks.py -- OUT.blend

Coloured blocks, one of metal, one of glass, on a round table under a soft light; the camera goes a little around them in
24 frames. Sampling is fixed (32 samples, seed 0, neither adaptive sampling nor denoising), so that strips of a frame are the
frame.
"""

import math
import sys

import bpy
from mathutils import Vector

FRAMES = 24


def material(name, color, **values):
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    shader = made.node_tree.nodes["Principled BSDF"]
    shader.inputs["Base Color"].default_value = (*color, 1.0)
    for socket, value in values.items():
        shader.inputs[socket.replace("_", " ")].default_value = value
    return made


def block(name, place, size, turn, look):
    """A box with rounded edges that stands on the table: place (x, y), size (x, y, z), turn in degrees."""
    bpy.ops.mesh.primitive_cube_add(size=1.0, location=(place[0], place[1], size[2] / 2))
    made = bpy.context.object
    made.name = name
    made.scale = size
    made.rotation_euler.z = math.radians(turn)
    bpy.ops.object.transform_apply(location=False, rotation=False, scale=True)
    bevel = made.modifiers.new("edges", "BEVEL")
    bevel.width = 0.045
    bevel.segments = 3
    bpy.ops.object.shade_smooth()
    made.data.use_auto_smooth = True
    made.data.materials.append(look)
    return made


def add_blocks():
    matt = {"Roughness": 0.45}
    red = material("red", (0.62, 0.045, 0.03), **matt)
    yellow = material("yellow", (0.80, 0.42, 0.03), **matt)
    blue = material("blue", (0.025, 0.11, 0.42), **matt)
    green = material("green", (0.05, 0.27, 0.10), **matt)
    white = material("white", (0.78, 0.75, 0.70), **matt)
    metal = material("metal", (0.85, 0.62, 0.38), Metallic=1.0, Roughness=0.22)
    glass = material("glass", (0.86, 0.97, 0.95), Transmission=1.0, Roughness=0.0, IOR=1.45)
    block("tower", (-0.35, 0.75), (0.9, 0.9, 2.3), 18, blue)
    block("slab", (-1.75, 0.25), (1.3, 0.8, 0.7), -24, red)
    top = block("on the slab", (-1.72, 0.25), (0.62, 0.62, 0.62), 12, yellow)
    top.location.z += 0.7
    block("mirror", (1.15, 0.55), (0.95, 0.95, 1.55), -32, metal)
    block("cube of glass", (0.35, -0.75), (0.85, 0.85, 0.85), 28, glass)
    block("low", (2.25, -0.45), (0.95, 0.6, 0.45), 40, green)
    block("small", (-0.85, -0.95), (0.45, 0.45, 0.45), -15, white)
    block("tiny", (1.25, -1.25), (0.28, 0.28, 0.28), 20, red)


def add_table():
    bpy.ops.mesh.primitive_cylinder_add(vertices=128, radius=4.3, depth=0.3, location=(0, 0, -0.15))
    table = bpy.context.object
    table.name = "table"
    edge = table.modifiers.new("edge", "BEVEL")
    edge.width = 0.06
    edge.segments = 3
    table.data.materials.append(material("table", (0.50, 0.43, 0.36), Roughness=0.55))
    bpy.ops.mesh.primitive_plane_add(size=120, location=(0, 0, -1.6))
    floor = bpy.context.object
    floor.name = "floor"
    floor.data.materials.append(material("floor", (0.16, 0.19, 0.23), Roughness=0.9))


def aim(thing, target):
    thing.rotation_euler = (Vector(target) - thing.location).to_track_quat("-Z", "Y").to_euler()


def area_light(name, place, target, size, power, color):
    data = bpy.data.lights.new(name, "AREA")
    data.shape = "DISK"
    data.size, data.energy, data.color = size, power, color
    light = bpy.data.objects.new(name, data)
    light.location = place
    bpy.context.collection.objects.link(light)
    aim(light, target)


def add_light():
    area_light("key", (-4.5, -3.5, 6.5), (0, 0, 0.4), 2.6, 1300, (1.0, 0.93, 0.82))
    area_light("rim", (5.0, 5.0, 4.5), (0, 0, 0.8), 2.5, 480, (0.72, 0.84, 1.0))
    world = bpy.data.worlds.new("sky")
    world.use_nodes = True
    background = world.node_tree.nodes["Background"]
    background.inputs["Color"].default_value = (0.34, 0.43, 0.55, 1.0)
    background.inputs["Strength"].default_value = 0.45
    bpy.context.scene.world = world


def add_camera():
    """The camera hangs on a turntable: 30 degrees in FRAMES frames."""
    table = bpy.data.objects.new("turntable", None)
    bpy.context.collection.objects.link(table)
    data = bpy.data.cameras.new("camera")
    data.lens = 46
    camera = bpy.data.objects.new("camera", data)
    camera.location = (1.7, -9.0, 4.3)
    aim(camera, (0.2, 0, 0.83))
    camera.parent = table
    bpy.context.collection.objects.link(camera)
    bpy.context.scene.camera = camera
    for frame, degrees in ((1, 0), (FRAMES, 30)):
        table.rotation_euler.z = math.radians(degrees)
        table.keyframe_insert("rotation_euler", index=2, frame=frame)
    for curve in table.animation_data.action.fcurves:
        for key in curve.keyframe_points:
            key.interpolation = "LINEAR"


def set_render():
    scene = bpy.context.scene
    scene.frame_start, scene.frame_end = 1, FRAMES
    render = scene.render
    render.engine = "CYCLES"
    render.resolution_x, render.resolution_y, render.resolution_percentage = 480, 270, 100
    render.image_settings.file_format = "PNG"
    render.image_settings.color_mode = "RGBA"
    scene.cycles.samples = 32
    scene.cycles.seed = 0
    scene.cycles.use_adaptive_sampling = False
    scene.cycles.use_denoising = False
    # Few samples must do: without the bright specks that light through glass and off metal makes.
    scene.cycles.max_bounces = 8
    scene.cycles.caustics_reflective = False
    scene.cycles.caustics_refractive = False
    scene.cycles.blur_glossy = 1.0
    scene.cycles.sample_clamp_indirect = 2.0
    scene.view_settings.look = "Medium High Contrast"


def main():
    out = sys.argv[sys.argv.index("--") + 1]
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    add_table()
    add_blocks()
    add_light()
    add_camera()
    set_render()
    bpy.ops.wm.save_as_mainfile(filepath=out, compress=True)


if __name__ == "__main__":
    main()
