"""Tests Scorer, which finds unusual pictures."""

import copy
import csv
import os
import pickle
import subprocess
import threading
import unittest
import warnings

import reverie


def usual(i):
    "The photograph, darker by @i levels: an array [height, width, 3]."
    whole = reverie.Picture("photo.png")
    return memoryview(bytes(max(byte - i, 0) for byte in whole.tobytes())).cast("B", (whole.height, whole.width, 3))


class Scorers(unittest.TestCase):
    def setUp(self):
        warnings.simplefilter("error")
        os.makedirs("usual", exist_ok=True)
        for i in range(6):
            reverie.Picture(usual(i)).save(f"usual/{i}.png")

    def test_patches(self):
        "patches are trained on arrays or files; arrays, files and the program give the same scores"
        scorer = reverie.Scorer(size=64, coreset=1, threads=1).fit([usual(i) for i in range(6)])
        self.assertEqual(scorer.predict(["usual/4.png", usual(1), "painting.png"]), [1, 1, -1])
        scores = scorer.score_samples(["usual/4.png", usual(4), "painting.png"])
        self.assertEqual(scores[0], scores[1])
        self.assertEqual(scorer.decision_function(["usual/4.png"]), [scores[0] + scorer.threshold])
        same = reverie.Scorer(size=64, coreset=1, threads=1).fit("usual")
        self.assertEqual(same.score_samples(["painting.png"]), scores[2:])
        scorer.save("parts.safetensors")
        subprocess.run([os.environ["REVERIE_PROGRAM"], *"vae score parts.safetensors usual painting.png -o scores.csv "
                        "--threads 1 -q".split()], check=True)
        with open("scores.csv", encoding="utf-8") as file:
            rows = {row["file"]: row for row in csv.DictReader(file)}
        self.assertEqual([float(rows[name]["score"]) for name in ("usual/4.png", "painting.png")],
                         [float(f"{-score:.9g}") for score in scores[::2]])
        self.assertEqual(rows["painting.png"]["unusual"], "1")

    def test_maps(self):
        "maps show the unusual area, and stay valid after their scorer is freed"
        half = bytearray(usual(0).tobytes())
        width = reverie.Picture("photo.png").width
        for y in range(26, 38):
            half[3 * (y * width + 26) : 3 * (y * width + 38)] = bytes(36)
        scorer = reverie.Scorer(size=64, coreset=1).fit("usual")
        seen, other = scorer.maps([memoryview(half).cast("B", (64, width, 3)), "usual/2.png"])
        threshold = scorer.threshold
        del scorer
        self.assertEqual((seen.shape, other.shape), ((64, width), (64, width)))
        self.assertGreater(seen[32, 32], threshold)
        self.assertLess(other[32, 32], seen[32, 32] / 4)

    def test_vae(self):
        "a VAE is trained; a score does not depend on the other pictures"
        scorer = reverie.Scorer("vae", size=28, width=8, epochs=3, validation=0.3, seed=1, threads=1)
        first, second = scorer.fit([usual(i) for i in range(10)]).score_samples(["usual/1.png", "painting.png"])
        self.assertGreater(first, second)
        self.assertEqual(scorer.score_samples(["painting.png"]), [second])
        self.assertEqual(scorer.maps(["painting.png"])[0].shape, (28, 28))
        self.assertEqual(scorer.predict(["painting.png"]), [-1])
        scorer.save("vae-scorer.safetensors")
        same = reverie.Scorer.load("vae-scorer.safetensors", threads=1, seed=1)
        self.assertEqual((same.kind, same.threshold), ("vae", scorer.threshold))

    def test_again(self):
        "a scorer is trained again, used by two threads, and cannot be copied"
        scorer = reverie.Scorer(size=64, coreset=1).fit("usual")
        before = scorer.score_samples(["painting.png"])
        self.assertEqual(scorer.fit("usual").score_samples(["painting.png"]), before)
        big = reverie.Picture("photo.png")
        results = []
        threads = [threading.Thread(target=lambda: results.extend(scorer.score_samples(["painting.png", big] * 5)))
                   for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(set(results)), 2)
        for copied in (copy.copy, copy.deepcopy, pickle.dumps):
            for value in (scorer, big):
                with self.assertRaisesRegex(TypeError, "cannot be copied"):
                    copied(value)

    def test_lock(self):
        "a scorer is saved, and its threshold read, only while no other thread replaces its model"
        scorer = reverie.Scorer(size=64, coreset=1).fit("usual")
        for call in (lambda: scorer.save("locked.safetensors"), lambda: scorer.threshold):
            thread = threading.Thread(target=call)
            with scorer._lock:
                thread.start()
                thread.join(0.2)
                self.assertTrue(thread.is_alive())
            thread.join()

    def test_left_out(self):
        "files that are no pictures are reported"
        os.makedirs("mixed", exist_ok=True)
        for name in ("0.png", "1.png", "2.png"):
            reverie.Picture("photo.png").save(f"mixed/{name}")
        with open("mixed/notes.txt", "w", encoding="utf-8") as file:
            file.write("notes")
        for scorer in (reverie.Scorer(size=64), reverie.Scorer("vae", size=28, width=4, epochs=1, validation=0)):
            with self.assertWarnsRegex(UserWarning, "left out: .*notes.txt"):
                scorer.fit("mixed")
            with self.assertRaisesRegex(reverie.SettingError, "no pictures back"):
                scorer.predict("mixed")

    def test_refused(self):
        "unknown kinds and options, missing models, and files with several pictures are refused"
        with self.assertRaisesRegex(reverie.SettingError, "'patches' or 'vae'"):
            reverie.Scorer("nearest")
        with self.assertRaisesRegex(reverie.SettingError, "no model"):
            reverie.Scorer().predict(["photo.png"])
        with self.assertRaisesRegex(reverie.SettingError, "no model"):
            reverie.Scorer().save("none.safetensors")
        for kind, settings in (("patches", {"latent": 2}), ("vae", {"latents": 2}), ("vae", {"seed": "x"}),
                               ("patches", {"size": "abc"}), ("patches", {"size": 64 + 2**32}),
                               ("patches", {"coreset": "x"}), ("patches", {"seed": 2**64}),
                               ("patches", {"threads": 2**32}), ("patches", {"false_alarms": "x"}),
                               ("patches", {"false_alarms": 5}), ("patches", {"false_alarms": float("nan")})):
            with self.assertRaisesRegex(reverie.SettingError, f"'{next(iter(settings))}'"):
                reverie.Scorer(kind, **settings)
        self.assertEqual(reverie.Scorer(seed=None, size=None).settings, {})
        self.assertEqual(reverie.Scorer("vae", seed=None).settings, {"seed": 0})
        with self.assertRaises(reverie.FormatError):
            reverie.Scorer.load("photo.png")
        with self.assertRaises(reverie.FileError):
            reverie.Scorer(size=64).fit([])
        with self.assertRaisesRegex(reverie.FileError, "cannot read the folder nowhere"):
            reverie.Scorer(size=64).fit("nowhere")
        tiny = reverie.VAE(1, 2, 2, architecture="mlp", width=2, latent=1)
        tiny.save("tiny.safetensors")
        for temperature in -1, float("nan"), float("inf"), "x":
            with self.assertRaisesRegex(reverie.SettingError, "'temperature'"):
                tiny.sample(temperature=temperature)
        with open("two-idx3-ubyte", "wb") as file:
            file.write(bytes([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2]) + bytes(8))
        with self.assertRaisesRegex(reverie.ShapeError, "has 2 pictures"):
            reverie.Scorer.load("tiny.safetensors").score_samples(["two-idx3-ubyte"])
