"""jsonpickle 3 makes of gt2json --compat modern what pickle.loads makes of the pickle: equal, shared and cyclic alike. And
pickle.loads makes the same of what json2gt --from modern makes of that, or of what jsonpickle wrote itself.

Runs as test_modern.py BIN CONFORMANCE_DIRECTORY; skipped without Debian's python3-jsonpickle.
"""

import collections
import datetime
import decimal
import fractions
import io
import os
import pathlib
import pickle
import subprocess
import sys
import time
import unittest
import uuid

import pickles

try:
    import jsonpickle
except ImportError:
    print("skipped: there is no python3-jsonpickle")
    sys.exit(77)

BIN, CORPUS = sys.argv[1], os.path.join(sys.argv[2], "corpus")

Point = collections.namedtuple("Point", "x y")


class Thing:
    pass


class Slots:
    __slots__ = ("a", "b")

    def __eq__(self, other):
        return (self.a, self.b) == (other.a, other.b)


class MyList(list):
    pass


class MyDict(dict):
    pass


# Recorded pickles that jsonpickle makes something else of.
NOT_THE_SAME = {
    "c_types": "it names a class of a module that is not there",
    "k_global_call": "gt2json knows what this constructor sets",
    "k_global_call_args": "gt2json knows what this constructor sets",
    "o_object": "no two bare objects are equal",
    "r_set_twice": "a shared set comes back as two equal ones",
    "r_tuple_cycle": "so does a shared tuple",
    "r_tuple_twice": "so does a shared tuple",
}


def modern(data):
    """The JSON that gt2json makes of a pickle, or None."""
    done = subprocess.run([os.path.join(BIN, "gt2json"), "--compat", "modern", "-", "-"], input=data, capture_output=True)
    return done.stdout.decode("ascii") if done.returncode == 0 else None


def unmodern(text, protocol):
    """The pickle that json2gt makes of this JSON, or None."""
    command = [os.path.join(BIN, "json2gt"), "--from", "modern", "--protocol", str(protocol), "-", "-"]
    done = subprocess.run(command, input=text.encode("ascii"), capture_output=True)
    return done.stdout if done.returncode == 0 else None


class Plain:
    """An instance of any class: as pickle and jsonpickle treat one without methods of its own."""

    def __new__(cls, *args):
        self = object.__new__(cls)
        if args:
            self.__dict__["new arguments"] = args
        return self

    def __init__(self, *args):
        pass

    def append(self, item):
        self.__dict__.setdefault("items", []).append(item)


class Unpickler(pickles.Unpickler):
    stand_in = Plain
    encoding = "utf-8"


def thing(**attributes):
    out = Thing()
    out.__dict__.update(attributes)
    return out


def filled(container, items, attribute):
    container.extend(items) if isinstance(container, list) else container.update(items)
    container.attribute = attribute
    return container


def python3_objects():
    shared_list, shared_dict, cyclic_list, cyclic_dict, cyclic = [1], {"k": 1}, [], {}, thing(name="c")
    cyclic_list.append(cyclic_list)
    cyclic_dict["self"] = cyclic_dict
    cyclic.me = [cyclic, {"me": cyclic}]
    slots = Slots()
    slots.a, slots.b = 1, [2]
    utc = datetime.timezone.utc
    return [
        None, True, 5, -(2**70), 1.5, float("inf"), "text\u017c\U0001f600\ud800", b"", b"bytes\xff", bytearray(b"a\xff"), 1 + 2j,
        [], (), (1, (2,)), {1, 2}, frozenset([1, 2]), [frozenset([3]), shared_list, shared_list],
        [shared_list, shared_list, shared_dict, shared_dict], cyclic_list, cyclic_dict, cyclic,
        {"a": 1, 1: "int", None: 2, 1.5: 3, True: 4, (1, "b"): 5, b"k": 6, "json://x": 7, "py/object": 8, "py/id": 0},
        [{"py/tuple": [1]}, shared_dict, {(1,): shared_list}, shared_list, shared_dict],
        datetime.date(2016, 3, 25), datetime.datetime(2016, 3, 25, 1, 2, 3, 4), datetime.datetime(2016, 3, 25, tzinfo=utc),
        datetime.time(1, 2), datetime.timedelta(1, 2, 3), datetime.timezone(datetime.timedelta(hours=2)),
        time.struct_time((2016, 3, 25, 1, 2, 3, 4, 85, 0)),
        decimal.Decimal("1.50"), fractions.Fraction(1, 3), uuid.UUID("7220aa01ad454fb4b199ba72b37a1f0c"), uuid.UUID(int=1),
        collections.OrderedDict([("b", shared_list), ("a", shared_list)]), collections.Counter("hello"),
        collections.deque([1, 2]), collections.deque([1, 2], 5),
        collections.defaultdict(list, {"a": [1], "default_factory": 2, 3: 4}),
        range(1, 9, 2), slice(1, None, 2), ValueError("text", 1), KeyError("k"), pathlib.PurePosixPath("/a/b"),
        Point(1, [2]), thing(a=1, b=[shared_list, shared_list]), [thing(a=shared_dict), shared_dict], slots,
        filled(MyList(), [1, 2], 3), filled(MyDict(), {"k": 1}, 3), Thing, [Thing, Thing, len],
        [datetime.date(2016, 3, 25), decimal.Decimal(1), bytearray(b"x"), uuid.UUID(int=1), shared_list, shared_list],
    ]


class Modern(unittest.TestCase):
    def test_objects_of_python_3(self):
        for original in python3_objects():
            for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
                if isinstance(original, Slots) and protocol < 2:
                    continue  # Python cannot
                with self.subTest(original=original, protocol=protocol):
                    text = modern(pickle.dumps(original, protocol))
                    self.assertIsNotNone(text)
                    self.assertIsNone(pickles.difference(original, jsonpickle.decode(text, keys=True)), text)

    def test_objects_of_python_3_come_back_from_json(self):
        for original in python3_objects():
            if isinstance(original, Slots):
                continue  # JSON does not tell slots from attributes
            for protocol in (0, 2):
                with self.subTest(original=original, protocol=protocol):
                    again = unmodern(modern(pickle.dumps(original)), protocol)
                    self.assertIsNotNone(again)
                    self.assertIsNone(pickles.difference(original, pickle.loads(again)))

    def test_json_of_jsonpickle_is_what_jsonpickle_makes_of_it(self):
        compared = 0
        for original in python3_objects():
            try:
                text = jsonpickle.encode(original, keys=True)
                expected = jsonpickle.decode(text, keys=True)
            except Exception:
                continue  # jsonpickle cannot
            if isinstance(original, time.struct_time):
                continue  # jsonpickle writes an object with items, for which pickles have no form
            if isinstance(original, Slots) or pickles.difference(original, expected) is not None:
                continue
            for protocol in (0, 2):
                with self.subTest(text=text, protocol=protocol):
                    again = unmodern(text, protocol)
                    self.assertIsNotNone(again)
                    self.assertIsNone(pickles.difference(original, pickle.loads(again)))
                    compared += 1
        self.assertGreater(compared, 80)

    def test_recorded_pickles(self):
        compared = 0
        for name in sorted(os.listdir(CORPUS)):
            if not name.endswith(".gt") or name.startswith("r_deep"):  # deeper than Python recurses
                continue
            with open(os.path.join(CORPUS, name), "rb") as file:
                data = file.read()
            unpickler = Unpickler(data)
            try:
                expected = unpickler.load()
            except Exception:
                continue  # of Python 2 only
            text = modern(data)
            if text is None or pickles.runs_constructors(data) or name[:-3] in NOT_THE_SAME:
                continue
            with self.subTest(name=name):
                classes = {"%s.%s" % key: found for key, found in unpickler.classes.items()}
                got = jsonpickle.decode(text, keys=True, classes=classes)
                self.assertIsNone(pickles.difference(expected, got))
                compared += 1
        print("compared %d recorded pickles" % compared)
        self.assertGreater(compared, 300)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
