"""CPython loads what json2gt and gt2json wrote to what it loads from the original pickle.

Runs as test_json2gt.py BIN CONFORMANCE_DIRECTORY.
"""

import os
import subprocess
import sys
import tempfile
import unittest

import pickles

BIN, CORPUS = sys.argv[1], os.path.join(sys.argv[2], "corpus")


def cases():
    return sorted(name[:-3] for name in os.listdir(CORPUS) if name.endswith(".gt"))


def run(tool, *arguments):
    return subprocess.run([os.path.join(BIN, tool), *arguments], capture_output=True).returncode == 0


def read(path):
    with open(path, "rb") as file:
        return file.read()


class Corpus(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)

    def path(self, name):
        return os.path.join(self.directory.name, name)

    def test_json_of_2016_becomes_a_pickle_that_python_loads(self):
        loaded = 0
        for name in cases():
            for protocol in "02":
                if not run("json2gt", "--no-sync", "--protocol", protocol, os.path.join(CORPUS, name + ".json"), self.path("gt")):
                    continue
                with self.subTest(name=name, protocol=protocol):
                    pickles.load(read(self.path("gt")))
                    loaded += 1
        self.assertGreater(loaded, 800)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
