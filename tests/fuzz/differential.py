"""Reads pickles from standard input, each behind a line with its size, and answers with a line in the words of
differential_main.cc: the value, or "E " and the exception. Any Python from 2.7."""
import codecs
import pickle
import struct
import sys

try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
except (ImportError, ValueError):
    pass

PY2 = sys.version_info[0] == 2
if PY2:
    import binascii
    import cStringIO
    import cPickle
    stdin, stdout = sys.stdin, sys.stdout
else:
    import binascii
    import io
    stdin, stdout = sys.stdin.buffer, sys.stdout
    unicode, long = str, int


class NoClasses(Exception):
    pass


class Big(Exception):
    pass


def make_bytearray(*arguments):
    """A number would be a size, and damage can make it a large one."""
    if arguments and isinstance(arguments[0], (int, long)):
        raise NoClasses("bytearray of a size")
    return bytearray(*arguments)


KNOWN = {
    "builtins.set": set,
    "builtins.frozenset": frozenset,
    "builtins.complex": complex,
    "builtins.bytearray": make_bytearray,
    "_codecs.encode": codecs.encode,
}


def find_known(module, name):
    full = module.replace("__builtin__", "builtins") + "." + name
    if full not in KNOWN:
        raise NoClasses(full)
    return KNOWN[full]


if not PY2:
    class Unpickler(pickle.Unpickler):
        def find_class(self, module, name):
            return find_known(module, name)


def load(data):
    if PY2:
        unpickler = cPickle.Unpickler(cStringIO.StringIO(data))
        unpickler.find_global = find_known
        return unpickler.load()
    return Unpickler(io.BytesIO(data), encoding="bytes").load()


def hexed(kind, data):
    return kind + binascii.hexlify(data).decode("ascii") + ";"


class Canonical(object):
    """What is in two places is told by its number, in the order of the walk. Where the order is the interpreter's own, in sets
    and in dicts of Python 2, only what contains itself is told."""

    def __init__(self):
        self.numbers = {}
        self.path = []
        self.unordered = 0
        self.size = 0

    def known(self, value):
        if PY2 or self.unordered:
            return "R;" if any(value is other for other in self.path[:-1]) else None
        if id(value) in self.numbers:
            return "R%d;" % self.numbers[id(value)]
        self.numbers[id(value)] = len(self.numbers)
        return None

    def entries(self, value):
        parts = [self.text(key) + self.text(item) for key, item in value.items()]
        return "d" + "".join(sorted(parts) if PY2 else parts) + ";"

    def text(self, value):
        self.size += 1
        if self.size > 20000:
            raise Big()
        self.path.append(value)
        try:
            return self.text_of(value)
        finally:
            self.path.pop()

    def sorted_texts(self, values):
        self.unordered += 1
        try:
            return "".join(sorted(self.text(item) for item in values))
        finally:
            self.unordered -= 1

    def text_of(self, value):
        if value is None:
            return "N;"
        if value is True:
            return "T;"
        if value is False:
            return "F;"
        kind = type(value)
        if PY2 and kind is long:
            return "l%d;" % value
        if kind is int:
            return "i%d;" % value
        if kind is float:
            return "f%016x;" % (0 if value != value else struct.unpack("<Q", struct.pack("<d", value))[0])
        if kind is bytes:
            return hexed("b", value)
        if kind is unicode:
            return hexed("u", value.encode("utf-8") if PY2 else value.encode("utf-8", "surrogatepass"))
        if kind is frozenset:
            return "z" + self.sorted_texts(value) + ";"
        if kind is tuple and not value:
            return "(;"
        for name, found in KNOWN.items():
            if value is found:
                return "c" + name + ";"
        known = self.known(value)
        if known:
            return known
        if kind is complex:
            return "rcbuiltins.complex;A" + self.text(value.real) + self.text(value.imag) + ";;"
        if kind is bytearray:
            return hexed("a", bytes(value))
        if kind is list:
            return "[" + "".join([self.text(item) for item in value]) + ";"
        if kind is tuple:
            return "(" + "".join([self.text(item) for item in value]) + ";"
        if kind is set:
            return "{" + self.sorted_texts(value) + ";"
        if kind is dict:
            return self.entries(value)
        return self.other(value)

    def other(self, value):
        return "?;"


def answer(data):
    try:
        value = load(data)
    except Exception as error:
        return "E " + type(error).__name__
    try:
        return Canonical().text(value)
    except Big:
        return "BIG"


def main():
    if hasattr(sys, "set_int_max_str_digits"):
        sys.set_int_max_str_digits(0)
    stdout.write("%d\n" % sys.version_info[0])
    stdout.flush()
    while True:
        line = stdin.readline()
        if not line:
            return
        stdout.write(answer(stdin.read(int(line))) + "\n")
        stdout.flush()


if __name__ == "__main__":
    main()
