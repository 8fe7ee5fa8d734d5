"""bench-studio.py REVERIE DRAW [PAIRS] -- the studio: its start, its page, what looking on costs a run, memory after many jobs.

What looking on costs is found by processor time, since machines are shared: an iteration's in the studio while a page follows
its events and fetches every preview, and one's of `reverie style`, in turns; each is the difference of a long run and a short
one, so that reading, targets and saving do not count. Python's own library only."""

import json
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tests/studio"))
from studio import DRAW, HERE, REVERIE, Studio, small

PAIRS = int(sys.argv[3]) if len(sys.argv) > 3 else 3
SIDE, SHORT, LONG = 512, 10, 50  # px; iterations
TICK = os.sysconf("SC_CLK_TCK")


def processor_time(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def asked(photo, painting, iterations):
    return {"kind": "style", "inputs": {"content": photo, "style": [painting]},
            "settings": {"size": SIDE, "iterations": iterations, "climb-from": 0}}


def follow(studio, job, seen):
    """As the page does: every preview that is told of, at the size at which it is shown."""
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


def in_studio(studio, photo, painting, iterations):
    before = processor_time(studio.process.pid)
    job = studio.json("POST", "jobs", asked(photo, painting, iterations))[1]["id"]
    seen = []
    page = threading.Thread(target=follow, args=(studio, job, seen))
    page.start()
    page.join()
    return processor_time(studio.process.pid) - before, len(seen)


def alone(iterations):
    def children():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    before = children()
    subprocess.run([REVERIE, "style", "lake.jpg", "waves.jpg", "-o", "out.png", "--force", "--quiet", "--size", str(SIDE),
                    "--iterations", str(iterations), "--climb-from", "0"], cwd=HERE, check=True,
                   env=dict(os.environ, XDG_CACHE_HOME=os.path.join(HERE, "cache")))
    return children() - before


def looking_on(studio, photo, painting):
    ratios, each = [], []
    in_studio(studio, photo, painting, SHORT)  # kernels are chosen
    alone(SHORT)
    for _ in range(PAIRS):
        (long, n_long), (short, n_short) = (in_studio(studio, photo, painting, n) for n in (LONG, SHORT))
        watched, unwatched = long - short, alone(LONG) - alone(SHORT)
        ratios.append(watched / unwatched)
        each.append(1000 * (watched - unwatched) / max(n_long - n_short, 1))
    ms = statistics.median(each)
    print(f"a page that looks on: {100 * (statistics.median(ratios) - 1):+.1f} % of a run's processor time at {SIDE} px "
          f"({', '.join(f'{100 * (r - 1):+.1f}' for r in ratios)}), {(n_long - n_short) / (LONG - SHORT):.2f} previews an iteration; "
          f"{ms:.0f} ms each, of which there is one in 0.4 s: {ms / 4 / os.cpu_count():.1f} % of {os.cpu_count()} processors")


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
    """Bytes of it, by following what it names."""
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
        looking_on(studio, pictures["lake"], pictures["waves"])
        memory(studio, pictures["lake"])
    finally:
        studio.process.kill()
        shutil.rmtree(HERE, ignore_errors=True)


main()
