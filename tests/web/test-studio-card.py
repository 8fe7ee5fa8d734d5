"""test-studio-card.py REVERIE DRAW -- tests the studio's page in headless Chromium. Covers the settings form, a time
budget, and a setting changed during a run. Covers pictures of the picture strip: dragged, used, compared,
downloaded, deleted. Skipped without Chromium. Prints TAP."""

import hashlib
import json
import os
import shutil
import struct
import subprocess
import zlib

from page import DRAW, HERE, MADE, NAMELESS, PALE, PROGRESS, READY, REVERIE, ask, behaved, change, look, ok, set_setting, test

FOLDER = os.path.join(HERE, "pictures")
# Settings with their own controls on the page, and those for files, which the studio sets.
ELSEWHERE = {"preset", "strength", "size", "time", "look", "resume", "state-every", "save-every", "force", "steer", "across", "down", "learned"}


def text(page, selector):
    return page.eval(f"document.querySelector('{selector}')?.textContent")


def count(page, selector):
    return page.eval(f"document.querySelectorAll('{selector}').length")


def titles(page, slot):
    """Titles of the chosen pictures."""
    return page.eval(f"[...document.querySelectorAll('.{slot} .card img:first-child')].map((e) => e.alt)")


def paint(page):
    """Paints with the current settings. Returns the title, once the result is shown."""
    made = page.eval(MADE)
    page.click("#go")
    page.until(f"{MADE} === {made + 1} && document.querySelector('.actions a')", 90)
    return page.until("document.querySelector('#strip [aria-current=true]')?.title")


def take_up(page, title):
    """Shows a picture of the picture strip large."""
    page.click(f"#strip [title='{title}']")
    page.until(f"document.querySelector('.caption')?.textContent.startsWith('{title}') && document.querySelector('.actions a')")


# ---- the form -------------------------------------------------------------------------------------------------------


def form(page):
    """The form has all options of the tables. Changed ones are marked, and a click resets them."""
    kinds = ask(page, "options")["kinds"]
    page.eval("document.querySelector('#more').open = true")
    for kind, tab in (("style", "style"), ("dream", "dream"), ("explore-style", "explore")):
        page.click("#tab-" + tab)
        # if two tables have one option name, the first table counts
        options = {o["name"]: o for table in reversed(kinds[kind]) for o in table["options"]}
        wanted = {name for name, o in options.items() if name not in ELSEWHERE and not
                  (o["type"] == "text" and (o.get("unit") or "").startswith(("FILE", "OUT")) or "FOLDER" in (o.get("unit") or ""))}
        shown = page.eval("[...document.querySelectorAll('.setting')].map((e) => e.dataset.name)")
        ok(f"{kind}: every option of the tables, once", sorted(shown) == sorted(wanted), wanted ^ set(shown))
        helps = page.eval("[...document.querySelectorAll('.setting .help')].map((e) => e.textContent)")
        ok("every option has a help text, numbers have a range",
           all(helps) and any("0 … 100" in h or "≥" in h for h in helps), helps)
    page.click("#tab-style")
    usual = page.eval("document.querySelector('#set-tv-weight').value")
    set_setting(page, "tv-weight", "7")
    row = "document.querySelector('[data-name=tv-weight]')"
    ok("a changed setting is marked",
       page.eval(f"{row}.classList.contains('changed')") and text(page, "#changed") == "1 changed" and
       page.eval(f"{row}.querySelector('.back').title") == "Reset to " + usual, text(page, "#changed"))
    page.reload()
    page.until(READY)
    page.eval("document.querySelector('#more').open = true")
    ok("the mark is kept after a reload", page.eval(f"{row}.classList.contains('changed')"))
    page.click("[data-name=tv-weight] .back")
    ok("a click resets the setting", page.eval("document.querySelector('#set-tv-weight').value") == usual and
       not page.eval(f"{row}.classList.contains('changed')") and page.eval("document.querySelector('#changed').hidden") and
       page.eval("document.activeElement.id") == "set-tv-weight")
    change(page, "#find", "total variation", "input")
    ok("a setting is found by its help text",
       page.eval("[...document.querySelectorAll('.setting')].map((e) => e.dataset.name).includes('tv-weight')") and
       count(page, ".setting") < 6)
    change(page, "#find", "", "input")
    page.eval("document.querySelector('#more').open = false")


def all_at_once(page):
    """On a wide screen, the form, the picture and the picture strip fit without scrolling, on every tab."""
    shown = {}
    for tab in ("style", "dream", "video", "learn", "vae", "explore", "models"):
        page.click("#tab-" + tab)
        shown[tab] = page.eval("[document.documentElement.scrollHeight, Math.round(document.querySelector('.strip').getBoundingClientRect().bottom)]")
    ok("every tab fits without scrolling",
       all(high == 900 and 870 < bottom <= 900 for high, bottom in shown.values()), shown)
    page.click("#tab-style")


def paintings(page):
    """The page takes four paintings at most and reports an error for a fifth."""
    names = []
    for name, scene in (("a", "glass"), ("b", "strokes"), ("c", "table"), ("d", "lake"), ("e", "waves")):
        names.append(os.path.join(HERE, name + ".jpg"))
        subprocess.run([DRAW, scene, names[-1], "64"], check=True)
    page.choose("#file-painting", *names)
    page.until("document.querySelectorAll('.painting .card').length === 4")
    page.until("!document.querySelector('#problem').hidden")
    page.drop(".slot.photo", *names[3:])
    page.until("document.querySelector('.photo .card img').alt === 'd.jpg'")
    ok("a message names the maximum", page.until("/maximum is 1/.exec(document.querySelector('#problem').textContent)?.[0]"))
    page.drop(".slot.photo", os.path.join(HERE, "lake.jpg"))
    page.until("document.querySelector('.photo .card img').alt === 'lake.jpg'")
    ok("files for which there is no place are not uploaded",
       "e.jpg" not in [p["title"] for p in ask(page, "pictures")["pictures"]])
    ok("four paintings are added, and the drop zone is removed",
       titles(page, "painting") == ["waves.jpg", "a.jpg", "b.jpg", "c.jpg"] and
       count(page, ".painting .zone") == 0, titles(page, "painting"))
    page.drop(".slot.painting", os.path.join(HERE, "lake.jpg"))
    ok("a fifth painting is refused with a message",
       "maximum is 4" in page.until("!document.querySelector('#problem').hidden && document.querySelector('#problem').textContent"))
    look(page, "card-full")
    for _ in range(3):
        page.click(".painting .card:last-of-type .take")


# ---- while painting --------------------------------------------------------------------------------------------------


def budget(page):
    """A time budget ends a run with the picture so far. The time is from the page's list, or restored from a recipe."""
    set_setting(page, "iterations", "100000")
    change(page, "#time", "30s")
    page.click("#go")
    page.until(PROGRESS)
    job = ask(page, "jobs")["jobs"][-1]
    ok("the request has the time", job["request"]["settings"].get("time") == "30s", job)
    left = page.until("document.querySelector('.left').textContent")
    ok("the remaining time is shown", left.endswith(" s left") and int(left.split()[0]) <= 30, left)
    ok("losses are drawn", page.until("(() => { const c = document.querySelector('.curves'); return c.width > 0 && "
                                      "c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some((v) => v > 0); })()"))
    look(page, "card-running")
    page.click("[data-does=cancel]")
    page.until("document.querySelector('#run').hidden")
    asked = {**job["request"], "settings": {**job["request"]["settings"], "time": "1s"}}
    first = ask(page, "jobs", "POST", asked)["id"]
    page.until(f"fetch('/api/v1/jobs/{first}').then((a) => a.json()).then((job) => job.state === 'done')", 60)
    page.reload()
    page.until(READY)
    change(page, "#time", "")
    made = page.eval(MADE)
    take_up(page, page.eval("document.querySelector('#strip button').title"))
    page.click("[data-does=restore]")
    page.until("document.querySelector('#time').value === '1s'")
    ok("a recipe's time that the page's list lacks is restored",
       page.eval("document.querySelector('#time').selectedOptions[0].text") == "1s")
    page.click("#go")
    page.until(f"{MADE} === {made + 1} && document.querySelector('.actions a')", 60)
    job = ask(page, "jobs")["jobs"][-1]
    ok("after its time the job has a picture", job["state"] == "done" and job["request"]["settings"]["time"] == "1s" and
       job["result"] == page.eval("document.querySelector('#strip li').dataset.id"), job)
    ok("the time ends the job before the last iteration",
       0 < job["progress"]["iteration"] < job["progress"]["iterations"], job["progress"])
    change(page, "#time", "")
    page.click("[data-name=iterations] .back")


def steered(page):
    """Moving the strength slider during a run takes effect from the next iteration, and the recipe records it."""
    set_setting(page, "iterations", "100000")
    page.click("#go")
    page.until(PROGRESS)
    ok("during a run a hint says that the strength can change",
       page.eval("document.querySelector('#steer-hint').checkVisibility()"))
    change(page, "#strength", 85, "input", "change")
    page.until("document.querySelector('#said').textContent.includes('next iteration')")
    job = ask(page, "jobs")["jobs"][-1]["id"]
    at = ask(page, f"jobs/{job}")["progress"]["iteration"]
    page.until(f"fetch('/api/v1/jobs/{job}').then((a) => a.json()).then((job) => job.progress.iteration > {at + 1})")
    page.click("[data-does=stop]")
    page.until("document.querySelector('#run').hidden && document.querySelector('.actions a')", 60)
    steer = ask(page, f"pictures/{ask(page, f'jobs/{job}')['result']}/recipe")["settings"].get("steer", "")
    ok("the recipe has the changed strength and its iteration",
       steer.endswith(":strength=85") and 0 < int(steer.split(":")[0]) <= at + 1, (steer, at))
    page.click("[data-name=iterations] .back")


# ---- a picture's card -----------------------------------------------------------------------------------------------


def strip(page, one, two):
    """The picture strip shows the newest picture first. Thumbnails can be dragged to inputs."""
    shown = page.eval("[...document.querySelectorAll('#strip li')].map((e) => e.dataset.id)")
    listed = [p["id"] for p in ask(page, "pictures")["pictures"] if p["kind"] == "made"]
    ok("the picture strip has the newest picture first",
       shown == listed and page.eval("document.querySelector('#strip button').title") == two, (shown, listed))
    page.drag(f"#strip [title='{one}']", ".slot.photo")
    ok("a dragged thumbnail replaces the photograph",
       page.until(f"document.querySelector('.photo .card img')?.alt === '{one}'") and count(page, ".photo .card") == 1)
    page.drag(f"#strip [title='{two}']", ".slot.painting")
    page.until("document.querySelectorAll('.painting .card').length === 2")
    ok("a dragged thumbnail is added to the paintings",
       titles(page, "painting") == ["waves.jpg", two], titles(page, "painting"))
    look(page, "card-dragged")
    paint(page)
    recipe = ask(page, f"pictures/{page.eval('document.querySelector(`#strip li`).dataset.id')}/recipe")
    ok("the dragged pictures are the inputs of the job",
       [i["role"] for i in recipe["inputs"]] == ["content", "style", "style"] and recipe["inputs"][0]["sha256"], recipe)
    page.click(".painting .card:last-of-type .take")
    page.click("#tab-dream")
    page.drag(f"#strip [title='{two}']", ".slot.guide")
    ok("a dragged thumbnail becomes the guide", page.until("document.querySelector('.guide .card img')?.alt") == two)
    page.click(".guide .take")
    page.click("#tab-video")
    page.drag(f"#strip [title='{two}']", ".slot.video")
    ok("a picture is refused as a video, with a message",
       "cannot be used here" in page.until("document.querySelector('.video > [role=alert]')?.textContent"))
    look(page, "card-not-here")
    page.click("#tab-style")


def used(page, one):
    """A button uses the picture as an input, from any tab."""
    for slot, tab in (("photo", "dream"), ("photo", "models"), ("painting", "vae"), ("photo", "video")):
        page.click("#tab-style")
        page.eval(f"document.querySelectorAll('.{slot} .card .take').forEach((e) => e.click())")
        page.click("#tab-" + tab)
        take_up(page, one)
        page.click(f"[data-does=use-{slot}]")
        page.until(f"document.querySelector('.{slot} .card img')?.alt === '{one}' && document.querySelector('.{slot} .card').checkVisibility()")
        ok(f"used as {slot}, from {tab}", page.eval("document.querySelector('[role=tab][aria-selected=true]').id") ==
           ("tab-dream" if tab == "dream" else "tab-style"))
    for slot, name in (("photo", "lake.jpg"), ("painting", "waves.jpg")):
        page.eval(f"document.querySelectorAll('.{slot} .card .take').forEach((e) => e.click())")
        page.choose("#file-" + slot, os.path.join(HERE, name))
        page.until(f"document.querySelector('.{slot} .card img')?.alt === '{name}'")


def looked_at(page, one):
    """Arrow keys move the wipe. Zoom buttons show the picture fitted, at its actual pixels, and at twice their size."""
    take_up(page, one)
    page.until("document.querySelector('.after').complete && document.querySelector('.after').naturalWidth")
    if page.eval("document.querySelector('.wipe').hidden"):
        page.click(".bar > button")
    page.eval("document.querySelector('.wipe').focus()")
    for _ in range(4):
        page.key("ArrowRight")
    ok("the wipe moves", page.eval("document.querySelector('.before').style.clipPath") == "inset(0px 48% 0px 0px)" and
       page.eval("document.querySelector('.line').style.left") == "52%", page.eval("document.querySelector('.before').style.clipPath"))
    widths = {}
    for mode in ("actual", "double", "fit"):
        page.click(f"[data-t={mode}]")
        widths[mode] = page.eval("document.querySelector('.after').getBoundingClientRect().width / document.querySelector('.after').naturalWidth")
        look(page, "card-" + mode)
    ok("buttons show actual pixels, double size and the fitted picture",
       widths["actual"] == 1 and widths["double"] == 2 and widths["fit"] > 2, widths)
    page.click(".bar > button")


def copied(page):
    page._call("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
    page.call("Page.bringToFront")  # a page without the focus may not write to the clipboard
    page.click("[data-does=command]")
    page.until("document.querySelector('.differ [role=status]')?.textContent")  # set when the line was copied
    line = text(page, ".differ code")
    ok("the command line is in the clipboard", page.eval("navigator.clipboard.readText()") == line and "Copied" in text(page, ".differ"), line)


def kept(page, one):
    """A picture can be downloaded. It can be deleted, after confirmation, to the desktop's trash."""
    folder = os.path.join(HERE, "downloads")
    os.mkdir(folder)
    page.keep_downloads(folder)
    with open(os.path.join(FOLDER, one), "rb") as file:
        data = file.read()
    take_up(page, one)
    page.click(".actions a")
    page.until("true")
    path = os.path.join(folder, one)
    for _ in range(200):
        if os.path.isfile(path) and os.path.getsize(path) == len(data):
            break
        page.until("new Promise((resolve) => setTimeout(() => resolve(true), 50))")
    with open(path, "rb") as file:
        ok("the downloaded file has the bytes of the file in the folder", file.read() == data)
    made = page.eval(MADE)
    page.eval("window.confirm = () => false")
    page.click(".quiet-button")
    ok("a picture stays if its deletion is not confirmed",
       page.eval(MADE) == made and os.path.isfile(os.path.join(FOLDER, one)))
    page.eval("window.confirm = () => true")
    page.click(".quiet-button")
    page.until(f"{MADE} === {made - 1}")
    trash = os.path.join(HERE, ".local", "share", "Trash", "files")
    ok("a deleted picture is in the trash",
       not os.path.exists(os.path.join(FOLDER, one)) and os.path.isfile(os.path.join(trash, one)),
       os.path.isdir(trash) and os.listdir(trash))


def edited(page, one):
    """A picture that was edited in the folder is shown and downloaded as it is now."""
    size_of = "fetch(document.querySelector('.actions a').href).then((answer) => answer.blob()).then((blob) => blob.size)"
    take_up(page, one)
    before = page.eval(size_of)
    subprocess.run([DRAW, "table", os.path.join(FOLDER, one), "64"], check=True)
    paint(page)  # also updates the picture strip
    take_up(page, one)
    ok("an edited picture is downloaded as it is now", page.eval(size_of) == os.path.getsize(os.path.join(FOLDER, one)) != before)


def failed(page):
    """A failed job stays in the queue, with its error, until it is dismissed."""
    path = os.path.join(HERE, "half.png")
    subprocess.run([DRAW, "table", path, "64"], check=True)
    os.truncate(path, os.path.getsize(path) // 2)
    page.click(".photo .take")
    page.choose("#file-photo", path)
    page.until("document.querySelector('.photo .card img')?.alt === 'half.png'")
    page.click("#go")
    page.until("document.querySelector('#queue .problem')")
    page.reload()
    page.until(READY)
    ok("a failed job is listed with its error", text(page, "#queue .problem").startswith("Failed: cannot read"), text(page, "#queue"))
    look(page, "card-failed")
    page.click("#queue .take")
    page.until("document.querySelector('#queue').hidden")
    page.click(".photo .take")
    page.choose("#file-photo", os.path.join(HERE, "lake.jpg"))
    page.until("document.querySelector('.photo .card img')?.alt === 'lake.jpg'")


def missing(page):
    """A dropped picture restores the settings of its recipe. The page names the inputs that are missing."""
    for name, scene in (("grandmother.jpg", "table"), ("out.png", None)):
        if scene:
            subprocess.run([DRAW, scene, os.path.join(HERE, name), "72"], check=True)
    subprocess.run([REVERIE, "style", "grandmother.jpg", "waves.jpg", "-o", "out.png", "--size", "64", "-n", "2", "--quiet",
                    "--strength", "33"], cwd=HERE, check=True)
    page.drop("#stage", os.path.join(HERE, "out.png"))
    page.until("document.querySelector('#notice button')")
    look(page, "card-recipe")
    page.click("#notice button")
    said = page.until("document.querySelector('#notice').textContent.includes('Missing') && document.querySelector('#notice').textContent")
    ok("missing inputs are named, the settings are restored", "grandmother.jpg" in said and "waves.jpg" not in said and
       page.eval("document.querySelector('#strength').value") == "33" and titles(page, "painting") == ["waves.jpg"] and
       count(page, ".photo .card") == 0, said)
    look(page, "card-missing")


def with_recipe(recipe):
    """Writes a small PNG with @recipe in XMP, as any program could. Returns its path."""
    path = os.path.join(HERE, "anybody.png")
    subprocess.run([DRAW, "table", path, "64"], check=True)
    with open(path, "rb") as file:
        png = file.read()
    value = json.dumps(recipe).replace('"', "&quot;")
    chunk = b"iTXtXML:com.adobe.xmp" + bytes(5) + ('<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description xmlns:reverie="urn:reverie:recipe" '
                                                   f'reverie:recipe="{value}"/></x:xmpmeta>').encode()
    first = 8 + 25  # the signature, and IHDR
    with open(path, "wb") as file:
        file.write(png[:first] + struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) + png[first:])
    return path


def of_thousands(page):
    """A recipe with thousands of inputs does not cause one request for each input."""
    page.requests.clear()
    page.drop("#stage", with_recipe({"command": "style", "settings": {"strength": "44"}, "inputs":
                                     [{"role": "style", "file": f"{n}.jpg", "sha256": "0" * 64} for n in range(3000)]}))
    page.until("document.querySelector('#notice button')")
    page.click("#notice button")
    page.until("document.querySelector('#notice').textContent.includes('Missing')")
    ok("a recipe of 3,000 inputs causes fewer than 200 requests",
       len(page.requests) < 200 and page.eval("document.querySelector('#strength').value") == "44", len(page.requests))


def of_old_names(page):
    """Former names of options in recipes of older versions are understood."""
    page.drop("#stage", with_recipe({"command": "style", "settings": {"with": "hokusai-wave", "strength": "44"}, "inputs": []}))
    page.until("document.querySelector('#notice button')")
    page.click("#notice button")
    page.until("document.querySelector('#notice').textContent.includes('are restored')")
    chosen = page.eval("[...document.querySelectorAll('.learned [aria-pressed=true]')].map((e) => e.dataset.style)")
    ok("the learned style of an old recipe is chosen", chosen == ["hokusai-wave"], chosen)


def of_wrong_types(page):
    """Values of wrong types in a recipe, or in stored choices, do not break the page."""
    page.drop("#stage", with_recipe({"command": "style", "settings": {"learned": True, "strength": {"a": 1}}, "inputs": [None, "a"]}))
    page.click("#notice button")
    page.until("document.querySelector('#notice').textContent.includes('are restored')")
    page.reload()
    page.until(READY)
    ok("values of wrong types in a recipe are not used", page.eval("document.querySelector('#strength').value") == "50")
    page.eval("localStorage['reverie.values'] = JSON.stringify({ 'style-learned': { learned: true } })")
    page.reload()
    page.until(READY)
    ok("unusable stored choices are dropped", page.eval("localStorage['reverie.values']") == "null")


def of_nobody(page):
    """A picture without a recipe, put into the folder by hand, can be used. The page says that it has no recipe. A TIFF
    file is shown."""
    for name in ("by hand.png", "scan.tif"):
        subprocess.run([DRAW, "table", os.path.join(FOLDER, name), "64"], check=True)
    page.reload()
    page.until(READY)
    take_up(page, "scan.tif")
    scan = next(p["id"] for p in ask(page, "pictures")["pictures"] if p["title"] == "scan.tif")
    ok("a TIFF file is shown", page.until("(() => { const e = document.querySelector('.after'); "
                                          f"return e.src.includes('{scan}') && e.complete && e.naturalWidth; }})()"))
    take_up(page, "by hand.png")
    ok("the page says that a picture has no recipe",
       "contains no recipe" in text(page, ".differ") and count(page, "[data-does=restore], [data-does=command]") == 0 and
       count(page, "[data-does=use-photo]") == 1, text(page, ".differ"))
    look(page, "card-of-nobody")


def commands(page):
    """The command of a picture that was made on the command line has an option for each input that is no argument."""
    def inputs(*roles):
        found = []
        for role, name in zip(roles, ("lake", "waves", "a", "b")):
            with open(os.path.join(HERE, name + ".jpg"), "rb") as file:
                found.append({"role": role, "file": name + ".jpg", "sha256": hashlib.sha256(file.read()).hexdigest()})
        return found

    lines = {}
    for name, recipe in (("one", {"command": "style", "settings": {"init": "picture"}, "inputs": inputs("content", "style", "init")}),
                         ("two", {"command": "dream", "settings": {}, "inputs": inputs("picture", "style", "where", "word-mask")})):
        shutil.copy(with_recipe({**recipe, "width": 64, "height": 64}), os.path.join(FOLDER, name + ".png"))
        page.reload()
        page.until(READY)
        take_up(page, name + ".png")
        page.click("[data-does=command]")
        lines[name] = page.until("document.querySelector('.differ code')?.textContent")
    ok("commands have options for inputs", lines == {
        "one": "reverie style lake.jpg waves.jpg --init a.jpg --size=64 -o picture.png",
        "two": "reverie dream lake.jpg --style waves.jpg --word-mask a.jpg --word-mask b.jpg --size=64 -o picture.png"}, lines)


def speak(page, language):
    change(page, "#language", language)
    page.until(f"document.querySelector('.actions a').textContent === '{'下载' if language == 'zh' else 'Download'}'")


def looks(page):
    """The card fits, has names and contrast: wide and narrow, light and dark, in both languages."""
    for dark, width, language in ((False, 1400, "en"), (True, 1400, "zh"), (False, 390, "zh"), (True, 390, "en")):
        page.dark(dark)
        page.size(width, 844)
        speak(page, language)
        wide, nameless, pale = page.eval("document.documentElement.scrollWidth"), page.eval(NAMELESS), page.eval(PALE)
        ok(f"{'dark' if dark else 'light'}, {width}, {language}", wide <= width and not nameless and not pale, (wide, nameless, pale))
        look(page, f"card-{'dark' if dark else 'light'}-{width}-{language}", width == 390)
    page.dark(False)
    page.size(1400, 900)


def main(page, studio):
    for slot, name in (("photo", "lake.jpg"), ("painting", "waves.jpg")):
        page.choose("#file-" + slot, os.path.join(HERE, name))
        page.until(f"document.querySelector('.{slot} .card')")
    change(page, "#size", 256)
    all_at_once(page)
    form(page)
    paintings(page)
    set_setting(page, "start-size", "0")
    budget(page)
    steered(page)
    set_setting(page, "iterations", "2")
    one, two = paint(page), paint(page)
    strip(page, one, two)
    used(page, one)
    looked_at(page, one)
    looks(page)
    copied(page)
    edited(page, one)
    failed(page)
    kept(page, one)
    missing(page)
    of_thousands(page)
    of_old_names(page)
    of_wrong_types(page)
    of_nobody(page)
    commands(page)
    behaved(page)


test(main, "a picture's card")
