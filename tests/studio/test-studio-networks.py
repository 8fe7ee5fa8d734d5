"""test-studio-networks.py REVERIE DRAW -- tests uploaded networks: what is shown, refused files, jobs that use them,
deletion, limits and restarts. Needs only Python's standard library. Prints TAP."""

import glob
import hashlib
import json
import os
import time
import traceback

from studio import FOLDER, HERE, Studio, drawn, end, ok, small

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "golden")
STORED = os.path.join(FOLDER, ".studio", "networks")
MAX_NETWORKS = 32


def golden(name):
    with open(os.path.join(GOLDEN, name), "rb") as file:
        return file.read()


def send(studio, data, name="a%20network.onnx"):
    """Uploads a network. Returns status and JSON."""
    status, _, body = studio.ask("POST", "/api/v1/networks", data, {"X-Name": name})
    return status, json.loads(body)


def uploads(studio):
    """The uploaded networks that the studio lists, by id."""
    return {n["name"]: n for n in studio.json("GET", "networks")[1]["networks"] if "title" in n}


def dream(lake, network, **settings):
    return {"kind": "dream", "inputs": {"picture": lake},
            "settings": {"size": 64, "iterations": 2, "octaves": 1, "threads": 1, "network": network, **settings}}


def begin(studio, job):
    """Starts a job that runs until it is stopped. Returns its id."""
    job["settings"]["iterations"] = 100000
    job["settings"]["octaves"] = 20
    said = studio.json("POST", "jobs", job)[1]
    studio.until_it_moves(said["id"])
    return said["id"]


def shown(studio):
    """Uploads a network twice. Returns its id."""
    data = golden("onnx-files/small.onnx")
    status, said = send(studio, data)
    ok("an uploaded network is a file of its own type", status == 201 and said["type"] == "network" and
       said["title"] == "a network.onnx", said)
    network = said["id"]
    listed = uploads(studio)
    about = listed.get(network, {})
    facts = about.get("facts", {})
    ok("the list has its name, size, hash and input", list(listed) == [network] and about["installed"] and
       about["bytes"] == len(data) and facts["sha256"] == hashlib.sha256(data).hexdigest() and
       facts["preprocessing"].startswith("rgb_0_1 minus 0.485"), about)
    ok("the list has its layers", len(facts["layers"]) > 5 and len(set(facts["layers"])) == len(facts["layers"]), facts)
    named = {n["name"]: n for n in studio.json("GET", "networks")[1]["networks"]}
    ok("so it does of named networks", "conv5_1" in named["vgg19"]["facts"]["layers"] and
       named == {n["name"]: n for n in studio.json("GET", "options")[1]["networks"]})
    again = send(studio, data, "other.onnx")
    ok("the same bytes are one network, with the newest title", again[0] == 201 and again[1]["id"] == network and
       [n["title"] for n in uploads(studio).values()] == ["other.onnx"], again)
    ok("it is not among the pictures", network not in [p["id"] for p in studio.json("GET", "pictures")[1]["pictures"]])
    return network


def refused(studio):
    """Uploads files that are no networks."""
    before = sorted(os.listdir(STORED))
    small_file = golden("onnx-files/small.onnx")
    files = {"empty": b"", "text": b"a network\n" * 100, "cut": small_file[:-200], "zeros": b"\0" * 100000,
             "lake.jpg": open(os.path.join(HERE, "lake.jpg"), "rb").read(),
             "huge header": b"\xff" * 7 + b"\x7f{}", "damaged": small_file[:300] + b"\xff" * 200 + small_file[500:]}
    for path in ("onnx-files/cycle.onnx", "onnx-files/operator.onnx", "onnx-files/outside.onnx", "onnx-files/external.onnx",
                 "pytorch-files/hostile-*.pth", "caffe-files/v2.caffemodel", "keras-files/hostile-*.h5"):
        for file in glob.glob(os.path.join(GOLDEN, path)):
            files[os.path.basename(file)] = golden(file)
    wrong = {}
    for name, data in files.items():
        status, said = send(studio, data)
        sentence = said.get("error", "")
        if status != 422 or not sentence or "\n" in sentence or "/" in sentence.replace("the file/outside.data", ""):
            wrong[name] = status, said
    ok(f"{len(files)} files that are no networks are refused with one line, without a path", not wrong, wrong)
    ok("nothing of them stays", sorted(os.listdir(STORED)) == before, os.listdir(STORED))
    ok("not even of converted weights", not glob.glob(os.path.join(HERE, "models", "converted", "*")))


def used(studio, lake, network):
    """Dreams and paints with the network. Refuses other names."""
    layer = uploads(studio)[network]["facts"]["layers"][3]
    status, said = studio.json("POST", "jobs", dream(lake, network, layers=layer))
    done = studio.until(said.get("id"), "done", "failed") if status == 201 else said
    recipe = studio.json("GET", f"pictures/{done.get('result')}/recipe")[1] or {}
    sha256 = hashlib.sha256(golden("onnx-files/small.onnx")).hexdigest()
    ok("a dream uses one of its layers", done.get("state") == "done" and recipe["network"]["sha256"] == sha256 and
       recipe["settings"]["layers"] == layer, (said, done))
    ok("the request has its id", done.get("request", {}).get("settings", {}).get("network") == network)
    job = small(lake, network=network)
    status, said = studio.json("POST", "jobs", job)
    done = studio.until(said.get("id"), "done", "failed") if status == 201 else said
    ok("a picture is painted with it", done.get("state") == "done", done)
    said = studio.json("POST", "jobs", dream(lake, network, layers="nowhere"))[1]
    failed = studio.until(said["id"], "done", "failed") if "id" in said else said
    ok("a layer that it lacks is an error", f"{network} has no layer 'nowhere'" in failed.get("error", ""), failed)
    sheet = {"kind": "explore-dream", "inputs": {"picture": lake}, "cell": "1b",
             "settings": {"network": network, "across": "octaves=1,2", "down": "strength=20,40", "iterations": 2, "size": 64, "threads": 1}}
    status, said = studio.json("POST", "jobs", sheet)
    done = studio.until(said.get("id"), "done", "failed") if status == 201 else said
    ok("a cell of a sheet is painted with it", done.get("state") == "done" and
       done["request"]["settings"]["network"] == network and "/" not in json.dumps(done["request"]), done)
    stored = os.path.join(STORED, network)
    named = os.path.join(HERE, "small.onnx")
    with open(named, "wb") as file:
        file.write(golden("onnx-files/small.onnx"))
    wrong = {}
    for name in (named, stored, stored + ".onnx", "../" + network, network + ".onnx", network.upper(), network[:-1], "/" + network,
                 lake, "0" * 32, "", ["x"], {"id": network}):
        status, said = studio.json("POST", "jobs", dream(lake, name))
        if status not in (404, 422):
            wrong[str(name)] = status, said
    for name in (named, stored, network):
        status, said = studio.json("POST", "jobs", dream(lake, "builtin", weights=name))
        if status != 422:
            wrong["weights " + name] = status, said
    ok("no path, other file or other value is a network", not wrong, wrong)
    ok("a network is no picture", studio.json("POST", "jobs", dream(network, "builtin"))[0] == 422)


def branched(studio, lake, network):
    """Replaces the mask of a job with the network, and branches from one of its snapshots."""
    job = studio.json("POST", "jobs", small(lake, network=network, iterations=100000))[1]["id"]
    studio.once(job, lambda said: said.get("progress", {}).get("snapshots"))
    status, said = studio.json("POST", f"jobs/{job}/steer", {"mask": [lake]})
    ok("a changed request keeps the network", status == 200 and said["request"]["settings"]["network"] == network and
       "weights" not in said["request"]["settings"], said)
    at = studio.json("GET", f"jobs/{job}")[1]["progress"]["snapshots"][0]
    status, branch = studio.json("POST", f"jobs/{job}/branch", {"iteration": at})
    ok("so does a branch", status == 201 and branch["request"]["settings"]["network"] == network and
       studio.until(branch["id"], "running", "done", "failed")["state"] == "running", branch)
    for one in (job, branch["id"]):
        studio.json("POST", f"jobs/{one}/cancel")
        studio.until(one, "cancelled")


def restarted(studio, lake, network):
    """Restarts the studio while a job uses the network. Returns the new studio."""
    job = begin(studio, dream(lake, network))
    status, said = studio.json("DELETE", f"pictures/{network}")
    ok("a network that a job uses is not deleted", status == 409 and network in uploads(studio), said)
    studio.json("POST", f"jobs/{job}/pause")
    studio.until(job, "paused")
    ok("nor for a paused job", studio.json("DELETE", f"pictures/{network}")[0] == 409)
    about = uploads(studio)
    studio.end()
    studio = Studio()
    ok("networks survive a restart", uploads(studio) == about, uploads(studio))
    ok("so does the job, which needs its network", studio.json("DELETE", f"pictures/{network}")[0] == 409)
    studio.json("POST", f"jobs/{job}/resume")
    said = studio.until_it_moves(job)
    ok("and continues", said["state"] == "running", said)
    studio.json("POST", f"jobs/{job}/cancel")
    studio.until(job, "cancelled")
    return studio


def deleted(studio, lake, network):
    ok("a network that no job uses is deleted", studio.ask("DELETE", f"/api/v1/pictures/{network}")[0] == 204 and
       not uploads(studio) and not os.listdir(STORED), os.listdir(STORED))
    status, said = studio.json("POST", "jobs", dream(lake, network))
    ok("a job cannot use it any more", status == 404 and "exist" in said["error"], said)


def limits(studio):
    """Uploads as many networks as there may be, and damages the facts of one of them."""
    data = golden("onnx-files/small.onnx")
    variants = [data + b"\x12\x04" + f"{k:04}".encode() for k in range(MAX_NETWORKS + 1)]  # other producers
    status = [send(studio, one, f"{k}.onnx")[0] for k, one in enumerate(variants)]
    ok("too many networks are refused", status == [201] * MAX_NETWORKS + [409], status)
    ok("all others stay", len(uploads(studio)) == MAX_NETWORKS)
    name, about = next(iter(uploads(studio).items()))
    with open(os.path.join(STORED, name + ".json"), "w", encoding="utf-8") as file:
        file.write("{")
    ok("damaged facts are left out", uploads(studio)[name] == {**about, "facts": None}, uploads(studio)[name])
    head = "POST /api/v1/networks HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nX-Reverie: 1\r\n" \
        "Content-Type: application/octet-stream\r\nContent-Length: {}\r\n\r\n"
    answer = studio.raw(head.format(studio.host, studio.token, 2 ** 20 + 1).encode())
    ok("a file above --max-video is refused before it is sent", b" 413 " in answer.split(b"\r\n")[0], answer[:100])


def main():
    studio = Studio("--max-video", "1")
    lake = studio.add(drawn("lake.jpg", 64))
    network = shown(studio)
    refused(studio)
    used(studio, lake, network)
    branched(studio, lake, network)
    studio = restarted(studio, lake, network)
    deleted(studio, lake, network)
    studio.end()
    studio = Studio("--max-video", "1")
    began = time.monotonic()
    limits(studio)
    print(f"# {MAX_NETWORKS} uploads: {time.monotonic() - began:.1f} s")
    ok("the studio ends", studio.end() == 0)


try:
    main()
except Exception:
    ok("no exception", False, traceback.format_exc())
end()
