"""run.py REVERIE DRAW -- runs the tests of the Python package in a folder with a photograph and a painting. Prints
TAP."""

import os
import subprocess
import sys
import tempfile
import traceback
import unittest


class Tap(unittest.TestResult):
    """Prints one line for each test, and below it the failure, if any."""

    def _line(self, test, ok, rest=""):
        name = f"{type(test).__name__}: {test.shortDescription() or test._testMethodName}"
        print(f"{'ok' if ok else 'not ok'} {self.testsRun} {name}{rest}", flush=True)

    def addSuccess(self, test):
        self._line(test, True)

    def addSkip(self, test, reason):
        self._line(test, True, f" # SKIP {reason}")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._line(test, False)
        for line in "".join(traceback.format_exception(*err)).splitlines():
            print("#", line)

    addError = addFailure

    def addSubTest(self, test, subtest, err):
        if err is not None:
            super().addSubTest(test, subtest, err)
            print("#", subtest, *traceback.format_exception_only(*err[:2]), flush=True)


def main():
    program, draw = (os.path.abspath(path) for path in sys.argv[1:])
    source = os.path.dirname(os.path.abspath(__file__))
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.environ.update(REVERIE_PROGRAM=program, XDG_CACHE_HOME=folder, REVERIE_MODELS=folder, KERAS_HOME=folder,
                          TORCH_HOME=folder)
        for picture, name in (("waves", "photo.png"), ("glass", "painting.png")):
            subprocess.run([draw, picture, name, "64"], check=True, stdout=subprocess.DEVNULL)
        suite = unittest.defaultTestLoader.discover(source)
        print(f"1..{suite.countTestCases()}", flush=True)
        result = Tap()
        suite.run(result)
    for test, text in result.errors if not result.testsRun else []:
        print("#", test, text)
    return not result.wasSuccessful()


if __name__ == "__main__":
    sys.exit(main())
