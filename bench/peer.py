"""The alternative: Python's C unpickler and json, as fast as they go.

usage: peer.py decode FILE SECONDS      prints the best time in seconds of decoding FILE again and again; the collector is off
       peer.py convert FILE OUTPUT      FILE to OUTPUT, once, as a short script does it

The classes of Golem are empty stand-ins in modules that Python imports.
"""
import gc
import json
import pickle
import sys
import time
import types


class StandIns(types.ModuleType):
    __path__ = []

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        setattr(self, name, type(name, (object,), {"__module__": self.__name__}))
        return getattr(self, name)


class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        import importlib.machinery
        return importlib.machinery.ModuleSpec(name, Finder) if name.split(".")[0] in ("gnr", "golem") else None

    @staticmethod
    def create_module(spec):
        return StandIns(spec.name)

    @staticmethod
    def exec_module(module):
        pass


def plain(value):
    if isinstance(value, (set, frozenset)):
        return list(value)
    if isinstance(value, type):
        return value.__name__
    return vars(value)


def decode(path, seconds):
    with open(path, "rb") as file:
        data = file.read()
    gc.disable()
    best = float("inf")
    deadline = time.perf_counter() + float(seconds)
    while time.perf_counter() < deadline:
        start = time.perf_counter()
        value = pickle.loads(data)
        best = min(best, time.perf_counter() - start)
        del value
    print(best)


def convert(path, output):
    with open(path, "rb") as file:
        value = pickle.load(file)
    with open(output, "w") as file:
        json.dump(value, file, indent=2, default=plain)


sys.meta_path.append(Finder)
globals()[sys.argv[1]](*sys.argv[2:])
