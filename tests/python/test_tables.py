"""Tests that every row of the library's option tables can be set from Python and is in signatures and docstrings."""

import inspect
import itertools
import os
import unittest

import reverie
from reverie import _settings
from reverie._library import keyword, library, strings
from reverie._models import new_settings

JOBS = {kind: _settings.of_job(kind) for kind in strings(library.rv_job_kinds())}
FUNCTIONS = {reverie.style: ("style-learned", *JOBS["style"]), reverie.dream: JOBS["dream"], reverie.flow: ("flow",),
             reverie.learn: JOBS["learn"]}


def values(option):
    """Values for @option. Only a text may be refused; at least one value differs from the default, where possible."""
    if option["type"] == "bool":
        return [True, False]
    if option["type"] == "choice":
        return option["choices"]
    if option["type"] == "text":
        return ["conv1_1:1", "1", "a=1,2", "file.png"]
    return [option["min"], option["max"]] if option["type"] == "real" else [int(option["min"]) or 1]


class Tables(unittest.TestCase):
    def test_all(self):
        "the tests of this class cover every kind of settings"
        reached = {of for kinds in [*JOBS.values(), *FUNCTIONS.values()] for of in kinds} | {"vae"}
        self.assertEqual(reached, set(reverie.kinds()))

    def test_jobs(self):
        "every option of every kind of job is set and read"
        for kind in JOBS:
            for name, option in _settings.options(*JOBS[kind]).items():
                with self.subTest(kind=kind, option=name):
                    self.reach(kind, name, option)

    def reach(self, kind, name, option):
        taken = 0
        for value in values(option):
            job = reverie.Job(kind)
            try:
                job.set(**{name: value})
            except reverie.SettingError:  # for texts, one accepted value is enough
                self.assertEqual(option["type"], "text")
                continue
            taken += 1
            self.assertEqual(job.get(name), value)
        self.assertGreater(taken, 0)
        if "default" in option and not kind.startswith("explore-"):  # sheets have another default preset
            found = reverie.Job(kind).get(name)
            self.assertEqual("" if found is None else found, option["default"])

    def test_functions(self):
        "every option of functions is set and read, and is in their docstrings"
        for function, kinds in FUNCTIONS.items():
            for name, option in _settings.options(*kinds).items():
                with self.subTest(function=function.__name__, option=name):
                    self.assertIn(_settings.help_text(option), function.__doc__)
                    for of, value in itertools.product(kinds, values(option)):
                        if option["type"] != "text" and option in reverie.table(of)["options"]:
                            with new_settings(of, {name: value}) as settings:
                                said = _settings.from_json(library.take_text(library.rv_settings_to_json(settings)))
                            self.assertEqual(said[name], value)

    def test_vae(self):
        "every option of VAEs is set and read"
        for option in reverie.table("vae")["options"]:
            name = option["name"].replace("-", "_")
            value = option.get("default", option.get("min"))
            with self.subTest(option=name):
                vae = reverie.VAE(1, 8, 8, **{"architecture": "mlp"} | {name: value})
                self.assertEqual(vae.settings[name], value or vae.settings[name])

    def test_signatures(self):
        "signatures have every option, with its default"
        for function, of_kinds in FUNCTIONS.items():
            parameters = inspect.signature(function).parameters
            for of in of_kinds:
                for option in reverie.table(of)["options"]:
                    name = keyword(option["name"])
                    self.assertIn(name, parameters)
                    if name != "init" and option.get("default") != "":  # a word or a picture
                        self.assertEqual(parameters[name].default, option.get("default"))

    def test_values(self):
        "lists and maps become texts; None is the preset's value"
        job = reverie.Job("style", style_blend=[0.7, 0.3], content_layers={"conv4_1": 2}, strength=10)
        self.assertEqual(job.get("style_blend"), "0.7,0.3")
        self.assertEqual(job.get("content_layers"), "conv4_1:2")
        job.set(strength=None)
        self.assertEqual(job.get("strength"), 50)
        self.assertEqual(reverie.Job("dream", init="noise").get("init"), "noise")

    def test_iterators(self):
        "iterators are lists; bytes are file names"
        job = reverie.Job("style", style_blend=(part / 2 for part in (1, 3)), style_layers=map(str, ["conv1_1"]))
        self.assertEqual((job.get("style_blend"), job.get("style_layers")), ("0.5,1.5", "conv1_1"))
        self.assertEqual(reverie.Job("style", log=b"a-\xfc.csv").get("log"), os.fsdecode(b"a-\xfc.csv"))
        for learned in (iter(["hokusai-wave"]), None):
            with self.assertRaisesRegex(reverie.SettingError, "'style'"):
                reverie.style("photo.png", "painting.png" if learned else None, learned=learned)

    def test_none(self):
        "None changes nothing in a branch or in a cell of a sheet"
        sheet = reverie.Job("explore-style", size=48).add("content", "photo.png").add("style", "painting.png")
        cell = sheet.pick("1a", log=None, output=None)
        strength = cell.get("strength")
        cell.set(strength=None)
        self.assertEqual((cell.get("log"), cell.get("output"), cell.get("strength")), ("", "", strength))

    def test_not_json(self):
        "numbers of more than 64 bits, and texts with a NUL, are refused like other wrong values"
        for number in (1 << 63, -(1 << 63) - 1, 1 << 70):
            with self.assertRaisesRegex(reverie.SettingError, "'seed'"):
                reverie.Job("style", seed=number)
        for wrong in ("a\0b", b"a\0b", ["a\0b"]):
            with self.assertRaisesRegex(reverie.SettingError, "NUL"):
                reverie.Job("style", network=wrong)

    def test_wrong_types(self):
        "arguments of a wrong type raise TypeError, never an error of ctypes"
        job, scorer = reverie.Job("style"), reverie.Scorer()
        scorer.threads = "4"
        for call in (lambda: job.get(5), lambda: job.branch(reverie.Picture("photo.png")), lambda: reverie.Snapshot(5),
                     lambda: scorer.fit(["photo.png"])):
            with self.assertRaises(TypeError):
                call()

    def test_all_or_nothing(self):
        "if one setting is wrong, no setting is set"
        job = reverie.Job("style")
        with self.assertRaises(reverie.SettingError):
            job.set(strength=10, size=100, iterations=-1)
        self.assertEqual((job.get("strength"), job.get("size")), (50, None))
