"""test-studio-stream.py REVERIE DRAW -- tests event streams that fill all connections of the studio, and whose clients
reset, half-close or close them, or read nothing. Connections are accepted again within seconds, and the running job
continues. Needs only Python's standard library. Prints TAP."""

import signal
import socket
import struct
import time
import traceback

from studio import SLOWER, Studio, drawn, end, ok, small

EACH, PEERS = 24, 4  # connections for each peer, and peers: the server's limit in total
SECONDS = 20 * SLOWER  # limit until connections are accepted again
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
    """Whether an answer with status 200 begins."""
    try:
        return connection.recv(12) == b"HTTP/1.1 200"
    except OSError:
        return False


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def answered(studio, first, n=PEERS):
    """Opens @n * EACH connections from @n new peers and keeps them open. Returns the number of answers before the first
    failure."""
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
    """Seconds until @n * EACH new connections are answered; infinity after 60 s * SLOWER."""
    began = time.monotonic()
    while time.monotonic() - began < 60 * SLOWER:
        if answered(studio, first, n) == n * EACH:
            return time.monotonic() - began
        time.sleep(0.5)
    return float("inf")


def test_broken_off(studio, job, name, break_off, peer):
    """Fills all connections with event streams, then ends these by @break_off."""
    before = studio.json("GET", f"jobs/{job}")[1]["progress"]["iteration"]
    crowd = [follow(studio, job, f"127.0.0.{peer + k % PEERS}") for k in range(PEERS * EACH)]
    begun = sum(begins(connection) for connection in crowd)
    for connection in crowd:
        break_off(connection)
    seconds = room(studio, peer + PEERS)
    ok(f"{name}: connections are accepted again", begun == PEERS * EACH and seconds < SECONDS, (begun, seconds))
    for connection in crowd:
        connection.close()
    said = studio.once(job, lambda said: said["progress"]["iteration"] > before)
    ok(f"{name}: the running job continues",
       said["state"] == "running" and said["progress"]["iteration"] > before, (before, said))
    print(f"# {name}: {seconds:.1f} s")


def test_unread(studio, job, peer):
    """Clients neither read nor close their event streams. A newer stream ends older ones, which frees their
    connections. The newest streams are disconnected as soon as their buffers are full, within seconds."""
    studio.once(job, lambda said: said["progress"]["iteration"] > POINTS)
    crowd = [follow(studio, job, f"127.0.0.{peer + k % PEERS}", 2048) for k in range(PEERS * EACH)]
    seconds = room(studio, peer + PEERS)
    ok("nothing read: connections are accepted again", seconds < SECONDS, seconds)
    for connection in crowd:
        connection.close()
    print(f"# nothing read: {seconds:.1f} s")


def test_reload(studio):
    """Reloads a page while the server is busy: the server sees the new connections before the end of the old ones."""
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
    """A client that reads slowly is not disconnected."""
    with follow(studio, job, "127.0.0.1", 2048) as connection:
        began, n = time.monotonic(), 0
        while time.monotonic() - began < 15 and (piece := connection.recv(1024)):
            n += len(piece)
            time.sleep(0.2)
    ok("a client that reads slowly stays connected", piece != b"" and n > 10000, n)


def test_new(studio, job):
    """A new event stream gets the progress of the running job."""
    with follow(studio, job, "127.0.0.1") as connection:
        text = b""
        while b"event: progress" not in text:
            text += connection.recv(65536)
    ok("a new event stream gets the progress",
       text.startswith(b"HTTP/1.1 200") and b"Connection: close" in text, text[:300])


def main():
    studio = Studio()
    try:
        job = studio.json("POST", "jobs", small(studio.add(drawn("lake.jpg")), iterations=100000))[1]["id"]
        studio.until_it_moves(job)
        test_broken_off(studio, job, "reset", reset, 10)
        test_broken_off(studio, job, "half-closed", lambda connection: connection.shutdown(socket.SHUT_WR), 20)
        test_broken_off(studio, job, "closed", socket.socket.close, 30)
        test_unread(studio, job, 40)
        test_reload(studio)
        test_slow(studio, job)
        test_new(studio, job)
    except Exception:
        ok("the test reaches its end", False, traceback.format_exc())
    finally:
        studio.end()
        end()


main()
