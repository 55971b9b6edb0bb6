"""Loads pickles with classes that do nothing, and tells whether two objects are equal: parts, order and sharing.

For Python 2.7 and 3.
"""

import collections
import io
import pickle
import pickletools
import sys

try:
    import _compat_pickle
except ImportError:  # Python 2
    _compat_pickle = None

# Real types: all others are stand-ins.
REAL = {"builtins", "collections", "copyreg", "datetime", "decimal", "fractions", "uuid", "pathlib"}
REAL |= {"__builtin__", "copy_reg"} if _compat_pickle is None else set()


class StandIn(object):
    """An instance of any class: keeps what a pickle gives it."""

    def __new__(cls, *args, **kwargs):
        self = object.__new__(cls)
        if args or kwargs:
            self.__dict__["new arguments"] = (args, kwargs)
        return self

    def __init__(self, *args, **kwargs):
        pass

    def __call__(self):  # a default factory has to be callable
        return None

    def __setstate__(self, state):
        if state != {}:  # which changes nothing
            self.__dict__.setdefault("states", []).append(state)

    def append(self, item):
        self.__dict__.setdefault("items", []).append(item)

    def extend(self, items):
        self.__dict__.setdefault("items", []).extend(items)

    def __setitem__(self, key, value):
        self.__dict__.setdefault("entries", []).append((key, value))


class Unpickler(pickle.Unpickler):
    stand_in = StandIn
    encoding = "latin1"  # every byte of Python 2's str is a character, so that nothing is lost

    def __init__(self, data):
        arguments = {} if _compat_pickle is None else {"encoding": self.encoding}
        pickle.Unpickler.__init__(self, io.BytesIO(data), **arguments)
        self.classes = {}

    def find_class(self, module, name):
        if _compat_pickle is not None:  # as pickle itself does for protocols 0 to 2
            module, name = _compat_pickle.NAME_MAPPING.get((module, name), (module, name))
            module = _compat_pickle.IMPORT_MAPPING.get(module, module)
        if module in REAL or (module, name) == ("_codecs", "encode"):
            return pickle.Unpickler.find_class(self, module, name)
        if (module, name) not in self.classes:
            self.classes[module, name] = type(name, (self.stand_in,), {"__module__": module})
        return self.classes[module, name]

    def persistent_load(self, pid):
        return ("persistent", pid)


def load(data):
    return Unpickler(data).load()


def parts(x):
    """What has to be equal of two containers, as a list; None for a scalar."""
    if isinstance(x, (list, tuple)) and type(x) in (list, tuple):
        return list(x)
    if isinstance(x, (list, tuple, collections.deque)):
        return list(x) + sorted(getattr(x, "__dict__", {}).items())
    if isinstance(x, (set, frozenset)):
        return sorted(x, key=repr)
    if isinstance(x, dict):
        ordered = x.items() if isinstance(x, collections.OrderedDict) else sorted(x.items(), key=lambda entry: repr(entry[0]))
        entries = [part for entry in ordered for part in entry]
        return entries + [getattr(x, "default_factory", None)] + sorted(getattr(x, "__dict__", {}).items())
    if hasattr(x, "__dict__") and not isinstance(x, (type, BaseException)):
        return [part for entry in sorted(x.__dict__.items()) for part in entry]
    return None


def runs_constructors(data):
    """True if Python 2 ran constructors, whose attributes gt2json knows and the stand-ins do not."""
    try:
        return any(opcode.name in ("INST", "OBJ") for opcode, _, _ in pickletools.genops(data))
    except ValueError:  # pickletools is stricter than pickle
        return b"(i" in data


def class_name(x):
    return type(x).__module__ + "." + type(x).__name__


def difference(left, right):
    """The first difference of two objects as a text, None if there is none."""
    partner = {}
    stack = [(left, right, "")]
    while stack:
        x, y, path = stack.pop()
        if class_name(x) != class_name(y):
            return "%s: %s and %s" % (path, class_name(x), class_name(y))
        mine, others = parts(x), parts(y)
        if mine is None:
            same = x == y or repr(x) == repr(y) or (isinstance(x, type) and x.__name__ == y.__name__)
            if not same:
                return "%s: %r and %r" % (path, x, y)
            continue
        if id(x) in partner or ("back", id(y)) in partner:
            if partner.get(id(x)) != id(y) or partner.get(("back", id(y))) != id(x):
                if mine or not isinstance(x, tuple):  # there is one empty tuple
                    return "%s: shared otherwise" % path
            continue
        partner[id(x)], partner["back", id(y)] = id(y), id(x)
        if len(mine) != len(others):
            return "%s: %d and %d parts" % (path, len(mine), len(others))
        stack.extend((a, b, "%s/%d" % (path, i)) for i, (a, b) in enumerate(zip(mine, others)))
    return None


def main(paths):
    """Of pairs of files: says which are loaded to something else, or cannot both be loaded."""
    for one, other in zip(paths[::2], paths[1::2]):
        with open(one, "rb") as file:
            original = file.read()
        with open(other, "rb") as file:
            again = file.read()
        try:
            expected = load(original)
        except Exception:  # of another Python, or refused by all
            continue
        try:
            what = difference(expected, load(again))
        except Exception as error:
            what = "cannot be loaded: %r" % error
        print("%s\t%s" % (other, "same" if what is None else what))


if __name__ == "__main__":
    main(sys.stdin.read().split("\n")[:-1])
