"""Tests that type checkers find every setting and its type."""

import importlib.util
import inspect
import os
import shutil
import subprocess
import sys
import unittest

import reverie

PACKAGE = os.path.dirname(reverie.__file__)
MAKE_STUB = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "bindings", "python", "make-stub.py")
USE = """import reverie
picture = reverie.style("a", ["b", "c"], size=30, strength=2, style_blend=[1, 2], init="noise", output=None)
picture.save("d")
reverie.style("a", "b", strenght=2)
reverie.style("a", "b", style_loss="gaty")
reverie.dream("a", size="x")
"""


class Types(unittest.TestCase):
    def setUp(self):
        shutil.copytree(PACKAGE, "types/reverie", dirs_exist_ok=True)
        subprocess.run([sys.executable, MAKE_STUB, "types/reverie/methods.pyi"], check=True)

    def test_stub(self):
        "the stub has every setting"
        with open("types/reverie/methods.pyi", encoding="utf-8") as file:
            stub = file.read()
        compile(stub, "methods.pyi", "exec")
        for function in (reverie.style, reverie.dream, reverie.flow, reverie.learn):
            for name in inspect.signature(function).parameters:
                self.assertRegex(stub, rf"def {function.__name__}\(.*\b{name}: ")

    @unittest.skipUnless(importlib.util.find_spec("mypy"), "there is no mypy")
    def test_mypy(self):
        "mypy finds no error in the package, and finds the errors of a program that uses it"
        with open("types/use.py", "w", encoding="utf-8") as file:
            file.write(USE)
        found = subprocess.run([sys.executable, "-m", "mypy", "--strict", "reverie", "use.py"], cwd="types",
                               env=os.environ | {"PYTHONPATH": ""}, capture_output=True, text=True).stdout
        wrong = [line.split(": error:")[0] for line in found.splitlines() if ": error:" in line]
        self.assertEqual(wrong, ["use.py:4", "use.py:5", "use.py:6"], found)
