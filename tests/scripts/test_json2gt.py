"""CPython loads what json2gt writes to what it loads from the original pickle: parts, order and sharing.

Runs as test_json2gt.py BIN CONFORMANCE_DIRECTORY. GT_TOOLS_PYTHON2 may name a Python 2.7, which then loads all of it, too.
"""

import os
import subprocess
import sys
import tempfile
import unittest

import pickles

BIN, CORPUS = sys.argv[1], os.path.join(sys.argv[2], "corpus")
PYTHON2 = os.environ.get("GT_TOOLS_PYTHON2")
SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pickles.py")

# Recorded pickles that Python makes something else of than gt2json, so that they cannot come back to it.
NOT_THE_SAME = {
    "k_global_call": "gt2json knows what this constructor sets",
    "k_global_call_args": "gt2json knows what this constructor sets",
    "o_object": "no two bare objects are equal",
}
# By the name of what was written again.
NOT_THE_SAME_IN_PYTHON2 = {
    "m_persid.gt2": "a persistent name of protocol 0 is a str to Python 2 and a text to Python 3; protocol 2 has to say which",
}


def cases():
    return sorted(name[:-3] for name in os.listdir(CORPUS) if name.endswith(".gt"))


def run(tool, *arguments):
    return subprocess.run([os.path.join(BIN, tool), "--no-sync", *arguments], capture_output=True).returncode == 0


def compared(python, pairs):
    """What `python` finds of pairs of pickles: by the name of the second, "same" or the difference."""
    paths = "".join("%s\n%s\n" % pair for pair in pairs)
    done = subprocess.run([python, "-B", SCRIPT], input=paths.encode(), stdout=subprocess.PIPE, check=True)
    return dict(line.split("\t", 1) for line in done.stdout.decode().splitlines())


class Corpus(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.directory.cleanup)
        cls.pairs = []
        for name in cases():
            original = os.path.join(CORPUS, name + ".gt")
            between = os.path.join(cls.directory.name, name + ".json")
            if name.startswith("r_deep") or not run("gt2json", "--lossless", original, between):
                continue  # deeper than Python recurses
            written = []
            for protocol in "02":
                again = os.path.join(cls.directory.name, name + ".gt" + protocol)
                if run("json2gt", "--protocol", protocol, between, again):
                    written.append(again)
            with open(original, "rb") as file:
                if pickles.runs_constructors(file.read()):
                    cls.pairs.append(tuple(written))  # there is nothing to compare both with
                else:
                    cls.pairs += [(original, again) for again in written]

    def check(self, python, but_for=()):
        found = compared(python, self.pairs)
        for path, what in found.items():
            name = os.path.basename(path)
            with self.subTest(name=name):
                same = name.split(".")[0] not in NOT_THE_SAME and name not in but_for
                self.assertEqual(what == "same", same, what)
        self.assertGreater(len(found), 750)

    def test_python3_loads_the_same_of_a_pickle_written_again(self):
        self.check(sys.executable)

    @unittest.skipUnless(PYTHON2, "GT_TOOLS_PYTHON2 names no Python 2.7")
    def test_python2_loads_the_same_of_a_pickle_written_again(self):
        self.check(PYTHON2, NOT_THE_SAME_IN_PYTHON2)

    def test_json_of_2016_becomes_a_pickle_that_python_loads(self):
        loaded = 0
        for name in cases():
            for protocol in "02":
                path = os.path.join(self.directory.name, "from_2016.gt")
                if not run("json2gt", "--protocol", protocol, os.path.join(CORPUS, name + ".json"), path):
                    continue
                with self.subTest(name=name, protocol=protocol):
                    with open(path, "rb") as file:
                        pickles.load(file.read())
                    loaded += 1
        self.assertGreater(loaded, 800)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
