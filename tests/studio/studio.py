"""studio.py -- a studio process and raw HTTP requests to it, for the tests of this folder. Needs only Python's standard
library."""

import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import zlib

SLOWER = int(os.environ.get("REVERIE_TEST_SLOWER", "1"))
REVERIE, DRAW = (os.path.abspath(path) for path in sys.argv[1:3])
HERE = tempfile.mkdtemp()
FOLDER = os.path.join(HERE, "pictures")
OPENED = os.path.join(HERE, "opened")  # file to which the stub of xdg-open writes its argument
# A different port for each test.
PORT = next((port for name, port in (("made", "8730"), ("queue", "8790"), ("masks", "8820"), ("stream", "8850"), ("networks", "8880")) if name in sys.argv[0]), "8700")
count = 0


def ok(name, condition, about=""):
    global count
    count += 1
    print(f"{'ok' if condition else 'not ok'} {count} {name}")
    if not condition and about:
        print("# " + str(about)[:600].replace("\n", "\n# "))
    sys.stdout.flush()


class Studio:
    """A process of `reverie studio` for @folder, with its address and its token."""

    def __init__(self, *options, browser=False, folder=FOLDER, path=HERE + ":" + os.environ["PATH"]):
        environment = dict(os.environ, PATH=path, XDG_CACHE_HOME=os.path.join(HERE, "cache"), HOME=HERE,
                           XDG_CONFIG_HOME=os.path.join(HERE, "config"), XDG_DATA_HOME=os.path.join(HERE, "data"),
                           REVERIE_MODELS=os.path.join(HERE, "models"))
        options = (*options,) if browser else ("--no-browser", *options)
        # SIGXFSZ stays ignored, as in Python: then a limit of the file size acts like a full disk
        self.process = subprocess.Popen([REVERIE, "studio", folder, "--port", PORT, *options], restore_signals=False,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, text=True)
        self.address = self.process.stdout.readline().strip()
        match = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/#t=([0-9a-f]{32})", self.address)
        self.port, self.token = (int(match[1]), match[2]) if match else (0, "")
        self.host = f"127.0.0.1:{self.port}"

    def end(self, with_signal=signal.SIGINT):
        """Ends the studio; kills it after a minute. Returns its exit code."""
        self.process.send_signal(with_signal)
        try:
            self.process.wait(60 * SLOWER)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        return self.process.returncode

    # ---- requests, byte for byte -----------------------------------------------------------------------------------

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=20 * SLOWER)

    def raw(self, data):
        """Sends @data. Returns the answer, up to the end of the connection."""
        with self.connect() as connection:
            try:
                connection.sendall(data)
            except OSError:
                pass  # disconnected; the studio may have answered before
            answer = b""
            try:
                while piece := connection.recv(65536):
                    answer += piece
            except OSError:
                pass
            return answer

    def ask(self, method, path, body=None, headers=None, host=None, token=None, changes=True):
        """Sends a request. Returns status, headers and body. @headers: replaces default headers; None leaves one
        out."""
        wanted = {"Host": host or self.host, "Connection": "close"}
        if token != "":
            wanted["Authorization"] = "Bearer " + (token or self.token)
        if method != "GET" and changes:
            wanted["X-Reverie"] = "1"
        if method == "POST" and body is None:
            body = ""
        if body is not None:
            wanted["Content-Type"] = "application/json" if isinstance(body, str) else "application/octet-stream"
            wanted["Content-Length"] = str(len(body))
        wanted.update(headers or {})
        head = "".join(f"{name}: {value}\r\n" for name, value in wanted.items() if value is not None)
        sent = body.encode() if isinstance(body, str) else body or b""
        answer = self.raw(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + sent)
        top, _, rest = answer.partition(b"\r\n\r\n")
        lines = top.decode("latin-1").split("\r\n")
        status = int(lines[0].split()[1]) if len(lines[0].split()) > 1 else 0
        found = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines[1:])}
        if found.get("transfer-encoding") == "chunked":
            rest = unchunk(rest)
        return status, found, rest

    def json(self, method, path, value=None, **more):
        status, _, body = self.ask(method, "/api/v1/" + path, None if value is None else json.dumps(value), **more)
        return status, json.loads(body) if body else None

    def upload(self, data, name="a picture"):
        return self.ask("POST", "/api/v1/pictures", data, {"X-Name": name})

    def add(self, data, name="a picture"):
        """Uploads a picture. Returns its id."""
        return json.loads(self.upload(data, name)[2])["id"]

    def until(self, job, *states, seconds=60):
        return self.once(job, lambda said: said["state"] in states, seconds)

    def until_it_moves(self, job):
        """Waits until the job has reported progress."""
        return self.once(job, lambda said: "progress" in said or said["state"] not in ("waiting", "running"))

    def until_there_is_room(self, seconds=60):
        """Waits until the studio accepts requests again, after many connections were closed."""
        end = time.monotonic() + seconds * SLOWER
        while time.monotonic() < end:
            try:
                if self.ask("GET", "/api/v1/jobs")[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.05)

    def once(self, job, condition, seconds=60):
        """Waits until @condition holds for the job. Returns the job's JSON, after @seconds * SLOWER in any case."""
        end = time.monotonic() + seconds * SLOWER
        while time.monotonic() < end:
            status, said = self.json("GET", f"jobs/{job}")
            if status != 200 or condition(said):
                return said
            time.sleep(0.05)
        return said

    def made(self):
        """Ids of the pictures in the folder."""
        return [p["id"] for p in self.json("GET", "pictures")[1]["pictures"] if p["kind"] == "made"]


def unchunk(data):
    whole = b""
    while data:
        size, _, data = data.partition(b"\r\n")
        n = int(size or b"0", 16)
        if n == 0:
            break
        whole, data = whole + data[:n], data[n + 2:]
    return whole


def security_headers(headers):
    return ("script-src 'self'" in headers.get("content-security-policy", "") and
            "default-src 'none'" in headers["content-security-policy"] and
            headers.get("x-content-type-options") == "nosniff" and headers.get("referrer-policy") == "no-referrer" and
            headers.get("cross-origin-resource-policy") == "same-origin" and
            headers.get("cross-origin-opener-policy") == "same-origin" and
            not any(name.startswith("access-control") for name in headers))


def drawn(file, px=96):
    """Draws the example that @file is named after into HERE. Returns the bytes of the file."""
    path = os.path.join(HERE, file)
    subprocess.run([DRAW, file.split(".")[0], path, str(px)], check=True)
    with open(path, "rb") as written:
        return written.read()


def small(lake, **settings):
    return {"kind": "style", "inputs": {"content": lake, "style": [lake]},
            "settings": {"size": 64, "iterations": 6, "start-size": 0, "finish": 0, "threads": 1, **settings}}


def events(text):
    """Events of an event stream: [(name, id, data), ...]."""
    found = []
    for block in text.decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line)
        if "event" in fields:
            found.append((fields["event"], fields.get("id"), json.loads(fields["data"])))
    return found


def png(width, height, grey):
    """A grey PNG, like masks of the page. @grey: the grey level, or a function of x and y."""
    def part(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    if callable(grey):
        rows = b"".join(b"\0" + bytes(grey(x, y) for x in range(width)) for y in range(height))
    else:
        rows = (b"\0" + bytes([grey]) * width) * height
    return (b"\x89PNG\r\n\x1a\n" + part(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)) +
            part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b""))


def end():
    """Ends the tests and removes their folder."""
    shutil.rmtree(HERE, ignore_errors=True)
    print(f"1..{count}")
