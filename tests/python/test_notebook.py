"""Tests the display of a notebook cell while a job runs: with a replacement for IPython, and in a real kernel if
Jupyter is installed."""

import contextlib
import os
import sys
import types
import unittest
import unittest.mock

import reverie

SMALL = {"size": 32, "iterations": 6, "threads": 1}
ENDLESS = SMALL | {"iterations": 100000}
NOTEBOOK = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "examples", "notebook.ipynb")


class Handle:
    def __init__(self, shown):
        self.shown = [shown]

    def update(self, what):
        self.shown.append(what)


@contextlib.contextmanager
def notebook():
    """Replaces IPython by a module with the functions that reverie uses. Yields the list of display handles."""
    handles = []

    def display(what, display_id):
        assert display_id is True
        handles.append(Handle(what))
        return handles[-1]

    ipython, of_display = types.ModuleType("IPython"), types.ModuleType("IPython.display")
    ipython.get_ipython = lambda: types.SimpleNamespace(kernel=None)
    of_display.HTML, of_display.display = str, display
    with unittest.mock.patch.dict(sys.modules, {"IPython": ipython, "IPython.display": of_display}):
        yield handles


@contextlib.contextmanager
def kernel(test):
    """Starts a real kernel. Yields its manager and its client."""
    try:
        from jupyter_client.manager import start_new_kernel
    except ImportError:
        test.skipTest("there is no Jupyter")
    manager, client = start_new_kernel(kernel_name="python3")
    try:
        yield manager, client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def reply(client):
    """Result of a cell."""
    while True:
        message = client.get_shell_msg(timeout=60)
        if message["msg_type"] == "execute_reply":
            return message["content"]


def until(client, is_it):
    """Waits for a message for which @is_it(type of the message, its HTML or text) is true."""
    while True:
        message = client.get_iopub_msg(timeout=60)
        data = message["content"].get("data", {})
        if is_it(message["msg_type"], data.get("text/html", data.get("text/plain", ""))):
            return


class Notebooks(unittest.TestCase):
    def test_wait(self):
        "style() shows a progress bar while it runs, and clears it for the result"
        with notebook() as handles:
            picture = reverie.style("photo.png", "painting.png", **SMALL)
        (handle,) = handles
        self.assertIn("<progress", handle.shown[0])
        self.assertTrue(any("loss" in shown for shown in handle.shown[1:]), handle.shown)
        self.assertEqual(handle.shown[-1], "")
        self.assertEqual(picture._repr_png_()[:4], b"\x89PNG")

    def test_job(self):
        "a displayed job shows progress and previews, and at the end the result"
        with notebook() as handles:
            job = reverie.Job("style", preview_every=1e-6, **SMALL).add("content", "photo.png")
            job.add("style", "painting.png")._ipython_display_()
            picture = job.wait()
        (handle,) = handles
        self.assertTrue(any('src="data:image/png;base64,' in shown for shown in handle.shown[1:-1]), handle.shown)
        self.assertEqual(handle.shown[-1].tobytes(), picture.tobytes())

    def test_failed(self):
        "a job that fails shows the failure"
        with notebook() as handles:
            job = reverie.Job("style", **SMALL).add("content", "nowhere.png").add("style", "painting.png")
            job._ipython_display_()
            with self.assertRaises(reverie.FileError):
                job.wait()
        self.assertIn("failed", handles[0].shown[-1])

    def test_told(self):
        "nothing is displayed with a progress function, or in a terminal"
        with notebook() as handles:
            reverie.style("photo.png", "painting.png", progress=lambda report: None, **SMALL)
        self.assertEqual(handles, [])
        self.assertEqual(reverie.Job("style")._preview_every, 0)

    @unittest.skipUnless(os.environ.get("REVERIE_TEST_SLOW"), "slow")
    def test_kernel(self):
        "in a real kernel a cell shows the bar and previews; an interrupt stops the run, and the kernel continues"
        with kernel(self) as (manager, client):
            # With stop_on_error, a kernel discards requests that arrive while it reports a failed cell.
            client.execute(f"import reverie\nreverie.style('photo.png', 'painting.png', **{ENDLESS})",
                           stop_on_error=False)
            until(client, lambda kind, shown: "<progress" in shown and "data:image/png;base64," in shown)
            manager.interrupt_kernel()
            self.assertEqual(reply(client).get("ename"), "KeyboardInterrupt")
            client.execute("import threading\n[t.name for t in threading.enumerate() if 'reverie' in t.name]")
            until(client, lambda kind, shown: kind == "execute_result" and shown == "[]")

    @unittest.skipUnless(os.environ.get("REVERIE_TEST_SLOW"), "slow")
    def test_kernel_job(self):
        "in a real kernel a job in the last line of a cell is displayed during later cells, then its picture"
        with kernel(self) as (_, client):
            client.execute("import reverie\n"
                           f"job = reverie.Job('style', preview_every=1e-6, **{ENDLESS}).add('content', 'photo.png')\n"
                           "job.add('style', 'painting.png').start()")
            self.assertEqual(reply(client)["status"], "ok")
            until(client, lambda kind, shown: kind == "update_display_data" and "data:image/png;base64," in shown)
            client.execute("job.stop()\njob.wait()")
            until(client, lambda kind, shown: kind == "update_display_data" and shown.startswith("<reverie.Picture"))

    @unittest.skipUnless(os.environ.get("REVERIE_TEST_SLOW"), "slow")
    def test_example(self):
        "the notebook of examples/ runs from top to bottom"
        try:
            import nbclient
            import nbformat
        except ImportError:
            self.skipTest("there is no nbclient")
        os.makedirs("demo", exist_ok=True)
        os.makedirs("examples", exist_ok=True)
        reverie.Picture("photo.png").save("demo/lake.jpg")
        reverie.Picture("painting.png").save("demo/strokes.jpg")
        reverie.VAE(1, 8, 8, architecture="mlp", latent=2, width=4).save("demo/map.safetensors")
        notebook = nbformat.read(NOTEBOOK, 4)
        nbclient.NotebookClient(notebook, timeout=600, resources={"metadata": {"path": "examples"}}).execute()
        shown = [output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", [])]
        self.assertEqual(sum("image/png" in data for data in shown), 4)
