"""test-studio-view.py REVERIE DRAW -- tests the view of the picture on the studio's page, in headless Chromium. Covers
zooming and moving by wheel, mouse, fingers and keys, and the wipe. Covers masks that change during a run. Skipped
without Chromium. Prints TAP."""

import os
import subprocess

from page import (DRAW, HERE, MADE, NAMELESS, PALE, PROGRESS, ask, behaved, change, look, ok, open_mask, set_setting, stroke,
                  test)

# Rectangles in window coordinates of the picture and of its viewport .mat; the line of the wipe; scroll and zoom
# states.
PLACES = """(() => { const at = (e) => { const b = e.getBoundingClientRect(); return [b.x, b.y, b.width, b.height]; };
  const mat = document.querySelector('.mat'), frame = document.querySelector('.frame'), image = document.querySelector('.after');
  const box = at(frame), scale = Math.min(box[2] / image.naturalWidth, box[3] / image.naturalHeight);
  const inner = mat.classList.contains('one') ? box : [box[0] + (box[2] - scale * image.naturalWidth) / 2,
    box[1] + (box[3] - scale * image.naturalHeight) / 2, scale * image.naturalWidth, scale * image.naturalHeight];
  return { picture: inner, mat: at(mat), line: at(document.querySelector('.line'))[0] + 1, scroll: [mat.scrollLeft, mat.scrollTop],
    free: !document.querySelector('[data-t][aria-pressed=true]'), one: mat.classList.contains('one') }; })()"""
CLIP = "parseFloat(document.querySelector('.before').style.clipPath.split(' ')[1])"


def percent(page):
    return int(page.eval("document.querySelector('.percent').textContent").split()[0])


def part_at(page, x, y):
    """Position in the picture, in its sides, of the point (x, y) of the window."""
    box = page.eval(PLACES)["picture"]
    return (x - box[0]) / box[2], (y - box[1]) / box[3]


def near(a, b, within=0.01):
    return all(abs(x - y) <= within for x, y in zip(a, b))


def wheel(page, x, y, delta, modifiers=0):
    page.call("Input.dispatchMouseEvent", type="mouseWheel", x=x, y=y, deltaX=0, deltaY=delta, modifiers=modifiers)
    page.settle()


def drag(page, x, y, dx, dy):
    page.mouse("mousePressed", x, y)
    for k in range(1, 5):
        page.mouse("mouseMoved", x + dx * k / 4, y + dy * k / 4)
    page.mouse("mouseReleased", x + dx, y + dy, 0)
    page.settle()


def spot(page, across, down):
    """Window coordinates of a point of the viewport; @across and @down are in its sides."""
    x, y, width, height = page.eval(PLACES)["mat"]
    return x + across * width, y + down * height


def zoomed_by_mouse(page):
    page.click("[data-t=fit]")
    whole = percent(page)
    x, y = spot(page, 0.45, 0.4)
    part = part_at(page, x, y)
    wheel(page, x, y, 240)
    ok("the wheel does not shrink the fitted picture", percent(page) == whole and not page.eval(PLACES)["one"])
    for delta in (-120, -200, -40, 60, -300):
        wheel(page, x, y, delta)
    places = page.eval(PLACES)
    ok("the wheel enlarges the picture about the pointer",
       near(part_at(page, x, y), part) and percent(page) > 1.5 * whole and
       places["free"], (part, part_at(page, x, y), percent(page), whole))
    look(page, "view-zoomed")
    drag(page, x, y, -60, -35)
    moved = page.eval(PLACES)
    ok("dragging moves the enlarged picture",
       near(moved["scroll"], (places["scroll"][0] + 60, places["scroll"][1] + 35), 1), (places, moved))
    ok("dragging changes neither the zoom nor the picture strip", percent(page) > 1.5 * whole and page.eval(MADE) == 1)
    part = part_at(page, x, y)
    wheel(page, x, y, -10, modifiers=2)
    ok("a pinch on a touchpad zooms about the pointer", near(part_at(page, x, y), part))
    for _ in range(20):
        wheel(page, x, y, -400)
    ok("the largest zoom is 1600 %", percent(page) == 1600, percent(page))
    look(page, "view-most")
    for _ in range(20):
        wheel(page, x, y, 400)
    ok("the wheel returns to the fitted picture",
       percent(page) == whole and page.eval("document.querySelector('[data-t=fit]').ariaPressed") == "true")
    for n, one in ((2, True), (4, False)):
        for count in (1, 2):
            for kind in ("mousePressed", "mouseReleased"):
                page.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=count)
        ok(f"double click {n // 2} switches between fitted picture and actual pixels", page.eval(PLACES)["one"] == one)


def zoomed_by_keys(page):
    page.eval("document.querySelector('.mat').focus()")
    whole, seen = percent(page), []
    for key in "++-1":
        page.key(key)
        seen.append(percent(page))
    page.key("0")
    ok("keys change the zoom",
       near(seen[:3], (1.25 * whole, 1.5625 * whole, 1.25 * whole), 1) and seen[3] == 100 and percent(page) == whole, seen)
    page.click("[data-does=closer]")
    page.click("[data-does=closer]")
    page.click("[data-does=farther]")
    ok("buttons change the zoom", abs(percent(page) - 1.25 * whole) <= 1, percent(page))
    page.eval("document.querySelector('.mat').focus()")
    page.until("new Promise((done) => setTimeout(() => done(true), 50))")
    before = page.eval(PLACES)["scroll"]
    page.key("ArrowRight")
    page.until(f"document.querySelector('.mat').scrollLeft > {before[0]}")
    ok("arrow keys move the enlarged picture", True)
    page.click("[data-t=fit]")


def wiped(page):
    """The line of the wipe keeps its position in the window while the picture is zoomed and moved."""
    page.click(".bar > button")
    page.until("document.querySelector('.before').complete && document.querySelector('.before').naturalWidth")
    drag(page, *spot(page, 0.5, 0.5), 90, 0)
    places = page.eval(PLACES)
    ok("dragging any point of the fitted picture moves the line",
       abs(places["line"] - spot(page, 0.5, 0.5)[0] - 90) < 2, places)
    x, y = spot(page, 0.5, 0.4)
    for _ in range(4):
        wheel(page, x, y, -200)
    places = page.eval(PLACES)
    box, line = places["picture"], places["line"]

    def honest():
        """Returns whether the picture is cut at the line."""
        now = page.eval(PLACES)
        return abs(now["picture"][0] + now["picture"][2] * (1 - page.eval(CLIP) / 100) - now["line"]) < 1.5

    ok("the line is visible over an enlarged picture",
       places["mat"][0] < line < places["mat"][0] + places["mat"][2] and honest(), places)
    look(page, "view-wiped")
    drag(page, x - 200, y, 50, -20)
    moved = page.eval(PLACES)
    ok("the picture moves under the line",
       abs(moved["line"] - line) < 1.5 and abs(moved["picture"][0] - box[0] - 50) < 1.5 and honest(),
       (places, moved))
    drag(page, moved["line"], y, -120, 0)
    wiped = page.eval(PLACES)
    ok("the line moves over the picture",
       abs(wiped["line"] - line + 120) < 2 and wiped["scroll"] == moved["scroll"] and honest(), wiped)
    page.eval("document.querySelector('.wipe').focus()")
    page.key("ArrowRight")
    ok("arrow keys move the line", page.eval(PLACES)["line"] > wiped["line"] and honest())
    page.click(".bar > button")
    page.click("[data-t=fit]")


def touch(page, kind, *points):
    page.call("Input.dispatchTouchEvent", type=kind, touchPoints=[{"x": x, "y": y, "id": k} for k, (x, y) in enumerate(points)])


def on_a_telephone(page):
    """Zooms and moves with two fingers on a phone. Tests the page, light and dark, in both languages."""
    page.size(390, 844)
    page.call("Emulation.setTouchEmulationEnabled", enabled=True, maxTouchPoints=2)
    page.eval("document.querySelector('#stage').scrollIntoView()")
    whole = percent(page)
    x, y = spot(page, 0.5, 0.5)
    part = part_at(page, x, y)
    touch(page, "touchStart", (x - 30, y), (x + 30, y))
    for k in range(1, 6):
        touch(page, "touchMove", (x - 30 - 12 * k, y), (x + 30 + 12 * k, y))
    touch(page, "touchEnd")
    ok("two fingers enlarge the picture",
       2.5 * whole < percent(page) < 3.5 * whole and near(part_at(page, x, y), part, 0.02),
       (whole, percent(page), part, part_at(page, x, y)))
    scroll = page.eval(PLACES)["scroll"]
    touch(page, "touchStart", (x - 60, y), (x + 60, y))
    touch(page, "touchMove", (x - 90, y - 20), (x + 30, y - 20))
    touch(page, "touchEnd")
    moved = page.eval(PLACES)["scroll"]
    ok("two fingers move the picture", near(moved, (scroll[0] + 30, scroll[1] + 20), 2), (scroll, moved))
    for dark, language in ((False, "en"), (True, "zh")):
        page.dark(dark)
        change(page, "#language", language)
        wide, nameless, pale = page.eval("document.documentElement.scrollWidth"), page.eval(NAMELESS), page.eval(PALE)
        ok(f"the page fits, has names and contrast: {'dark' if dark else 'light'}, {language}",
           wide <= 390 and not nameless and not pale,
           (wide, nameless, pale))
        page.eval("document.querySelector('#stage').scrollIntoView()")
        look(page, f"view-390-{'dark' if dark else 'light'}")
    page.dark(False)
    change(page, "#language", "en")
    page.call("Emulation.setTouchEmulationEnabled", enabled=False)
    page.size(1400, 900)
    page.click("[data-t=fit]")


# ---- masks while painting --------------------------------------------------------------------------------------------


def begin(page):
    set_setting(page, "iterations", "100000")
    page.click("#go")
    page.until(PROGRESS)
    return ask(page, "jobs")["jobs"][-1]["id"]


def goes_on(page, job):
    at = ask(page, f"jobs/{job}")["progress"]["iteration"]
    page.until(f"fetch('/api/v1/jobs/{job}').then((a) => a.json()).then((job) => job.progress.iteration > {at + 1})")


def kept(page, job):
    """Stops the job. Returns the recipe of its result."""
    page.click("[data-does=stop]")
    page.until("document.querySelector('#run').hidden && document.querySelector('.actions a')", 60)
    return ask(page, f"pictures/{ask(page, f'jobs/{job}')['result']}/recipe")


def protects(job):
    """Ids of the masks in the role "protect" of @job, as a list."""
    protect = job["request"]["inputs"].get("protect", [])
    return [protect] if isinstance(protect, str) else protect


def changed(page, job, role, n):
    page.until(f"fetch('/api/v1/jobs/{job}').then((a) => a.json()).then((job) => [job.request.inputs.{role} ?? []].flat().length === {n})")


def masks(page):
    """Adds, replaces and clears masks during a run. The mask editor has a note about the run, in both languages."""
    open_mask(page, ".photo")
    ok("without a run the mask editor has no note", not page.eval("document.querySelector('.masks .live')"))
    jobs = ask(page, "jobs")["jobs"]
    page.key("Enter", modifiers=2)
    ok("Ctrl+Enter starts no job behind the mask editor", len(ask(page, "jobs")["jobs"]) == len(jobs))
    page.click(".masks [data-does=cancel]")
    job = begin(page)
    stroke(page, ".photo", 0.3)
    ok("during a run the mask editor has a note about Apply",
       "Apply" in page.eval("document.querySelector('.masks .live').textContent"))
    look(page, "view-mask")
    goes_on(page, job)
    ok("the job gets no mask before Apply", not protects(ask(page, f"jobs/{job}")))
    page.click("[data-does=use]")
    changed(page, job, "protect", 1)
    page.until("document.querySelector('#notice').textContent.includes('next iteration')")
    goes_on(page, job)
    look(page, "view-masked")
    first = protects(ask(page, f"jobs/{job}"))
    stroke(page, ".photo", 0.7)
    page.click("[data-does=use]")
    page.until(f"fetch('/api/v1/jobs/{job}').then((a) => a.json()).then((job) => [job.request.inputs.protect].flat()[0] !== '{first[0]}')")
    stroke(page, ".painting", 0.5)
    page.click("[data-does=use]")
    changed(page, job, "mask", 1)
    goes_on(page, job)
    open_mask(page, ".photo")
    page.click("[data-does=clear]")
    page.click("[data-does=use]")
    changed(page, job, "protect", 0)
    goes_on(page, job)
    recipe = kept(page, job)
    roles = [i["role"] for i in recipe["inputs"]]
    steer = [s.split(":")[1] for s in recipe["settings"]["steer"].split(",")]  # one restart may apply two changes
    ok("the recipe has the last masks, and the iterations of the changes",
       roles.count("mask") == 1 and "protect" not in roles and
       steer[0] == "protect=1" and "mask=1" in steer and steer[-1] == "protect=0", steer)
    change(page, "#language", "zh")
    job = begin(page)
    open_mask(page, ".photo")
    ok("the note is in Chinese", "应用" in page.eval("document.querySelector('.masks .live').textContent"))
    look(page, "view-mask-zh")
    page.click(".masks [data-does=cancel]")
    change(page, "#language", "en")
    return job


def rotated(page):
    """A mask is painted over a WebP photograph as its EXIF data rotate it, although the browser ignores them."""
    path = os.path.join(HERE, "rotated.webp")
    subprocess.run([DRAW, "lake", path, "64"], check=True)
    with open(path, "rb") as file:
        webp = file.read()
    with open(path, "wb") as file:
        file.write(webp.replace(b"\x12\x01\x03\0\x01\0\0\0\x01", b"\x12\x01\x03\0\x01\0\0\0\x06"))  # EXIF: orientation
    page.click(".photo .take")
    page.choose("#file-photo", path)
    page.until("document.querySelector('.photo .card img')?.alt === 'rotated.webp'")
    box = open_mask(page, ".photo")
    ok("a mask is painted over a rotated WebP photograph", box[2] < box[3], box)
    look(page, "view-rotated")
    page.click(".masks [data-does=cancel]")
    page.click(".photo .take")
    page.choose("#file-photo", os.path.join(HERE, "lake.jpg"))
    page.until("document.querySelector('.photo .card img')?.alt === 'lake.jpg'")


def not_its_masks(page, job):
    """Chooses another photograph during a run: its mask is for the next job."""
    page.click(".photo .take")
    page.choose("#file-photo", os.path.join(HERE, "waves.jpg"))
    page.until("document.querySelector('.photo .card img')?.alt === 'waves.jpg'")
    stroke(page, ".photo", 0.3)
    ok("the mask of another photograph has no note", not page.eval("document.querySelector('.masks .live')"))
    page.click("[data-does=use]")
    page.until("document.querySelector('.photo .where[aria-pressed=true] img')")
    ok("the running job does not get the mask of another photograph", not protects(ask(page, f"jobs/{job}")))
    page.click(".photo .take")
    page.choose("#file-photo", os.path.join(HERE, "lake.jpg"))
    page.until("document.querySelector('.photo .card img')?.alt === 'lake.jpg'")


def branched(page, job):
    """Shows a snapshot, paints a mask, and branches from the snapshot."""
    moments = "!document.querySelector('.rewind').hidden"
    page.until(moments)
    change(page, "#snapshot", 0, "input")
    moment = ask(page, f"jobs/{job}")["progress"]["snapshots"][0]
    stroke(page, ".photo", 0.4)
    ok("while a snapshot is shown, the mask editor has no note",
       not page.eval("document.querySelector('.masks .live')"))
    page.click("[data-does=use]")
    page.until("document.querySelector('.photo .where[aria-pressed=true] img')")
    page.click("[data-does=branch]")
    page.until("fetch('/api/v1/jobs').then((a) => a.json()).then((all) => all.jobs.some((j) => j.request.inputs.protect && j.id !== '" + job + "' && j.state === 'running'))")
    other = next(j["id"] for j in ask(page, "jobs")["jobs"] if protects(j) and j["id"] != job)
    page.until(f"document.querySelector('#run').dataset.state === 'running' && {PROGRESS}")
    goes_on(page, other)
    recipe = kept(page, other)
    ok("the branch continues from the snapshot with the mask",
       recipe["settings"]["steer"].endswith(":protect=1") and other != job and
       int(recipe["settings"]["steer"].split(":")[0]) > 0, (moment, recipe["settings"]["steer"]))


def main(page, studio):
    for slot, name in (("photo", "lake.jpg"), ("painting", "waves.jpg")):
        page.choose("#file-" + slot, os.path.join(HERE, name))
        page.until(f"document.querySelector('.{slot} .card')")
    change(page, "#size", 256)
    set_setting(page, "start-size", "0")
    set_setting(page, "iterations", "2")
    page.click("#go")
    page.until(f"{MADE} === 1 && document.querySelector('.actions a') && document.querySelector('.after').complete", 60)
    zoomed_by_mouse(page)
    zoomed_by_keys(page)
    wiped(page)
    on_a_telephone(page)
    rotated(page)
    job = masks(page)
    not_its_masks(page, job)
    branched(page, job)
    behaved(page)


test(main, "the view of the picture")
