"""test-studio-masks.py REVERIE DRAW -- tests masks that the studio finds, and masks that change while a job runs:
steering, kills of the studio, branches, refused changes. Needs only Python's standard library. Prints TAP."""

import json
import os
import signal
import traceback

from studio import FOLDER, SLOWER, Studio, drawn, end, ok, png, small


class Page:
    """Client of a studio that starts jobs and changes their masks."""

    def __init__(self):
        self.studio = Studio()
        self.lake, self.white, self.black = map(self.studio.add, (drawn("lake.jpg"), png(16, 16, 255), png(16, 16, 0)))

    def begin(self, **inputs):
        """Starts a job that runs until it is stopped. Returns its id."""
        job = small(self.lake, iterations=20000)
        job["inputs"].update(inputs)
        return self.studio.json("POST", "jobs", job)[1]["id"]

    def goes_on(self, job):
        """Waits until the job has made progress."""
        at = self.studio.until_it_moves(job).get("progress", {}).get("iteration", 0)
        return self.studio.once(job, lambda said: said["state"] != "running" or said["progress"]["iteration"] > at + 1)

    def steer(self, job, **changes):
        return self.studio.json("POST", f"jobs/{job}/steer", changes)

    def keep(self, job):
        """Stops the job. Returns its state, recipe and picture."""
        self.studio.ask("POST", f"/api/v1/jobs/{job}/stop")
        done = self.studio.until(job, "done", "failed")
        recipe = self.studio.json("GET", f"pictures/{done.get('result')}/recipe")[1] or {}
        return done, recipe, self.look(done.get("result"))

    def look(self, picture):
        return self.studio.ask("GET", f"/api/v1/pictures/{picture}/thumb?w=64")[2]


def masks(said):
    """Lists of the job's masks and protected area, by role."""
    inputs = said.get("request", {}).get("inputs", {})
    return {role: [inputs[role]] if isinstance(inputs[role], str) else inputs[role]
            for role in ("mask", "protect") if inputs.get(role)}


def roles(recipe):
    return [i["role"] for i in recipe.get("inputs", [])]


def test_steer(page):
    """If all is protected during a run, the result is the photograph, as with protection from the start."""
    whole = page.begin(protect=page.white)
    page.goes_on(whole)
    _, _, photograph = page.keep(whole)
    job = page.begin()
    page.goes_on(job)
    status, said = page.steer(job, protect=page.white)
    ok("a protected area is added during the run",
       status == 200 and masks(said) == {"protect": [page.white]}, (status, said))
    page.goes_on(job)
    done, recipe, look = page.keep(job)
    ok("the result is the photograph", done["state"] == "done" and look == photograph, done)
    steered = recipe["settings"].get("steer", "")
    ok("the recipe has the mask and its iteration", "protect" in roles(recipe) and steered.endswith(":protect=1") and
       int(steered.split(":")[0]) > 0, recipe)
    return photograph


def test_changes(page, photograph):
    """Masks can be added, replaced and removed during a run, together with a setting. The recipe has the last masks."""
    job = page.begin(protect=page.white)
    page.goes_on(job)
    ok("a protected area is removed", masks(page.steer(job, protect=[])[1]) == {})
    ok("a mask is added", page.steer(job, mask=page.black, option="strength", value=90)[0] == 200)
    page.goes_on(job)
    ok("a mask is replaced", masks(page.steer(job, mask=[page.white])[1]) == {"mask": [page.white]})
    page.goes_on(job)
    done, recipe, look = page.keep(job)
    steered = recipe["settings"]["steer"].split(",")
    ok("the photograph is painted without protection", done["state"] == "done" and look != photograph, done)
    ok("the recipe has the last masks", roles(recipe).count("mask") == 1 and "protect" not in roles(recipe) and
       {s.split(":")[1] for s in steered} == {"protect=0", "mask=1", "strength=90"}, recipe)
    settings = {k: v for k, v in recipe["settings"].items() if k in ("steer", "strength")}
    again = small(page.lake, **settings)
    again["inputs"]["mask"] = [page.black]
    said = page.studio.until(page.studio.json("POST", "jobs", again)[1]["id"], "done", "failed")
    ok("a repeated run notes that its recipe changed masks", said["state"] == "done" and
       "recipe changed masks" in said["progress"].get("note", ""), said)


def test_refused(page):
    job, waits = page.begin(), page.begin()
    page.goes_on(job)
    white = page.white
    wrong = [({"mask": [white, white]}, 422), ({"protect": [white, white]}, 422), ({"style": white}, 422),
             ({"mask": white, "option": "strength"}, 422), ({}, 422), ({"mask": "0" * 32}, 404), ({"mask": "../../etc/passwd"}, 404),
             ({"mask": [white, ""]}, 404), ({"mask": f"{white},{white}"}, 404), ({"protect": [white] * 9}, 422),
             ({"mask": None}, 422), ({"mask": [[white]]}, 422), ({"protect": {"id": white}}, 422)]
    got = [(changes, page.steer(job, **changes)[0]) for changes, _ in wrong]
    ok("invalid changes are refused", got == wrong, got)
    ok("masks of a waiting job cannot change", page.steer(waits, mask=page.white)[0] == 409)
    for one in (job, waits):
        page.studio.ask("POST", f"/api/v1/jobs/{one}/cancel")
    dream = page.studio.json("POST", "jobs", {"kind": "dream", "inputs": {"picture": page.lake},
                                              "settings": {"preset": "test", "size": 64, "octaves": 1,
                                                           "iterations": 20000}})[1]["id"]
    page.goes_on(dream)
    status, said = page.steer(dream, mask=page.white)
    ok("masks of a dream cannot change, with a message",
       status == 422 and "'mask' of dream jobs cannot change" in said["error"], said)
    page.studio.ask("POST", f"/api/v1/jobs/{dream}/cancel")


def test_large(page):
    """Other requests are answered while a large mask is decoded."""
    large = page.studio.add(png(8000, 8000, 255))
    job = page.begin()
    page.goes_on(job)
    with page.studio.connect() as connection:
        said = json.dumps({"mask": large})
        connection.sendall(f"POST /api/v1/jobs/{job}/steer HTTP/1.1\r\nHost: {page.studio.host}\r\nX-Reverie: 1\r\n"
                           f"Content-Type: application/json\r\nAuthorization: Bearer {page.studio.token}\r\n"
                           f"Content-Length: {len(said)}\r\n\r\n{said}".encode())
        others = page.studio.json("GET", f"jobs/{job}")[1]
        connection.settimeout(0)
        try:
            first = connection.recv(1)
        except BlockingIOError:
            first = b""
        connection.settimeout(60 * SLOWER)
        reply = first + connection.recv(65536)
    ok("other requests are answered while a large mask is decoded", others["id"] == job and
       reply.startswith(b"HTTP/1.1 200") and large.encode() in reply, (first, reply[:200]))
    page.studio.ask("POST", f"/api/v1/jobs/{job}/cancel")


def test_broken(page):
    """A damaged mask pauses the job, which keeps its old masks, reports the error, and can be resumed."""
    whole = png(64, 64, 255)
    broken = page.studio.add(whole[:len(whole) // 2])
    job = page.begin(protect=page.white)
    page.goes_on(job)
    status, _ = page.steer(job, protect=broken)
    said = page.studio.until(job, "paused", "failed")
    ok("a damaged mask pauses the job", status == 200 and said["state"] == "paused" and said["error"] and
       masks(said) == {"protect": [page.white]}, said)
    page.studio.ask("POST", f"/api/v1/jobs/{job}/resume")
    said = page.goes_on(job)
    ok("the job continues with its old mask",
       said["state"] == "running" and masks(said) == {"protect": [page.white]}, said)
    page.studio.ask("POST", f"/api/v1/jobs/{job}/cancel")


def test_killed(page, photograph):
    """After a kill, and after a pause, the next studio continues the job with the changed masks."""
    job = page.begin()
    page.goes_on(job)
    page.steer(job, protect=page.white)
    page.goes_on(job)
    page.studio.end(signal.SIGKILL)
    page.studio = Studio()
    said = page.goes_on(job)
    ok("after a kill the job has the changed mask", masks(said) == {"protect": [page.white]}, said)
    page.studio.ask("POST", f"/api/v1/jobs/{job}/pause")
    page.studio.until(job, "paused")
    page.studio.end()
    page.studio = Studio()
    page.studio.ask("POST", f"/api/v1/jobs/{job}/resume")
    page.goes_on(job)
    done, recipe, look = page.keep(job)
    ok("after a kill and a pause the result is the photograph", done["state"] == "done" and look == photograph, done)
    ok("the recipe has the mask and its change",
       "protect" in roles(recipe) and recipe["settings"]["steer"].endswith(":protect=1"), recipe)


def test_late(page, photograph):
    """A file .studio/JOB.changed of an earlier version has changes that the checkpoint lacks: the request gets them."""
    job = page.begin()
    page.goes_on(job)
    page.studio.ask("POST", f"/api/v1/jobs/{job}/pause")
    page.studio.until(job, "paused")
    page.studio.end()
    with open(os.path.join(FOLDER, ".studio", f"{job}.changed"), "w") as file:
        file.write(f"protect {page.white}\n")
    page.studio = Studio()
    said = page.studio.once(job, masks)
    ok("the request has the change of the file, which is removed", masks(said) == {"protect": [page.white]} and not
       os.path.exists(os.path.join(FOLDER, ".studio", f"{job}.changed")), said)
    page.studio.ask("POST", f"/api/v1/jobs/{job}/resume")
    page.goes_on(job)
    page.goes_on(job)
    done, recipe, look = page.keep(job)
    ok("the job continues with the change", "protect" in roles(recipe) and look == photograph, recipe)


def test_branch(page, photograph):
    """A branch from a snapshot before a mask can have another mask. The job keeps its snapshots after a restart."""
    job = page.begin()
    moment = page.studio.once(job, lambda said: said.get("progress", {}).get("snapshots"))["progress"]["snapshots"][0]
    page.steer(job, mask=[page.black])
    said = page.studio.once(job, lambda said: said["progress"]["iteration"] > moment + 50)
    ok("the job keeps its first snapshots", moment in said["progress"]["snapshots"], said)
    status, other = page.studio.json("POST", f"jobs/{job}/branch", {"iteration": moment, "mask": [], "protect": page.white})
    ok("a branch has another mask", status == 201 and masks(other) == {"protect": [page.white]}, other)
    ok("a branch with two masks for one style is refused",
       page.studio.json("POST", f"jobs/{job}/branch", {"iteration": moment, "mask": [page.white] * 2})[0] == 422)
    page.goes_on(other["id"])
    page.studio.end(signal.SIGKILL)
    page.studio = Studio()
    said = page.goes_on(other["id"])
    ok("after a kill the branch has its masks", masks(said) == masks(other) and
       said["progress"]["iteration"] > moment, said)
    done, recipe, look = page.keep(other["id"])
    ok("the recipe has the change at the snapshot",
       recipe["settings"]["steer"] == f"{moment}:protect=1" and look == photograph and
       "mask" not in roles(recipe), recipe)
    page.studio.ask("POST", f"/api/v1/jobs/{job}/cancel")


def test_found(page):
    """Finds parts of a picture."""
    face = page.studio.add(drawn("portrait.png", 300))
    ask = lambda query, of=face, **more: page.studio.ask("GET", f"/api/v1/pictures/{of}/mask{query}", **more)
    status, headers, mask = ask("?of=faces")
    ok("the mask of a face is a PNG", status == 200 and headers["content-type"] == "image/png" and
       mask[:4] == b"\x89PNG", headers)
    status, _, black = ask("?of=faces", page.lake)
    _, _, sky = ask("?of=sky", page.lake)
    ok("a picture without faces gives a black mask", status == 200 and len(black) < len(sky) / 2, (len(black), len(sky)))
    answers = [ask(query)[0] for query in ("?of=noses", "", "?of=subject&at=x")]
    ok("unknown parts and wrong times are refused", answers == [422] * 3, answers)
    ok("a mask needs the token", ask("?of=subject", token="")[0] == 401)


def main():
    page = Page()
    try:
        photograph = test_steer(page)
        test_changes(page, photograph)
        test_refused(page)
        test_large(page)
        test_broken(page)
        test_killed(page, photograph)
        test_late(page, photograph)
        test_branch(page, photograph)
        test_found(page)
    except Exception:
        ok("the test reaches its end", False, traceback.format_exc())
    finally:
        page.studio.end()
        end()


main()
