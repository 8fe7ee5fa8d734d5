"""bench-studio.py REVERIE DRAW [PAIRS] -- the studio: its start, its page, what looking on costs a run, memory after many jobs.

What looking on costs: runs in the studio, while a page follows their events and fetches every preview, and the same ones by
`reverie`, in turns; and what threads of the studio take that are not the run's. Machines are shared: processor time is what
counts, on one thread, since threads that wait take some as well. Python's own library only."""

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
SIDE = 512  # px
THREADS = 1
ITERATIONS = 25  # of style transfer, at each scale: of the default preset's 60
TICK = os.sysconf("SC_CLK_TCK")


def processor_time(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def beside_time(pid):
    """Of all threads but those that run jobs: encoding, sending."""
    ticks = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{thread}/stat") as file:
                name, _, rest = file.read().partition("(")[2].rpartition(")")
        except OSError:
            continue  # it has just ended
        ticks += sum(map(int, rest.split()[11:13])) if name != "job" else 0
    return ticks / TICK


def settings(kind):
    return {"size": SIDE, "threads": THREADS, **({"iterations": ITERATIONS} if kind == "style" else {})}


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


def in_studio(studio, kind, inputs):
    """Processor time, seconds, processor time beside the run, previews."""
    pid, seen = studio.process.pid, []
    cpu, began, before = processor_time(pid), time.monotonic(), beside_time(pid)
    job = studio.json("POST", "jobs", {"kind": kind, "inputs": inputs, "settings": settings(kind)})[1]["id"]
    page = threading.Thread(target=follow, args=(studio, job, seen))
    page.start()
    beside = 0
    while page.is_alive():
        page.join(0.2)
        beside = max(beside, beside_time(pid) - before)  # threads that idle end
    return processor_time(pid) - cpu, time.monotonic() - began, beside, len(seen)


def alone(kind, files):
    def children():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    cpu, began = children(), time.monotonic()
    given = [f"--{name}={value}" for name, value in settings(kind).items()]
    subprocess.run([REVERIE, kind, *files, "-o", "out.png", "--force", "--quiet", *given], cwd=HERE, check=True,
                   env=dict(os.environ, XDG_CACHE_HOME=os.path.join(HERE, "cache")))
    return children() - cpu, time.monotonic() - began


def looking_on(studio, kind, inputs, files):
    pairs, beside, previews = [], [], []
    in_studio(studio, kind, inputs)  # kernels are chosen
    for _ in range(PAIRS):
        *watched, aside, n = in_studio(studio, kind, inputs)
        pairs.append((watched, alone(kind, files)))
        previews.append(n)
        beside.append(100 * aside / watched[0])
        print(f"  {kind}: watched {watched[0]:.2f} s of a processor in {watched[1]:.1f} s, {aside:.2f} of them beside the run, {n} previews; "
              f"alone {pairs[-1][1][0]:.2f} in {pairs[-1][1][1]:.1f}", flush=True)
    for what, k in (("processor time", 0), ("seconds", 1)):
        one, other = (statistics.median(pair[i][k] for pair in pairs) for i in (0, 1))
        more = [100 * (watched[k] / unwatched[k] - 1) for watched, unwatched in pairs]
        print(f"a page that looks on, {kind}, {SIDE} px, {what}: {one:.2f}, alone {other:.2f}; {statistics.median(more):+.1f} % "
              f"({', '.join(f'{m:+.1f}' for m in more)})")
    print(f"  {statistics.median(previews):.0f} previews; {statistics.median(beside):.1f} % of its processor time beside the run")


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
        looking_on(studio, "style", {"content": pictures["lake"], "style": [pictures["waves"]]}, ["lake.jpg", "waves.jpg"])
        looking_on(studio, "dream", {"picture": pictures["lake"]}, ["lake.jpg"])
        memory(studio, pictures["lake"])
    finally:
        studio.process.kill()
        shutil.rmtree(HERE, ignore_errors=True)


main()
