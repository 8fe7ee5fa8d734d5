"""test-studio-queue.py REVERIE DRAW [SECONDS] -- runs a queue of pictures of 64 px for SECONDS (default 60).

At random, clients close and reopen event streams and request lists and thumbnails. At random, jobs are moved, paused
and cancelled. In the first half of the time the studio is killed or interrupted, and restarted. At the end each job has
one picture, no other files are left, and memory has not grown. REVERIE_TEST_SEED=N sets the random seed. Needs only
Python's standard library. Prints TAP."""

import json
import os
import random
import re
import signal
import sys
import threading
import time
import traceback
import zlib

from studio import FOLDER, SLOWER, Studio, drawn, end, ok, small

SECONDS = float(sys.argv[3]) if len(sys.argv) > 3 else 60
TO_COME = 6  # approximate number of jobs that have not ended
# numbers of pictures since a start of the studio at which memory is measured
STEPS = (10, 50, 100, 200, 400, 800, 1600, 3200, 6400)
seed = int(os.environ.get("REVERIE_TEST_SEED", time.time()))
print(f"# seed {seed}")


class Queue:
    """Jobs that were requested, and the studio that runs them. A job is identified by its setting `seed`, which the
    recipe of its picture contains."""

    def __init__(self):
        self.random = random.Random(seed)
        self.asked, self.cancelled, self.failed = {}, set(), {}  # {seed: id}; seeds; {id: error}
        self.memory, self.began = [], 0  # for each start: [(pictures since the start, MiB)]
        self.ended = threading.Event()
        self.start()
        self.lake = self.studio.add(drawn("lake.jpg"))

    def start(self):
        self.studio = Studio()
        self.began = len(pictures())
        self.memory.append([])

    def again(self):
        """Kills or interrupts the studio, and starts it again."""
        self.studio.end(self.random.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGINT)))
        self.start()

    def jobs(self, *states):
        """Jobs in @states, by default all that have not ended. Records failed jobs."""
        listed = self.studio.json("GET", "jobs")[1]["jobs"]
        self.failed.update({j["id"]: j["error"] for j in listed if j["state"] == "failed"})
        return [j for j in listed if j["state"] in (states or ("waiting", "running", "pausing", "paused"))]

    def add(self):
        number, job = len(self.asked) + 1, small(self.lake, iterations=self.random.choice((2, 2, 4, 8, 40)))
        if self.random.random() < 0.2:
            job = {"kind": "dream", "inputs": {"picture": self.lake},
                   "settings": {"preset": "test", "size": 64, "iterations": 2, "octaves": 1, "threads": 1}}
        job["settings"]["seed"] = number
        status, said = self.studio.json("POST", "jobs", job)
        self.asked[number] = said["id"]
        assert status == 201, said

    def cancel(self, job):
        number = next(n for n, id in self.asked.items() if id == job["id"])
        if self.studio.ask("POST", f"/api/v1/jobs/{job['id']}/cancel")[0] == 200 and \
                self.studio.until(job["id"], "cancelled", "done")["state"] == "cancelled":
            self.cancelled.add(number)

    def do_something(self):
        there = self.jobs()
        if len(there) < TO_COME:
            self.add()
            return
        job, what = self.random.choice(there), self.random.random()
        if what < 0.03:
            self.cancel(job)
        elif what < 0.3:
            path = {"paused": "resume"}.get(job["state"], self.random.choice(("pause", "move")))
            to = {"to": self.random.choice((0, 3))} if path == "move" else {}
            self.studio.json("POST", f"jobs/{job['id']}/{path}", to)  # 409 if the job has ended meanwhile
        else:
            time.sleep(0.1)

    def look_at_memory(self):
        n, noted = len(pictures()) - self.began, self.memory[-1]
        if n >= next((step for step in STEPS if not noted or step > noted[-1][0]), n + 1):
            with open(f"/proc/{self.studio.process.pid}/status") as file:
                noted.append((n, int(re.search(r"VmRSS:\s+(\d+)", file.read())[1]) // 1024))
                print(f"# {n} pictures after a start: {noted[-1][1]} MiB", flush=True)

    def finish(self):
        while there := self.jobs():
            for job in there:
                if job["state"] == "paused":
                    self.studio.ask("POST", f"/api/v1/jobs/{job['id']}/resume")
            time.sleep(0.2)


def pictures():
    return [name for name in os.listdir(FOLDER) if name.endswith(".png")] if os.path.isdir(FOLDER) else []


def seeds_made():
    """Seeds of the pictures in the folder, from their recipes."""
    found = []
    for name in pictures():
        with open(os.path.join(FOLDER, name), "rb") as file:
            packed = file.read().partition(b"zTXtreverie\0\0")[2]
        found.append(int(json.loads(zlib.decompressobj().decompress(packed))["settings"]["seed"]))
    return found


def look_on(queue, number, seen):
    """Acts as a page that is reloaded at random, until the queue ends. @seen: list that gets the numbers of events
    received."""
    rng, last = random.Random(seed + number), {}
    while not queue.ended.is_set():
        studio = queue.studio
        try:
            jobs = studio.json("GET", "jobs")[1]["jobs"]
            listed = studio.json("GET", "pictures")[1]["pictures"]
            studio.ask("GET", rng.choice(listed)["thumb"])
            job = rng.choice(jobs)["id"]
            with studio.connect() as connection:
                again = f"Last-Event-ID: {last[job]}\r\n" if job in last else ""
                connection.sendall(f"GET /api/v1/jobs/{job}/events HTTP/1.1\r\nHost: {studio.host}\r\n{again}"
                                   f"Authorization: Bearer {studio.token}\r\n\r\n".encode())
                connection.settimeout(0.5)
                until = time.monotonic() + rng.random()
                while time.monotonic() < until and (piece := connection.recv(65536)):
                    seen.append(piece.count(b"event: "))
                    last.update({job: id.decode() for id in re.findall(rb"\nid: (\S+)", piece)})
        except (OSError, IndexError, TypeError, KeyError, ValueError):
            time.sleep(0.1)  # the studio is being restarted


def run(queue):
    began, killed = time.monotonic(), 0
    for_s = SECONDS * SLOWER
    while (now := time.monotonic() - began) < for_s:
        queue.do_something()
        queue.look_at_memory()
        if now < for_s / 2 and now > (killed + 1) * max(for_s / 20, 5):
            killed += 1
            queue.again()
    queue.ended.set()
    queue.finish()
    return killed


def main():
    queue, seen = Queue(), []
    clients = [threading.Thread(target=look_on, args=(queue, n, seen)) for n in range(2)]
    try:
        for client in clients:
            client.start()
        killed = run(queue)
        made, wanted = seeds_made(), set(queue.asked) - queue.cancelled
        print(f"# {len(queue.asked)} requested, {len(queue.cancelled)} cancelled, {len(made)} made; {killed} restarts; "
              f"{sum(seen)} events received")
        ok("no job failed", not queue.failed, queue.failed)
        ok("each job that was not cancelled has one picture", sorted(made) == sorted(wanted),
           (sorted(wanted - set(made)), sorted(set(made) - wanted), len(made)))
        left = [n for n in os.listdir(os.path.join(FOLDER, ".studio")) if len(n) >= 32 or n.startswith("half-")]
        ok("no other files are left",
           left == [] and all(n.endswith(".png") for n in os.listdir(FOLDER) if n != ".studio"), left)
        first, last = queue.memory[-1][min(1, len(queue.memory[-1]) - 1)], queue.memory[-1][-1]
        ok("memory does not grow", last[1] < first[1] * 1.3 + 32, queue.memory[-1])
    except Exception:
        ok("the test reaches its end", False, traceback.format_exc())
    finally:
        queue.ended.set()
        for client in clients:
            client.join()
        queue.studio.end()
        end()


main()
