"""studio.py ADDRESS PHOTO PAINTING OUT -- paints a photograph with `reverie studio`, which prints ADDRESS."""

import json
import sys
import urllib.parse
import urllib.request

address, photo, painting, out = sys.argv[1:]
base, token = address.split("/#t=")


def ask(path, data=None, kind="application/json"):
    request = urllib.request.Request(base + "/api/v1/" + path, data)
    for name, value in {"Authorization": "Bearer " + token, "X-Reverie": "1", "Content-Type": kind}.items():
        request.add_header(name, value)
    return urllib.request.urlopen(request)


def upload(file):
    with open(file, "rb") as picture:
        return json.load(ask("pictures", picture.read(), "application/octet-stream"))["id"]


asked = {"kind": "style", "inputs": {"content": upload(photo), "style": [upload(painting)]}, "settings": {"size": 128}}
job = json.load(ask("jobs", json.dumps(asked).encode()))["id"]
for line in ask(f"jobs/{job}/events"):
    if line.startswith(b"data: ") and b'"done"' in line:
        print(f"{json.loads(line[6:]).get('done', 1):4.0%}", end="\r")
job = json.load(ask(f"jobs/{job}"))
with open(out, "wb") as file:
    file.write(ask(f"pictures/{job['result']}/file").read())
