"""test-studio.py REVERIE DRAW -- tests the studio by raw requests: access, refused requests, a job from request to
picture, pauses, kills. Needs only Python's standard library. Prints TAP."""

import hashlib
import http.server
import json
import os
import re
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import zlib

from studio import FOLDER, HERE, OPENED, REVERIE, SLOWER, Studio, drawn, end, events, ok, png, security_headers, small


def test_door(studio):
    ok("the first line of output is the address", studio.port > 0, studio.address)
    file = os.path.join(FOLDER, ".studio", "address")
    ok("only the user can read the address file", os.stat(file).st_mode & 0o777 == 0o600 and
       open(file).read().strip() == studio.address)
    status, headers, body = studio.ask("GET", "/", token="")
    ok("the page needs no token", status == 200 and b"<title>Reverie" in body, status)
    ok("the page has the security headers", security_headers(headers), headers)
    scripts = re.findall(rb'(?:src|href)="(/[^"]+)"', body)
    sizes = [len(body)] + [len(studio.ask("GET", path.decode(), token="")[2]) for path in scripts]
    ok("the files that the page names exist", len(scripts) >= 3 and min(sizes) > 100, scripts)

    def page(host):
        return studio.ask("GET", "/", host=host, token="")[0]

    port = studio.port
    good = [f"127.0.0.1:{port}", f"localhost:{port}", f"LOCALHOST:{port}", f"[::1]:{port}", f"127.9.9.9:{port}"]
    bad = ["127.0.0.1", f"127.0.0.1:{port + 1}", f"127.0.0.1.evil.com:{port}", f"evil.com:{port}", f"localhost.:{port}",
           f"127.1:{port}", f"0x7f.0.0.1:{port}", f"10.0.0.1:{port}", f"[::1:{port}", f"127.0.0.1:{port}x", f":{port}",
           f"user@127.0.0.1:{port}", f"[::ffff:8.8.8.8]:{port}", f"0.0.0.0:{port}", f"127.0.0.1:\x0b{port}",
           f"127.0.0.1:0{port}"]
    answers = {host: page(host) for host in good + bad}
    ok("only the studio's own hosts are accepted",
       all(answers[h] == 200 for h in good) and all(answers[h] in (400, 403) for h in bad),
       answers)
    twice = studio.raw(f"GET / HTTP/1.1\r\nHost: {studio.host}\r\nHost: {studio.host}\r\n\r\n".encode())
    none = studio.raw(b"GET / HTTP/1.0\r\n\r\n")
    ok("a request has exactly one Host", b" 200 " not in twice[:20] and b" 403 " in none[:20], (twice[:20], none[:20]))

    ok("a request without a token is refused", studio.json("GET", "jobs", token="")[0] == 401)
    wrong = [studio.token[:-1] + ("0" if studio.token[-1] != "0" else "1"), studio.token + "0", studio.token[:-1], "x", " "]
    ok("wrong tokens are refused", all(studio.json("GET", "jobs", token=token)[0] == 401 for token in wrong))
    ok("the token is accepted", studio.json("GET", "jobs")[0] == 200)
    status, headers, _ = studio.ask("POST", "/api/v1/session")
    cookie = headers.get("set-cookie", "")
    ok("the token becomes a cookie", status == 204 and "HttpOnly" in cookie and "SameSite=Strict" in cookie, headers)
    pair = cookie.split(";")[0]
    ok("the cookie is accepted", studio.json("GET", "jobs", token="", headers={"Cookie": "a=b; " * 70 + pair})[0] == 200)
    ok("a cookie of another port is refused",
       studio.json("GET", "jobs", token="", headers={"Cookie": f"reverie-{port + 1}={studio.token}"})[0]
       == 401)

    own, other = f"http://{studio.host}", ["null", "http://evil.com", f"http://127.0.0.1:{port}.evil.com",
                                           f"http://127.0.0.1:{port + 1}", f"https://{studio.host}", "http://localhost"]
    ok("the studio's own Origin is accepted", studio.json("GET", "jobs", headers={"Origin": own})[0] == 200)
    ok("another Origin is refused", all(studio.json("GET", "jobs", headers={"Origin": o})[0] == 403 for o in other))
    job = json.dumps({"kind": "style"})
    ok("a request without X-Reverie is refused", studio.ask("POST", "/api/v1/jobs", job, changes=False)[0] == 403)
    types = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", None, "application/jsonx"]
    ok("content types of forms are refused",
       all(studio.ask("POST", "/api/v1/jobs", job, {"Content-Type": t})[0] == 415 for t in types))
    ok("a picture with another content type is refused", studio.ask("POST", "/api/v1/pictures", "{}")[0] == 415)
    heads = {path: [studio.ask(method, path) for method in ("GET", "HEAD")] for path in ("/", "/api/v1/jobs", "/api/v1/openapi.json")}
    ok("HEAD has the status and length of GET, and no body",
       all(head[0] == get[0] == 200 and head[1]["content-length"] == str(len(get[2])) and head[2] == b""
           for get, head in heads.values()), heads)
    api = studio.json("GET", "openapi.json")[1]["paths"]
    rows = [(method.upper(), path.replace("{id}", "0" * 32), operation) for path, of in api.items() for method, operation in of.items()]
    posts = [(method, path) for method, path, _ in rows if method not in ("GET", "DELETE")]
    answers = {(path, t): studio.ask(method, path, "", {"Content-Type": t})[0] for method, path in posts for t in types}
    ok("all POST routes refuse a missing type and types of forms",
       len(posts) > 15 and set(answers.values()) == {415}, answers)
    answers = [studio.raw(f"POST /api/v1/jobs/{'0' * 32}/{path} HTTP/1.1\r\nHost: {studio.host}\r\nX-Reverie: 1\r\nAuthorization: "
                          f"Bearer {studio.token}\r\nConnection: close\r\n{t}\r\n".encode())[9:12]
               for path in ("pause", "steer", "branch", "move") for t in ("", "Content-Type: text/plain\r\n", "Content-Type: application/json\r\n")]
    ok("an empty body needs the type JSON", answers == [b"415", b"415", b"404"] * 4, answers)
    answers = {(method, path): studio.ask(method, path + "?" + query, b"" if "octet" in str(said) else None)[0]
               for method, path, said in rows if method != "GET" for query in ("to=0", "x")}
    ok("requests that change something have no query", set(answers.values()) == {422} and
       not any(p["in"] == "query" for method, _, said in rows if method != "GET" for p in said["parameters"]), answers)
    ok("DELETE needs X-Reverie, but no type", [studio.ask("DELETE", f"/api/v1/pictures/{'0' * 32}", changes=c)[0]
                                               for c in (True, False)] == [404, 403])
    ok("a CORS preflight is refused", studio.ask("OPTIONS", "/api/v1/jobs", headers={"Origin": "http://evil.com"},
                                                 token="")[0] == 403)


def begin_one(studio, picture):
    """Starts a job that runs while forbidden requests are tried. Returns its id."""
    job = studio.json("POST", "jobs", small(studio.add(picture), iterations=100000))[1]["id"]
    studio.until_it_moves(job)
    return job


def test_unharmed(studio, job):
    before = studio.json("GET", f"jobs/{job}")[1]["progress"]["iteration"]
    said = studio.once(job, lambda said: said["progress"]["iteration"] > before)
    ok("the running job continues after all refused requests",
       said["state"] == "running" and said["progress"]["iteration"] > before, said)
    studio.ask("POST", f"/api/v1/jobs/{job}/cancel")
    studio.until(job, "cancelled")


def test_paths(studio):
    paths = ["/api/v1/", "/api/v1/nothing", "/api", "/..", "/../../etc/passwd", "/js/../../../etc/passwd", "/%2e%2e/x",
             "/api/v1/pictures/..%2faddress/file", "/api/v1/pictures/" + "0" * 31, "/api/v1/pictures/" + "0" * 33,
             "/api/v1/pictures/" + "0" * 32 + "/file", "/api/v1/jobs/" + "f" * 32, "//", "/.studio/address"]
    answers = {path: studio.ask("GET", path)[0] for path in paths}
    ok("unknown paths give 400 or 404", all(a in (400, 404) for a in answers.values()), answers)
    ok("methods that a path does not have give 405", studio.ask("PUT", "/api/v1/jobs", "{}")[0] == 405 and
       studio.ask("DELETE", "/api/v1/jobs")[0] == 405)
    os.symlink("/etc/passwd", os.path.join(FOLDER, "link.png"))
    os.symlink(os.path.join(HERE, "lake.jpg"), os.path.join(FOLDER, "other.jpg"))
    os.mkfifo(os.path.join(FOLDER, "pipe.png"))
    os.mkdir(os.path.join(FOLDER, "folder.png"))
    made = [p for p in studio.json("GET", "pictures")[1]["pictures"] if p["kind"] == "made"]
    ok("links, pipes and folders are no pictures", made == [], made)


def test_limits(studio):
    def alive():
        return studio.ask("GET", "/", token="")[0] == 200

    def announce(length, path="/api/v1/pictures", kind="application/octet-stream"):
        return studio.raw((f"POST {path} HTTP/1.1\r\nHost: {studio.host}\r\nAuthorization: Bearer {studio.token}\r\n"
                           f"X-Reverie: 1\r\nContent-Type: {kind}\r\n{length}\r\n").encode())[:13]

    ok("an announced length of 10 GB is refused", b"413" in announce("Content-Length: 10000000000\r\n"))
    answers = [announce(f"Content-Length: {n}\r\n") for n in ("-1", "0x10", "99999999999999999999999", "1, 2")]
    ok("invalid lengths are refused", not any(b" 20" in answer for answer in answers) and alive(), answers)
    ok("a request without a length is refused",
       b"411" in announce("") or b"411" in announce("Transfer-Encoding: chunked\r\n"))
    ok("JSON of 2 MB is refused", b"413" in announce("Content-Length: 2000000\r\n", "/api/v1/jobs", "application/json"))
    big = studio.raw(f"GET / HTTP/1.1\r\nHost: {studio.host}\r\n".encode() + b"X-A: " + b"a" * 100000 + b"\r\n\r\n")
    many = studio.raw(f"GET / HTTP/1.1\r\nHost: {studio.host}\r\n".encode() + b"".join(b"X-%d: a\r\n" % i for i in range(9000)))
    ok("too long and too many headers are refused",
       b" 200 " not in big[:20] and b" 200 " not in many[:20] and alive(), (big[:20], many[:20]))

    def answered(peers, each):
        """Opens @each connections from each of @peers and keeps them open. Returns how many are answered."""
        held = [socket.create_connection(("127.0.0.1", studio.port), 20 * SLOWER, (peer, 0)) for _ in range(each) for peer in peers]
        for connection in held:
            try:
                connection.sendall(f"GET / HTTP/1.1\r\nHost: {studio.host}\r\n\r\n".encode())
            except OSError:
                pass  # disconnected
        time.sleep(2 * SLOWER)  # one wait for all: after 30 s the first would end
        n = 0
        for connection in held:
            try:
                connection.setblocking(False)
                n += connection.recv(12) == b"HTTP/1.1 200"
            except OSError:
                pass
        for connection in held:  # not earlier: each frees a connection
            connection.close()
        studio.until_there_is_room()
        return n

    one, seven = answered(["127.0.0.1"], 60), answered([f"127.0.0.{n}" for n in range(2, 9)], 20)
    ok("one peer has at most 24 connections", one == 24, one)
    ok("all peers together have at most 96 connections", 24 < seven <= 96, seven)
    ok("new connections are accepted afterwards", studio.ask("GET", "/", token="")[0] == 200)


def interlaced(side):
    """An interlaced PNG of one grey, which is decoded as a whole."""
    def part(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    steps = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
    rows = b"".join((b"\0" + b"\x80" * (3 * -((x - side) // dx))) * -((y - side) // dy) for x, y, dx, dy in steps)
    return (b"\x89PNG\r\n\x1a\n" + part(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 1)) +
            part(b"IDAT", zlib.compress(rows, 1)) + part(b"IEND", b""))


def test_memory(studio):
    """Requests a thumbnail for which memory is missing: the studio reports the error and continues."""
    with open(REVERIE, "rb") as file:
        if b"san_init" in file.read():
            ok("out of memory # SKIP the sanitizers end the process if memory is missing", True)
            return
    picture = json.loads(studio.upload(interlaced(6000))[2])
    with open(f"/proc/{studio.process.pid}/status") as file:
        taken = int(re.search(r"VmSize:\s+(\d+)", file.read())[1]) * 1024
    before = resource.prlimit(studio.process.pid, resource.RLIMIT_AS, (taken + (48 << 20), resource.RLIM_INFINITY))
    status, _, said = studio.ask("GET", picture["thumb"])
    alive = studio.ask("GET", "/api/v1/jobs")[0]
    resource.prlimit(studio.process.pid, resource.RLIMIT_AS, before)
    ok("missing memory is reported", status == 503 and b"out of memory" in said and alive == 200, (status, said))
    status, _, thumb = studio.ask("GET", picture["thumb"])
    ok("the studio continues with more memory", status == 200 and thumb[:3] == b"\xff\xd8\xff", status)


def test_pictures(studio, lake):
    status, _, body = studio.upload(lake, "Der%20See%20%3Cb%3E.jpg")
    picture = json.loads(body)
    ok("a picture is uploaded", status == 201 and picture["title"] == "Der See <b>.jpg" and picture["height"] == 96 and
       len(picture["id"]) == 32, body)
    again = json.loads(studio.upload(lake, "twice")[2])
    ok("the same bytes have the same id, and the newest title", again["id"] == picture["id"] and again["title"] == "twice",
       again)
    long = json.loads(studio.upload(lake, "%E7%94%BB" * 100)[2])["title"]
    ok("a long name is cut between characters", long == "\u753b" * 85, long)
    _, headers, thumb = studio.ask("GET", picture["thumb"])
    ok("the thumbnail is a JPEG that may be cached",
       thumb[:3] == b"\xff\xd8\xff" and "immutable" in headers["cache-control"], headers)
    ok("the file has the uploaded bytes", studio.ask("GET", f"/api/v1/pictures/{picture['id']}/file")[2] == lake)
    hostile = {"nothing": b"", "text": b"hello", "cut": lake[:200],
               "svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
               "pdf": b"%PDF-1.4\n", "bomb": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\1\0\0\0\1\0\0\x08\2\0\0\0" + b"\0" * 60}
    answers = {name: studio.upload(data)[0] for name, data in hostile.items()}
    ok("invalid and too large pictures are refused", all(a in (413, 422) for a in answers.values()), answers)
    names = os.listdir(os.path.join(FOLDER, ".studio", "given"))
    ok("partial files of refused pictures are removed", not any(name.startswith("half") for name in names), names)
    examples = [p for p in studio.json("GET", "pictures")[1]["pictures"] if p["kind"] == "example"]
    ok("the studio has examples", len(examples) >= 4)
    return picture["id"]


def sheet(lake):
    """Request of a sheet of 2 x 2 cells."""
    return {"kind": "explore-style", "inputs": {"content": lake, "style": [lake]},
            "settings": {"across": "strength=20,80", "down": "style-scale=0.5,1", "cell": 64, "iterations": 1, "start-size": 0,
                         "threads": 1}}


def openapi_errors(api):
    """Violations of OpenAPI 3.0.3: a list of texts."""
    wrong = []
    if api.get("openapi") != "3.0.3" or not {"title", "version"} <= set(api.get("info", {})):
        wrong.append("head")

    def look(schema, where):
        reference = schema.get("$ref")
        if reference and (len(schema) > 1 or reference.rpartition("/")[2] not in api["components"]["schemas"]):
            wrong.append(f"{where}: {reference}")
        if not reference and schema.get("type") not in ("string", "number", "integer", "boolean", "object", "array") and "oneOf" not in schema:
            wrong.append(f"{where}: type")
        if "minimum" in schema and not schema["minimum"] <= schema["maximum"]:
            wrong.append(f"{where}: bounds")
        if "enum" in schema and (not schema["enum"] or len(set(schema["enum"])) < len(schema["enum"])):
            wrong.append(f"{where}: enum")
        for name, inner in schema.get("properties", {}).items():
            look(inner, f"{where}.{name}")
        for inner in schema.get("oneOf", []):
            look(inner, where)

    for path, operations in api["paths"].items():
        for method, operation in operations.items():
            where, parameters = f"{method} {path}", operation.get("parameters", [])
            names = [(p["name"], p["in"]) for p in parameters]
            if not path.startswith("/") or method not in ("get", "post", "put", "delete") or not operation.get("responses"):
                wrong.append(where)
            if any(not r.get("description") for r in operation["responses"].values()):
                wrong.append(f"{where}: response")
            if len(set(names)) < len(names) or any("schema" not in p or (p["in"] == "path" and not p["required"]) for p in parameters):
                wrong.append(f"{where}: parameters")
            if {n for n, place in names if place == "path"} != set(re.findall(r"{(\w+)}", path)):
                wrong.append(f"{where}: path")
            for kind, media in operation.get("requestBody", {"content": {}})["content"].items():
                look(media["schema"], f"{where}: {kind}")
            if method == "get" and "requestBody" in operation:
                wrong.append(f"{where}: body")
    for name, schema in api["components"]["schemas"].items():
        if not re.fullmatch(r"[A-Za-z0-9._-]+", name):
            wrong.append(name)
        look(schema, name)
    if any(list(one)[0] not in api["components"]["securitySchemes"] for one in api["security"]):
        wrong.append("security")
    return wrong


def test_others(studio, lake):
    """Tests the OpenAPI description and the example."""
    status, api = studio.json("GET", "openapi.json")
    wrong = openapi_errors(api)
    ok("the OpenAPI description is valid", status == 200 and len(api["paths"]) > 20 and wrong == [], wrong)
    schemas, tables = api["components"]["schemas"], studio.json("GET", "options")[1]["kinds"]
    missing = [(kind, o["name"]) for kind, all_of in tables.items() for table in all_of for o in table["options"]
               if o["name"] not in schemas["settings-" + kind]["properties"]]
    strength = schemas["settings-style"]["properties"]["strength"]
    ok("the OpenAPI description has every option of every kind",
       missing == [] and len(tables) == 11 and (strength["minimum"], strength["maximum"]) == (0, 100),
       missing)
    example = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../examples/studio.py")
    out = os.path.join(HERE, "out.png")
    done = subprocess.run([sys.executable, example, studio.address, lake, lake, out], capture_output=True, timeout=100 * SLOWER)
    ok("the example in Python paints a picture", done.returncode == 0 and open(out, "rb").read(4) == b"\x89PNG", done)


def test_refused(studio, lake):
    def refused(value, status, option, text=""):
        got, said = studio.json("POST", "jobs", value)
        return got == status and said["option"] == option and text in said["error"]

    ok("a setting out of range is refused", refused(small(lake, strength=101), 422, "strength", "100"))
    ok("a wrong duration is refused", refused(small(lake, time="soon"), 422, "time", "duration"))
    ok("an unknown setting is refused", refused(small(lake, stregth=1), 422, None, "strength") or
       refused(small(lake, stregth=1), 422, "stregth"))
    ok("video jobs without inputs are refused",
       all(studio.json("POST", "jobs", {"kind": kind})[0] == 422 for kind in ("style-video", "dream-video")))
    files = {"output": "/tmp/x.png", "log": "/tmp/x", "live": "x.png", "timeline": "x.png", "plot": "x.svg",
             "weights": "/etc/passwd", "network": "/etc/x.onnx", "save-every": 1, "resume": True}
    answers = {name: studio.json("POST", "jobs", small(lake, **{name: value})) for name, value in files.items()}
    ok("settings that name files are refused", all(a[0] == 422 for a in answers.values()), answers)
    dream = {"kind": "dream", "inputs": {"picture": lake}, "settings": {"toward": "macaw:1:/etc/passwd"}}
    ok("a file name within a setting is refused", studio.json("POST", "jobs", dream)[0] == 422)
    sheets = [dict(sheet(lake), settings={"across": text}) for text in ("loss-settings=x", "style-layers=a", "weights=/etc/passwd",
                                                                        "output=x.png", "strength", "strength=1000")]
    answers = [studio.json("POST", "jobs", s)[0] for s in sheets]
    ok("sheets over texts, files, missing and wrong values are refused", answers == [422] * len(sheets), answers)
    answers = [studio.json("POST", "jobs", {**of, "cell": cell})[0] for cell, of in
               (("3a", sheet(lake)), ("", sheet(lake)), ("1a", small(lake)), ("../x", sheet(lake)), (1, sheet(lake)))]
    ok("unknown cells are refused", answers == [422] * 5, answers)
    ok("an unknown input is refused", refused({"kind": "style", "inputs": {"content": "0" * 32}}, 404, None))
    ok("a file name as an input is refused",
       refused({"kind": "style", "inputs": {"content": "/etc/passwd"}}, 404, None))
    bodies = ["", "[]", "{", "null", '{"kind": "style", "settings": 1}', '{"kind": "style", "inputs": []}', '{"kind": "style", "to": 0}', '{"kind": "style", "kind": "style"}', "\0", "{}", '{"kind": "sculpture"}',
              '{"kind":' + "[" * 5000]
    answers = [studio.ask("POST", "/api/v1/jobs", body)[0] for body in bodies]
    ok("invalid requests are refused", all(a == 422 for a in answers), answers)
    ok("a job without a kind is refused", refused({}, 422, None, "a job needs a kind"))
    ok("no refused request is in the queue",
       {j["state"] for j in studio.json("GET", "jobs")[1]["jobs"]} == {"cancelled"})


def test_job(studio, lake):
    status, job = studio.json("POST", "jobs", small(lake, strength=70))
    ok("a job is started",
       status == 201 and job["state"] == "running" and job["request"]["settings"]["strength"] == 70, job)
    _, headers, text = studio.ask("GET", f"/api/v1/jobs/{job['id']}/events")  # ends with the job
    seen = events(text)
    names = [name for name, _, _ in seen]
    ok("the event stream has all kinds of events",
       {"progress", "losses", "preview"} <= set(names) and names[-1] == "done" and
       headers["content-type"] == "text/event-stream", names)
    points = [p for name, _, data in seen if name == "losses" for p in data["points"]]
    told = [p[0] for p in points]  # on a busy machine the newest report replaces unsent ones
    ok("the losses of an iteration are sent once",
       told == sorted(set(told)) and told[-1] == 6 and len(points[0]) >= 3, points)
    marks = [mark for _, mark, _ in seen if mark]
    ok("ids of events are unique, and the last event has one",
       len(set(marks)) == len(marks) and marks[-1] == seen[-1][1], marks)
    middle = marks[len(marks) // 2]
    _, _, text = studio.ask("GET", f"/api/v1/jobs/{job['id']}/events", headers={"Last-Event-ID": middle})
    rest = [p[0] for name, _, data in events(text) if name == "losses" for p in data["points"]]
    ok("a client that reconnects gets the missing losses",
       rest == told[len(told) - len(rest):] and len(rest) < len(told), (told, rest))
    _, _, text = studio.ask("GET", f"/api/v1/jobs/{job['id']}/events", headers={"Last-Event-ID": marks[-1]})
    ok("a client that has all events gets the end again", [name for name, _, _ in events(text)] == ["done"], text)
    done = seen[-1][2]
    pictures = [p for p in studio.json("GET", "pictures")[1]["pictures"] if p["kind"] == "made"]
    ok("the picture is in the folder", done["result"] == pictures[0]["id"] and
       os.path.isfile(os.path.join(FOLDER, pictures[0]["title"])), pictures)
    version = studio.json("GET", f"jobs/{job['id']}")[1]["preview"]
    _, kept, preview = studio.ask("GET", f"/api/v1/jobs/{job['id']}/preview?v={version}&w=32")
    other = studio.ask("GET", f"/api/v1/jobs/{job['id']}/preview?v=1&w=32")[1]
    ok("the preview of one version may be cached, others not",
       preview[:3] == b"\xff\xd8\xff" and "immutable" in kept["cache-control"] and
       other["cache-control"] == "no-store" and version > 1e15, (kept, other, version))
    status, recipe = studio.json("GET", f"pictures/{done['result']}/recipe")
    ok("the picture has a recipe",
       status == 200 and recipe["command"] == "style" and recipe["settings"]["strength"] == "70", recipe)
    found = studio.json("GET", f"pictures?sha256={recipe['inputs'][0]['sha256']}")[1]["pictures"]
    ok("the photograph is found by the hash in the recipe", [p["id"] for p in found] == [lake], found)
    said = studio.json("GET", f"pictures/{lake}/recipe")
    ok("the recipe of a photograph is null", said == (200, None), said)
    status, headers, _ = studio.ask("GET", f"/api/v1/pictures/{done['result']}/file?download=1")
    ok("a download has its name and type",
       headers["content-disposition"].startswith("attachment") and headers["content-type"] == "image/png")
    status, again = studio.json("POST", "jobs", {"kind": "dream", "inputs": {"picture": done["result"]},
                                                 "settings": {"preset": "test", "size": 64, "octaves": 1, "iterations": 2}})
    ok("a result is the input of another job",
       status == 201 and studio.until(again["id"], "done")["state"] == "done", again)
    ok("only the newest preview is kept",
       [studio.ask("GET", f"/api/v1/jobs/{j}/preview")[0] for j in (job["id"], again["id"])]
       == [404, 200])
    ok("a result is deleted", studio.ask("DELETE", f"/api/v1/pictures/{done['result']}")[0] == 204 and
       studio.ask("GET", f"/api/v1/pictures/{done['result']}")[0] == 404)
    trash = os.path.join(HERE, "data", "Trash", "files")
    ok("the deleted result is in the desktop's trash",
       os.path.isdir(trash) and os.listdir(trash) == [pictures[0]["title"]], pictures)
    shutil.rmtree(os.path.dirname(trash))
    with open(os.path.dirname(trash), "w"):  # no folder: there is no trash of the desktop
        for _ in range(2):
            with open(os.path.join(FOLDER, "same.png"), "wb") as file:
                file.write(png(32, 32, 128))
            same = [p["id"] for p in studio.json("GET", "pictures")[1]["pictures"] if p["title"] == "same.png"]
            studio.ask("DELETE", f"/api/v1/pictures/{same[0]}")
    os.remove(os.path.dirname(trash))
    kept = sorted(os.listdir(os.path.join(FOLDER, ".studio", "trash")))
    ok("the studio's trash keeps two files of one name", kept == ["2-same.png", "same.png"], kept)


def test_deleted_input(studio, lake):
    """Deletes a picture that a waiting job needs, in the studio or by another program."""
    for how in ("the studio", "another program"):
        made = studio.until(studio.json("POST", "jobs", small(lake, iterations=1))[1]["id"], "done", "failed")["result"]
        title = studio.json("GET", f"pictures/{made}")[1]["title"]
        first = studio.json("POST", "jobs", small(lake, iterations=5000))[1]["id"]
        second = studio.json("POST", "jobs", small(made, iterations=1))[1]["id"]
        if how == "the studio":
            studio.ask("DELETE", f"/api/v1/pictures/{made}")
        else:
            os.remove(os.path.join(FOLDER, title))
        gone = studio.ask("GET", f"/api/v1/pictures/{made}")[0]
        studio.ask("POST", f"/api/v1/jobs/{first}/cancel")
        done = studio.until(second, "done", "failed")
        ok(f"a job does not need its created input any more, which {how} has deleted",
           gone == 404 and done["state"] == "done", (gone, done))
        studio.ask("DELETE", f"/api/v1/pictures/{done.get('result')}")


def test_restored_inputs(bytes_of_lake):
    """Deletes the input of a waiting job, replaces that of an earlier one, and starts the studio again."""
    folder = FOLDER + " restored"
    os.makedirs(folder)
    studio = Studio(folder=folder)
    lake = studio.add(bytes_of_lake)
    made = [studio.until(studio.json("POST", "jobs", small(lake, iterations=n))[1]["id"], "done", "failed")["result"]
            for n in (1, 2)]
    title = studio.json("GET", f"pictures/{made[0]}")[1]["title"]
    for content in (lake, *made):
        studio.json("POST", "jobs", small(content, iterations=5000))
    studio.ask("DELETE", f"/api/v1/pictures/{made[1]}")
    with open(os.path.join(folder, title), "wb") as file:
        file.write(png(96, 64, lambda x, y: 99))
    studio.process.kill()
    studio.process.wait()
    studio = Studio(folder=folder)
    jobs = studio.json("GET", "jobs")[1]["jobs"]
    studio.process.kill()
    ok("restoring a job deletes no inputs of later jobs",
       [j["state"] for j in jobs if j["state"] in ("waiting", "failed")] == ["waiting"] * 2, jobs)


def test_no_checkpoint(bytes_of_lake):
    """Ends the studio while a job runs whose checkpoint cannot be written, as on a full disk."""
    folder = FOLDER + " full"
    os.makedirs(folder)
    studio = Studio(folder=folder)
    lake = studio.add(bytes_of_lake)
    job = studio.json("POST", "jobs", small(lake, iterations=5000))[1]["id"]
    studio.until_it_moves(job)
    resource.prlimit(studio.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    studio.end()
    studio = Studio(folder=folder)
    jobs = studio.json("GET", "jobs")[1]["jobs"]
    studio.process.kill()
    ok("a job whose checkpoint could not be written starts again with the studio",
       [j["id"] for j in jobs if j["state"] in ("waiting", "running")] == [job], jobs)


def test_old_upload(studio, bytes_of_lake):
    """Uploads as many pictures as the studio keeps, then the oldest again. Uses the next one in a job, and uploads another
    one."""
    ids = []
    for i, grey in enumerate((*range(64), 0, 64)):
        if i == 65:
            job = studio.json("POST", "jobs", small(ids[1]))[1]["id"]
            studio.ask("POST", f"/api/v1/jobs/{job}/cancel")
            studio.until(job, "cancelled", "done", "failed")
        ids.append(studio.add(png(8, 8, grey)))
        if i < 4 or i > 62:
            time.sleep(0.02)  # their times must differ, also where the kernel counts in ticks
    kept = [studio.ask("GET", f"/api/v1/pictures/{i}")[0] for i in (ids[0], ids[1], ids[2], ids[-1])]
    ok("an old picture that is uploaded again, or was used in a job, is not the next to be deleted",
       kept == [200, 200, 404, 200], kept)
    for i in ids:
        studio.ask("DELETE", f"/api/v1/pictures/{i}")
    studio.upload(bytes_of_lake)  # deleted by the others


def test_explore(studio, lake):
    """Makes a sheet, then one of its cells large."""
    status, job = studio.json("POST", "jobs", sheet(lake))
    seen = events(studio.ask("GET", f"/api/v1/jobs/{job['id']}/events")[2])
    labels = [data["label"] for name, _, data in seen if name == "progress"]
    done = seen[-1][2]
    recipe = studio.json("GET", f"pictures/{done.get('result')}/recipe")[1]
    ok("a sheet is made", status == 201 and seen[-1][0] == "done" and recipe["command"] == "explore style" and
       recipe["settings"]["across"] == "strength=20,80" and any("style-scale" in label for label in labels) and
       "losses" not in [name for name, _, _ in seen], seen)
    wanted = sheet(lake)
    wanted["settings"].update({"size": 48, "tv-weight": 0.5, "exact": True})
    status, cell = studio.json("POST", "jobs", {**wanted, "cell": "2b"})
    done = studio.until(cell["id"], "done", "failed")
    picture = studio.json("GET", f"pictures/{done.get('result')}")[1]
    ok("a cell of the sheet is made large",
       status == 201 and cell["kind"] == "style" and cell["request"]["settings"]["strength"] == 80 and
       cell["request"]["settings"]["tv-weight"] == 0.5 and cell["request"]["settings"]["exact"] is True and
       cell["request"]["inputs"] == {"content": [lake], "style": [lake]} and picture["width"] == 48, (cell, picture))
    for made in (job["id"], cell["id"]):
        studio.ask("DELETE", f"/api/v1/pictures/{studio.json('GET', f'jobs/{made}')[1]['result']}")


def test_crowd(studio, job):
    """Opens a thousand connections with incomplete requests. The running job continues; requests are accepted again."""
    before = studio.json("GET", f"jobs/{job}")[1]["progress"]["iteration"]
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard if hard != resource.RLIM_INFINITY and hard < 4096 else 4096, hard))
    crowd = []
    for _ in range(1000):
        one = socket.socket()
        one.setblocking(False)
        one.connect_ex(("127.0.0.1", studio.port))
        crowd.append(one)
        try:
            one.send(b"GET /api/v1/jobs HTTP/1.1\r\nX-Slow: ")
        except OSError:
            pass  # not connected yet, or disconnected
    for one in crowd:
        one.close()
    studio.until_there_is_room()
    said = studio.once(job, lambda said: said["progress"]["iteration"] > before)
    ok("the job continues during a thousand connections",
       said["state"] == "running" and said["progress"]["iteration"] > before, (before, said))


def test_move(studio, lake):
    """Tests positions in the queue while a running job lies between waiting ones."""
    jobs = [studio.json("POST", "jobs", small(lake, iterations=20000))[1]["id"] for _ in range(3)]
    studio.json("POST", f"jobs/{jobs[0]}/pause")
    studio.until(jobs[0], "paused")
    studio.until(jobs[1], "running")
    status = studio.json("POST", f"jobs/{jobs[0]}/move", {"to": 1})[0]
    listed = [j["id"] for j in studio.json("GET", "jobs")[1]["jobs"] if j["id"] in jobs]
    ok("a position counts only waiting and paused jobs", (status, listed) == (200, [jobs[1], jobs[2], jobs[0]]), listed)
    for job in jobs[::-1]:
        studio.ask("POST", f"/api/v1/jobs/{job}/cancel")
    studio.until(jobs[1], "cancelled")  # the running job ends later than its request; the next test needs a free queue


def test_queue(studio, lake, bytes_of_lake):
    """Tests the queue: order, cancelling, limits, changes of a running job, and a pause. Returns the id of a paused
    job."""
    long = small(lake, iterations=20000)
    first, second = (studio.json("POST", "jobs", long)[1]["id"] for _ in range(2))
    third = studio.json("POST", "jobs", small(lake))[1]["id"]
    studio.until(first, "running")
    ok("one job runs at a time", [studio.json("GET", f"jobs/{j}")[1]["state"] for j in (first, second, third)] ==
       ["running", "waiting", "waiting"])
    ok("invalid positions in the queue are refused", [studio.json("POST", f"jobs/{third}/move", said)[0] for said in
                                     ({}, {"to": "0"}, {"to": -1}, {"to": 0.5}, {"to": [0]}, {"to": 0, "at": 0})] == [422] * 6)
    ok("a waiting job is moved up", studio.json("POST", f"jobs/{third}/move", {"to": 0})[0] == 200 and
       [j["id"] for j in studio.json("GET", "jobs")[1]["jobs"]][-3:] == [first, third, second])
    ok("after a cancelled job the next one runs", studio.ask("POST", f"/api/v1/jobs/{first}/cancel")[0] == 200 and
       studio.until(third, "done")["state"] == "done")
    for i in range(64):
        studio.upload(bytes_of_lake + b"%d" % i)
    given = [p for p in studio.json("GET", "pictures")[1]["pictures"] if p["kind"] == "given"]
    ok("at most 64 uploaded pictures are kept", len(given) == 64, len(given))
    status, dream = studio.json("POST", "jobs", {"kind": "dream", "inputs": {"picture": studio.made()[0]}})
    ok("a picture that a job needs is not removed", status == 201 and
       studio.ask("POST", f"/api/v1/jobs/{dream['id']}/cancel")[0] == 200 and
       studio.ask("GET", f"/api/v1/pictures/{lake}")[0] == 200, dream)
    studio.until_it_moves(second)

    def steer(option, value):
        return studio.json("POST", f"jobs/{second}/steer", {"option": option, "value": value})[0]

    ok("a running job accepts valid changes only",
       [steer("strength", 80), steer("strength", 101), steer("seed", 3), steer("output", "x.png"),
                                 steer("loss-settings", "x"), steer("strength", None), steer("strength", [80]), steer(3, 80),
                                 steer("strength", "70")] == [200] + [422] * 7 + [200])
    test_crowd(studio, second)
    crowd = [studio.json("POST", "jobs", small(lake)) for _ in range(40)]
    ok("at most 32 jobs wait",
       [status for status, _ in crowd] == [201] * 31 + [429] * 9 and "are waiting" in crowd[-1][1]["error"], crowd[-1])
    for _, job in crowd[:31]:
        studio.ask("POST", f"/api/v1/jobs/{job['id']}/cancel")
    full = os.path.join(FOLDER, ".studio", "queue")
    os.remove(full)
    os.mkdir(full)  # a folder cannot be written as a file
    before = studio.json("GET", "jobs")[1]["jobs"]
    refused = studio.json("POST", "jobs", small(lake))
    os.rmdir(full)
    ok("a job that cannot be saved is refused", refused[0] == 503 and
       len(studio.json("GET", "jobs")[1]["jobs"]) == len(before), refused)
    status = studio.ask("POST", f"/api/v1/jobs/{second}/pause")[0]
    ok("a job is paused", status == 200 and studio.until(second, "paused")["state"] == "paused")
    ok("a paused job has a checkpoint",
       os.path.isfile(os.path.join(FOLDER, ".studio", second + ".png.state.safetensors")))
    ok("a job that has ended cannot be cancelled", studio.ask("POST", f"/api/v1/jobs/{first}/cancel")[0] == 409)
    return second


def test_styles(studio, photo):
    """Lists learned styles, requests their thumbnails, and paints in one."""
    styles = {s["name"]: s for s in studio.json("GET", "styles")[1]["styles"]}
    ok("learned styles are listed", len(styles) >= 12 and all(s["license"] for s in styles.values()), styles)
    status, head, body = studio.ask("GET", styles["hokusai-wave"]["thumb"])
    ok("a learned style has a thumbnail",
       status == 200 and head["content-type"] == "image/png" and body[:4] == b"\x89PNG")
    ok("unknown styles give 404", [studio.ask("GET", "/api/v1/styles/thumb" + name)[0] for name in
                             ("", "?name=", "?name=nobody", "?name=..%2F..%2Fetc%2Fpasswd", "?name=" + "x" * 3000)] == [404] * 5)
    ok("styles need the token", [studio.ask("GET", "/api/v1/styles" + path, token="")[0] for path in
                                 ("", "/thumb?name=hokusai-wave")] == [401] * 2)
    ok("a path is no learned style", [studio.json("POST", "jobs", {"kind": kind, "inputs": {"content": photo}, "settings": {
        "learned": "/srv/candy.onnx"}})[0] for kind in ("style-learned", "explore-learned")] == [422] * 2)
    painted = studio.json("POST", "jobs", {"kind": "style-learned", "inputs": {"content": photo},
                                           "settings": {"learned": "hokusai-wave", "size": 64}})
    ok("a photograph is painted in a learned style",
       painted[0] == 201 and studio.until(painted[1]["id"], "done", "failed")["state"] == "done", painted)
    ok("a file name as a learned style is refused",
       studio.json("POST", "jobs", {"kind": "style-learned", "inputs": {"content": photo}, "settings": {
        "learned": "/etc/passwd"}})[0] == 422)


class Publisher(http.server.BaseHTTPRequestHandler):
    """HTTP server of one file. Sends the first 4 bytes, then waits for the event `may`, and sends the rest."""
    may = threading.Event()
    content = b"no weights at all"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.content)))
        self.end_headers()
        self.wfile.write(self.content[:4])
        self.wfile.flush()
        self.may.wait(60)
        self.wfile.write(self.content[4:])

    def log_message(self, *about):
        pass


def test_networks(studio):
    """Downloads a network from a local server: stops, resumes and verifies it."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Publisher)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    os.makedirs(os.path.join(HERE, "config", "reverie"))
    with open(os.path.join(HERE, "config", "reverie", "sources.ini"), "w") as file:
        file.write(f"[vgg16]\nfile=vgg16.h5\nbytes={len(Publisher.content)}\nlicense=none of note\n"
                   f"md5={hashlib.md5(Publisher.content).hexdigest()}\nurls=http://127.0.0.1:{server.server_port}/vgg16.h5\n")

    def do(what, name):
        return studio.json("POST", "networks/" + what, {"name": name})[0]

    def network(*states):
        end = time.monotonic() + 60 * SLOWER
        while time.monotonic() < end:
            found = {n["name"]: n for n in studio.json("GET", "networks")[1]["networks"]}
            if found["vgg16"].get("state") in states:
                return found["vgg16"]
            time.sleep(0.05)
        return found["vgg16"]

    all_of_them = {n["name"]: n for n in studio.json("GET", "networks")[1]["networks"]}
    ok("networks are listed", all_of_them["builtin"]["installed"] and not all_of_them["vgg16"]["installed"] and
       all_of_them["vgg16"]["license"] == "none of note", all_of_them)
    ok("unknown networks give 404", [do("get", "sculpture"), do("get", "builtin"), do("get", ""), do("check", "vgg16"),
                                     studio.ask("POST", "/api/v1/networks/get")[0]] == [404] * 5)
    ok("one download runs at a time", [do("get", "vgg16"), do("get", "vgg19")] == [200, 409] and
       network("getting")["state"] == "getting")
    ok("a download is stopped", do("stop", "vgg16") == 200)
    stopped = network("idle")
    ok("a stopped download has no error", "error" not in stopped and not stopped["installed"], stopped)
    Publisher.may.set()
    do("get", "vgg16")
    got = network("idle")
    ok("a downloaded file that is no network is reported",
       not got["verified"] and "vgg16.h5" in got.get("error", ""), got)
    ok("a check reports the file again", do("check", "vgg16") == 200 and "error" in network("idle"))
    server.shutdown()


def test_masks(studio, lake):
    """Runs a job with a mask for its style and a protected area."""
    white = studio.add(png(16, 16, 255), "mask.png")
    wanted = small(lake)
    wanted["inputs"].update(mask=[white, white])
    ok("two masks for one style are refused", studio.json("POST", "jobs", wanted)[0] == 422)
    wanted["inputs"].update(mask=[white], protect=white)
    done = studio.until(studio.json("POST", "jobs", wanted)[1]["id"], "done", "failed")
    recipe = studio.json("GET", f"pictures/{done.get('result')}/recipe")[1]
    ok("masks are used, and in the recipe", done["state"] == "done" and
       {"mask", "protect"} <= {i["role"] for i in recipe["inputs"]}, (done, recipe))
    studio.ask("DELETE", f"/api/v1/pictures/{done.get('result')}")


def test_branch(studio, lake):
    """Branches from a snapshot of a running job, which is paused then, and from a snapshot of a paused job."""
    first = studio.json("POST", "jobs", small(lake, iterations=20000))[1]["id"]
    job = studio.once(first, lambda said: len(said.get("progress", {}).get("snapshots", [])) > 1)
    moment = job["progress"]["snapshots"][0]

    def branch(job, iteration, **more):
        return studio.json("POST", f"jobs/{job}/branch", {"iteration": iteration, **more})

    ok("unknown snapshots, options and values are refused",
       [branch(first, i, **more)[0] for i, more in
                                         ((-1, {}), ("x", {}), (moment + 1, {}), (moment, {"option": "seed", "value": 3}),
                                          (moment, {"option": "strength", "value": 101}), (moment, {"option": "strength"}),
                                          (moment, {"option": "loss-settings", "value": "x"}))] ==
       [422, 422, 404, 422, 422, 422, 422])
    _, headers, picture = studio.ask("GET", f"/api/v1/jobs/{first}/snapshot?iteration={moment}&w=32")
    ok("a snapshot has a picture", picture[:3] == b"\xff\xd8\xff", headers)
    status, second = branch(first, moment, option="strength", value=90)
    ok("the request of a branch has its change", status == 201 and
       second["request"]["settings"]["steer"] == f"{moment}:strength=90", second)
    job = studio.until(first, "paused")
    ok("the branch runs, the first job is paused", job["state"] == "paused" and
       studio.until(second["id"], "running")["state"] == "running", job)
    job = studio.until_it_moves(second["id"])
    ok("the branch begins at the snapshot", moment < job["progress"]["iteration"], job)
    studio.ask("POST", f"/api/v1/jobs/{second['id']}/pause")
    at = studio.until(second["id"], "paused")["progress"]["iteration"]
    studio.ask("POST", f"/api/v1/jobs/{second['id']}/resume")
    ok("a branch is paused and resumed", studio.until_it_moves(second["id"])["progress"]["iteration"] > at)
    studio.ask("POST", f"/api/v1/jobs/{second['id']}/stop")
    done = studio.until(second["id"], "done", "failed")
    steer = studio.json("GET", f"pictures/{done.get('result')}/recipe")[1].get("settings", {}).get("steer")
    ok("the recipe has the change at the snapshot",
       done["state"] == "done" and steer == f"{moment}:strength=90", (done, steer))
    third = studio.json("POST", "jobs", small(lake, iterations=20000))[1]["id"]
    job = studio.once(third, lambda said: said.get("progress", {}).get("snapshots"))
    studio.ask("POST", f"/api/v1/jobs/{third}/pause")
    moments = studio.until(third, "paused")["progress"]["snapshots"]
    status, fourth = branch(third, moments[-1])
    ok("a branch starts from a paused job",
       status == 201 and studio.until(fourth["id"], "running")["state"] == "running", moments)
    studio.ask("DELETE", f"/api/v1/pictures/{done.get('result')}")
    for job in (first, third, fourth["id"]):
        studio.ask("POST", f"/api/v1/jobs/{job}/cancel")
    studio.until(fourth["id"], "cancelled")


def old_job(photo):
    """Adds a job as written before 0.1.0 to the queue's files. Returns its id."""
    job = "0123456789abcdef" * 2
    with open(os.path.join(FOLDER, ".studio", job + ".json"), "w") as file:
        json.dump({"kind": "style-with", "inputs": {"content": photo}, "settings": {"with": "hokusai-wave", "size": 64}}, file)
    with open(os.path.join(FOLDER, ".studio", "queue"), "a") as file:
        file.write(job + " waiting\n")
    return job


def test_kill(studio, paused):
    """Kills the studio: a paused job stays paused, and continues from its iteration. Returns the next studio."""
    token = studio.token
    before = studio.json("GET", f"jobs/{paused}")[1]
    at = before["progress"]["iteration"]
    studio.end(signal.SIGKILL)
    old = old_job(before["request"]["inputs"]["content"])
    studio = Studio()
    ok("a saved job with names from before 0.1.0 runs", studio.until(old, "done", "failed")["state"] == "done",
       studio.json("GET", f"jobs/{old}"))
    job = studio.json("GET", f"jobs/{paused}")[1]
    ok("after a kill the token and the jobs are restored", studio.token == token and job["state"] == "paused", job)
    ok("the paused job is resumed", studio.ask("POST", f"/api/v1/jobs/{paused}/resume")[0] == 200)
    job = studio.until_it_moves(paused)
    ok("the job continues from its iteration", job["progress"]["iteration"] > at, (at, job))
    ok("the job is stopped and has a result", studio.ask("POST", f"/api/v1/jobs/{paused}/stop")[0] == 200 and
       studio.until(paused, "done")["state"] == "done")
    left = [name for name in os.listdir(os.path.join(FOLDER, ".studio")) if paused in name]
    ok("no files of the job are left", left == [], left)
    return studio


def file_of(job, suffix, remove=""):
    """Whether .studio has the file of @job with @suffix. Deletes the file if @remove is not empty."""
    path = os.path.join(FOLDER, ".studio", job + suffix)
    there = os.path.isfile(path)
    if there and remove:
        os.remove(path)
    return there


def opened_code(studio):
    """The code in the address that the stub of xdg-open got, or ""."""
    end = time.monotonic() + 20 * SLOWER
    while not os.path.exists(OPENED) and time.monotonic() < end:
        time.sleep(0.05)
    with open(OPENED) as file:
        opened = file.read().strip()
    os.remove(OPENED)
    match = re.fullmatch(re.escape(studio.address.partition("#")[0]) + "#c=([0-9a-f]{32})", opened)
    return match[1] if match else ""


def test_browser(studio, old_token):
    """The address for the browser opens the page once, and is not the token; also that of a second studio."""
    code = opened_code(studio)
    ok("the browser gets a code instead of the token", code not in ("", studio.token) and studio.token != old_token, code)

    def enter(authorization):
        status, headers, _ = studio.ask("POST", "/api/v1/session", headers={"Authorization": authorization})
        return status, studio.token in headers.get("set-cookie", "")

    answers = [enter(a) for a in ("Code " + "0" * 32, "Code ", "Bearer " + code, "Code " + code, "Code " + code, "nothing")]
    ok("the code opens the page once", answers == [(401, False)] * 3 + [(204, True)] + [(401, False)] * 2, answers)
    second = Studio(browser=True)
    code = opened_code(studio)
    answers = [second.process.wait(60 * SLOWER), second.address == studio.address, enter("Code " + code), enter("Code " + code)]
    ok("a second studio of the folder opens the page of the first", answers == [0, True, (204, True), (401, False)], answers)
    for age_s in (-1e6, 61):
        with open(os.path.join(FOLDER, ".studio", "code"), "w") as file:
            file.write(f"{code} {int((time.monotonic() - age_s) * 1e6)}\n")
        ok("an old code, or one from before a reboot, is refused", enter("Code " + code) == (401, False), age_s)
    done = subprocess.run([REVERIE, "studio", os.path.join(HERE, "other"), "--no-browser", "--listen", "0.0.0.0"],
                          capture_output=True, text=True, timeout=60 * SLOWER)
    ok("'listen' with 0.0.0.0 is refused", done.returncode != 0 and "'listen'" in done.stderr, done)
    left = os.path.join(HERE, "six", ".studio", "code")
    os.makedirs(os.path.dirname(left))
    with open(left, "w") as file:
        file.write(f"{code} {int(time.monotonic() * 1e6)}\n")
    six = Studio("--listen", "0:0::1", folder=os.path.join(HERE, "six"))
    code = six.end()
    ok("an IPv6 address is printed as browsers send it", six.address.startswith("http://[::1]:") or code != 0,
       six.address)  # no IPv6: the studio cannot start
    ok("the code for an earlier studio is deleted", not os.path.exists(left) or code != 0, left)


def test_end(studio, lake):
    """Interrupts the studio during jobs: running jobs continue at the next start, paused and cancelled ones do not."""
    job = studio.json("POST", "jobs", small(lake, iterations=4000))[1]["id"]
    studio.until_it_moves(job)
    second = subprocess.run([REVERIE, "studio", FOLDER, "--no-browser"], capture_output=True, text=True, timeout=60 * SLOWER)
    ok("a second studio of the folder prints the address of the first", second.stdout.strip() == studio.address and
       second.returncode == 0, second)
    kept = []  # connections that stay open, at both addresses
    for address in "127.0.0.1", "::1":
        try:
            kept.append(socket.create_connection((address, studio.port), timeout=20 * SLOWER))
            kept[-1].sendall(b"GET / HTTP/1.1\r\nHost: " + studio.host.encode() + b"\r\n\r\n")
            kept[-1].recv(65536)
        except OSError:
            pass  # no IPv6
    ok("Ctrl-C ends the studio with code 0, also with open connections", studio.end() == 0)
    for connection in kept:
        connection.close()
    studio = Studio()
    ok("the running job continues at the next start", studio.until(job, "running")["state"] == "running")
    studio.ask("POST", f"/api/v1/jobs/{job}/pause")
    ok("a job paused before the end has a checkpoint",
       studio.end() == 0 and file_of(job, ".png.state.safetensors", "remove"))
    studio, made = Studio(), None
    status = studio.json("GET", f"jobs/{job}")[1]["state"] # as after a kill at the end: a picture without a checkpoint
    made = len(studio.made())
    studio.ask("POST", f"/api/v1/jobs/{job}/resume")
    done = studio.until(job, "done", "failed")
    ok("a job without its checkpoint makes one picture", status == "paused" and len(studio.made()) == made + 1 and
       done.get("result") in studio.made(), (status, done))
    lost = studio.json("POST", "jobs", small(lake, iterations=4000))[1]["id"]
    studio.until_it_moves(lost)
    studio.ask("POST", f"/api/v1/jobs/{lost}/pause")
    ok("a job that is paused, then cancelled, is cancelled",
       studio.ask("POST", f"/api/v1/jobs/{lost}/cancel")[0] == 200 and
       studio.until(lost, "cancelled", "done", "paused")["state"] == "cancelled")
    lost, gone = (studio.json("POST", "jobs", small(lake, iterations=4000))[1]["id"] for _ in range(2))
    studio.until_it_moves(lost)
    ok("a job is cancelled just before the end",
       studio.ask("POST", f"/api/v1/jobs/{lost}/cancel")[0] == 200 and studio.end() == 0)
    ok("the address file is removed at the end", not os.path.exists(os.path.join(FOLDER, ".studio", "address")))
    os.remove(os.path.join(FOLDER, ".studio", "given", lake))
    token, studio = studio.token, Studio(browser=True)
    test_browser(studio, token)
    jobs = {j["id"]: j for j in studio.json("GET", "jobs")[1]["jobs"]}
    ok("a cancelled job is not in the next queue", lost not in jobs, (lost, gone, list(jobs)))
    ok("a job whose photograph was deleted fails with a message",
       jobs[gone]["state"] == "failed" and "does not exist" in jobs[gone]["error"], jobs)
    ok("Ctrl-C ends the last studio with code 0", studio.end() == 0)


def test_slow(studio):
    """Sends one byte a second of a head, and of a picture, and nothing on a third connection. All are disconnected:
    after 30 s, or because they are too slow."""
    head = f"Host: {studio.host}\r\nAuthorization: Bearer {studio.token}\r\nX-Reverie: 1\r\n"
    senders = {"head": studio.connect(), "picture": studio.connect(), "nothing": studio.connect()}
    senders["head"].sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
    senders["picture"].sendall(f"POST /api/v1/pictures HTTP/1.1\r\n{head}Content-Type: application/octet-stream\r\n"
                               "Content-Length: 100000\r\n\r\n".encode())
    began, ended = time.monotonic(), {}
    while len(ended) < len(senders) and time.monotonic() - began < 90 * SLOWER:
        for name, sender in senders.items():
            if name in ended:
                continue
            try:
                if name != "nothing":
                    sender.sendall(b"a")
                sender.settimeout(0.5)
                if sender.recv(1000) == b"":
                    ended[name] = time.monotonic() - began
            except TimeoutError:
                pass
            except OSError:
                ended[name] = time.monotonic() - began
        time.sleep(0.5)
        assert studio.ask("GET", "/", token="")[0] == 200
    ok("slow and idle connections are closed", len(ended) == len(senders) and min(ended.values()) > 20, ended)


def test_many(studio, lake):
    """Runs 200 small jobs in a row: memory does not grow after the first 50."""
    def resident():
        with open(f"/proc/{studio.process.pid}/status") as file:
            return int(re.search(r"VmRSS:\s+(\d+)", file.read())[1]) // 1024

    after, states = {}, []
    for i in range(1, 201):
        job = studio.json("POST", "jobs", small(lake, iterations=2, seed=i))[1]["id"]
        states.append(studio.until(job, "done", "failed")["state"])
        if i in (50, 200):
            after[i] = resident()
    ok("200 jobs in a row are done", set(states) == {"done"} and len(studio.made()) == 200, set(states))
    ok("memory does not grow", after[200] < after[50] * 1.3 + 32, after)
    print(f"# MiB after so many jobs: {after}")


def main_slow():
    """Runs the tests that take minutes (suite long)."""
    studio = Studio()
    try:
        test_many(studio, studio.add(drawn("lake.jpg")))
        test_slow(studio)
    finally:
        studio.end()
        end()


def main():
    bytes_of_lake = drawn("lake.jpg")
    with open(os.path.join(HERE, "xdg-open"), "w") as file:
        file.write(f'#!/bin/sh\necho "$1" >{OPENED}.half && mv {OPENED}.half {OPENED}\n')
    os.chmod(file.name, 0o755)
    studio = Studio()
    try:
        running = begin_one(studio, bytes_of_lake + b"another")
        test_door(studio)
        test_paths(studio)
        test_limits(studio)
        test_memory(studio)
        lake = test_pictures(studio, bytes_of_lake)
        test_unharmed(studio, running)
        test_refused(studio, lake)
        test_job(studio, lake)
        test_deleted_input(studio, lake)
        test_old_upload(studio, bytes_of_lake)
        test_explore(studio, lake)
        test_masks(studio, lake)
        test_styles(studio, lake)
        test_networks(studio)
        test_branch(studio, lake)
        test_move(studio, lake)
        paused = test_queue(studio, lake, bytes_of_lake)
        studio = test_kill(studio, paused)
        test_others(studio, os.path.join(HERE, "lake.jpg"))
        test_end(studio, lake)
        test_restored_inputs(bytes_of_lake)
        test_no_checkpoint(bytes_of_lake)
    finally:
        studio.end()
        end()


if os.environ.get("REVERIE_TEST_SLOW"):
    main_slow()
else:
    main()
