# -*- coding: utf-8 -*-
"""Records blocks.gt: what the desktop program of March 2016 wrote when this task was saved. Needs Python 2.7:

    python2.7 make_blocks_gt.py blocks.gt

The program saved cPickle.dumps(definition), that is protocol 0. Here stand its classes with no more than their names,
modules and attributes: all that a pickle keeps of a class. Text typed into the program's fields is unicode, its own
constants are str; both look the same in JSON, but not in the pickle.
"""

import copy
import cPickle
import sys
import types


def module_class(module_name, name, bases=(object,)):
    """An empty class `name`, in a module of that name so that pickle finds it; bases=() makes an old-style class."""
    kind = type if bases else types.ClassType
    made = kind(name, bases, {"__module__": module_name})
    parts = module_name.split(".")
    for end in range(1, len(parts) + 1):  # pickle imports the packages above it, too
        package = ".".join(parts[:end])
        sys.modules.setdefault(package, types.ModuleType(package))
    setattr(sys.modules[module_name], name, made)
    return made


Environment = module_class("golem.environments.environment", "Environment")
BlenderEnvironment = module_class("gnr.renderingenvironment", "BlenderEnvironment", (Environment,))
BlenderRendererOptions = module_class("gnr.task.blenderrendertask", "BlenderRendererOptions")
GNRTaskDefinition = module_class("gnr.gnrtaskstate", "GNRTaskDefinition")
GNROptions = module_class("gnr.gnrtaskstate", "GNROptions", ())
RenderingTaskDefinition = module_class("gnr.renderingtaskstate", "RenderingTaskDefinition", (GNRTaskDefinition,))


def text(value):
    """A field of a dialog: the program built a new unicode object for each."""
    return u"{}".format(value)


def environment():
    made = BlenderEnvironment()
    made.software = []
    made.caps = []
    made.short_description = "Blender (http://www.blender.org/)"
    made.long_description = ""
    made.accept_tasks = False
    made.software.append('Blender')
    made.software_name = 'blender'
    return made


def renderer_options():
    made = BlenderRendererOptions()
    made.environment = environment()
    made.engine_values = ["BLENDER_RENDER", "BLENDER_GAME", "CYCLES"]
    made.engine = text("CYCLES")
    made.use_frames = False
    made.frames = range(1, 11)
    return made


def definition():
    made = RenderingTaskDefinition()
    made.task_id = text("0f6c1b1e-5a0d-4a53-9a7b-6d0c3a5be2f1")
    made.full_task_timeout = 14400
    made.subtask_timeout = 1200
    made.min_subtask_time = 60
    made.resources = set()
    made.estimated_memory = 0
    made.total_subtasks = 6
    made.optimize_total = False
    made.main_program_file = text("/home/ania/golem/gnr/task/scripts/blendertask.py")
    made.task_type = None
    made.max_price = 5.0
    made.verification_options = None
    made.options = GNROptions
    made.docker_images = None
    made.resolution = [480, 270]
    made.renderer = 'Blender'
    # The program's dialog worked on a copy. A copy's dictionaries have another size, and so another order of keys.
    made.renderer_options = copy.deepcopy(renderer_options())
    made.main_scene_file = text("/home/ania/blocks/blocks.blend")
    made.output_file = text("/home/ania/renders/blocks.png")
    made.output_format = text("PNG")
    made.resources.add(text("/home/ania/golem/gnr/task/scripts/blendertask.py"))
    made.resources.add(text("/home/ania/blocks/blocks.blend"))
    return made


def main():
    with open(sys.argv[1], "wb") as out:
        out.write(cPickle.dumps(definition()))


if __name__ == "__main__":
    main()
