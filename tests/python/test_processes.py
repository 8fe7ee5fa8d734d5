"""Tests file names with any bytes, and forked processes."""

import os
import shutil
import subprocess
import sys
import unittest

import reverie

SMALL = {"size": 48, "iterations": 1, "start_size": 0, "style_layers": "conv1_1", "content_layers": "conv1_1",
         "exact": True, "threads": 1, "force": True}
ENDS_WITHIN_S = 20 * int(os.environ.get("REVERIE_TEST_SLOWER", 1))

# Code that runs before the fork, and after it in the child.
FORKED = {
    "a picture": ("reverie.Picture('photo.png')", "reverie.Picture('photo.png')"),
    "a job": ("job().wait()", "job().wait()"),
    "a started job": ("begun = job(iterations=100000).start()", "begun.wait()"),
    "a VAE": ("vae = reverie.VAE(1, 16, 16, latent=2); vae.decode(vae.sample(9))", "vae.decode(vae.sample(9))"),
    "flow": ("reverie.flow('photo.png', 'photo.png')", "reverie.flow('photo.png', 'photo.png')"),
}

FORK = """
import os, signal, reverie
def job(**settings):
    return reverie.Job("style", **{settings}, **settings).add("content", "photo.png").add("style", "painting.png")
{before}
child = os.fork()
if child == 0:
    signal.alarm(10)
    try:
        {after}
        print("worked", flush=True)
    except reverie.BackendError as error:
        print(error, flush=True)
    os._exit(0)
os.waitpid(child, 0)
os._exit(0)
"""


def forked(before, after):
    """Runs @before in a process, and @after in its forked child. Returns the output of the child."""
    settings = {name: value for name, value in SMALL.items() if name != "iterations"}
    text = FORK.replace("{settings}", repr(settings)).replace("{before}", before).replace("{after}", after)
    return subprocess.run([sys.executable, "-c", text], stdout=subprocess.PIPE, text=True, timeout=ENDS_WITHIN_S,
                          env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}, check=True).stdout


class Forks(unittest.TestCase):
    def test_after_threads(self):
        "a child forked after a computation gets an error, and does not hang"
        for name, (before, after) in FORKED.items():
            with self.subTest(name):
                said = forked(before, after)
                self.assertIn("spawn", said)
                self.assertEqual(said.count("\n"), 1)

    def test_before_threads(self):
        "a child forked before a computation works"
        self.assertEqual(forked("reverie.kinds()", "reverie.Picture('photo.png')"), "worked\n")


class Exit(unittest.TestCase):
    def test_paused(self):
        "a paused job does not keep Python from exiting"
        text = f"""
import reverie
job = reverie.Job("style", **{SMALL | {"iterations": 100000}}).add("content", "photo.png").add("style", "painting.png")
job.start().pause()
"""
        subprocess.run([sys.executable, "-c", text], timeout=ENDS_WITHIN_S, check=True,
                       env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)})


class Names(unittest.TestCase):
    def test_bytes(self):
        "names of inputs, outputs and logs may have bytes that are not UTF-8"
        odd = {name: os.fsdecode(b"\xfc,\n: " + name.encode()) for name in ("in.png", "out.png", "log", "copy.png")}
        shutil.copy("photo.png", odd["in.png"])
        made = reverie.style(odd["in.png"], "painting.png", output=odd["out.png"], log=odd["log"], **SMALL)
        self.assertEqual(reverie.Picture(odd["out.png"]).tobytes(), made.tobytes())
        self.assertTrue(os.path.exists(odd["log"]))
        made.save(odd["copy.png"])
        self.assertTrue(os.path.exists(odd["copy.png"]))
        job = reverie.Job("style", output=odd["out.png"])
        self.assertEqual(job.get("output"), odd["out.png"])
        with self.assertRaisesRegex(reverie.FileError, "cannot open gone-"):
            reverie.Picture(os.fsdecode(b"gone-\xfc.png"))
