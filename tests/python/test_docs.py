"""Runs the examples of docs/python.md, with small pictures and few iterations."""

import contextlib
import io
import os
import re
import shutil
import unittest
import unittest.mock

import reverie
from reverie import _settings

DOCS = os.path.join(os.path.dirname(__file__), "..", "..", "docs", "python.md")


class Docs(unittest.TestCase):
    def test_examples(self):
        "the examples of docs/python.md run"
        for name, source in (("photo.jpg", "photo.png"), ("painting.jpg", "painting.png"), ("other.jpg", "photo.png")):
            reverie.Picture(source).save(name)
        os.makedirs("faces", exist_ok=True)
        for number in range(3):
            reverie.Picture("photo.png").save(f"faces/{number}.png")
        to_json = _settings.to_json

        def small(settings):
            if "epochs" in settings:
                return to_json(settings | {"epochs": 1})
            return to_json({"iterations": 1} | settings | {"size": 64} if "size" in settings else settings)

        with open(DOCS, encoding="utf-8") as file:
            examples = re.findall(r"^```python\n(.*?)^```", file.read(), re.DOTALL | re.MULTILINE)
        self.assertGreater(len(examples), 5)
        names, said = {}, io.StringIO()
        with unittest.mock.patch.object(_settings, "to_json", small), contextlib.redirect_stdout(said):
            for example in examples:
                if "Video" in example and not shutil.which("ffmpeg"):
                    continue
                exec(compile(example, DOCS, "exec"), names)
        self.assertIn("there is no option 'strenght'; did you mean 'strength'?", said.getvalue())
        self.assertEqual(len(names["pictures"]), 2)
