"""Every row of the library's tables is reached from Python, and known to type checkers."""

import inspect
import unittest

import reverie
from reverie import _settings

JOBS = {"style": reverie.style, "dream": reverie.dream}
KINDS = {"style": ("style", "picture", "state"), "dream": ("dream", "dreams", "picture", "state")}


def values(option):
    """Some that the option takes, other than its default where there are any."""
    if option["type"] == "bool":
        return [True, False]
    if option["type"] == "choice":
        return option["choices"]
    if option["type"] == "text":
        return []
    return [option["min"], option["max"]] if option["type"] == "real" else [int(option["min"]) or 1]


class Tables(unittest.TestCase):
    def test_jobs(self):
        "every option of every kind of job is set and read"
        for kind in JOBS:
            for of in KINDS[kind]:
                for option in reverie.table(of)["options"]:
                    with self.subTest(kind=of, option=option["name"]):
                        self.reach(kind, option)

    def reach(self, kind, option):
        name = option["name"].replace("-", "_")
        for value in values(option):
            job = reverie.Job(kind)
            job.set(**{name: value})
            self.assertEqual(job.get(name), value)
        if "default" in option:
            self.assertEqual(reverie.Job(kind).get(name), option["default"])
        self.assertIn(_settings.help_text(option), JOBS[kind].__doc__)

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
        kinds = {reverie.style: KINDS["style"], reverie.dream: KINDS["dream"], reverie.flow: ("flow",),
                 reverie.learn: ("learn",)}
        for function, of_kinds in kinds.items():
            parameters = inspect.signature(function).parameters
            for of in of_kinds:
                for option in reverie.table(of)["options"]:
                    name = option["name"].replace("-", "_")
                    name += "_" if name == "from" else ""
                    self.assertIn(name, parameters)
                    if name != "init" and option.get("default") != "":  # a word or a picture
                        self.assertEqual(parameters[name].default, option.get("default"))

    def test_values(self):
        "lists and maps are texts; None is the preset's value; keywords of Python's have a line after them"
        job = reverie.Job("style", style_blend=[0.7, 0.3], content_layers={"conv4_1": 2}, strength=10)
        self.assertEqual(job.get("style_blend"), "0.7,0.3")
        self.assertEqual(job.get("content_layers"), "conv4_1:2")
        job.set(strength=None)
        self.assertEqual(job.get("strength"), 50)
        self.assertEqual(reverie.Job("dream", from_="noise").get("from_"), "noise")

    def test_all_or_nothing(self):
        "of settings of which one is wrong none is set"
        job = reverie.Job("style")
        with self.assertRaises(reverie.SettingError):
            job.set(strength=10, size=100, iterations=-1)
        self.assertEqual((job.get("strength"), job.get("size")), (50, 0))
