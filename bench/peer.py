"""The alternative: Python's C unpickler and json. Prints the best time in seconds of several runs over one file.

usage: peer.py decode|convert FILE

Classes that Python cannot import are empty stand-ins; the collector is off.
"""
import gc
import io
import json
import pickle
import sys
import time


class StandIns(pickle.Unpickler):
    classes = {}

    def find_class(self, module, name):
        if module in ("copy_reg", "copyreg", "__builtin__", "builtins"):
            return super().find_class(module, name)
        key = (module, name)
        if key not in self.classes:
            self.classes[key] = type(name, (object,), {})
        return self.classes[key]


def plain(value):
    if isinstance(value, (set, frozenset)):
        return list(value)
    if isinstance(value, type):
        return value.__name__
    return vars(value)


def main():
    action, path = sys.argv[1:]
    with open(path, "rb") as file:
        data = file.read()
    gc.disable()
    best = float("inf")
    deadline = time.perf_counter() + 2
    while time.perf_counter() < deadline:
        start = time.perf_counter()
        value = StandIns(io.BytesIO(data), encoding="latin-1").load()
        if action == "convert":
            json.dumps(value, indent=2, separators=(",", ":"), default=plain)
        best = min(best, time.perf_counter() - start)
    print(best)


main()
