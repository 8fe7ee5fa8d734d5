"""Tests networks, models, flows, masks and videos in Python."""

import os
import pathlib
import shutil
import subprocess
import threading
import unittest
import unittest.mock

import reverie

try:
    import numpy
except ImportError:
    numpy = None


class Models(unittest.TestCase):
    def test_features(self):
        "features have the requested names, and stay valid after their network is freed"
        features = reverie.Network().features("photo.png", ["relu1_1", "conv1_1:pre", "pool1"], threads=1)
        height, width = reverie.Picture("photo.png").height, reverie.Picture("photo.png").width
        self.assertEqual({name: of.shape for name, of in features.items()},
                         {"relu1_1": (32, height, width), "conv1_1:pre": (32, height, width),
                          "pool1": (32, height // 2, width // 2)})
        after, before = (features[name].cast("B").cast("f") for name in ("relu1_1", "conv1_1:pre"))
        self.assertEqual([max(number, 0) for number in before], list(after))
        self.assertTrue(min(before) < 0 < max(before))

    def test_networks(self):
        "a network has a name, layers and words; unknown layers and networks are refused"
        network = reverie.Network(pathlib.Path("builtin"))
        self.assertEqual((network.name, network.layers[0], network.words[88]), ("builtin", "conv1_1", "macaw"))
        with self.assertRaisesRegex(reverie.SettingError, "conv9_9"):
            network.features("photo.png", ["conv1_1", "conv9_9"])
        with self.assertRaisesRegex(reverie.SettingError, "no layers are given"):
            network.features("photo.png", [])
        with self.assertRaisesRegex(reverie.ShapeError, "too small for the layer pool4"):
            network.features(memoryview(bytes(27)).cast("B", (3, 3, 3)), "pool4")
        with self.assertRaisesRegex(reverie.SettingError, "there is no network .vgg99.; did you mean .vgg19"):
            reverie.Network("vgg99")

    def test_onnx(self):
        "a network is read from an ONNX file, with its preprocessing or another"
        file = os.path.join(os.path.dirname(__file__), "..", "golden", "onnx-files", "small.onnx")

        def features(preprocessing):
            network = reverie.Network(file, preprocessing=preprocessing)
            return bytes(network.features("photo.png", ["features"], threads=1)["features"].cast("B"))

        self.assertEqual(features(None), features("imagenet"))
        self.assertNotEqual(features(None), features("tf"))
        with self.assertRaises(reverie.FormatError):
            reverie.Network(file, preprocessing="no such")

    def test_labels(self):
        "a network gets the names of its classes from a file"
        file = os.path.join(os.path.dirname(__file__), "..", "golden", "onnx-files", "small.onnx")
        with open("labels.txt", "w", encoding="utf-8") as labels:
            labels.write("tench, Tinca tinca\nmacaw\nboat\nfour\nfive\n")
        self.assertEqual(reverie.Network(file).words, [])
        self.assertEqual(reverie.Network(file, labels="labels.txt").words, ["tench", "macaw", "boat", "four", "five"])

    def test_vae(self):
        "a VAE is saved, loaded, encodes and decodes"
        vae = reverie.VAE(1, 8, 8, architecture="mlp", latent=2, width=4, seed=3, threads=1)
        vae.save("vae.safetensors")
        again = reverie.VAE.load("vae.safetensors")
        self.assertEqual((again.shape, again.latent, again.settings["architecture"]), ((1, 8, 8), 2, "mlp"))
        mu, logvar = again.encode(bytes(range(128)))
        self.assertEqual((mu.shape, logvar.shape), ((2, 2), (2, 2)))
        pixels = again.decode(mu)
        self.assertEqual(pixels.shape, (2, 1, 8, 8))
        self.assertEqual(pixels.tolist(), vae.decode(mu.tolist()).tolist())
        self.assertEqual(vae.decode([0.5, -1]).tolist(), vae.decode([[0.5, -1]]).tolist())
        self.assertTrue(0 < min(pixels.cast("B").cast("f")) and max(pixels.cast("B").cast("f")) < 1)
        self.assertEqual(again.sample(3, seed=1).tolist(), vae.sample(3, seed=1).tolist())
        if numpy:
            self.assertTrue((numpy.asarray(vae.decode(numpy.asarray(mu).astype("d"))) == numpy.asarray(pixels)).all())

    def test_vae_refused(self):
        "wrong models, rows, pictures and options of a VAE are refused"
        vae = reverie.VAE(1, 8, 8, architecture="mlp", latent=2, width=4)
        with self.assertRaisesRegex(reverie.ShapeError, "each row needs 2 numbers"):
            vae.decode([[1, 2, 3]])
        with self.assertRaises(reverie.ShapeError):
            vae.encode(bytes(63))
        picture = memoryview(bytes(128))
        self.assertEqual(vae.encode(picture.cast("B", (2, 1, 8, 8)))[0].shape, (2, 2))
        self.assertEqual(vae.encode(picture[64:].cast("B", (1, 8, 8)))[0].shape, (1, 2))
        for shape in (1, 8, 8, 2), (2, 8, 8), (1, 2, 1, 8, 8), (16, 8):
            with self.assertRaises(reverie.ShapeError):
                vae.encode(picture.cast("B", shape))
        for call in (vae.decode, vae.encode):
            with self.assertRaisesRegex(reverie.ShapeError, "is empty"):
                call(b"")
            for wrong in (None, 3, [None, "a"], [["a", "b"]]):
                with self.assertRaises(reverie.DtypeError):
                    call(wrong)
        with self.assertRaisesRegex(reverie.ShapeError, "is empty"):
            vae.sample(0)
        with self.assertRaises(reverie.OutOfMemory):
            vae.sample(1 << 62)
        with unittest.mock.patch("os.sysconf", return_value=100):  # 10000 bytes of memory
            vae.sample(625)
            with self.assertRaisesRegex(reverie.OutOfMemory, "an array of .626, 2. is too large for the memory"):
                vae.sample(626)
        for kind in (">f4", "c8") if numpy else ():  # f2 works in Python 3.12 and later
            with self.assertRaises(reverie.DtypeError):
                vae.decode(numpy.zeros((3, 2), kind))
        with self.assertRaises(reverie.Error):
            reverie.VAE.load("photo.png")
        with self.assertRaisesRegex(reverie.SettingError, "no option 'latents'"):
            reverie.VAE(1, 8, 8, latents=2)

    def test_numbers(self):
        "numbers that the library's integers cannot hold are refused, and so are values that are no whole numbers"
        vae = reverie.VAE(1, 8, 8, architecture="mlp", latent=2, width=4)
        network, whole = reverie.Network(), reverie.Picture("photo.png")
        for name, call in (("channels", lambda n: reverie.VAE(n, 28, 28)), ("seed", lambda n: vae.sample(seed=n)),
                           ("n", vae.sample), ("quality", lambda n: whole.save("q.jpg", quality=n)),
                           ("threads", lambda n: network.features(whole, "conv1_1", threads=n)),
                           ("threads", lambda n: reverie.mask(whole, threads=n)),
                           ("every", lambda n: reverie.VideoReader("none.mp4", every=n)),
                           ("crf", lambda n: reverie.VideoWriter("none.mp4", rate=25, crf=n)),
                           ("count", lambda n: reverie.Job("style").keep_snapshots(1, count=n))):
            for wrong in (2**64 + 1, "1", 1.0, None):
                with self.subTest(name, wrong=wrong):
                    with self.assertRaisesRegex(reverie.SettingError, f"'{name}' needs a whole number") as caught:
                        call(wrong)
                    self.assertEqual(caught.exception.options, (name,))
        for wrong in (2**32 + 25, float("nan"), float("inf"), None, "x"):
            with self.assertRaisesRegex(reverie.SettingError, "'rate' needs"):
                reverie.VideoWriter("none.mp4", rate=wrong)
        if numpy:
            self.assertEqual(vae.sample(numpy.int64(2), seed=numpy.uint8(3)).tolist(), vae.sample(2, seed=3).tolist())

    def test_learn(self):
        "a style network is trained, stops on an exception, and paints the bytes of the program"
        lessons = []
        small = {"crop": 64, "batch": 1, "threads": 1}
        painter = reverie.learn("painting.png", ["photo.png"], name="glass", iterations=1,
                                progress=lessons.append, **small)
        self.assertEqual([lesson.iteration for lesson in lessons if not lesson.note], [1])
        self.assertAlmostEqual(sum(lessons[-1].losses.values()), lessons[-1].loss, delta=1e-5 * lessons[-1].loss)
        painter.save("painter.safetensors")
        subprocess.run([os.environ["REVERIE_PROGRAM"], *"style photo.png --learned painter.safetensors -o with.png "
                        "--threads 1 -q".split()], check=True)
        again = reverie.StyleNetwork.load("painter.safetensors")
        self.assertEqual(again.styles, ["glass"])
        self.assertEqual(again.paint("photo.png", threads=1).tobytes(), reverie.Picture("with.png").tobytes())
        os.makedirs("styles", exist_ok=True)
        again.save("styles/painter.safetensors")
        again.save("a,b.safetensors")
        for learned in ("painter.safetensors", "styles/painter.safetensors:glass", {"styles/painter.safetensors": 1},
                        ["a,b.safetensors"]):
            self.assertEqual(reverie.style("photo.png", learned=learned, threads=1).tobytes(),
                             reverie.Picture("with.png").tobytes())
        with self.assertRaisesRegex(reverie.SettingError, "choose from: glass"):
            again.paint("photo.png", "waves")

        def progress(lesson):
            raise KeyError("mine")

        with self.assertRaisesRegex(KeyError, "mine"):
            reverie.learn("painting.png", ["photo.png"], painter="painter.safetensors", iterations=10000,
                          progress=progress, **small)
        with self.assertRaises(reverie.SettingError):
            reverie.learn("painting.png", [], **small)
        with self.assertRaises(reverie.SettingError):
            reverie.learn([], ["photo.png"], **small)

    def test_learned(self):
        "style() paints in learned styles that are built in"
        by_job = reverie.Job("style-learned", learned="hokusai-wave", size=64, threads=1).add("content", "photo.png")
        painted = reverie.style("photo.png", learned="hokusai-wave", size=64, threads=1)
        self.assertEqual(painted.tobytes(), by_job.wait().tobytes())
        with self.assertRaisesRegex(reverie.SettingError, "'learned' cannot be combined with the input 'style'"):
            reverie.style("photo.png", "painting.png", learned="hokusai-wave")
        with self.assertRaisesRegex(reverie.SettingError, "'style'"):
            reverie.style("photo.png")

    def test_version(self):
        "the package has the version of the program"
        told = subprocess.run([os.environ["REVERIE_PROGRAM"], "--version"], capture_output=True, text=True).stdout
        self.assertEqual(told.splitlines()[0], f"reverie {reverie.__version__}")

    def test_flow(self):
        "the flow of a picture moved by two pixels is two pixels"
        whole = reverie.Picture("photo.png")
        shape = (whole.height, whole.width, 3)
        data, moved = whole.tobytes(), bytearray(len(whole.tobytes()))
        for row in range(0, len(data), 3 * whole.width):
            moved[row : row + 3 * whole.width] = data[row : row + 6] + data[row : row + 3 * (whole.width - 2)]
        flow = reverie.flow(whole, memoryview(moved).cast("B", shape))
        self.assertEqual(flow.shape, (2, whole.height, whole.width))
        self.assertAlmostEqual(flow[0, whole.height // 2, whole.width // 2], 2, delta=0.2)
        self.assertAlmostEqual(flow[1, whole.height // 2, whole.width // 2], 0, delta=0.2)

    def test_mask(self):
        "masks have the size of the picture; a drawing of waves has no faces"
        whole = reverie.Picture("photo.png")
        mask = reverie.mask(whole)
        self.assertEqual((mask.width, mask.height), (whole.width, whole.height))
        self.assertEqual(max(mask.tobytes()), 0)
        self.assertEqual(reverie.mask("photo.png", of="background", threads=1).width, whole.width)
        with self.assertRaises(reverie.SettingError):
            reverie.mask(whole, of="noses")

    @unittest.skipUnless(shutil.which("ffmpeg"), "there is no ffmpeg")
    def test_film(self):
        "a video is written frame by frame, and read; a failed one leaves no file"
        whole = reverie.Picture("photo.png")
        with reverie.VideoWriter("film.y4m", rate=25) as film:
            for _ in range(3):
                film.add(whole)
        with self.assertRaisesRegex(ValueError, "is finished"):
            film.add(whole)
        clip = reverie.VideoReader("film.y4m")
        self.assertEqual((clip.width, clip.height, clip.rate), (whole.width, whole.height, 25))
        frames = list(clip)
        self.assertEqual(len(frames), 3)
        self.assertEqual(len(list(reverie.VideoReader("film.y4m", every=2))), 2)
        with self.assertRaises(KeyError), reverie.VideoWriter("none.y4m", rate=25) as film:
            film.add(whole)
            raise KeyError
        self.assertFalse(os.path.exists("none.y4m"))

    @unittest.skipUnless(shutil.which("ffmpeg"), "there is no ffmpeg")
    def test_film_threads(self):
        "several threads write one video, and read one; at exit only a writer is freed, which deletes its file"
        whole, frames = reverie.Picture("photo.png"), []

        def together(call):
            threads = [threading.Thread(target=call) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

        with reverie.VideoWriter("shared.y4m", rate=25) as film:
            together(lambda: [film.add(whole) for _ in range(20)])
            self.assertTrue(film._close.atexit)
        clip = reverie.VideoReader("shared.y4m")
        self.assertFalse(clip._close.atexit)
        together(lambda: frames.extend(clip))
        self.assertEqual(len(frames), 80)
