"""The alternative for whole trees: one Python 2.7 process, cPickle and json, with the same file I/O.

usage: peer_migrate.py SRC OUT

Classes that cannot be imported are empty stand-ins; the collector is off. No jsonpickle, no rules, no checks.
"""
import cPickle
import cStringIO
import gc
import json
import os
import sys

stand_ins = {}


def find_class(module, name):
    if module in ("copy_reg", "__builtin__"):
        return getattr(__import__(module), name)
    key = (module, name)
    if key not in stand_ins:
        stand_ins[key] = type(name, (object,), {})
    return stand_ins[key]


def plain(value):
    if isinstance(value, (set, frozenset)):
        return list(value)
    if isinstance(value, type):
        return value.__name__
    return vars(value)


def main():
    source, out = sys.argv[1:]
    gc.disable()
    for directory, _, names in os.walk(source):
        target = out + directory[len(source):]
        os.makedirs(target)
        for name in names:
            with open(os.path.join(directory, name), "rb") as file:
                data = file.read()
            unpickler = cPickle.Unpickler(cStringIO.StringIO(data))
            unpickler.find_global = find_class
            text = json.dumps(unpickler.load(), indent=2, separators=(",", ":"), default=plain)
            path = os.path.join(target, name[:-3] + ".json")
            with open(path + ".tmp", "wb") as file:
                file.write(text)
            os.rename(path + ".tmp", path)


main()
