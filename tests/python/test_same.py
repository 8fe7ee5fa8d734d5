"""Tests that the program and the Python package make the same bytes with the same settings, for every kind of job."""

import os
import shutil
import subprocess
import unittest

import reverie
from reverie import _settings
from reverie._library import library, strings

COMMON = {"exact": True, "threads": 1, "force": True}
VAE = {"architecture": "mlp", "latent": 2, "width": 4}
PAINTER = {"crop": 64, "batch": 1, "iterations": 1}

# For each kind: command, inputs by role, settings, suffix of the result. Inputs of the roles in FIRST are arguments of
# the command line; others are options with the name of the role.
FIRST = ("content", "picture", "style", "data", "model", "input")
HAS_FILMS = shutil.which("ffmpeg") is not None
CASES = {
    "style": ("style", {"content": "photo.png", "style": "painting.png", "mask": "mask.png", "protect": "protect.png"},
              {"size": 48, "iterations": 2, "start_size": 0}, ".png"),
    "dream": ("dream", {"picture": "photo.png", "guide": "painting.png", "mask": "mask.png"},
              {"preset": "test", "size": 64, "truncate": True}, ".png"),
    "style-learned": ("style", {"content": "photo.png"},
                   {"learned": "hokusai-wave", "strength": 40, "size": 64, "exact": False}, ".png"),
    "style-video": ("style", {"content": "clip.y4m", "style": "painting.png"},
                   {"size": 32, "iterations": 2, "frame_iterations": 1, "start_size": 0}, ".y4m"),
    "dream-video": ("dream", {"content": "clip.y4m"}, {"preset": "test", "size": 64, "frame_iterations": 1}, ".y4m"),
    "explore-style": ("explore style", {"content": "photo.png", "style": "painting.png"},
                      {"cell": 64, "iterations": 1, "across": "strength=20,80", "down": "seed=0,1"}, ".png"),
    "explore-dream": ("explore dream", {"picture": "photo.png"},
                      {"cell": 64, "iterations": 1, "across": "strength=1,2", "down": "seed=0,1"}, ".png"),
    "explore-learned": ("explore learned", {"content": "photo.png"},
                     {"cell": 64, "learned": "hokusai-wave,munch-scream", "exact": False}, ".png"),
    "learn": ("learn", {"style": "painting.png", "photos": "photos"}, PAINTER, ".safetensors"),
    "vae-train": ("vae train", {"data": "photos"}, VAE | {"size": 28, "epochs": 1, "validation": 0}, ".safetensors"),
    "vae-picture": ("vae manifold", {"model": "model.safetensors"}, {"count": 3}, ".png"),
}


def program(*arguments):
    subprocess.run([os.environ["REVERIE_PROGRAM"], *arguments, "-q"], check=True, stdin=subprocess.DEVNULL)


def command_line(command, inputs, settings):
    """Arguments of the program for a command, inputs and settings."""
    words = command.split() + [file for role, file in inputs.items() if role in FIRST]
    for name, value in (inputs | settings).items():
        if name not in FIRST and value is not False:
            words.append(f"--{_settings.option_name(name)}" + ("" if value is True else f"={value}"))
    return words


class Same(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        os.makedirs("photos", exist_ok=True)
        for name, picture in (("photo", "photo.png"), ("painting", "painting.png")):
            shutil.copy(picture, f"photos/{name}.png")
        whole = reverie.Picture("photo.png")
        half = bytearray(whole.width * whole.height)
        half[: len(half) // 2] = b"\xff" * (len(half) // 2)
        grey = memoryview(half).cast("B", (whole.height, whole.width))
        reverie.Picture(grey).save("mask.png")
        reverie.Picture(grey[::-1]).save("protect.png")
        if HAS_FILMS:
            with reverie.VideoWriter("clip.y4m", rate=25) as film:
                film.add(whole)
                film.add(whole)
        reverie.VAE(1, 8, 8, **VAE).save("model.safetensors")

    def test_every_kind(self):
        "every kind of job makes the program's bytes"
        self.assertEqual(set(CASES), set(strings(library.rv_job_kinds())))
        for kind in CASES:
            with self.subTest(kind=kind):
                if kind.endswith("-video") and not HAS_FILMS:
                    self.skipTest("there is no ffmpeg")
                self.same(kind, *CASES[kind])

    def same(self, kind, command, inputs, settings, suffix):
        common = {name: COMMON[name] for name in COMMON.keys() & _settings.options(*_settings.of_job(kind)).keys()}
        settings = common | settings
        by_program, by_python = f"program-{kind}{suffix}", f"python-{kind}{suffix}"
        program(*command_line(command, inputs, settings), "-o", by_program)
        job = reverie.Job(kind, output=by_python, **settings)
        if kind == "vae-picture":
            job.set(what=command.split()[1])
        for role, source in inputs.items():
            job.add(role.removesuffix("s"), source)
        picture = job.wait()
        self.assertEqual(read(by_program), read(by_python))
        if suffix == ".png":
            picture.save("saved.png")
            self.assertEqual(read(by_program), read("saved.png"))
            self.assertEqual(picture.tobytes(), reverie.Picture(by_program).tobytes())


def read(path):
    with open(path, "rb") as file:
        return file.read()
