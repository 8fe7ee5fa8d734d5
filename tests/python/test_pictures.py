"""Tests pictures from and to other libraries, jobs, and refused values."""

import array
import asyncio
import gc
import io
import math
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
import unittest

import reverie
from reverie import _arrays

try:
    import numpy
except ImportError:
    numpy = None
try:
    import PIL.Image
except ImportError:
    PIL = None

SMALL = {"size": 48, "iterations": 2, "start_size": 0, "finish": 0,
         "style_layers": "conv1_1,conv2_1", "content_layers": "conv2_1",
         "exact": True, "threads": 1, "force": True}


def job(**settings):
    return reverie.Job("style", **SMALL | settings).add("content", "photo.png").add("style", "painting.png")


def address(view):
    """Address of the numbers of an array."""
    with _arrays.address(view) as where:
        return where


def memory(call):
    """Peak memory of Python during the call, in bytes."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def read(path):
    with open(path, "rb") as file:
        return file.read()


class Sources(unittest.TestCase):
    def test_sources(self):
        "a path, bytes, a picture and arrays give equal pictures"
        whole = reverie.Picture("photo.png")
        shape = (whole.height, whole.width, 3)
        wide = memoryview(array.array("H", (v * 257 for v in whole.tobytes()))).cast("B").cast("H", shape)
        real = memoryview(array.array("f", (v / 255 for v in whole.tobytes()))).cast("B").cast("f", shape)
        for source in (read("photo.png"), whole, whole.pixels, whole.pixels.toreadonly(), wide, real):
            self.assertEqual(reverie.Picture(source).tobytes(), whole.tobytes())
        painted = reverie.style(whole, read("painting.png"), **SMALL)
        self.assertEqual(painted.tobytes(), reverie.style(wide, reverie.Picture("painting.png"), **SMALL).tobytes())

    def test_result(self):
        "a result and its file have the recipe"
        made = job(strength=70).wait()
        made.save("made.png")
        read_again = reverie.Picture("made.png")
        self.assertEqual(made.settings["strength"], 70)
        self.assertEqual(reverie.style("photo.png", "painting.png", **made.settings).tobytes(), made.tobytes())
        self.assertEqual(made.recipe["command"], "style")
        self.assertEqual(read_again.recipe, made.recipe)
        self.assertIsNone(reverie.Picture("photo.png").recipe)
        self.assertEqual(made.planes.shape, (3, made.height, made.width))
        self.assertEqual(reverie.Picture(made._repr_png_()).tobytes(), made.tobytes())

    def test_transparency(self):
        "transparency is read from arrays and written to them"
        pixels = bytearray(range(4 * 6 * 4))
        clear = reverie.Picture(memoryview(pixels).cast("B", (4, 6, 4)))
        self.assertEqual(clear.pixels.shape, (4, 6, 4))
        self.assertEqual(clear.tobytes()[3::4], pixels[3::4])

    def test_no_copy(self):
        "arrays are read without a copy: whole arrays, parts of arrays, read-only arrays"
        large = memoryview(bytearray(range(256)) * 16384)
        whole = large.cast("B", (1024, 1024, 4))
        real = memoryview(array.array("f", [0.5]) * (1 << 20)).cast("B").cast("f", (1024, 1024))
        for source in (whole, whole.toreadonly(), whole[200:900], whole[::2], real):
            self.assertLess(memory(lambda: reverie.Picture(source)), 100000)
        turned = whole[::-1]
        self.assertGreater(memory(lambda: reverie.Picture(turned)), 1 << 20)  # a copy, which exceeds the limit above
        opaque = memoryview(bytearray(range(240)) * 16).cast("B", (32, 40, 3))
        for source in (opaque, opaque[3:20], opaque[::-3], opaque[::2]):
            self.assertEqual(reverie.Picture(source).tobytes(), source.tobytes())

    def test_planes(self):
        "planes are read and written without a copy, and stay valid as long as a view exists"
        made = reverie.Picture("photo.png")
        self.assertEqual(address(made.planes), address(made.planes))
        again = reverie.Picture.from_planes(made.planes)
        self.assertEqual(address(again.planes), address(made.planes))
        pixels, planes = made.tobytes(), again.planes
        del made, again
        gc.collect()
        self.assertEqual(reverie.Picture.from_planes(planes).tobytes(), pixels)
        numbers = array.array("f", [1]) * 12
        own = memoryview(numbers).cast("B").cast("f", (3, 2, 2))
        picture = reverie.Picture.from_planes(own)
        with self.assertRaises(BufferError):  # locked while the picture exists
            numbers.append(1)
        del picture, own
        gc.collect()
        numbers.append(1)
        for wrong in (memoryview(bytes(12)).cast("B", (3, 2, 2)), memoryview(bytes(48)).cast("f", (4, 3, 1))):
            with self.assertRaises(TypeError if wrong.format == "B" else ValueError):
                reverie.Picture.from_planes(wrong)
        with self.assertRaisesRegex(reverie.DtypeError, "aligned"):
            reverie.Picture.from_planes(memoryview(bytearray(49))[1:].cast("f", (3, 2, 2)))
        with self.assertRaises(reverie.FormatError):
            reverie.Picture.from_planes(memoryview(array.array("f", [math.inf]) * 12).cast("B").cast("f", (3, 2, 2)))

    @unittest.skipUnless(numpy, "there is no numpy")
    def test_numpy(self):
        "NumPy arrays of any strides become pictures and back, and share memory"
        whole = reverie.Picture("photo.png")
        pixels = numpy.asarray(whole)
        self.assertEqual(pixels.shape, (whole.height, whole.width, 3))
        self.assertTrue(numpy.shares_memory(pixels, numpy.asarray(whole)))
        self.assertTrue(numpy.shares_memory(numpy.asarray(whole.planes), numpy.asarray(whole.planes)))
        flipped = reverie.Picture(pixels[:, ::-1])
        self.assertTrue((numpy.asarray(flipped) == pixels[:, ::-1]).all())
        self.assertTrue((numpy.asarray(reverie.Picture((pixels / 255).astype("f"))) == pixels).all())
        with self.assertRaisesRegex(reverie.DtypeError, "u8, u16 or f32"):
            reverie.Picture(pixels / 255)
        self.assertEqual(job(strength=numpy.float32(60), iterations=numpy.int64(3)).get("iterations"), 3)
        self.assertEqual(job(style_blend=numpy.array([1, 2])).get("style_blend"), "1,2")

    @unittest.skipUnless(PIL, "there is no Pillow")
    def test_pillow(self):
        "pictures are converted from and to Pillow"
        whole = reverie.Picture("photo.png")
        self.assertEqual(PIL.Image.fromarray(whole).tobytes(), whole.tobytes())
        self.assertEqual(reverie.Picture(PIL.Image.open("photo.png")).tobytes(), whole.tobytes())
        clear = PIL.Image.new("LA", (5, 4), (10, 20))
        self.assertEqual(reverie.Picture(clear).pixels[0, 0, 3], 20)
        self.assertEqual(reverie.Picture(clear.convert("La")).pixels[0, 0, 3], 20)
        deep = PIL.Image.new("I", (5, 4), 257 * 9)
        for mode in "I", "I;16", "I;16B", "I;16L":
            self.assertEqual(reverie.Picture(deep.convert(mode)).pixels.tolist()[3][4], [9, 9, 9], mode)
        if int(PIL.__version__.split(".")[0]) >= 12:  # older versions create this mode, but cannot read its pixels
            self.assertEqual(reverie.Picture(PIL.Image.new("I;16N", (5, 4), 257 * 9)).pixels[3, 4, 0], 9)
        for mode, size in ("RGB", (0, 0)), ("L", (0, 5)), ("I", (5, 0)), ("F", (0, 5)):
            with self.assertRaisesRegex(reverie.ShapeError, "is empty"):
                reverie.Picture(PIL.Image.new(mode, size))
        self.assertEqual(PIL.Image.open(io.BytesIO(whole._repr_png_())).size, (whole.width, whole.height))

    @unittest.skipUnless(PIL, "there is no Pillow")
    def test_pillow_as_file(self):
        "a Pillow picture of any mode, with profile and orientation, equals its file read by the library"
        from PIL import ImageCms

        photo = PIL.Image.open("photo.png").convert("RGB")
        turned = PIL.Image.Exif()
        turned[274] = 6
        profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
        at = profile.index(b"rXYZ")  # exchanges red and blue
        other = profile.index(b"bXYZ")
        profile[at], profile[other] = ord("b"), ord("r")
        clear = PIL.Image.new("P", (8, 9))
        clear.putpalette([255, 0, 0, 7], "RGBA")
        self.assertEqual(reverie.Picture(clear).tobytes(), reverie.Picture(clear.convert("RGBA")).tobytes())
        with self.assertRaisesRegex(reverie.SettingError, "'dpi'"):
            reverie.Picture(clear).save("none.png", dpi="x")
        grey, palette = photo.convert("L"), photo.quantize(16)
        files = {
            "lying.png": (photo, {"exif": turned}), "lying.jpg": (photo, {"exif": turned}),
            "wide.png": (photo, {"icc_profile": bytes(profile)}), "wide.tif": (photo, {"icc_profile": bytes(profile)}),
            "clear.png": (photo.convert("RGBA"), {"icc_profile": bytes(profile)}),
            "lab.tif": (photo.convert("LAB"), {}), "ink.tif": (photo.convert("CMYK"), {}),
            "ink.jpg": (photo.convert("CMYK"), {}), "bits.tif": (photo.convert("1"), {}), "grey.png": (grey, {}),
            "grey-clear.png": (photo.convert("LA"), {}),
            "palette.png": (palette, {"transparency": bytes([128] * 16)}),
            "deep.tif": (grey.convert("I").point(lambda value: value * 257).convert("I;16"), {}),
            "real.tif": (grey.convert("F").point(lambda value: value * (1 / 255) + 0), {}),
        }
        for name, (picture, how) in files.items():
            with self.subTest(name):
                picture.save(name, **how)
                file = reverie.Picture(name)
                with PIL.Image.open(name) as opened:
                    pillow = reverie.Picture(opened)
                self.assertEqual(pillow.pixels.shape, file.pixels.shape)
                self.assertLess(max(abs(a - b) for a, b in zip(pillow.tobytes(), file.tobytes())), 2)
        self.assertEqual(reverie.Picture("lying.png").pixels.shape, (photo.width, photo.height, 3))
        self.assertNotEqual(reverie.Picture("wide.png").tobytes(), reverie.Picture("photo.png").tobytes())
        with self.assertRaisesRegex(reverie.FormatError, "beyond white"):
            reverie.Picture(grey.convert("F"))


class Runs(unittest.TestCase):
    def test_progress(self):
        "each iteration is reported on the waiting thread"
        reports, threads = [], set()

        def progress(report):
            reports.append(report)
            threads.add(threading.current_thread())

        job(iterations=4, progress=progress, preview_every=1e-6).wait()
        told = [report for report in reports if not report.picture]
        self.assertEqual([report.iteration for report in told], [1, 2, 3, 4])
        self.assertEqual(told[-1].done, 1)
        self.assertAlmostEqual(sum(told[0].losses.values()), told[0].loss, delta=1e-5 * told[0].loss)
        self.assertIsInstance([report for report in reports if report.picture][-1].picture, reverie.Picture)
        self.assertEqual(threads, {threading.current_thread()})

    def test_previews(self):
        "only the newest of unread previews is kept"
        reports = []
        painted = job(iterations=4, progress=reports.append, preview_every=1e-6).start()
        while painted.status not in ("done", "failed"):
            time.sleep(0.01)
        painted.wait()
        self.assertEqual([report.iteration for report in reports if report.picture], [4])

    def test_exception(self):
        "an exception in progress stops the run, and wait() raises it"

        def progress(report):
            raise KeyError("mine")

        painted = job(iterations=100000, progress=progress)
        with self.assertRaisesRegex(KeyError, "mine"):
            painted.wait()
        self.assertEqual(painted.status, "done")
        self.assertTrue(painted.stopped)
        self.assertIsNotNone(painted.result)

    def test_interrupt(self):
        "Ctrl-C stops the run"
        begun = threading.Event()

        def interrupt():
            begun.wait()
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

        thread = threading.Thread(target=interrupt)
        thread.start()
        painted = job(iterations=100000, output="interrupted.png", progress=lambda report: begun.set())
        with self.assertRaises(KeyboardInterrupt):
            painted.wait()
        thread.join()
        self.assertTrue(painted.stopped)
        self.assertTrue(os.path.exists("interrupted.png"))

    def test_steer(self):
        "a run is paused, steered, resumed and stopped"
        begun = threading.Event()
        painted = job(iterations=100000, output="steered.png", progress=lambda report: begun.set())
        painted.pause()
        painted.start()
        waits = threading.Thread(target=painted.wait)
        waits.start()
        begun.wait()
        while painted.status != "paused":
            time.sleep(0.01)
        with self.assertRaisesRegex(reverie.SettingError, "cannot change any more"):
            painted.set(size=128)
        painted.set(save_every=7)
        self.assertEqual(painted.get("save_every"), 7)
        painted.resume()
        painted.stop()
        waits.join()
        self.assertTrue(painted.stopped)

    def test_change(self):
        "masks of a branch can be files, pictures or none; masks of running and ended jobs cannot change"
        refused = []

        def turn(report):
            if report and report.iteration == 1:
                with self.assertRaisesRegex(reverie.SettingError, "while the job runs") as error:
                    painted.change("mask", "painting.png")
                refused.append(error.exception)

        painted = job(iterations=7).keep_snapshots(1, count=50)
        painted.watch(turn)
        painted.wait()
        self.assertEqual(len(refused), 1)
        changed = painted.branch(painted.snapshots[0]).keep_snapshots(1, count=50)
        changed.change("mask", "painting.png")
        changed.change("protect", reverie.Picture("painting.png"))
        recipe = changed.wait().recipe
        self.assertEqual(recipe["settings"]["steer"], "1:mask=1,1:protect=1")
        self.assertEqual([given["role"] for given in recipe["inputs"]], ["content", "style", "mask", "protect"])
        with self.assertRaisesRegex(reverie.SettingError, "has ended"):
            painted.change("mask")
        with self.assertRaisesRegex(reverie.SettingError, "no input called"):
            job().change("guide", "photo.png")
        branch = changed.branch(changed.snapshots[1])
        branch.change("mask", "none.png")
        with self.assertRaises(reverie.FileError):
            branch.wait()
        branch = changed.branch(changed.snapshots[1])
        branch.change("mask")
        self.assertEqual(branch.wait().recipe["settings"]["steer"], "1:mask=1,1:protect=1,3:mask=0")

    def test_moments(self):
        "a branch from a snapshot ends with the same bytes, with other settings in another picture"
        whole = job(iterations=6).keep_snapshots(1, count=50)
        picture = whole.wait()
        snapshots = whole.snapshots
        self.assertEqual([s.iteration for s in snapshots], sorted({s.iteration for s in snapshots}))
        middle = snapshots[len(snapshots) // 2]
        self.assertTrue(0 < middle.done < 1)
        self.assertEqual((middle.picture.width, middle.picture.height), (picture.width, picture.height))
        self.assertEqual(whole.branch(middle).wait().tobytes(), picture.tobytes())
        branch = whole.branch(middle)
        branch.set(strength=5, output="branch.png")
        other = branch.wait()
        self.assertTrue(os.path.exists("branch.png"))
        self.assertNotEqual(other.tobytes(), picture.tobytes())
        with self.assertRaisesRegex(reverie.SettingError, "cannot change any more"):
            whole.branch(middle, size=64)

    def test_pick(self):
        "a cell of a sheet becomes a job"
        sheet = reverie.Job("explore-style", **SMALL).add("content", "photo.png").add("style", "painting.png")
        self.assertEqual(sheet.pick("1a").kind, "style")
        with self.assertRaises(reverie.SettingError):
            sheet.pick("99z")

    @unittest.skipUnless(shutil.which("ffmpeg"), "there is no ffmpeg")
    def test_film(self):
        "a video is painted as a job, with the frame in each report; a stopped job keeps its finished frames"
        whole = reverie.Picture("photo.png")
        negative = memoryview(bytes(255 - byte for byte in whole.tobytes())).cast("B", (whole.height, whole.width, 3))
        with reverie.VideoWriter("clip.y4m", rate=25) as film:
            for frame in (whole, reverie.Picture(negative)) * 2:  # each frame is a shot, without static regions
                film.add(frame)
        told = []

        def film_job(output, progress):
            job = reverie.Job("style-video", size=32, iterations=2, start_size=0, threads=1, state_every=0,
                              output=output, progress=progress)
            return job.add("content", "clip.y4m").add("style", "painting.png")

        film_job("painted.y4m", told.append).wait()
        frames = [report.frame for report in told]
        self.assertEqual((frames, set(frames)), (sorted(frames), {1, 2, 3, 4}))
        self.assertEqual({report.frames for report in told}, {4})
        self.assertEqual(len(list(reverie.VideoReader("painted.y4m"))), 4)
        stopped = film_job("stopped.y4m", None)
        stopped.watch(lambda report: report and report.frame == 2 and stopped.stop())
        stopped.wait()
        self.assertTrue(stopped.stopped)
        self.assertIn(len(list(reverie.VideoReader("stopped.y4m"))), (1, 2))

    def test_learning(self):
        "a style network is trained as a job, with named losses in reports"
        reports = []
        job = reverie.Job("learn", from_scratch=True, crop=64, batch=1, iterations=2, exact=True, threads=1,
                          output="job.safetensors", force=True, progress=reports.append, preview_every=1e-6)
        job.add("style", "painting.png").add("photo", "photo.png", reverie.Picture("photo.png")).add("photo", ".")
        job.pause()
        job.start().resume()
        self.assertGreater(job.wait().width, 2 * 192)
        steps = [report for report in reports if not report.note and not report.picture]
        self.assertEqual([step.iteration for step in steps], [1, 2])
        self.assertIn("style", steps[0].losses)
        self.assertTrue(any("photographs are few" in report.note for report in reports))
        self.assertTrue(any(report.picture for report in reports))
        self.assertEqual(job.model.styles, reverie.StyleNetwork.load("job.safetensors").styles)
        self.assertEqual(job.model.styles, ["painting"])
        self.assertIsNone(reverie.Job("learn").model)

    def test_training(self):
        "a VAE is trained as a job, with named losses in reports"
        reports = []
        os.makedirs("data", exist_ok=True)
        for i in range(3):
            reverie.Picture("photo.png").save(f"data/{i}.png")
        job = reverie.Job("vae-train", architecture="mlp", width=8, latent=2, size=28, epochs=2, threads=1,
                          validation=0, progress=reports.append).add("data", "data")
        self.assertGreater(job.wait().width, 28)
        self.assertEqual((job.get("width"), job.model.latent, job.model.shape), (8, 2, (3, 28, 28)))
        self.assertEqual([report.stage for report in reports], [1, 2])
        self.assertIn("kl", reports[0].losses)
        job.model.save("model.safetensors")
        drawn = reverie.Job("vae-picture", what="walk", steps=3, threads=1).add("model", "model.safetensors").wait()
        self.assertEqual((drawn.width, drawn.height), (4 + 3 * 60, 4 + 2 * 60))
        self.assertEqual((drawn.recipe or {})["command"], "vae walk")

    def test_labels(self):
        "a conditional VAE draws pictures for labels"
        for label in "left", "right":
            os.makedirs(f"sets/{label}", exist_ok=True)
            for i in range(2):
                reverie.Picture("photo.png").save(f"sets/{label}/{i}.png")
        job = reverie.Job("vae-train", architecture="mlp", width=8, latent=2, size=28, epochs=1, threads=1,
                          validation=0, condition="labels").add("data", "sets")
        job.wait()
        job.model.save("labelled.safetensors")
        drawn = [reverie.Job("vae-picture", count=1, threads=1, label=label).add("model", "labelled.safetensors").wait()
                 for label in ("left", "right")]
        self.assertNotEqual(drawn[0].tobytes(), drawn[1].tobytes())
        with self.assertRaisesRegex(reverie.SettingError, "it has: left, right"):
            reverie.Job("vae-picture", label="up").add("model", "labelled.safetensors").wait()

    def test_once(self):
        "a job runs once; wait() of a cancelled job raises Cancelled"
        painted = job(iterations=100000).start()
        with self.assertRaisesRegex(reverie.SettingError, "runs once"):
            painted.start()
        painted.cancel()
        with self.assertRaises(reverie.Cancelled):
            painted.wait()
        self.assertIsNone(painted.result)
        self.assertEqual(painted.status, "failed")

    def test_await(self):
        "jobs are awaited, two at a time; a cancelled task cancels its job"
        reports = []

        async def both():
            return await asyncio.gather(job(progress=reports.append), job(seed=1))

        async def twice(painted):
            return await asyncio.gather(painted._wait_async(), painted._wait_async())

        async def cancelled(painted):
            begun = asyncio.Event()
            painted._progress = lambda report: begun.set()
            task = asyncio.ensure_future(painted._wait_async())
            await begun.wait()
            task.cancel()
            await task

        one, other = asyncio.run(both())
        self.assertEqual((one.width, other.width, len(reports)), (48, 48, 2))
        one, other = asyncio.run(twice(job()))
        self.assertEqual(one.tobytes(), other.tobytes())
        painted = job(iterations=100000)
        with self.assertRaises(asyncio.CancelledError):
            asyncio.run(cancelled(painted))
        with self.assertRaises(reverie.Cancelled):
            painted.wait()

    def test_closed_loop(self):
        "a job ends without an error if the event loop of a task that awaits it is closed"
        loop, faults, painted = asyncio.new_event_loop(), [], job(iterations=3)
        task = loop.create_task(painted._wait_async())
        threading.excepthook, usual = faults.append, threading.excepthook
        try:
            loop.run_until_complete(asyncio.sleep(0))  # the job begins
            loop.close()
            painted.wait()
        finally:
            threading.excepthook = usual
        self.assertEqual((painted.status, task.done(), faults), ("done", False, []))
        with self.assertLogs("asyncio", "ERROR"):  # the task was pending
            del task, loop, painted
            gc.collect()

    def test_plan(self):
        "a plan has the size, iterations and peak memory of a run"
        plan = job().plan()
        self.assertEqual((plan.width, plan.iterations), (48, 2))
        self.assertGreater(plan.peak_bytes, 1 << 20)


class Refused(unittest.TestCase):
    def refused(self, kind, text, **settings):
        with self.assertRaisesRegex(kind, text) as caught:
            job(**settings)
        return caught.exception

    def test_settings(self):
        "a wrong setting raises the library's message, with names as in Python"
        error = self.refused(ValueError, "no option 'style_weigth'; did you mean 'style_weight'", style_weigth=1)
        self.assertEqual(error.options, ("style_weigth",))
        self.refused(reverie.SettingError, "'strength' must lie between 0 and 100", strength=101)
        self.refused(reverie.SettingError, "'size' needs a number, not 'nan'", size=float("nan"))
        self.refused(reverie.SettingError, "'preview_every' needs a number, not 'x'", preview_every="x")
        with self.assertRaisesRegex(reverie.SettingError, "no kind of job 'paint'"):
            reverie.Job("paint")
        with self.assertRaisesRegex(reverie.SettingError, "no input called 'guide'"):
            job().add("guide", "photo.png")

    def test_sources(self):
        "wrong sources and outputs are refused"
        with self.assertRaises(reverie.FileError):
            reverie.style("nowhere.png", "painting.png")
        with self.assertRaises(OSError):
            reverie.Picture("nowhere.png")
        with self.assertRaises(reverie.FormatError):
            reverie.Picture(b"no picture")
        with self.assertRaises(reverie.ShapeError):
            reverie.Picture(memoryview(bytearray(40)).cast("B", (2, 4, 5)))
        with self.assertRaisesRegex(TypeError, "not float"):
            reverie.Picture(1.5)
        with self.assertRaises(reverie.SettingError):
            reverie.Picture("photo.png").save("photo.xyz")

    def test_library(self):
        "a missing or another library is reported in one line"
        folder = os.path.dirname(os.path.dirname(reverie.__file__))
        for path, text in (("nowhere.so", "libreverie cannot be loaded"), ("libm.so.6", "is not the libreverie")):
            ended = subprocess.run([sys.executable, "-c", "import reverie"], capture_output=True, text=True,
                                   env=os.environ | {"REVERIE_LIBRARY": path, "PYTHONPATH": folder})
            self.assertIn(text, ended.stderr.splitlines()[-1])
