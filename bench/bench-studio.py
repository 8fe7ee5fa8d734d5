"""bench-studio.py REVERIE DRAW [TURNS] -- measures the studio: its start, its page, the cost of a page that follows a
run, and memory after many jobs.

The run has one thread; the page follows its events and fetches every preview. The cost is the processor time of all
other threads, which encode and send, as a fraction of the run's. It varies less than the difference of two runs.
bench-preview measures the cost on the run's own thread. Needs only Python's standard library."""

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tests/studio"))
from studio import DRAW, HERE, REVERIE, Studio, small

TURNS = int(sys.argv[3]) if len(sys.argv) > 3 else 3
SIDE = 512  # px
THREADS = 1
ITERATIONS = 25  # style transfer, at each scale; the default preset has 60


def thread_times(pid):
    """Processor seconds of each existing thread: {(id, name): seconds}."""
    found = {}
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{thread}/comm") as comm, open(f"/proc/{pid}/task/{thread}/schedstat") as stat:
                found[thread, comm.read().strip()] = int(stat.read().split()[0]) / 1e9
        except OSError:
            pass  # the thread has ended
    return found


def settings(kind):
    return {"size": SIDE, "threads": THREADS, **({"iterations": ITERATIONS} if kind == "style" else {})}


def follow(studio, job, seen):
    """Follows a job as the page does: fetches every preview at the size of the view."""
    with studio.connect() as connection:
        connection.sendall(f"GET /api/v1/jobs/{job}/events HTTP/1.1\r\nHost: {studio.host}\r\n"
                           f"Authorization: Bearer {studio.token}\r\n\r\n".encode())
        connection.settimeout(600)
        text = b""
        while b"event: done" not in text:
            piece = connection.recv(65536)
            if not piece:
                break
            text += piece
            for version in re.findall(rb'\{"version":(\d+)\}', piece):
                seen.append(len(studio.ask("GET", f"/api/v1/jobs/{job}/preview?v={version.decode()}&w=960")[2]))


def watched(studio, kind, inputs):
    """Runs a job that a page follows. Returns the processor seconds of its thread and of all other threads, and the
    number of previews."""
    pid, seen = studio.process.pid, []
    before, last = thread_times(pid), {}
    job = studio.json("POST", "jobs", {"kind": kind, "inputs": inputs, "settings": settings(kind)})[1]["id"]
    page = threading.Thread(target=follow, args=(studio, job, seen))
    page.start()
    while page.is_alive():
        last.update(thread_times(pid))  # keeps the last value of threads that end
        page.join(0.05)
    last.update(thread_times(pid))
    run, beside = (sum(s - before.get(thread, 0) for thread, s in last.items() if (thread[1] == "job") == own) for own in (True, False))
    return run, beside, len(seen)


def looking_on(studio, kind, inputs):
    watched(studio, kind, inputs)  # chooses kernels; not counted
    turns = [watched(studio, kind, inputs) for _ in range(TURNS)]
    parts = sorted(100 * beside / run for run, beside, _ in turns)
    run, beside, previews = (statistics.median(one) for one in zip(*turns))
    print(f"a page that looks on, {kind}, {SIDE} px: {run:.1f} s of the processor, beside it {beside:.2f} s: {statistics.median(parts):.2f} % "
          f"({parts[0]:.2f} to {parts[-1]:.2f}) for {previews:.0f} previews", flush=True)


def start():
    times = []
    for _ in range(5):
        began = time.monotonic()
        studio = Studio()
        studio.ask("GET", "/", token="")
        times.append(time.monotonic() - began)
        studio.end()
    print(f"start to page: {statistics.median(times):.2f} s ({min(times):.2f} to {max(times):.2f})")


def page(studio):
    """Prints the bytes of the page and of all files that it names."""
    waiting, seen = ["/"], {}
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        body = studio.ask("GET", path, token="")[2]
        seen[path] = len(body)
        text = body.decode("utf-8", "replace")
        waiting += re.findall(r'(?:href|src)="(/[^"#]+)"', text) if path == "/" else []
        waiting += ["/js/" + name for name in re.findall(r"from '\./([^']+)'", text)]
    print(f"page: {sum(seen.values()) / 1024:.0f} KiB in {len(seen)} files")


def memory(studio, photo):
    def resident():
        with open(f"/proc/{studio.process.pid}/status") as file:
            return int(re.search(r"VmRSS:\s+(\d+)", file.read())[1]) / 1024

    after = {}
    for i in range(1, 201):
        studio.until(studio.json("POST", "jobs", small(photo, iterations=2, seed=i))[1]["id"], "done", "failed")
        if i in (20, 200):
            after[i] = resident()
    print(f"memory after 20 jobs of 64 px: {after[20]:.0f} MiB, after 200: {after[200]:.0f} MiB")


def main():
    pictures = {}
    for name in ("lake", "waves"):
        subprocess.run([DRAW, name, os.path.join(HERE, name + ".jpg"), str(SIDE)], check=True)
    start()
    studio = Studio()
    try:
        for name in ("lake", "waves"):
            with open(os.path.join(HERE, name + ".jpg"), "rb") as file:
                pictures[name] = json.loads(studio.upload(file.read())[2])["id"]
        page(studio)
        looking_on(studio, "style", {"content": pictures["lake"], "style": [pictures["waves"]]})
        looking_on(studio, "dream", {"picture": pictures["lake"]})
        memory(studio, pictures["lake"])
    finally:
        studio.process.kill()
        shutil.rmtree(HERE, ignore_errors=True)


main()
