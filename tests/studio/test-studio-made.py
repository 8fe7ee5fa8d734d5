"""test-studio-made.py REVERIE DRAW -- tests videos, sets of pictures, training and trained models of the studio, by raw
requests, and the access to them. Videos are skipped without ffmpeg. Needs only Python's standard library. Prints
TAP."""

import hashlib
import json
import os
import shutil
import signal
import subprocess

from studio import FOLDER, HERE, Studio, drawn, end, ok, png, security_headers

SHALLOW = {"style-layers": "conv1_1,conv2_1", "content-layers": "conv2_1"}  # reduces the time to a third
VIDEOS = bool(shutil.which("ffmpeg") and shutil.which("ffprobe"))


def video(name, frames=6, picture="testsrc", rate=12, filters="", comment=""):
    path = os.path.join(HERE, name)
    pixels = "bgr8" if name.endswith(".gif") else "yuv420p"
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", f"{picture}=size=96x64:rate={rate}{filters}",
                    "-frames:v", str(frames), "-pix_fmt", pixels, "-metadata", f"comment={comment}", path], check=True)
    with open(path, "rb") as file:
        return file.read()


def send(studio, path, data, name="it"):
    status, _, body = studio.ask("POST", "/api/v1/" + path, data, {"X-Name": name})
    return status, json.loads(body)


def send_together(studio, videos):
    """Uploads @videos, whose last bytes arrive together. Returns the answers."""
    connections = [studio.connect() for _ in videos]
    for connection, data in zip(connections, videos):
        connection.sendall((f"POST /api/v1/videos HTTP/1.1\r\nHost: {studio.host}\r\nAuthorization: Bearer {studio.token}\r\n"
                            "X-Reverie: 1\r\nConnection: close\r\nContent-Type: application/octet-stream\r\n"
                            f"Content-Length: {len(data)}\r\n\r\n").encode() + data[:-1])
    for connection, data in zip(connections, videos):
        connection.sendall(data[-1:])
    return [connection.makefile("rb").read() for connection in connections]


def run(studio, kind, inputs, settings, seconds=120):
    """Runs a job to its end. Returns its JSON; its state is `refused` if the studio refused the request."""
    status, job = studio.json("POST", "jobs", {"kind": kind, "inputs": inputs, "settings": settings})
    return studio.until(job["id"], "done", "failed", seconds=seconds) if status == 201 else dict(job, state="refused")


def made(studio, job):
    return next((p for p in studio.json("GET", "pictures")[1]["pictures"] if p["id"] == job.get("result")), {})


def frame(studio, video, k):
    """Grey levels of frame @k of a video of 96 x 64 px."""
    path = os.path.join(HERE, "looked-at.mp4")
    with open(path, "wb") as file:
        file.write(studio.ask("GET", f"/api/v1/pictures/{video}/file")[2])
    return subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-i", path, "-vf", f"select=eq(n\\,{k})", "-frames:v", "1",
                           "-f", "rawvideo", "-pix_fmt", "gray", "-"], capture_output=True, check=True).stdout


def differ(studio, one, other, k=0):
    """Mean differences of the frames @k of two videos: in the left 40 columns, and in the right 40 columns."""
    apart = [abs(a - b) for a, b in zip(frame(studio, one, k), frame(studio, other, k), strict=True)]
    left, right = ([d for i, d in enumerate(apart) if lo <= i % 96 < hi] for lo, hi in ((0, 40), (56, 96)))
    return sum(left) / len(left), sum(right) / len(right)


def own(suffix=""):
    """Names of the files of jobs in .studio that end with @suffix."""
    return [n for n in os.listdir(os.path.join(FOLDER, ".studio")) if len(n) > 32 and n.endswith(suffix)]


ROUTES = [("POST", "videos"), ("POST", "sets"), ("GET", "sets/" + "0" * 32), ("DELETE", "sets/" + "0" * 32),
          ("POST", "sets/" + "0" * 32 + "/pictures"), ("GET", "sets/" + "0" * 32 + "/thumb"), ("GET", "models"),
          ("GET", "pictures/" + "0" * 32 + "/latent"), ("POST", "pictures/" + "0" * 32 + "/latent")]


def test_door(studio):
    """Tests who may access ROUTES. The other routes are tested in test-studio.py."""
    sent = [ROUTES[0], ROUTES[4]]  # take bytes, not JSON
    ask = lambda method, path, **more: studio.ask(method, "/api/v1/" + path, b"" if (method, path) in sent else None, **more)
    answers = [ask(*route, token="")[0] for route in ROUTES] + [ask(*route, token="0" * 32)[0] for route in ROUTES]
    ok("no token and a wrong token are refused", set(answers) == {401}, answers)
    answers = [ask(*route, host=h)[0] for route in ROUTES for h in ("127.0.0.1.evil.com:%d" % studio.port, "evil.com")]
    ok("another Host is refused", set(answers) == {403}, answers)
    answers = [ask(*route, headers={"Origin": "http://evil.com"})[0] for route in ROUTES]
    ok("another Origin is refused", set(answers) == {403}, answers)
    answers = [ask(*route, changes=False)[0] for route in ROUTES if route[0] != "GET"]
    ok("a request without X-Reverie is refused", set(answers) == {403}, answers)
    answers = [ask(*route, headers={"Content-Type": "multipart/form-data"})[0] for route in ROUTES
               if route[0] == "POST"]
    ok("a form is refused", answers == [415] * 4, answers)
    answers = [ask(*route)[0] for route in ROUTES if "0000" in route[1]]
    ok("unknown ids give 404, 422 or 204", set(answers) <= {404, 422, 204}, answers)
    ok("answers have the security headers", security_headers(ask("GET", "models")[1]) and
       "media-src 'self'" in studio.ask("GET", "/")[1]["content-security-policy"])
    announced = [studio.raw((f"POST /api/v1/{path} HTTP/1.1\r\nHost: {studio.host}\r\nAuthorization: Bearer {studio.token}\r\n"
                             f"X-Reverie: 1\r\nContent-Type: application/octet-stream\r\nContent-Length: {n}\r\n\r\n").encode())[9:12]
                 for path, n in (("videos", 10 ** 10), (ROUTES[4][1], 10 ** 9), ("videos", -1))]
    ok("10 GB, 1 GB and negative lengths are refused",
       announced[:2] == [b"413", b"413"] and announced[2] not in (b"200", b"201"), announced)


def test_range(studio, data, picture):
    def part(text):
        status, headers, body = studio.ask("GET", f"/api/v1/pictures/{picture}/file", headers={"Range": text})
        return status, headers.get("content-range"), body

    n = len(data)
    ok("byte ranges of a file are sent", part("bytes=10-19") == (206, f"bytes 10-19/{n}", data[10:20]) and
       part("bytes=5-") == (206, f"bytes 5-{n - 1}/{n}", data[5:]) and
       part("bytes=-7") == (206, f"bytes {n - 7}-{n - 1}/{n}", data[-7:]) and
       part(f"bytes=0-{10 ** 15}") == (206, f"bytes 0-{n - 1}/{n}", data), part("bytes=10-19"))
    whole = [part(t)[::2] == (200, data) for t in ("bytes=-", "bytes=9-3", "bytes=0-1,4-5", "lines=1-2", "bytes=a-b", "bytes=--1")]
    ok("an invalid range gives the whole file", all(whole), whole)
    ok("a range beyond the end gives no part of the file",
       part(f"bytes={n}-")[0] == 416 and part(f"bytes={2 ** 62}-{2 ** 63}")[0] in (200, 416))


def test_videos(studio, lake):
    data = video("garden.mp4")
    status, given = send(studio, "videos", data, "Der%20Garten.mp4")
    ok("a video is uploaded", status == 201 and given["type"] == "video" and given["title"] == "Der Garten.mp4" and
       (given["width"], given["height"], given["frames"]) == (96, 64, 6), given)
    ok("the same bytes have the same id", send(studio, "videos", data)[1]["id"] == given["id"])
    status, headers, thumb = studio.ask("GET", given["thumb"])
    ok("the thumbnail of a video is a JPEG", status == 200 and thumb[:3] == b"\xff\xd8\xff", headers)
    ok("the file has the type video/mp4",
       studio.ask("GET", f"/api/v1/pictures/{given['id']}/file")[1]["content-type"] == "video/mp4")
    test_range(studio, data, given["id"])
    gif = video("moving.gif")
    uploads = [send(studio, kind, gif)[1] for kind in ("videos", "pictures")]
    found = studio.json("GET", "pictures?sha256=" + hashlib.sha256(gif).hexdigest())[1]["pictures"]
    ok("a GIF can be a video and a picture", [u["type"] for u in uploads] == ["video", "picture"] and
       sorted(f["id"] for f in found) == sorted(u["id"] for u in uploads), (uploads, found))
    for upload in uploads:
        studio.ask("DELETE", f"/api/v1/pictures/{upload['id']}")
    older = [data[:4] + b"wide" + data[8:], video("plain.m1v", rate=25)]  # a QuickTime file without ftyp, MPEG without packs
    uploads = [send(studio, "videos", old) for old in older]
    ok("older kinds of videos are uploaded", [u[0] for u in uploads] == [201] * 2, uploads)
    for _, upload in uploads:
        studio.ask("DELETE", f"/api/v1/pictures/{upload.get('id')}")
    for comment in ("", "by the sea", "2019", '{"a": 1}', '{"command": 1}', '{"command": "style"', "{" * 5000):
        said = send(studio, "videos", video("said.mp4", comment=comment))[1]["id"]
        answer = studio.ask("GET", f"/api/v1/pictures/{said}/recipe")[::2]
        ok(f"a comment of another program is no recipe: {comment[:10]}", answer == (200, b"null"), answer)
        if said != given["id"]:
            studio.ask("DELETE", f"/api/v1/pictures/{said}")
    hostile = {"nothing": b"", "text": b"hello", "cut": data[:60], "playlist": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
               "list": b"ffconcat version 1.0\nfile /etc/passwd\n", "picture": png(8, 8, lambda x, y: 0),
               "ftyp": b"\0\0\0\x18ftypisom" + b"\0" * 500}
    answers = {name: send(studio, "videos", what) for name, what in hostile.items()}
    ok("files that are no videos are refused", all(a[0] in (413, 422) for a in answers.values()), answers)
    ok("error messages contain no path in /proc", not any("/proc" in a[1]["error"] for a in answers.values()), answers)
    kept = os.listdir(os.path.join(FOLDER, ".studio", "videos"))
    ok("refused files are removed", sorted(kept) == sorted([given["id"], given["id"] + ".title"]), kept)
    others = [data + b"\0\0\0\x08free" * i for i in range(1, 8)]  # with the first one, as many as the studio keeps
    ids = [send(studio, "videos", other)[1]["id"] for other in others]
    send(studio, "videos", b"hello")
    send(studio, "videos", others[-1])
    ok("a video that is refused or known deletes no other", studio.ask("GET", f"/api/v1/pictures/{given['id']}")[0] == 200)
    send(studio, "videos", data)
    ids += [send(studio, "videos", data + b"\0\0\0\x08free" * i)[1]["id"] for i in (8, 9)]
    kept = [studio.ask("GET", f"/api/v1/pictures/{i}")[0] for i in (given["id"], ids[0], ids[-1])]
    ok("new videos replace those that were uploaded the longest time ago", kept == [200, 404, 200], kept)
    for other in ids:
        studio.ask("DELETE", f"/api/v1/pictures/{other}")

    small = {"size": 64, "iterations": 2, "frame-iterations": 1, "start-size": 0, "threads": 1, **SHALLOW}
    job = run(studio, "style-video", {"content": given["id"], "style": [lake]}, small)
    painted = made(studio, job)
    ok("a video is painted",
       job["state"] == "done" and painted.get("type") == "video" and painted["title"].endswith(".mp4") and
       job["progress"]["frames"] == 6 and job["progress"]["frame"] == 6, job)
    details = studio.json("GET", f"pictures/{job['result']}")[1]
    ok("the result has all frames", (details["width"], details["frames"]) == (64, 6), details)
    recipe = studio.json("GET", f"pictures/{job['result']}/recipe")[1]
    ok("the result has a recipe", recipe["command"] == "style" and recipe["width"] == 64, recipe)
    ok("no temporary files are left",
       own() == [] and not any(n.endswith(".json") for n in os.listdir(FOLDER)), (own(), os.listdir(FOLDER)))
    job = run(studio, "style-video", {"content": job["result"]}, {"learned": "hokusai-wave", "size": 64})
    ok("a result is painted in a learned style", job["state"] == "done" and made(studio, job)["type"] == "video", job)
    job = run(studio, "dream-video", {"content": given["id"]}, {"preset": "test", "size": 64, "iterations": 1, "octaves": 1,
                                                              "frame-iterations": 1, "threads": 1})
    ok("a dream video is made", job["state"] == "done" and made(studio, job)["type"] == "video", job)
    ok("a video is refused as a photograph",
       studio.json("POST", "jobs", {"kind": "style", "inputs": {"content": given["id"], "style": [lake]},
                                                            "settings": {"size": 64}})[0] == 422)
    test_masks(studio, given["id"], lake, small)
    ids = [send(studio, "videos", video(f"video-{i}.mp4", 2 + i))[1]["id"] for i in range(9)]
    kept = [n for n in os.listdir(os.path.join(FOLDER, ".studio", "videos")) if len(n) == 32]
    ok("at most eight videos are kept", len(kept) == 8, kept)
    jobs = [studio.json("POST", "jobs", {"kind": "style-video", "inputs": {"content": i, "style": [lake]},
                                         "settings": dict(small, iterations=10 ** 6)})[1]["id"] for i in ids[1:8]]
    answers = send_together(studio, [data + b"\0\0\0\x08free" * i for i in (10, 11)])
    ok("of two videos that arrive together, the second does not replace the first",
       sorted(a[9:12] for a in answers) == [b"201", b"409"], answers)
    for job in reversed(jobs):
        studio.json("POST", f"jobs/{job}/cancel")
    return send(studio, "videos", video("long.mp4", 40))[1]["id"]


def test_masks(studio, content, lake, small):
    """Tests masks of videos: pictures of any size, and videos. Files that are no masks are refused."""
    black, white, left = (send(studio, "pictures", data)[1]["id"] for data in
                          (png(16, 16, 0), png(16, 16, 255), png(8, 200, lambda x, y: 255 * (x < 4))))
    learnt, settings = {"learned": "hokusai-wave", "size": 96}, dict(small, size=96)
    as_it_is = run(studio, "style-video", {"content": content, "mask": [black]}, learnt)["result"]
    half = run(studio, "style-video", {"content": content, "mask": [left]}, learnt)
    apart = differ(studio, as_it_is, half["result"])
    ok("the video is painted where the mask is white", apart[0] > 10 and apart[1] < 3, apart)
    turns = ",".join(f"drawbox=x={x}:w=48:h=64:color=white:t=fill:enable='{when}'" for x, when in ((0, "lt(n,3)"), (48, "gte(n,3)")))
    moving = send(studio, "videos", video("mask.mkv", 6, "color", filters="," + turns))[1]["id"]
    job = run(studio, "style-video", {"content": content, "mask": [moving]}, learnt)
    first, last = differ(studio, as_it_is, job["result"]), differ(studio, as_it_is, job["result"], 5)
    ok("a video is used as a mask", first[0] > 10 and first[1] < 3 and last[0] < 3 and last[1] > 10, (first, last))
    job = run(studio, "style-video", {"content": content, "style": [lake, lake], "mask": [moving, white], "protect": white}, settings)
    roles = [i["role"] for i in studio.json("GET", f"pictures/{job.get('result')}/recipe")[1]["inputs"]]
    ok("two styles have masks; a white 'protect' keeps the frames", max(differ(studio, as_it_is, job["result"])) < 3 and
       roles == ["content", "style", "style", "mask", "mask", "protect"], (job, roles))
    job = run(studio, "dream-video", {"content": content, "mask": black},
              {"preset": "test", "size": 96, "iterations": 1, "octaves": 1, "frame-iterations": 1, "threads": 1})
    ok("a black mask keeps the frames of a dream", max(differ(studio, as_it_is, job["result"])) < 3, job)

    faster = send(studio, "videos", video("faster.mp4", 6, rate=24))[1]["id"]
    paces = [run(studio, "style-video", {"content": content, "mask": [faster]}, learnt),
             run(studio, "style-video", {"content": content, "style": [lake], "protect": faster}, dict(settings, every=2)),
             run(studio, "dream-video", {"content": content, "mask": faster}, {"preset": "test", "size": 96})]
    ok("a mask of another frame rate is refused with a message", all(
        job["state"] == "refused" and "the file has 24 frames a second" in job["error"] and "/" not in job["error"] for job in paces), paces)
    answers = [run(studio, "style-video", {"content": content, **inputs}, which) for inputs, which in
               (({"mask": [white, white]}, learnt), ({"protect": white}, learnt), ({"style": [lake], "mask": [white, white]}, settings),
                ({"mask": ["0" * 32]}, learnt), ({"mask": [half["result"], white]}, learnt))]
    ok("too many masks and unknown masks are refused", {a["state"] for a in answers} == {"refused"}, answers)
    studio.ask("DELETE", f"/api/v1/pictures/{left}")
    ok("a deleted mask is reported",
       "does not exist any more" in run(studio, "style-video", {"content": content, "mask": [left]}, learnt)["error"])

    def thumb(query):
        return studio.ask("GET", f"/api/v1/pictures/{content}/thumb?{query}")

    ok("thumbnails show any frame in any size",
       thumb("at=0.4&w=96")[2] != thumb("w=96")[2] and len(thumb("w=40")[2]) < len(thumb("w=96")[2]))
    answers = [thumb(q) for q in ("at=9", "at=-1", "at=nan", "w=1e9", "w=x")]
    ok("invalid times and sizes of thumbnails are refused",
       {a[0] for a in answers} == {422} and not any(b"/proc" in a[2] for a in answers), answers)


def test_without(studio):
    """Without ffmpeg, `videos` in the options is false, and an uploaded video is refused with a message."""
    without = Studio(folder=os.path.join(HERE, "without"), path=HERE)
    status, said = send(without, "videos", video("again.mp4", 3)) if VIDEOS else (422, {"error": "ffprobe"})
    ok("without ffmpeg videos are refused with a message",
       without.json("GET", "options")[1]["videos"] is False and status == 422 and "ffprobe" in said["error"], said)
    without.end()


def test_killed_video(studio, long_video, lake):
    """Pauses a video job and kills the studio: no frame is lost. Kills the studio during the job: the job continues
    from its last checkpoint."""
    settings = {"size": 64, "iterations": 3, "frame-iterations": 3, "start-size": 0, "threads": 1, "state-every": 60}
    status, job = studio.json("POST", "jobs", {"kind": "style-video", "inputs": {"content": long_video, "style": [lake]},
                                               "settings": settings})
    far = studio.once(job["id"], lambda said: said.get("progress", {}).get("frame", 0) > 15 or said["state"] == "done")
    studio.ask("POST", f"/api/v1/jobs/{job['id']}/pause")
    paused = studio.until(job["id"], "paused", "done")
    studio.end(signal.SIGKILL)
    studio = Studio()
    again = studio.json("GET", f"jobs/{job['id']}")[1]
    studio.ask("POST", f"/api/v1/jobs/{job['id']}/resume")
    on = studio.until_it_moves(job["id"])
    ok("a paused video job is resumed after a kill", paused["state"] == "paused" and again["state"] == "paused" and
       on["progress"]["frame"] >= paused["progress"]["frame"], (paused["progress"], on.get("progress")))
    studio.end(signal.SIGKILL)  # while it runs
    studio = Studio()
    on = studio.once(job["id"], lambda said: said.get("progress", {}).get("frame", 0) > 16 or said["state"] != "running")
    ok("a running video job continues after a kill", on["state"] == "running", on)
    studio.ask("POST", f"/api/v1/jobs/{job['id']}/stop")
    done = studio.until(job["id"], "done", "failed")
    details = studio.json("GET", f"pictures/{done['result']}")[1]
    ok("a stopped job keeps the finished frames",
       done["state"] == "done" and 15 <= details["frames"] <= 40 and own() == [], (details, own()))
    return studio


def test_sets(studio, lake_bytes):
    status, group = studio.json("POST", "sets")
    ok("a set is created", status == 201 and group["pictures"] == 0 and len(group["id"]) == 32, group)
    for i in range(6):
        send(studio, f"sets/{group['id']}/pictures", png(40, 40, lambda x, y, i=i: (x * (i + 1) * 6 + y * 3) % 256))
    status, said = send(studio, f"sets/{group['id']}/pictures", png(40, 40, lambda x, y: (x * 6 + y * 3) % 256))
    ok("the same picture counts once", status == 201 and said["pictures"] == 6, said)
    answers = [send(studio, f"sets/{group['id']}/pictures", data)[0] for data in
               (b"", b"hello", lake_bytes[:100], lake_bytes + b"\0" * (3 << 20))]
    ok("invalid and too large pictures are refused", set(answers) == {422}, answers)
    ok("a set has a thumbnail", studio.ask("GET", f"/api/v1/sets/{group['id']}/thumb")[2][:3] == b"\xff\xd8\xff")
    others = [studio.json("POST", "sets")[1]["id"] for _ in range(9)]
    ok("at most eight sets are kept", len(os.listdir(os.path.join(FOLDER, ".studio", "sets"))) == 8)
    ok("a set is deleted", studio.ask("DELETE", "/api/v1/sets/" + others[-1])[0] == 204 and
       studio.ask("GET", "/api/v1/sets/" + others[-1])[0] == 404)
    for other in others[:-1]:
        studio.ask("DELETE", "/api/v1/sets/" + other)


def a_set(studio, size=40, n=12):
    group = studio.json("POST", "sets")[1]["id"]
    for i in range(n):
        send(studio, f"sets/{group}/pictures", png(size, size, lambda x, y, i=i: 255 * ((x - size // 2) ** 2 + (y - size // 2) ** 2 < (4 + i) ** 2)))
    return group


VAE = {"size": 28, "channels": 1, "depth": 2, "width": 4, "latent": 3, "epochs": 2, "batch": 4, "threads": 1}


def test_vae(studio):
    group = a_set(studio)
    job = run(studio, "vae-train", {"data": group}, VAE)
    model = made(studio, job)
    ok("a VAE is trained", job["state"] == "done" and model["type"] == "model" and own() == [], (job, own()))
    listed = studio.json("GET", "models")[1]["models"]
    ok("the model is listed",
       [(m["id"], m["model"], m["latent"], m["width"]) for m in listed] == [(job["result"], "vae", 3, 28)], listed)
    os.utime(os.path.join(FOLDER, model["title"]))
    changed = studio.json("GET", "models")[1]["models"]
    ok("the version of a model changes with its file", changed[0]["version"] > listed[0]["version"], (listed, changed))
    model = made(studio, job)
    status, headers, thumb = studio.ask("GET", model["thumb"])
    ok("the model has a thumbnail", status == 200 and thumb[:3] == b"\xff\xd8\xff", headers)
    here = f"/api/v1/pictures/{job['result']}/latent"
    one, other = studio.ask("GET", here + "?x=0&y=0"), studio.ask("GET", here + "?x=2&y=-2")
    ok("a position in the latent space is drawn", one[0] == 200 and one[2][:4] == b"\x89PNG" and one[2] != other[2] and
       studio.ask("GET", here + "?x=0&y=0")[2] == one[2], one[1])
    ok("another seed draws another picture", studio.ask("GET", here + "?x=0&y=0&seed=3")[2] != one[2])
    ok("a map is drawn", studio.ask("GET", here + "?cells=5")[2][:4] == b"\x89PNG")
    answers = [studio.ask("GET", here + q)[0] for q in ("?x=a", "?x=nan", "?x=1e9", "?cells=25", "?cells=-1", "?seed=-1", "?seed=inf",
                                                       "?y=" + "9" * 400)]
    ok("invalid positions are refused", set(answers) == {422}, answers)
    before = len(studio.made())
    status, kept = studio.json("POST", f"pictures/{job['result']}/latent", {"x": 1, "y": 1.0})
    ok("a drawn picture is saved",
       status == 201 and len(studio.made()) == before + 1 and kept["type"] == "picture", kept)
    sheet = run(studio, "vae-picture", {"model": job["result"]}, {"what": "walk", "steps": 4})
    ok("a job draws a sheet", sheet["state"] == "done" and made(studio, sheet)["type"] == "picture", sheet)
    sheet = run(studio, "vae-picture", {"model": job["result"], "input": [group]}, {"what": "reconstruct", "count": 3})
    ok("a job draws a sheet from a set", sheet["state"] == "done", sheet)
    ok("a picture that is no VAE has no latent space",
       studio.ask("GET", f"/api/v1/pictures/{sheet['result']}/latent?x=0&y=0")[0] == 422)
    status, long = studio.json("POST", "jobs", {"kind": "vae-train", "inputs": {"data": group}, "settings": dict(VAE, epochs=5000)})
    studio.once(long["id"], lambda said: said.get("progress", {}).get("stage", 0) > 2)
    studio.ask("POST", f"/api/v1/jobs/{long['id']}/pause")
    at = studio.until(long["id"], "paused")["progress"]["stage"]
    studio.end(signal.SIGKILL)
    studio = Studio()
    studio.ask("POST", f"/api/v1/jobs/{long['id']}/resume")
    on = studio.until_it_moves(long["id"])
    ok("a paused training is resumed after a kill", on.get("progress", {}).get("stage", 0) >= at, (at, on))
    ok("a set that a job needs cannot be deleted", studio.ask("DELETE", f"/api/v1/sets/{group}")[0] == 409)
    studio.ask("POST", f"/api/v1/jobs/{long['id']}/stop")
    done = studio.until(long["id"], "done", "failed")
    ok("a stopped training saves its model", done["state"] == "done" and own() == [] and
       studio.ask("GET", f"/api/v1/pictures/{done['result']}/latent?x=1&y=1")[0] == 200, (done, own()))
    return studio


def test_learn(studio, lake, waves):
    """Trains styles and paints in them. Deletes a style network while a job waits for it."""
    photos = a_set(studio, 64, 6)
    job = run(studio, "learn", {"style": [waves], "photo": [photos]}, {"iterations": 3, "crop": 64, "batch": 1, "threads": 1, "name": "billows"})
    ok("a style is trained",
       job["state"] == "done" and made(studio, job)["type"] == "model" and own() == [], (job, own()))
    styles = studio.json("GET", "styles")[1]["styles"]
    mine = styles[0]
    ok("the trained style is the first of the list", mine["name"] == job["result"] + ":billows" and
       mine["painter"] == job["result"] and mine["title"] == "billows" and len(styles) > 12, styles[:2])
    ok("the trained style has a thumbnail", studio.ask("GET", mine["thumb"])[2][:4] == b"\x89PNG" and
       studio.ask("GET", made(studio, job)["thumb"])[0] == 200)
    os.utime(os.path.join(FOLDER, made(studio, job)["title"]))
    again = studio.json("GET", "styles")[1]["styles"][0]
    ok("the address of a trained style's thumbnail changes with the file",
       again["name"] == mine["name"] and again["thumb"] != mine["thumb"], again)
    with open(os.path.join(FOLDER, made(studio, job)["title"]), "rb") as file:
        without = file.read().replace(b"style.billows.thumbnail", b"other.billows.thumbnail")
    bare = os.path.join(FOLDER, "bare.safetensors")
    with open(bare, "wb") as file:
        file.write(without)
    others = [s for s in studio.json("GET", "styles")[1]["styles"] if s["title"] == "billows" and s["painter"] != job["result"]]
    ok("a style without a thumbnail gives 404", [studio.ask("GET", s["thumb"])[0] for s in others] == [404] and
       studio.ask("GET", f"/api/v1/pictures/{others[0]['painter']}/thumb")[0] == 404, others)
    os.remove(bare)
    asked = {"content": lake, "painter": [mine["painter"]]}
    painted = run(studio, "style-learned", asked, {"learned": mine["name"], "size": 64})
    ok("a photograph is painted in the trained style", painted["state"] == "done", painted)
    recipe = studio.json("GET", f"pictures/{painted['result']}/recipe")[1]
    ok("the recipe names the trained style", recipe["settings"]["learned"].startswith(mine["name"]), recipe)
    ok("a trained style without its file is refused",
       studio.json("POST", "jobs", {"kind": "style-learned", "inputs": {"content": lake},
                                                       "settings": {"learned": mine["name"]}})[0] == 422)
    sheet = run(studio, "explore-learned", asked, {"learned": mine["name"] + ",hokusai-wave", "cell": 64})
    ok("a sheet has a trained and a built-in style", sheet["state"] == "done", sheet)
    two = run(studio, "learn", {"style": [waves, lake], "photo": [photos]}, {"iterations": 2, "crop": 64, "batch": 1, "threads": 1})
    titles = [s["title"] for s in studio.json("GET", "styles")[1]["styles"] if s["painter"] == two.get("result")]
    ok("two styles trained together have the names of their paintings", titles == ["waves", "lake"], (two, titles))
    status, waits = studio.json("POST", "jobs", {"kind": "style-learned", "inputs": asked, "settings": {"learned": mine["name"], "size": 64}})
    gone = studio.ask("DELETE", f"/api/v1/pictures/{mine['painter']}")[0]
    ended = studio.until(waits["id"], "done", "failed")
    ok("a job ends although its style network is deleted", status == 201 and ended["state"] == "done", (gone, ended))
    if gone == 409:
        studio.ask("DELETE", f"/api/v1/pictures/{mine['painter']}")
    ok("a deleted style is not listed",
       all(s["painter"] != mine["painter"] for s in studio.json("GET", "styles")[1]["styles"]))


def main():
    data = {name: drawn(name + ".jpg") for name in ("lake", "waves")}
    os.makedirs(os.path.join(FOLDER, ".studio", "films"))  # name in an older version
    with open(os.path.join(FOLDER, ".studio", "films", "old"), "wb"):
        pass
    studio = Studio()
    try:
        old = os.path.join(FOLDER, ".studio", "videos", "old")
        ok("the folder of videos is renamed", os.path.exists(old))
        if os.path.exists(old):
            os.remove(old)
        lake, waves = (studio.add(data[name], name + ".jpg") for name in ("lake", "waves"))
        test_door(studio)
        ok("the options report whether videos can be read", studio.json("GET", "options")[1]["videos"] == VIDEOS)
        if VIDEOS:
            long_video = test_videos(studio, lake)
            studio = test_killed_video(studio, long_video, lake)
        else:
            ok("videos # SKIP ffmpeg is not installed", True)
        test_without(studio)
        test_sets(studio, data["lake"])
        studio = test_vae(studio)
        test_learn(studio, lake, waves)
    finally:
        studio.end()
        end()


main()
