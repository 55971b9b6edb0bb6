#!/usr/bin/env python3
"""Tests of the scripts that run inside containers, without Blender and without a container:

    python3 tests/scripts/test_container_scripts.py
"""

import contextlib
import importlib.util
import io
import json
import os
import signal
import struct
import subprocess
import sys
import tempfile
import textwrap
import types
import unittest

SCRIPTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts")

sys.dont_write_bytecode = True


def load(name):
    spec = importlib.util.spec_from_file_location(name, os.path.join(SCRIPTS, name + ".py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


crop = load("blendercrop")
task = load("docker_blendertask")
lux = load("docker_luxtask")


def write(path, text, mode=0o644):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


# ---- Borders ----

def float32(value):
    return struct.unpack("f", struct.pack("f", value))[0]


def rendered_rows(border, height):
    """What Blender makes of a border: 32-bit floats, multiplied by the height, cut down. (bottom, top) from below."""
    return tuple(int(float32(float32(edge) * float32(height))) for edge in border)


def strips(height, count):
    """Rows of each strip: the taller ones first."""
    base, taller = divmod(height, count)
    first = 0
    for number in range(count):
        end = first + base + (number < taller)
        yield first, end
        first = end


class Borders(unittest.TestCase):
    # Heights and counts that were measured with Blender, in which plain n/count borders give other heights for some.
    MEASURED = [(97, 10), (100, 7), (240, 4), (241, 4), (240, 7), (600, 6), (600, 7), (601, 13), (768, 11), (1080, 17),
                (1080, 12), (480, 9), (480, 20), (2160, 32), (333, 9), (270, 6)]

    def check(self, height, count):
        for first, end in strips(height, count):
            got = rendered_rows(crop.border((first, end), height), height)
            case = "height %d, %d strips, rows %d-%d" % (height, count, first, end)
            self.assertEqual(got, (height - end, height - first), case)

    def test_measured_heights_come_out_exact(self):
        for height, count in self.MEASURED:
            self.check(height, count)

    def test_every_count_of_common_heights_comes_out_exact(self):
        for height in (1, 2, 3, 97, 270, 1080):
            for count in range(1, min(height, 120) + 1):
                self.check(height, count)

    def test_single_rows_of_the_largest_frame_come_out_exact(self):
        for first in (0, 1, 2, 32767, 32768, 65534, 65535):
            got = rendered_rows(crop.border((first, first + 1), 65536), 65536)
            self.assertEqual(got, (65535 - first, 65536 - first))

    def test_97_rows_in_10_strips(self):
        heights = [top - bottom for bottom, top in
                   (rendered_rows(crop.border(rows, 97), 97) for rows in strips(97, 10))]
        self.assertEqual(heights, [10] * 7 + [9] * 3)

    def test_plain_borders_would_not_do(self):
        """Keeps the emulation honest: these heights, from top to bottom, are what Blender 3.4.1 was seen to make of n/7."""
        edges = [rendered_rows((0, number / 7), 240)[1] for number in range(8)]
        heights = [upper - lower for lower, upper in zip(edges, edges[1:])]
        self.assertEqual(heights[::-1], [35, 34, 34, 35, 34, 34, 34])

    def test_first_strip_is_the_top_of_the_picture(self):
        self.assertEqual(crop.border((0, 60), 240), (180.5 / 240, 1.0))
        self.assertEqual(crop.border((180, 240), 240), (0.0, 60.5 / 240))


# ---- A scene as the crop script sees it ----

def make_scene(**changes):
    """A Cycles scene with nothing that stands in the way of strips; changes: path with '__' for '.' = value."""
    layer = types.SimpleNamespace(use=True, cycles=types.SimpleNamespace(use_denoising=True))
    scene = types.SimpleNamespace(
        render=types.SimpleNamespace(engine="CYCLES", use_compositing=True, use_sequencer=True, use_stamp=False,
                                     dither_intensity=1.0, use_file_extension=False, use_overwrite=False,
                                     image_settings=types.SimpleNamespace(file_format="TIFF", exr_codec="DWAA"),
                                     metadata_input="STRIPS",
                                     use_stamp_note=False, stamp_note_text="", use_persistent_data=False, filepath=""),
        frame_current=1,
        cycles=types.SimpleNamespace(use_adaptive_sampling=False, use_denoising=False),
        view_layers=[layer], use_nodes=False, node_tree=None, sequence_editor=None)
    for path, value in changes.items():
        *owners, name = path.split("__")
        owner = scene
        for part in owners:
            owner = getattr(owner, part)
        setattr(owner, name, value)
    return scene


def nodes(*kinds):
    return types.SimpleNamespace(nodes=[types.SimpleNamespace(type=kind) for kind in kinds])


def subtask(number=1, rows=(0, 60), columns=(0, 320), frame=1):
    return {"number": number, "frame": frame, "rows": list(rows), "columns": list(columns), "name": "%05d.png" % number,
            "mark": "mark %d" % number}


STRIP = {"scene_file": "/scene.blend", "output_dir": "/golem/output", "resolution": [320, 240], "format": "PNG", "engine": None,
         "adaptive": "scene", "compositing": "scene", "subtasks": [subtask()]}
WHOLE = dict(STRIP, subtasks=[subtask(rows=(0, 240))])


@contextlib.contextmanager
def blender_with(denoiser, version=(3, 4, 1)):
    """Stands for the modules that only Blender has."""
    fakes = {"_cycles": types.SimpleNamespace(with_openimagedenoise=denoiser),
             "bpy": types.SimpleNamespace(app=types.SimpleNamespace(version=version))}
    sys.modules.update(fakes)
    try:
        yield
    finally:
        for name in fakes:
            del sys.modules[name]


class CropScript(unittest.TestCase):
    def refusal(self, scene, settings=STRIP):
        with self.assertRaises(crop.Refused) as caught:
            crop.prepare(scene, settings)
        return caught.exception

    def test_a_picture_is_set_up(self):
        scene = make_scene()
        crop.prepare(scene, STRIP)
        render = scene.render
        self.assertEqual((render.resolution_x, render.resolution_y, render.resolution_percentage), (320, 240, 100))
        self.assertEqual(render.image_settings.file_format, "PNG")
        self.assertEqual(render.dither_intensity, 0.0)
        self.assertTrue(render.use_file_extension and render.use_overwrite)
        crop.prepare(scene, dict(STRIP, format="TGA"))
        self.assertEqual(render.image_settings.file_format, "TARGA")

    def test_a_strip_is_cropped(self):
        render = make_scene().render
        crop.set_part(render, subtask(), STRIP)
        self.assertTrue(render.use_border and render.use_crop_to_border)
        self.assertEqual((render.border_min_x, render.border_max_x), (0.5 / 320 * 0, 1.0))
        self.assertEqual((render.border_min_y, render.border_max_y), (180.5 / 240, 1.0))

    def test_a_box_is_cropped_on_all_sides(self):
        render = make_scene().render
        crop.set_part(render, subtask(rows=(60, 70), columns=(20, 30)), STRIP)
        self.assertEqual((render.border_min_x, render.border_max_x), (20.5 / 320, 30.5 / 320))
        self.assertEqual((render.border_min_y, render.border_max_y), (170.5 / 240, 180.5 / 240))

    def test_a_part_loses_nothing_to_its_codec_and_a_whole_frame_keeps_that_of_the_scene(self):
        for codec, of_parts in (("DWAA", "ZIP"), ("B44", "ZIP"), ("PIZ", "PIZ"), ("NONE", "NONE")):
            render = make_scene(render__image_settings__exr_codec=codec).render
            crop.set_part(render, WHOLE["subtasks"][0], WHOLE)
            self.assertEqual(render.image_settings.exr_codec, codec)
            crop.set_part(render, subtask(), STRIP)
            self.assertEqual(render.image_settings.exr_codec, of_parts)

    def test_a_whole_frame_has_no_border(self):
        render = make_scene(render__use_border=True, render__use_crop_to_border=True).render
        crop.set_part(render, WHOLE["subtasks"][0], WHOLE)
        self.assertFalse(render.use_border or render.use_crop_to_border)

    def test_compositing_can_be_switched_on(self):
        scene = make_scene(render__use_compositing=False)
        crop.prepare(scene, dict(WHOLE, compositing="on"))
        self.assertTrue(scene.render.use_compositing)

    def test_a_scene_that_blender_did_not_open_is_refused(self):
        for path, version, text in [("", (2, 79, 0), "Blender has not opened /scene.blend"),
                                    ("/other.blend", (2, 79, 0), "Blender has not opened /scene.blend"),
                                    ("/scene.blend", (3, 5, 0), "the scene was saved by Blender 3.5, this is Blender 3.4"),
                                    ("/scene.blend", (5, 0, 0), "the scene was saved by Blender 5.0, this is Blender 3.4")]:
            bpy = types.SimpleNamespace(data=types.SimpleNamespace(filepath=path, version=version),
                                        app=types.SimpleNamespace(version=(3, 4, 1)))
            with self.subTest(text):
                with self.assertRaises(crop.Refused) as caught:
                    crop.require_scene(bpy, STRIP)
                self.assertTrue(str(caught.exception).startswith(text), str(caught.exception))
                self.assertEqual(caught.exception.code, 9)
        bpy.data = types.SimpleNamespace(filepath="/scene.blend", version=(3, 4, 9))
        crop.require_scene(bpy, STRIP)

    def test_what_would_show_seams_is_refused(self):
        for changes, reason, way_out in [
            ({"cycles__use_adaptive_sampling": True}, "adaptive sampling is on", "--adaptive off, or --strips 1"),
            ({"use_nodes": True, "node_tree": nodes("R_LAYERS", "BLUR", "COMPOSITE")}, "compositing nodes are used",
             "--compositing off, or --strips 1"),
            ({"sequence_editor": types.SimpleNamespace(sequences=[1])}, "the video sequencer is used",
             "submit-task --strips 1"),
            ({"render__use_stamp": True}, "a stamp is burnt into the picture", "submit-task --strips 1"),
        ]:
            with self.subTest(reason):
                refusal = self.refusal(make_scene(**changes))
                self.assertEqual(refusal.code, 4)
                self.assertIn(reason, str(refusal))
                self.assertIn(way_out, str(refusal))
                crop.prepare(make_scene(**changes), WHOLE)  # a whole frame has no seams

    def test_all_reasons_are_named_at_once(self):
        message = str(self.refusal(make_scene(cycles__use_adaptive_sampling=True, render__use_stamp=True)))
        self.assertIn("adaptive sampling is on", message)
        self.assertIn("a stamp is burnt", message)

    def test_switches_take_reasons_away(self):
        scene = make_scene(cycles__use_adaptive_sampling=True, use_nodes=True, node_tree=nodes("GLARE"))
        crop.prepare(scene, dict(STRIP, adaptive="off", compositing="off"))
        self.assertFalse(scene.cycles.use_adaptive_sampling)
        self.assertFalse(scene.render.use_compositing)

    def test_what_is_not_used_is_no_reason(self):
        for changes in [
            {"use_nodes": True, "node_tree": nodes("R_LAYERS", "COMPOSITE", "VIEWER")},
            {"use_nodes": True, "node_tree": nodes("BLUR"), "render__use_compositing": False},
            {"use_nodes": False, "node_tree": nodes("BLUR")},
            {"sequence_editor": types.SimpleNamespace(sequences=[])},
            {"sequence_editor": types.SimpleNamespace(sequences=[1]), "render__use_sequencer": False},
            {"render__engine": "BLENDER_WORKBENCH", "cycles__use_adaptive_sampling": True, "cycles__use_denoising": True},
        ]:
            with self.subTest(str(changes)):
                crop.prepare(make_scene(**changes), STRIP)

    def test_denoising_is_switched_off_where_it_cannot_be(self):
        for settings in (STRIP, WHOLE):
            scene = make_scene(cycles__use_denoising=True)
            with blender_with(denoiser=False), contextlib.redirect_stderr(io.StringIO()) as said:
                crop.prepare(scene, settings)
            self.assertFalse(scene.cycles.use_denoising)
            self.assertIn("not denoised", said.getvalue())

    def test_denoising_that_would_run_is_refused_in_strips_only(self):
        with blender_with(denoiser=True):
            self.assertIn("denoising is on", str(self.refusal(make_scene(cycles__use_denoising=True))))
            scene = make_scene(cycles__use_denoising=True)
            crop.prepare(scene, WHOLE)
        self.assertTrue(scene.cycles.use_denoising)

    def test_blender_2_80_has_the_switch_in_its_view_layers_only(self):
        scene = make_scene()
        del scene.cycles.use_denoising
        del scene.cycles.use_adaptive_sampling
        with blender_with(denoiser=False, version=(2, 80, 0)):
            del sys.modules["_cycles"].with_openimagedenoise
            self.assertIn("denoising is on", str(self.refusal(scene)))
            scene.view_layers[0].cycles.use_denoising = False
            crop.prepare(scene, dict(STRIP, adaptive="off"))

    def test_blender_2_93_denoises_by_itself(self):
        with blender_with(denoiser=False, version=(2, 93, 0)):
            self.refusal(make_scene(cycles__use_denoising=True, cycles__denoiser="NLM"))

    def test_an_engine_that_is_missing_is_named_with_those_that_are_there(self):
        class Render(types.SimpleNamespace):
            def __setattr__(self, name, value):
                if name == "engine" and value == "BLENDER_RENDER":
                    raise TypeError('bpy_struct: item.attr = val: enum "BLENDER_RENDER" not found in '
                                    "('BLENDER_EEVEE', 'BLENDER_WORKBENCH', 'CYCLES')")
                super().__setattr__(name, value)

        scene = make_scene(render=Render())
        refusal = self.refusal(scene, dict(STRIP, engine="BLENDER_RENDER"))
        self.assertEqual(refusal.code, 5)
        self.assertEqual(str(refusal), "this Blender does not have the render engine BLENDER_RENDER; "
                                       "it has BLENDER_EEVEE, BLENDER_WORKBENCH, CYCLES")

    def test_settings_come_after_the_dashes(self):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(STRIP, file)
            file.flush()
            self.assertEqual(crop.read_settings(["blender", "-b", "--", file.name]), STRIP)


class Rendering(unittest.TestCase):
    """The loop over subtasks, with a Blender that writes what it was told."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.output = holder.name
        self.scene = make_scene()
        self.scene.frame_set = lambda frame: setattr(self.scene, "frame_current", frame)
        self.seen = []
        self.bpy = types.SimpleNamespace(ops=types.SimpleNamespace(render=types.SimpleNamespace(render=self.render)),
                                         app=types.SimpleNamespace(version=(3, 4, 1)))

    def render(self, write_still):
        render = self.scene.render
        self.seen.append((self.scene.frame_current, render.use_persistent_data, render.stamp_note_text))
        self.assertTrue(write_still)
        self.assertFalse(os.path.exists(render.filepath.replace("unfinished-", "")), "a result appears when it is whole")
        if render.stamp_note_text == "mark 2" and self.scene.frame_current == 7:
            raise RuntimeError("Error: No camera\n found")
        write(render.filepath, "picture")

    def run_all(self, subtasks):
        settings = dict(STRIP, output_dir=self.output, subtasks=subtasks)
        with contextlib.redirect_stdout(io.StringIO()) as said, contextlib.redirect_stderr(io.StringIO()):
            code = crop.render_all(self.bpy, self.scene, settings)
        return code, said.getvalue().splitlines()

    def test_frames_share_what_was_loaded(self):
        self.run_all([subtask(1, (0, 240)), subtask(2, (0, 240), frame=2), subtask(3, (0, 240), frame=3)])
        self.assertEqual([is_kept for _, is_kept, _ in self.seen], [True, True, True])

    def test_nothing_is_kept_of_a_single_subtask(self):
        self.scene.render.use_persistent_data = True  # of the scene
        self.run_all([subtask(1, (0, 240))])
        self.assertEqual([is_kept for _, is_kept, _ in self.seen], [False])

    def test_only_strips_of_one_frame_share_what_an_old_blender_loaded(self):
        self.bpy.app.version = (2, 93, 5)
        code, said = self.run_all([subtask(1, (0, 60)), subtask(2, (60, 240)), subtask(3, (0, 240), frame=2)])
        self.assertEqual(code, 0)
        self.assertEqual(self.seen, [(1, True, "mark 1"), (1, True, "mark 2"), (2, False, "mark 3")])
        self.assertEqual(sorted(os.listdir(self.output)), ["00001.png", "00002.png", "00003.png"])
        self.assertEqual(said[:2], ["gt-tools: subtask 1 begins", "gt-tools: subtask 1 is done"])

    def test_one_that_fails_leaves_the_others(self):
        code, said = self.run_all([subtask(1, frame=6), subtask(2, frame=7), subtask(3, frame=8)])
        self.assertEqual(code, 8)
        self.assertIn("gt-tools: subtask 2 failed: Error: No camera found", said)
        self.assertEqual(sorted(os.listdir(self.output)), ["00001.png", "00003.png"])

    def test_no_mark_where_it_would_be_burnt_in(self):
        self.scene.render.use_stamp = True
        self.run_all([subtask(1, (0, 240))])
        self.assertEqual(self.seen, [(1, False, "")])


# ---- The script around Blender ----

PARAMS = {"scene_file": "/golem/resources/scene.blend", "script_src": "# crop\n", "output_format": "PNG",
          "resolution": [320, 240], "subtasks": [subtask()], "engine": "CYCLES", "threads": 2, "adaptive": "scene",
          "compositing": "off"}


class BlenderCommand(unittest.TestCase):
    def test_order_and_content(self):
        self.assertEqual(task.blender_command(PARAMS), [
            "blender", "-b", "--disable-autoexec", "-t", "2", "/golem/resources/scene.blend", "--python-exit-code", "3",
            "-P", "/golem/work/blendercrop.py", "--", "/golem/work/settings.json"])

    def test_settings(self):
        self.assertEqual(task.blender_settings(PARAMS), {
            "scene_file": "/golem/resources/scene.blend", "resolution": [320, 240], "subtasks": [subtask()], "engine": "CYCLES",
            "adaptive": "scene", "compositing": "off", "format": "PNG", "output_dir": "/golem/output"})

    def test_home_is_no_matter(self):
        got = task.blender_environment({"HOME": "/nowhere", "XDG_CACHE_HOME": "/nowhere", "PATH": "/usr/bin"})
        self.assertEqual(got, {"HOME": "/tmp", "PATH": "/usr/bin"})


class Params(unittest.TestCase):
    def test_good_ones_are_taken(self):
        self.assertEqual(task.read_params(types.SimpleNamespace(**PARAMS, more=1)), PARAMS)
        task.check_params(dict(PARAMS, engine=None, threads=0, compositing="on",
                               subtasks=[subtask(rows=(239, 240), columns=(319, 320), frame=0)]))

    def test_wrong_ones_are_named(self):
        for name, value in [("scene_file", "scene.blend"), ("scene_file", ""), ("output_format", "png"),
                            ("output_format", "JPG"), ("resolution", [320]), ("resolution", [0, 240]),
                            ("resolution", [True, 240]), ("subtasks", []), ("subtasks", [1]), ("subtasks", 1), ("engine", ""),
                            ("engine", 5), ("threads", -1), ("adaptive", None), ("adaptive", "on"), ("compositing", "yes")]:
            with self.subTest("%s = %r" % (name, value)):
                with self.assertRaisesRegex(task.BadParams, "^" + name):
                    task.check_params(dict(PARAMS, **{name: value}))

    def test_wrong_subtasks_are_named(self):
        for name, value, text in [("number", 0, "number must"), ("frame", -1, "frame must"), ("frame", 1.0, "frame must"),
                                  ("rows", [0, 241], "rows must"), ("rows", [60, 60], "rows must"),
                                  ("rows", [-1, 60], "rows must"), ("columns", [0, 321], "columns must"),
                                  ("name", "../a.png", "name must"), ("name", "a#.png", "name must"),
                                  ("name", ".png", "name must"), ("name", "a.exr", "name must"), ("mark", None, "mark must")]:
            with self.subTest("%s = %r" % (name, value)):
                with self.assertRaisesRegex(task.BadParams, "^subtasks: .*" + text):
                    task.check_params(dict(PARAMS, subtasks=[subtask(), dict(subtask(2), **{name: value})]))

    def test_missing_ones_are_named(self):
        some = {name: value for name, value in PARAMS.items() if name not in ("subtasks", "engine")}
        with self.assertRaisesRegex(task.BadParams, "it lacks subtasks, engine"):
            task.read_params(types.SimpleNamespace(**some))


class InDirectory(unittest.TestCase):
    """Runs a whole script in a directory that stands for the container's, with a shell script as the renderer."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.root = holder.name
        for name in ("work", "output", "resources", "bin"):
            os.mkdir(os.path.join(self.root, name))
        self.scene = self.path("scene")
        write(self.scene, "a scene")

    def path(self, *parts):
        return os.path.join(self.root, *parts)

    def renderer(self, name, text):
        write(self.path("bin", name), "#!/bin/sh\n" + textwrap.dedent(text), 0o755)

    def run_script(self, script, params, path=None):
        """Everything but the three directories is as in a container."""
        source = read(os.path.join(SCRIPTS, script))
        for kind in ("work", "output", "resources"):
            source = source.replace('"/golem/%s"' % kind, repr(self.path(kind)))
        write(self.path("work", "job.py"), source)
        write(self.path("work", "params.py"), "".join("%s = %r\n" % pair for pair in params.items()))
        environment = {"PATH": self.path("bin") + ":/usr/bin:/bin" if path is None else path}
        return subprocess.run([sys.executable, self.path("work", "job.py")], cwd=self.path("work"), env=environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)


class BlenderTask(InDirectory):
    def render(self, blender, **changes):
        self.renderer("blender", blender)
        return self.run_script("docker_blendertask.py", dict(PARAMS, scene_file=self.scene, **changes))

    def test_all_is_well(self):
        done = self.render("""
            echo "$HOME $*"; echo to-stderr >&2
            echo picture >"%s"; echo picture >"%s"
            """ % (self.path("output", "00001.png"), self.path("output", "00003.png")),
                           subtasks=[subtask(1), subtask(3)], script_src="# zażółć\n")
        self.assertEqual((done.returncode, done.stderr), (0, "to-stderr\n"))
        self.assertIn("/tmp -b --disable-autoexec -t 2 " + self.scene, done.stdout)
        self.assertEqual(sorted(os.listdir(self.path("work"))), ["blendercrop.py", "job.py", "params.py", "settings.json"])
        self.assertEqual(read(self.path("work", "blendercrop.py")), "# zażółć\n")

    def test_missing_scene(self):
        self.renderer("blender", "exit 9")
        done = self.run_script("docker_blendertask.py", dict(PARAMS, scene_file="/nowhere/a.blend"))
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr, "the scene file /nowhere/a.blend does not exist in the container\n")

    def test_exit_code_of_blender_is_kept(self):
        for text, code in [("exit 3", 3), ("exit 1", 1), ("kill -SEGV $$", 128 + signal.SIGSEGV), ("kill -KILL $$", 137)]:
            done = self.render(text)
            self.assertEqual((done.returncode, done.stderr), (code, "Blender ended with exit code %d\n" % code))

    def test_results_are_looked_at_though_blender_says_it_is_well(self):
        done = self.render("exit 0")
        self.assertEqual(done.returncode, 6)
        self.assertIn("00001.png is missing", done.stderr)
        done = self.render(': >"%s"' % self.path("output", "00001.png"))
        self.assertEqual(done.returncode, 6)
        self.assertIn("00001.png is empty", done.stderr)

    def test_an_old_result_does_not_pass_for_a_new_one(self):
        write(self.path("output", "00001.png"), "old")
        self.assertEqual(self.render("exit 0").returncode, 6)

    def test_no_blender(self):
        done = self.run_script("docker_blendertask.py", dict(PARAMS, scene_file=self.scene), path=self.path("bin"))
        self.assertEqual(done.returncode, 7)
        self.assertIn("Blender cannot be started", done.stderr)

    def test_wrong_params(self):
        done = self.render("exit 0", output_format="png")
        self.assertEqual(done.returncode, 2)
        self.assertTrue(done.stderr.startswith("params.py: output_format = 'png': must be one of PNG, "), done.stderr)

    def test_sigterm_reaches_blender(self):
        self.renderer("blender", "echo ready; exec sleep 60")
        self.run_script("docker_blendertask.py", dict(PARAMS, threads=-1))  # writes the files
        write(self.path("work", "params.py"), "".join("%s = %r\n" % p for p in dict(PARAMS, scene_file=self.scene).items()))
        with subprocess.Popen([sys.executable, self.path("work", "job.py")], env={"PATH": self.path("bin") + ":/usr/bin:/bin"},
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
            child.stdout.readline()
            child.terminate()
            self.assertEqual(child.wait(timeout=30), 128 + signal.SIGTERM)


class LuxParams(unittest.TestCase):
    RENDER = {"action": "render", "output_basename": "part0001", "scene_file": "/golem/resources/a.lxs", "scene_text": "Film",
              "output_format": "PNG", "lux_args": [], "start_slot": [0, 1]}
    MERGE = {"action": "merge", "output_basename": "merged", "films": ["/golem/resources/a.flm"]}

    def read(self, params):
        return lux.read_params(types.SimpleNamespace(**params))

    def test_good_ones_are_taken(self):
        self.assertEqual(self.read(dict(self.RENDER, more=1)), self.RENDER)
        self.assertEqual(self.read(self.MERGE), self.MERGE)
        self.read(dict(self.RENDER, scene_text=b"Film \xff", start_slot=(999, 1000), lux_args=("-t", "2")))
        self.read(dict(self.RENDER, action="image", film="/golem/resources/merged.flm"))

    def test_wrong_ones_are_named(self):
        for name, value in [("action", "paint"), ("action", None), ("action", ["render"]), ("output_basename", ""),
                            ("output_basename", "a/b"), ("output_basename", "a.b"), ("output_basename", 5),
                            ("scene_file", "a.lxs"), ("scene_text", ""), ("scene_text", None), ("output_format", "png"),
                            ("output_format", "JPEG"), ("lux_args", "-t 2"), ("lux_args", [2]), ("start_slot", [1, 1]),
                            ("start_slot", [-1, 2]), ("start_slot", [0]), ("start_slot", [0, 1001]), ("start_slot", 0),
                            ("start_slot", [False, 1])]:
            with self.subTest("%s = %r" % (name, value)):
                with self.assertRaisesRegex(lux.BadParams, "^" + name + " = "):
                    self.read(dict(self.RENDER, **{name: value}))
        for value in ([], "/a.flm", ["a.flm"], [5]):
            with self.assertRaisesRegex(lux.BadParams, "^films = "):
                self.read(dict(self.MERGE, films=value))

    def test_missing_ones_are_named(self):
        some = {name: value for name, value in self.RENDER.items() if name not in ("lux_args", "start_slot")}
        with self.assertRaisesRegex(lux.BadParams, "^it lacks lux_args, start_slot$"):
            self.read(some)
        with self.assertRaisesRegex(lux.BadParams, "^it lacks film$"):
            self.read(dict(self.RENDER, action="image"))
        with self.assertRaisesRegex(lux.BadParams, "^action = None: must be one of render, merge, image$"):
            self.read({})


class LuxSlots(unittest.TestCase):
    def test_one_place_never_waits(self):
        for now in (0.0, 1.5, 1e9 + 0.25):
            self.assertEqual(lux.seconds_to_wait(now, 0, 1), 0)

    def test_each_place_starts_in_seconds_of_its_own(self):
        """Whenever they come: no two places start within the same seconds, and none waits longer than once around."""
        for places in (2, 5, 100):
            starts = {}
            for place in range(places):
                for tenth in range(0, 30 * places, 7):
                    now = 1.7e9 + tenth / 10
                    wait = lux.seconds_to_wait(now, place, places)
                    self.assertGreaterEqual(wait, 0)
                    self.assertLessEqual(wait, lux.SLOT_SECONDS * places)
                    start = now + wait
                    self.assertLess((start - lux.SLOT_SECONDS * place + 1e-6) % (lux.SLOT_SECONDS * places), 1 + 1e-5)
                    starts.setdefault(int(start + 1e-6), set()).add(place)
            self.assertTrue(all(len(who) == 1 for who in starts.values()))


class LuxTask(InDirectory):
    """The whole script, with shell scripts as luxconsole and luxmerger."""

    def setUp(self):
        super().setUp()
        os.makedirs(self.path("resources", "a", "scenes"))
        os.mkdir(self.path("resources", "maps"))
        write(self.path("resources", "maps", "wood.png"), "wood")
        write(self.path("resources", "a", "sky.exr"), "sky")
        write(self.path("resources", "a", "scenes", "geometry.lxo"), "mesh")
        write(self.path("resources", "a", "scenes", "scene.lxs"), "the scene as it was")
        self.params = dict(LuxParams.RENDER, scene_file=self.path("resources", "a", "scenes", "scene.lxs"),
                           scene_text="the scene of this job", lux_args=["-t", "2"])

    def run_task(self, script="", name="luxconsole", **changes):
        self.renderer(name, script)
        return self.run_script("docker_luxtask.py", dict(self.params, **changes))

    def test_a_subtask_is_rendered(self):
        done = self.run_task('echo "$*"; echo to-stderr >&2; cat "$5"; pwd; echo film >"$4.flm"')
        scene = self.path("work", "scene", "a", "scenes", "scene.lxs")
        self.assertEqual((done.returncode, done.stderr), (0, "to-stderr\n"))
        self.assertEqual(done.stdout, "-t 2 -o %s %s\nthe scene of this job%s\n" %
                         (self.path("output", "part0001"), scene, os.path.dirname(scene)))
        self.assertEqual(os.listdir(self.path("output")), ["part0001.flm"])
        self.assertEqual(sorted(os.listdir(self.path("work"))), ["job.py", "params.py"])
        self.assertEqual(read(self.params["scene_file"]), "the scene as it was")

    def test_relative_paths_lead_where_they_lead_from_the_original(self):
        done = self.run_task('cd "$(dirname "$5")" && cat geometry.lxo ../sky.exr ../../maps/wood.png; echo unpacked >new; '
                             'echo film >"$4.flm"')
        self.assertEqual((done.returncode, done.stdout), (0, "meshskywood"))
        self.assertEqual(sorted(os.listdir(self.path("resources", "a", "scenes"))), ["geometry.lxo", "scene.lxs"])

    def test_what_an_earlier_run_left_is_no_matter(self):
        os.makedirs(self.path("work", "scene", "a"))
        os.symlink(self.path("resources"), self.path("work", "scene", "a", "scenes"))
        write(self.path("output", "part0001.flm"), "old")
        self.assertEqual(self.run_task("exit 0").returncode, 6)
        self.assertEqual(sorted(os.listdir(self.path("resources"))), ["a", "maps"])

    def test_the_text_may_be_any_bytes(self):
        done = self.run_task('od -An -tx1 "$5"; echo film >"$4.flm"', scene_text=b"\xff\r\n")
        self.assertEqual(done.stdout, " ff 0d 0a\n")
        done = self.run_task('od -An -tx1 "$5"; echo film >"$4.flm"', scene_text="\u017c")
        self.assertEqual(done.stdout, " c5 bc\n")

    def test_failures_of_rendering(self):
        missing = self.path("resources", "b.lxs")
        for code, message, script, changes in [
                (1, "the scene file %s does not exist in the container\n" % missing, "exit 9", {"scene_file": missing}),
                (1, "the scene file %s is not below %s\n" % (self.scene, self.path("resources")), "exit 9",
                 {"scene_file": self.scene}),
                (2, "params.py: lux_args = '-t 2': must be a list of texts\n", "exit 9", {"lux_args": "-t 2"}),
                (6, "luxconsole ended with exit code 0, but the result %s is missing\n" % self.path("output", "part0001.flm"),
                 "echo x >%s" % self.path("output", "part0001.png"), {}),
                (6, "luxconsole ended with exit code 0, but the result %s is empty\n" % self.path("output", "part0001.flm"),
                 ': >"$4.flm"', {}),
                (9, "luxconsole ended with exit code 9\n", 'echo film >"$4.flm"; exit 9', {}),
                (137, "luxconsole ended with exit code 137\n", "kill -KILL $$", {})]:
            with self.subTest(message):
                done = self.run_task(script, **changes)
                self.assertEqual((done.returncode, done.stderr), (code, message))
        done = self.run_script("docker_luxtask.py", self.params, path="/nowhere")
        self.assertEqual(done.returncode, 7)
        self.assertIn("luxconsole cannot be started", done.stderr)
        self.assertEqual(sorted(os.listdir(self.path("work"))), ["job.py", "params.py"])

    def films(self, *names):
        for name in names:
            write(self.path("resources", name), "film " + name)
        return [self.path("resources", name) for name in names]

    def merge(self, script, films):
        self.renderer("luxmerger", script)
        return self.run_script("docker_luxtask.py", {"action": "merge", "output_basename": "merged", "films": films})

    def test_films_are_merged(self):
        films = self.films("a.flm", "b.flm")
        done = self.merge('echo "$*"; echo to-stderr >&2; cat "$3" "$4" >"$2"', films)
        self.assertEqual((done.returncode, done.stderr), (0, "to-stderr\n"))
        self.assertEqual(done.stdout, "-o %s %s\n" % (self.path("output", "merged.flm"), " ".join(films)))
        self.assertEqual(read(self.path("output", "merged.flm")), "film a.flmfilm b.flm")

    def test_failures_of_merging(self):
        films = self.films("a.flm", "b.flm")
        write(self.path("resources", "empty.flm"), "")
        result = self.path("output", "merged.flm")
        good = 'echo film >"$2"; '
        for code, message, script, of in [
                (3, "the film /nowhere/c.flm is missing\n", good, films + ["/nowhere/c.flm"]),
                (3, "the film %s is empty\n" % self.path("resources", "empty.flm"), good,
                 [self.path("resources", "empty.flm")]),
                (2, "params.py: the film %s would be replaced by the result\n" % result, good, [result]),
                (4, "luxmerger ended with exit code 2\n", good + "exit 2", films),
                (4, "[Lux SEVERE] Error reading FLM file 'b'\nluxmerger left a film out\n",
                 good + "echo \"[Lux SEVERE] Error reading FLM file 'b'\" >&2", films),
                (4, "luxmerger left a film out\n", good + "printf Unable; sleep 0.3; echo ' to open file x'", films),
                (6, "luxmerger ended with exit code 0, but the result %s is missing\n" % result, "exit 0", films),
                (137, "luxmerger ended with exit code 137\n", "kill -KILL $$", films)]:
            with self.subTest(message):
                done = self.merge(script, of)
                self.assertEqual((done.returncode, done.stderr), (code, message))

    def test_streams_of_luxmerger_are_passed_on_whole(self):
        done = self.merge('echo film >"$2"; head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2', self.films("a.flm"))
        self.assertEqual((done.returncode, len(done.stdout), len(done.stderr)), (0, 3000000, 3000000))

    def image(self, script, **changes):
        self.renderer("luxconsole", script)
        params = {name: self.params[name] for name in lux.SCENE_NAMES}
        return self.run_script("docker_luxtask.py", dict(params, **dict(
            {"action": "image", "output_basename": "picture", "output_format": "EXR", "film": self.films("merged.flm")[0]}, **changes)))

    def test_the_picture_is_made_from_a_copy_of_the_film(self):
        done = self.image('echo "$*"; cat "$4" >%s; echo more >>"$4"' % self.path("output", "picture.exr"))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout, "-t 2 -R %s %s\n" % (self.path("output", "picture.flm"),
                                                          self.path("work", "scene", "a", "scenes", "scene.lxs")))
        self.assertEqual(read(self.path("output", "picture.exr")), "film merged.flm")
        self.assertEqual(read(self.path("resources", "merged.flm")), "film merged.flm")

    def test_failures_of_making_the_picture(self):
        done = self.image("exit 0", film="/nowhere/a.flm")
        self.assertEqual((done.returncode, done.stderr), (3, "the film /nowhere/a.flm is missing\n"))
        done = self.image("echo x >%s" % self.path("output", "picture.png"))
        self.assertEqual(done.returncode, 6)
        self.assertIn("but the result %s is missing" % self.path("output", "picture.exr"), done.stderr)
        self.assertEqual(self.image("exit 1").returncode, 1)

    def test_sigterm_reaches_luxconsole_and_ends_the_waiting(self):
        for slot, script in [([0, 1], "echo ready; exec sleep 60"), ([500, 1000], "exec sleep 60")]:
            self.run_task(script, start_slot=slot, lux_args=5)  # writes the files
            params = dict(self.params, start_slot=slot)
            write(self.path("work", "params.py"), "".join("%s = %r\n" % p for p in params.items()))
            with subprocess.Popen([sys.executable, self.path("work", "job.py")], stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, env={"PATH": self.path("bin") + ":/usr/bin:/bin"}) as child:
                if slot == [0, 1]:
                    child.stdout.readline()
                else:
                    self.assertIsNone(self.wait_a_moment(child))
                child.terminate()
                self.assertEqual(child.wait(timeout=30), 128 + signal.SIGTERM)

    def wait_a_moment(self, child):
        """Long enough for the script to have set its handler; it goes on waiting for its slot."""
        try:
            return child.wait(timeout=1)
        except subprocess.TimeoutExpired:
            return None


if __name__ == "__main__":
    unittest.main()
