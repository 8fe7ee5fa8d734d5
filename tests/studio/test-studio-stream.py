"""test-studio-stream.py REVERIE DRAW -- events whose clients break off in the middle, as many as there are connections: reset,
half-closed, closed, or with nothing read of what comes. There is room again within seconds, and what runs goes on. Python's own
library only. TAP."""

import json
import os
import signal
import socket
import struct
import subprocess
import time
import traceback

from studio import DRAW, HERE, SLOWER, Studio, end, ok, small

EACH, PEERS = 24, 4  # connections: the server's limit in total
SECONDS = 20 * SLOWER  # until there is room again
POINTS = 1200  # points of curves: more than fits into an unread connection


def connect(studio, peer, room=None, seconds=20):
    connection = socket.socket()
    if room:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    connection.settimeout(seconds * SLOWER)
    connection.bind((peer, 0))
    connection.connect(("127.0.0.1", studio.port))
    return connection


def follow(studio, job, peer, room=None):
    connection = connect(studio, peer, room)
    connection.sendall(f"GET /api/v1/jobs/{job}/events HTTP/1.1\r\nHost: {studio.host}\r\n"
                       f"Authorization: Bearer {studio.token}\r\n\r\n".encode())
    return connection


def begins(connection):
    """Whether there is an answer, of which more is to come."""
    try:
        return connection.recv(12) == b"HTTP/1.1 200"
    except OSError:
        return False


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def answered(studio, first, n=PEERS):
    """How many get an answer of as many as there is room for, all held at once, each peer a new one."""
    held = []
    for k in range(n * EACH):
        try:
            connection = connect(studio, f"127.0.0.{first + k % n}", seconds=3)
            held.append(connection)
            connection.sendall(f"GET / HTTP/1.1\r\nHost: {studio.host}\r\n\r\n".encode())
        except OSError:
            pass  # disconnected
    good = 0
    while good < len(held) and begins(held[good]):
        good += 1
    for connection in held:
        reset(connection)
    return good


def room(studio, first, n=PEERS):
    """After how many seconds there is room for as many."""
    began = time.monotonic()
    while time.monotonic() - began < 60 * SLOWER:
        if answered(studio, first, n) == n * EACH:
            return time.monotonic() - began
        time.sleep(0.5)
    return float("inf")


def test_broken_off(studio, job, name, break_off, peer):
    """All connections are events; then they are broken off."""
    before = studio.json("GET", f"jobs/{job}")[1]["progress"]["iteration"]
    crowd = [follow(studio, job, f"127.0.0.{peer + k % PEERS}") for k in range(PEERS * EACH)]
    begun = sum(begins(connection) for connection in crowd)
    for connection in crowd:
        break_off(connection)
    seconds = room(studio, peer + PEERS)
    ok(f"{name}: room again", begun == PEERS * EACH and seconds < SECONDS, (begun, seconds))
    for connection in crowd:
        connection.close()
    said = studio.once(job, lambda said: said["progress"]["iteration"] > before)
    ok(f"{name}: what runs goes on", said["state"] == "running" and said["progress"]["iteration"] > before, (before, said))
    print(f"# {name}: {seconds:.1f} s")


def test_unread(studio, job, peer):
    """Nothing is read, nor is anything closed: those that a newer one has ended make room; the newest few stay until they are full,
    and are cut off then, within seconds."""
    studio.once(job, lambda said: said["progress"]["iteration"] > POINTS)
    crowd = [follow(studio, job, f"127.0.0.{peer + k % PEERS}", 2048) for k in range(PEERS * EACH)]
    seconds = room(studio, peer + PEERS)
    ok("nothing read: room again", seconds < SECONDS, seconds)
    for connection in crowd:
        connection.close()
    print(f"# nothing read: {seconds:.1f} s")


def test_reload(studio):
    """A page that is reloaded while the server is busy: it sees its new connections before it knows that the old ones are closed."""
    def ask(peer):
        connection = connect(studio, peer)
        connection.sendall(f"GET / HTTP/1.1\r\nHost: {studio.host}\r\n\r\n".encode())
        return connection
    earlier = [ask("127.0.0.1") for _ in range(6)]
    open_all = all(begins(connection) for connection in earlier)
    studio.process.send_signal(signal.SIGSTOP)
    for connection in earlier:
        connection.close()
    later = [ask("127.0.0.1") for _ in range(6)]
    studio.process.send_signal(signal.SIGCONT)
    good = sum(begins(connection) for connection in later)
    ok("all connections of a reload are answered", open_all and good == 6, (open_all, good))
    for connection in later:
        connection.close()


def test_slow(studio, job):
    """Who reads little at a time, over a slow line, is not cut off."""
    with follow(studio, job, "127.0.0.1", 2048) as connection:
        began, n = time.monotonic(), 0
        while time.monotonic() - began < 15 and (piece := connection.recv(1024)):
            n += len(piece)
            time.sleep(0.2)
    ok("who reads slowly goes on", piece != b"" and n > 10000, n)


def test_new(studio, job):
    """Who asks then is told how far it is."""
    with follow(studio, job, "127.0.0.1") as connection:
        text = b""
        while b"event: progress" not in text:
            text += connection.recv(65536)
    ok("new ones are told of it", text.startswith(b"HTTP/1.1 200") and b"Connection: close" in text, text[:300])


def main():
    subprocess.run([DRAW, "lake", os.path.join(HERE, "lake.jpg"), "96"], check=True)
    studio = Studio()
    try:
        with open(os.path.join(HERE, "lake.jpg"), "rb") as file:
            lake = json.loads(studio.upload(file.read())[2])["id"]
        job = studio.json("POST", "jobs", small(lake, iterations=100000))[1]["id"]
        studio.until_it_moves(job)
        test_broken_off(studio, job, "reset", reset, 10)
        test_broken_off(studio, job, "half-closed", lambda connection: connection.shutdown(socket.SHUT_WR), 20)
        test_broken_off(studio, job, "closed", socket.socket.close, 30)
        test_unread(studio, job, 40)
        test_reload(studio)
        test_slow(studio, job)
        test_new(studio, job)
    except Exception:
        ok("went to the end", False, traceback.format_exc())
    finally:
        studio.process.kill()
        end()


main()
