"""Records the pickles of CPython's own tests (test/pickletester.py), and what each Python makes of them, as pickletester.tsv.

Runs as record_pickletester.py OUTPUT PYTHON... with any Python 3; each PYTHON is one that has its tests installed. Classes do
nothing here: only what a pickle says of them is recorded, in the words of tests/fuzz/differential.py and of Words below.
"""

from __future__ import print_function

import binascii
import io
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fuzz"))
import differential  # noqa: E402
import pickle  # noqa: E402
import pickletools  # noqa: E402

PY2 = sys.version_info[0] == 2
MOST_BYTES = 400  # longer ones are long lists
MOST_OF_A_TEST = 10  # of each Python: some go through all bytes and all powers of two
ALL_OF = ("test_bad", "test_load", "test_truncated", "test_unpickle", "test_misc", "test_compat")
LEFT_OUT = ("huge", "race", "structseq")  # large ones, one that writes modules, and one with the time of day


# --- what the tests load


def collect():
    """Writes a line with the name of a test and the pickle in hexadecimal for each that the tests load."""
    found = {}
    for module_name in ["test.test_pickle"] + (["test.test_cpickle"] if PY2 else []):
        module = __import__(module_name, fromlist=["any"])
        for name in sorted(dir(module)):
            tests = getattr(module, name)
            if isinstance(tests, type) and issubclass(tests, unittest.TestCase) and hasattr(tests, "loads"):
                run(tests, found)
    counts = {}
    for data, test in found.items():
        counts[test] = counts.get(test, 0) + 1
    every = dict((test, 1 if test.startswith(ALL_OF) else -(-count // MOST_OF_A_TEST)) for test, count in counts.items())
    seen = {}
    for data, test in sorted(found.items(), key=lambda item: (item[1], item[0])):
        seen[test] = seen.get(test, 0) + 1
        if (seen[test] - 1) % every[test] == 0:
            print(test, binascii.hexlify(data).decode("ascii"))


def run(tests, found):
    def loads(self, buf, *args, **kwargs):
        is_short = len(buf) <= MOST_BYTES or self._testMethodName.startswith("test_load_from")
        if isinstance(buf, bytes) and is_short:
            found.setdefault(buf, self._testMethodName)
        return original(self, buf, *args, **kwargs)

    original = tests.__dict__.get("loads", tests.loads)
    original = getattr(original, "im_func", original)
    tests.loads = loads
    wanted = [
        test
        for test in unittest.TestLoader().loadTestsFromTestCase(tests)
        if not any(word in test._testMethodName for word in LEFT_OUT)
    ]
    with open(os.devnull, "w") as nothing:
        unittest.TextTestRunner(stream=nothing).run(unittest.TestSuite(wanted))


# --- what Python makes of them, with classes that do nothing


class MetaStandIn(type):
    calls_without_arguments = True

    def __call__(cls, *args):
        self = cls.__new__(cls, *args)
        self.parts["called"] = bool(args) or MetaStandIn.calls_without_arguments
        return self


def makes_classic_instances(data):
    """Whether a pickle has INST or OBJ: for those Python 2 calls a class that is not a classic one, as our stand-ins are."""
    try:
        return any(opcode.name in ("INST", "OBJ") for opcode, _, _ in pickletools.genops(data))
    except Exception:
        return False


class StandIn(MetaStandIn("Base", (object,), {})):
    """What a pickle says of an object."""

    def __new__(cls, *args, **kwargs):
        self = object.__new__(cls)
        object.__setattr__(
            self,
            "parts",
            {"called": False, "args": args, "kwargs": kwargs, "state": None, "attributes": {}, "items": [], "entries": []},
        )
        return self

    def __setstate__(self, state):
        if isinstance(state, tuple) and len(state) == 2 and all(part is None or type(part) is dict for part in state):
            for part in state:
                self.add_state(part)
        else:
            self.add_state(state)

    def add_state(self, state):
        if type(state) is dict and not self.parts["called"]:
            self.parts["attributes"].update(state)
        elif state is not None:
            self.parts["state"] = state

    def append(self, item):
        self.parts["items"].append(item)

    def extend(self, items):
        self.parts["items"].extend(items)

    def __setitem__(self, key, value):
        self.parts["entries"].append((key, value))

    def add(self, item):
        raise TypeError("no set")


def reconstruct(cls, base, state):
    """copyreg._reconstructor"""
    self = cls.__new__(cls) if base.name in ("object", "list", "dict") else cls.__new__(cls, state)
    if base.name == "list":
        self.extend(state)
    elif base.name == "dict":
        self.parts["entries"].extend(state.items())
    return self


def new_object(cls, *args):
    return cls.__new__(cls, *args)


def new_object_ex(cls, args, kwargs):
    return cls.__new__(cls, *args, **kwargs)


import codecs  # noqa: E402

REAL = {
    ("builtins", "set"): set,
    ("builtins", "frozenset"): frozenset,
    ("builtins", "bytearray"): bytearray,
    ("builtins", "bytes"): bytes,
    ("_codecs", "encode"): codecs.encode,
    ("copyreg", "_reconstructor"): reconstruct,
    ("copyreg", "__newobj__"): new_object,
    ("copyreg", "__newobj_ex__"): new_object_ex,
}


def python3_name(module, name):
    module = {"__builtin__": "builtins", "exceptions": "builtins", "copy_reg": "copyreg"}.get(module, module)
    return (module, "range" if (module, name) == ("builtins", "xrange") else name)


def unpickler_of(data):
    classes = {}

    def find_class(module, name):
        key = python3_name(module, name)
        if key in REAL:
            return REAL[key]
        if key not in classes:
            if not all(key):
                raise ValueError(key)
            classes[key] = MetaStandIn(str("StandIn"), (StandIn,), {"module": key[0], "name": key[1]})
        return classes[key]

    MetaStandIn.calls_without_arguments = not (PY2 and makes_classic_instances(data))
    if PY2:
        import cPickle
        import cStringIO

        out = cPickle.Unpickler(cStringIO.StringIO(data))
        out.find_global = find_class
        out.persistent_load = PersistentId
        return out

    class Unpickler(pickle.Unpickler):
        persistent_load = PersistentId

    Unpickler.find_class = lambda self, module, name: find_class(module, name)
    return Unpickler(io.BytesIO(data), encoding="bytes")


class PersistentId(object):
    def __init__(self, pid):
        self.pid = pid


def class_word(module, name):
    full = module + "." + name
    full = full if isinstance(full, bytes) else full.encode("utf-8", "surrogatepass")
    return "c" + escaped(bytearray(full)) + ";"


def escaped(data):
    return "".join(chr(c) if 32 <= c < 127 and c != 92 else "\\x%02x" % c for c in data)


class Words(differential.Canonical):
    def text_of(self, value):
        for key, real in REAL.items():
            if real is value:
                return class_word(*key)
        if isinstance(value, type):
            return class_word(value.module, value.name)
        if isinstance(value, PersistentId):
            return "p" + self.text(value.pid) + ";"
        return differential.Canonical.text_of(self, value)

    def other(self, value):
        if not isinstance(value, StandIn):
            return "?" + type(value).__name__ + ";"
        parts = value.parts
        out = "r" if parts["called"] else "o"
        out += self.text(type(value))
        out += self.listed("A", parts["args"])
        if parts["kwargs"]:
            out += "K" + self.entries(parts["kwargs"])
        if parts["state"] is not None and parts["state"] != {}:
            out += "S" + self.text(parts["state"])
        if parts["attributes"]:
            out += "T" + self.entries(parts["attributes"])
        out += self.listed("I", parts["items"])
        out += self.listed("E", [part for pair in parts["entries"] for part in pair])
        return out + ";"

    def listed(self, kind, items):
        return kind + "".join([self.text(item) for item in items]) + ";" if items else ""


def answer():
    """Answers each line, a pickle in hexadecimal, with a line."""
    if hasattr(sys, "set_int_max_str_digits"):
        sys.set_int_max_str_digits(0)
    for line in sys.stdin:
        try:
            value = unpickler_of(binascii.unhexlify(line.strip())).load()
        except Exception as error:
            print("E " + type(error).__name__)
        else:
            print(Words().text(value))


# --- all of them


def ask(python, mode, text=""):
    environment = dict(os.environ, PYTHONHASHSEED="0")
    done = subprocess.run(
        [python, "-B", os.path.abspath(__file__), mode], input=text, stdout=subprocess.PIPE, env=environment, text=True, check=True
    )
    return done.stdout.splitlines()


def main(output, pythons):
    versions = [subprocess.check_output([python, "-c", "import sys; print('%d.%d.%d' % sys.version_info[:3])"], text=True).strip()
                for python in pythons]
    found = {}
    for python in pythons:
        for line in ask(python, "--collect"):
            test, _, data = line.partition(" ")
            found.setdefault(data, test)
    answers = [ask(python, "--answer", "".join(data + "\n" for data in found)) for python in pythons]
    counts = {}
    rows = []
    for i, (data, test) in enumerate(found.items()):
        counts[test] = counts.get(test, 0) + 1
        by_answer = {}
        for version, lines in zip(versions, answers):
            by_answer.setdefault(lines[i], []).append(version.rsplit(".", 1)[0])
        told = ["%s=%s" % (",".join(some), text) for text, some in by_answer.items()]
        rows.append("\t".join(["%s.%d" % (test, counts[test]), escaped(bytes.fromhex(data))] + told))
    with open(output, "w") as file:
        file.write("# Made by record_pickletester.py with Python %s.\n" % ", ".join(versions))
        file.write("# test\tpickle\tversions=what they make of it...\n")
        file.write("".join(row + "\n" for row in sorted(rows)))
    print("%d pickles" % len(rows))


if __name__ == "__main__":
    if sys.argv[1] == "--collect":
        collect()
    elif sys.argv[1] == "--answer":
        answer()
    else:
        main(sys.argv[1], sys.argv[2:])
