"""browser.py -- a headless Chromium, driven by the DevTools protocol over two pipes. Needs only Python's standard
library."""

import base64
import fcntl
import json
import os
import shutil
import subprocess
import tempfile
import time

SLOWER = int(os.environ.get("REVERIE_TEST_SLOWER", "1"))


def find():
    """Path of Chromium, or None."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class Failure(Exception):
    pass


class Browser:
    def __init__(self, program, dark=False):
        self._folder = tempfile.mkdtemp()
        ours, theirs = os.pipe(), os.pipe()
        keep = [fcntl.fcntl(fd, fcntl.F_DUPFD, 10) for fd in (ours[0], theirs[1])]  # above 3 and 4

        def pipes():
            os.dup2(keep[0], 3)
            os.dup2(keep[1], 4)

        self._process = subprocess.Popen(
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage",
             "--disable-background-networking", "--hide-scrollbars", "--remote-debugging-pipe",
             f"--user-data-dir={self._folder}", "about:blank"],
            preexec_fn=pipes, pass_fds=(3, 4, *keep), stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for fd in (*keep, ours[0], theirs[1]):
            os.close(fd)
        self._out, self._in = os.fdopen(ours[1], "wb", 0), os.fdopen(theirs[0], "rb")
        self._rest, self._next = b"", 0
        self.console, self.requests = [], []  # error messages; addresses
        self.dragged = None  # data of a drag
        targets = self._call("Target.getTargets")["targetInfos"]
        target = next(t["targetId"] for t in targets if t["type"] == "page")
        self._session = None
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log", "DOM"):
            self.call(domain + ".enable")
        self.size(1400, 900)
        self.dark(dark)

    def close(self):
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    # ---- the protocol ----------------------------------------------------------------------------------------------

    def _read(self):
        while b"\0" not in self._rest:
            piece = self._in.read1(1 << 16)
            if not piece:
                raise Failure("the browser has gone")
            self._rest += piece
        text, self._rest = self._rest.split(b"\0", 1)
        return json.loads(text)

    def _note(self, message):
        method, about = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            details = about["exceptionDetails"]
            self.console.append(details.get("exception", {}).get("description") or details["text"])
        elif method == "Runtime.consoleAPICalled" and about["type"] in ("error", "assert"):
            self.console.append(" ".join(str(a.get("value", a.get("description"))) for a in about["args"]))
        elif method == "Log.entryAdded" and about["entry"]["level"] == "error":
            self.console.append(about["entry"]["text"] + " " + about["entry"].get("url", ""))
        elif method == "Network.requestWillBeSent":
            self.requests.append(about["request"]["url"])
        elif method == "Input.dragIntercepted":
            self.dragged = about["data"]

    def _call(self, method, session=None, **params):
        self._next += 1
        number = self._next
        message = {"id": number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        self._out.write(json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") != number:
                self._note(answer)
                continue
            if "error" in answer:
                raise Failure(f"{method}: {answer['error']['message']}")
            return answer["result"]

    def call(self, method, **params):
        return self._call(method, self._session, **params)

    # ---- user actions ------------------------------------------------------------------------------------------------

    def open(self, address):
        self.call("Page.navigate", url=address)

    def reload(self):
        self.call("Page.reload")

    def size(self, width, height):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                  mobile=width < 600)
        self.settle()

    def settle(self):
        """Waits until the page is laid out and drawn, and observers of sizes have run."""
        self.eval("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")

    def dark(self, dark):
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
                            {"name": "prefers-reduced-motion", "value": "reduce"}])

    def eval(self, script):
        """Runs @script. Returns the value of its last expression; waits for promises."""
        result = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True)
        if "exceptionDetails" in result:
            raise Failure(result["exceptionDetails"].get("exception", {}).get("description", "?") + "\n" + script)
        return result["result"].get("value")

    def until(self, script, seconds=30):
        """Waits until the value of @script is true, and returns it. Raises Failure after @seconds * SLOWER."""
        end = time.monotonic() + seconds * SLOWER
        while time.monotonic() < end:
            try:
                value = self.eval(script)
            except Failure:
                value = None  # the page is loading
            if value or value == {}:  # a DOM element
                return value
            time.sleep(0.05)
        raise Failure("never true: " + script)

    def click(self, selector):
        self.until(f"Boolean(document.querySelector({json.dumps(selector)}))")
        self.eval(f"document.querySelector({json.dumps(selector)}).click()")

    def key(self, key, code=None, modifiers=0, text=None):
        """Presses and releases a key. @modifiers: sum of 1 (Alt), 2 (Ctrl) and 8 (Shift)."""
        codes = {"Enter": 13, "Tab": 9, " ": 32, "ArrowRight": 39, "ArrowLeft": 37, "Escape": 27}
        about = {"key": key, "code": code or key, "windowsVirtualKeyCode": codes.get(key, 0), "modifiers": modifiers}
        if text is None and key == "Enter":
            text = "\r"
        elif text is None and len(key) == 1 and not modifiers:
            text = key
        self.call("Input.dispatchKeyEvent", type="keyDown", **about, **({"text": text} if text else {}))
        self.call("Input.dispatchKeyEvent", type="keyUp", **about)

    def mouse(self, kind, x, y, buttons=1):
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", buttons=buttons, clickCount=1)

    def middle(self, selector):
        return self.eval(f"(() => {{ const e = document.querySelector({json.dumps(selector)}); e.scrollIntoView();"
                         " const b = e.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; })()")

    def drop(self, selector, *files, data=None):
        """Drops files, or @data of a drag, onto the middle of an element."""
        x, y = self.middle(selector)
        data = data or {"items": [], "files": list(files), "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            self.call("Input.dispatchDragEvent", type=kind, x=x, y=y, data=data)

    def drag(self, selector, to):
        """Drags an element with the mouse onto the middle of the element @to."""
        self.dragged = None
        self.call("Input.setInterceptDrags", enabled=True)
        x, y = self.middle(selector)
        self.mouse("mousePressed", x, y)
        for n in range(1, 5):
            self.mouse("mouseMoved", x + 5 * n, y)
        self.until("true")  # reads pending events
        if not self.dragged:
            raise Failure(f"{selector} cannot be dragged")
        self.drop(to, data=self.dragged)
        self.mouse("mouseReleased", x, y, 0)
        self.call("Input.setInterceptDrags", enabled=False)

    def keep_downloads(self, folder):
        self._call("Browser.setDownloadBehavior", behavior="allow", downloadPath=folder)

    def choose(self, selector, *files):
        """Chooses files for an input element, as in its file dialog."""
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        node = self.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.call("DOM.setFileInputFiles", nodeId=node, files=list(files))

    def shot(self, filename, whole=False):
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"]
        with open(filename, "wb") as file:
            file.write(base64.b64decode(data))
