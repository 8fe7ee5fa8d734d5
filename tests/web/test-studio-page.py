"""test-studio-page.py REVERIE DRAW -- tests the studio's page in headless Chromium: jobs by mouse and by keyboard,
sheets, branches, masks, learned styles, models, comparison and the queue. Checks both languages and two widths. Skipped
without Chromium. Prints TAP."""

import os
import signal
import subprocess

import browser as driver
from page import (HERE, MADE, NAMELESS, PALE, PROGRESS, READY, REVERIE, behaved, change, look, ok, open_mask, set_setting,
                  start, test)


def explore(page):
    """Makes a sheet over two settings, then one of its cells large."""
    made = page.eval(MADE)
    page.click("#tab-explore")
    ok("explore: a setting has suggested values",
       page.eval("document.querySelector('#across-values').value").startswith("20, 40"))
    look(page, "explore")
    change(page, "#down-name", "tv-weight")
    ok("explore: another setting gets its suggested values",
       page.eval("document.querySelector('#down-values').value.split(',').length") >= 3 and
       page.eval("document.activeElement.id") == "down-name", page.eval("document.querySelector('#down-values').value"))
    change(page, "#across-values", "20, 900")
    for name, value in (("cell", "64"), ("iterations", "2"), ("start-size", "0")):
        set_setting(page, name, value)
    page.key("Enter", modifiers=2)
    page.until("document.querySelector('[data-axis=across] .problem')")
    ok("explore: a wrong value is reported at its field", page.eval("document.activeElement.id") == "across-values")
    ok("explore: an error does not scroll the page",
       page.eval("scrollY === 0 && document.scrollingElement.scrollHeight <= innerHeight"))
    look(page, "explore-wrong")
    change(page, "#across-values", "20, 60, 95")
    change(page, "#down-values", "0, 5")
    page.click("#go")
    page.until(f"{MADE} === {made + 1} && document.querySelectorAll('.cells button').length === 6", 90)
    ok("explore: a sheet has six cells, titled by their settings",
       page.eval("document.querySelector('[data-cell=\"2c\"]').title").endswith("strength 95, tv-weight 5"))
    look(page, "sheet")
    change(page, "#size", 256)
    page.click("[data-cell='2c']")
    page.until(f"{MADE} === {made + 2} && document.querySelector('.caption').textContent.includes('256')", 90)
    ok("explore: a click on a cell makes it large",
       page.eval("document.querySelector('.cells').hidden && !document.querySelector('.bar > button').hidden"))


def rewind(page):
    """Shows a snapshot of a running job, and branches from it with another strength."""
    made = page.eval(MADE)
    page.click("#tab-style")
    set_setting(page, "iterations", "3000")
    change(page, "#size", 256)
    change(page, "#strength", "40")
    page.click("#go")
    page.until("document.querySelector('#snapshot').checkVisibility() && document.querySelector('#snapshot').max > 1")
    set_setting(page, "tv-weight", "7")
    ok("a setting can change during a run", page.until(
        "document.querySelector('#said').textContent.includes('next iteration') && !document.querySelector('.setting > .problem')"))
    page.click("[data-name=tv-weight] .back")
    page.eval("document.querySelector('#snapshot').focus()")
    change(page, "#snapshot", 0, "input")
    page.until("document.querySelector('.after').src.includes('snapshot') && document.querySelector('.after').complete")
    ok("a snapshot is shown with its iteration",
       page.eval("document.querySelector('output[for=snapshot]').textContent").startswith("iteration "))
    look(page, "rewind")
    change(page, "#strength", 95, "input")
    page.click("[data-does=branch]")
    page.until("document.querySelector('#run').dataset.state === 'running' && document.querySelector('#queue li .name span')?.textContent === 'Paused'")
    ok("the branch runs, the first job is paused",
       page.eval("document.querySelector('#snapshot').closest('.rewind').hidden"
                                                             " || document.querySelector('[data-does=stop]') !== null"))
    page.until(PROGRESS)
    page.click("[data-does=stop]")
    page.until(f"{MADE} === {made + 1}", 60)
    look(page, "branched")
    page.click("#queue .take")
    page.until("document.querySelector('#queue').hidden")
    page.click("[data-name=iterations] .back")


WHITE = """(async () => { const image = await createImageBitmap(await (await fetch(
  document.querySelector('.painting .where img').src.replace(/thumb.*/, 'file'))).blob());
  const pen = new OffscreenCanvas(image.width, image.height).getContext('2d'); pen.drawImage(image, 0, 0);
  const { data } = pen.getImageData(0, 0, image.width, image.height);
  let n = 0; for (let i = 0; i < data.length; i += 4) n += data[i] / 255; return n / (data.length / 4); })()"""


def masks(page):
    """Paints masks by mouse and by keys, undoes and inverts them, loads a file, finds a part. Uses the masks in a job."""
    made = page.eval(MADE)
    page.click("#tab-style")
    box = open_mask(page, ".painting")
    ok("a new mask has nothing to undo, its canvas has the focus",
       page.eval("document.querySelector('[data-does=undo]').disabled && "
                                        "document.activeElement === document.querySelector('.masks canvas')"))
    page.mouse("mousePressed", box[0] + box[2] * 0.1, box[1] + box[3] * 0.3)
    page.mouse("mouseMoved", box[0] + box[2] * 0.9, box[1] + box[3] * 0.3)
    page.mouse("mouseReleased", box[0] + box[2] * 0.9, box[1] + box[3] * 0.3, 0)
    ink = ("(() => { const c = document.querySelector('.masks canvas'); const d = c.getContext('2d').getImageData(0, 0, c.width,"
           " c.height).data; let n = 0; for (let i = 3; i < d.length; i += 4) n += d[i] / 255; return n / (d.length / 4); })()")
    line = page.eval(ink)
    page.eval("document.querySelector('.masks canvas').focus()")
    for key in (" ", "ArrowDown", "ArrowDown", "ArrowDown", " "):
        page.key(key)
    more = page.eval(ink)
    look(page, "mask")
    page.click("[data-does=undo]")
    undone = page.eval(ink)
    page.click("[data-does=redo]")
    redone = page.eval(ink)
    page.click("[data-does=invert]")
    inverted = page.eval(ink)
    ok("brush, keys, undo, redo and invert change the mask",
       0.05 < line < more < 0.5 and undone == line and redone == more and
       abs(inverted - (1 - more)) < 0.01, (line, more, undone, redone, inverted))
    change(page, "#brush-size", 160, "input")
    page.click("[data-does=eraser]")
    page.mouse("mousePressed", box[0] + box[2] * 0.5, box[1] + box[3] * 0.8)
    page.mouse("mouseReleased", box[0] + box[2] * 0.5, box[1] + box[3] * 0.8, 0)
    erased = page.eval(ink)
    ok("the eraser removes paint", erased < inverted, (erased, inverted))
    page.key("z", modifiers=2)
    again = page.eval(ink)
    change(page, "#brush-size", 40, "input")
    page.mouse("mousePressed", box[0] + box[2] * 0.5, box[1] + box[3] * 0.8)
    page.mouse("mouseReleased", box[0] + box[2] * 0.5, box[1] + box[3] * 0.8, 0)
    little = inverted - page.eval(ink)
    ok("Ctrl+Z undoes a stroke; the eraser has the chosen size",
       again == inverted and 0 < little < 0.1 * (inverted - erased), (again, little, inverted - erased))
    erased = page.eval(ink)
    page.click("[data-does=use]")
    page.until("document.querySelector('.painting .where[aria-pressed=true] img')")
    ok("the mask is white where it was painted", abs(page.eval(WHITE) - erased) < 0.02, (page.eval(WHITE), erased))
    page.until("!document.querySelector('.masks')")
    page.click(".photo .where")
    page.until("document.querySelector('#mask-file')")
    page.choose("#mask-file", os.path.join(HERE, "lake.jpg"))
    page.until("!document.querySelector('[data-does=undo]').disabled")
    loaded = page.eval(ink)
    ok("a picture file is loaded as a mask", 0.1 < loaded < 0.9)
    change(page, "[data-does=find]", "faces")
    said = page.until("(() => { const s = document.querySelector('#mask-help').textContent; return s.endsWith('found.') && s; })()")
    ok("a part that is not in the photograph leaves the mask", said == "Nothing found." and page.eval(ink) == loaded, said)
    change(page, "[data-does=find]", "sky")
    page.until("document.querySelector('#mask-help').textContent.startsWith('The part is added')")
    look(page, "mask-found")
    more = page.eval(ink)
    page.click("[data-does=undo]")
    ok("a part that is found is added to the mask", loaded + 0.02 < more and page.eval(ink) == loaded, (loaded, more))
    page.click("[data-does=use]")
    page.until("document.querySelector('.photo .where[aria-pressed=true]')")
    look(page, "masked")
    page.reload()
    page.until(READY)
    ok("masks are kept after a reload", page.eval("document.querySelectorAll('.where[aria-pressed=true]').length") == 2)
    set_setting(page, "iterations", "2")
    set_setting(page, "start-size", "0")
    page.click("#go")
    page.until(f"{MADE} === {made + 1} && document.querySelector('.actions a')", 60)
    page.click(".photo .where")
    page.click("[data-does=clear]")
    page.click("[data-does=use]")
    page.until("!document.querySelector('.photo .where[aria-pressed=true], .masks')")
    page.click(".actions button")  # restores the picture's settings
    page.until("document.querySelectorAll('.where[aria-pressed=true]').length === 2")
    ok("masks are used, and restored from the recipe", True)
    for slot in (".photo", ".painting"):
        page.click(slot + " .where")
        page.click("[data-does=clear]")
        page.click("[data-does=use]")
        page.until(f"!document.querySelector('{slot} .where[aria-pressed=true], .masks')")
    page.click("[data-name=iterations] .back")


def learnt(page):
    """Paints in a learned style in place of a painting. The style is restored from the recipe, and the command line is
    accepted. Makes a sheet of all learned styles."""
    made = page.eval(MADE)
    page.click("#tab-style")
    before = page.eval("document.querySelectorAll('.painting .card').length")
    ok("learned styles are listed", page.until("document.querySelectorAll('.learned img').length") >= 12)
    page.click("[data-style=hokusai-wave]")
    ok("a chosen style hides the paintings",
       before > 0 and page.eval("document.querySelectorAll('.painting .card').length") == 0 and
       page.eval("document.activeElement.dataset.style + document.activeElement.getAttribute('aria-pressed')") == "hokusai-wavetrue")
    change(page, "#size", 512)
    page.reload()
    page.until(READY)
    ok("the chosen style is kept after a reload",
       page.until("document.querySelectorAll('.learned [aria-pressed=true]').length") == 1)
    page.click("#go")
    page.until(f"{MADE} === {made + 1} && document.querySelector('.actions a')", 60)
    page.until("document.querySelector('.after').src.includes('/file?v=') && document.querySelector('.after').complete")
    ok("the picture in a learned style has the chosen size",
       page.eval("document.querySelector('.caption').textContent").endswith("512 × 341"),
       page.eval("document.querySelector('.caption').textContent"))
    look(page, "learnt")
    page.size(390, 844)
    ok("learned styles on a phone: the page fits, has names and contrast",
       page.eval("document.documentElement.scrollWidth") <= 390 and not page.eval(NAMELESS) and
       not page.eval(PALE), (page.eval(NAMELESS), page.eval(PALE)))
    look(page, "learnt-390", True)
    page.size(1400, 900)
    page.dark(True)
    look(page, "learnt-dark")
    page.dark(False)
    page.click("[data-style=munch-scream]")
    page.click(".actions button")  # restores the picture's settings
    page.until("document.querySelector('[data-style=hokusai-wave]').getAttribute('aria-pressed') === 'true'")
    ok("the learned style is restored from the recipe",
       page.eval("document.querySelectorAll('.learned [aria-pressed=true]').length") == 1)
    page.click("[data-does=command]")
    line = page.until("document.querySelector('.differ code')?.textContent")
    done = subprocess.run(["sh", "-c", line.replace("reverie", REVERIE, 1) + " --dry-run"], cwd=HERE, capture_output=True, text=True)
    ok("the command line is accepted", "--learned=" in line and done.returncode == 0, (line, done.stderr))
    page.click("#tab-explore")
    page.click("[value=explore-learned]")
    page.click("#go")
    page.until(f"{MADE} === {made + 2} && document.querySelectorAll('.cells button').length >= 12", 90)
    ok("a sheet has a cell for each learned style",
       page.eval("document.querySelector('[data-cell=munch-scream]').title").endswith("munch scream") and
       page.eval("document.querySelector('#axes').hidden && !document.querySelector('#strength-field').hidden"))
    look(page, "learnt-sheet")
    change(page, "#size", 256)
    page.click("[data-cell=munch-scream]")
    page.until(f"{MADE} === {made + 3} && document.querySelector('.caption').textContent.includes('256')", 60)
    page.click(".actions button")  # restores the picture's settings
    page.until("document.querySelector('#tab-style[aria-selected=true]') && document.querySelector('[data-style=munch-scream][aria-pressed=true]')")
    ok("the settings of a large cell choose its style", True)
    page.click("[data-style=hokusai-wave]")
    page.click("[data-style=hokusai-wave]")
    ok("deselecting the style shows the paintings again",
       page.eval("document.querySelectorAll('.painting .card').length") == before and
       page.eval("document.activeElement.dataset.style") == "hokusai-wave")
    page.click("[data-style=hokusai-wave]")
    with open(os.path.join(HERE, "no-picture.png"), "w") as file:
        file.write("text")
    page.choose("#file-painting", os.path.join(HERE, "no-picture.png"))
    page.until("/no-picture/.exec(document.body.textContent)?.[0]")
    ok("a file that is no painting does not deselect the style",
       page.eval("document.querySelectorAll('.learned [aria-pressed=true]').length") == 1)
    page.choose("#file-painting", os.path.join(HERE, "lake.jpg"))
    page.until(f"document.querySelectorAll('.painting .card').length === {before + 1}")
    ok("adding a painting deselects the style",
       page.eval("document.querySelectorAll('.learned [aria-pressed=true]').length") == 0)
    page.click(".painting .card:last-of-type .take")


def models(page):
    """Lists models, by keyboard. The test downloads nothing."""
    page.eval("document.querySelector('#tab-explore').focus()")
    page.key("ArrowRight")
    page.until("document.querySelectorAll('.models li').length > 3")
    ok("models are listed, the first is built in",
       page.eval("document.querySelector('.models li').dataset.state") == "builtin" and
       page.eval("document.querySelector('#panel').hidden && document.querySelectorAll('[data-does=get]').length > 1"))
    look(page, "models")
    page.size(390, 844)
    ok("models on a phone: the page fits, has names and contrast",
       page.eval("document.documentElement.scrollWidth") <= 390 and not page.eval(NAMELESS) and
       not page.eval(PALE), (page.eval(NAMELESS), page.eval(PALE)))
    look(page, "models-390")
    page.size(1400, 900)
    page.click("#tab-explore")


def compare(page):
    """Compares two pictures and lists the settings that differ. Tests the command line, and a job that cannot
    resume."""
    made = page.eval(MADE)
    page.click("#tab-style")
    set_setting(page, "iterations", "2")
    set_setting(page, "start-size", "0")
    change(page, "#size", 256)
    for strength in ("30", "70"):
        change(page, "#strength", strength, "input")
        page.click("#go")
        made += 1
        page.until(f"{MADE} === {made} && document.querySelector('.actions .primary')", 60)
        page.until("document.querySelector('.after').src.includes('/file?v=')")
    page.until("document.querySelectorAll('.actions option').length > 1")
    page.eval("(() => { const e = document.querySelector('.actions select'); e.selectedIndex = 1; e.dispatchEvent(new Event('change')); })()")
    page.until("document.querySelector('.differ li')")
    ok("the settings that differ are listed",
       page.eval("[...document.querySelectorAll('.differ li')].map((e) => e.textContent)") == ["strength 30 | 70"],
       page.eval("document.querySelector('.differ').textContent"))
    look(page, "compared")
    page.click("[data-does=command]")
    line = page.until("document.querySelector('.differ code')?.textContent")
    done = subprocess.run(["sh", "-c", line.replace("reverie", REVERIE, 1) + " --dry-run"], cwd=HERE, capture_output=True, text=True)
    ok("the command line is accepted",
       "--strength=70" in line and "lake.jpg waves.jpg" in line and done.returncode == 0, (line, done.stderr))
    look(page, "command")
    page.click("[data-name=iterations] .back")
    set_setting(page, "iterations", "3000")
    page.click("#go")
    page.until(PROGRESS)
    page.click("[data-does=pause]")
    page.until("document.querySelector('#run').dataset.state === 'paused'")
    own = os.path.join(HERE, "pictures", ".studio")
    state = next(name for name in os.listdir(own) if name.endswith(".state.safetensors"))
    with open(os.path.join(own, state), "rb") as file:
        data = file.read()
    name = state.partition(".state")[0].encode()
    with open(os.path.join(own, state), "wb") as file:  # a checkpoint of another picture
        file.write(data.replace(name, b"0" * 32 + name[32:]))
    page.click(".run .primary")
    page.until("document.querySelector('.run .problem').textContent")
    ok("a job that cannot resume shows the reason",
       "another picture" in page.eval("document.querySelector('.run .problem').textContent"),
       page.eval("document.querySelector('.run .problem').textContent"))
    look(page, "paused")
    page.click("[data-does=cancel]")
    page.until("document.querySelector('#run').hidden")
    page.click("[data-name=iterations] .back")


def tab_to(page, selector):
    """Moves the focus to @selector with the Tab key."""
    for _ in range(80):
        page.key("Tab")
        if page.eval(f"document.activeElement.matches('{selector}')"):
            return
    raise driver.Failure("Tab never comes to " + selector)


def button(page, text):
    page.eval(f"[...document.querySelectorAll('.actions button, #notice button, #queue button')].find((e) => e.textContent === '{text}').click()")


def first_visit(page):
    """Makes the first pictures of a new studio, by keyboard only and with three clicks. Then drops a result onto the
    page, pastes a picture, and tests the view, the theme and a larger repetition."""
    studio, address = start("first")
    base = address.partition("#")[0]
    agent = page.eval("navigator.userAgent")
    page.call("Network.setUserAgentOverride", userAgent=agent, acceptLanguage="fr,zh-CN,en")
    page.open(base)
    ok("the first known language of the browser is used",
       page.until(f"location.href === '{base}' && document.querySelector('#notice').textContent").startswith("请"))
    page.call("Network.setUserAgentOverride", userAgent=agent, acceptLanguage="en")
    page.console.clear()  # refused for the missing token
    page.open(address)
    page.until(READY)
    ok("the address opens the page also in a tab that is locked", page.eval("document.documentElement.lang") == "en")
    ok("a new studio has no pictures",
       page.eval(MADE) == 0 and page.eval("document.querySelector('#strip-empty').checkVisibility()"))
    tab_to(page, ".photo .examples button")
    page.key("Enter")
    page.until("document.querySelector('.photo .card')")
    tab_to(page, "[data-style]")
    page.key("Enter")
    page.key("Enter", modifiers=2)
    page.until(f"{MADE} === 1 && document.querySelector('.actions a')", 60)
    ok("a picture is painted by keyboard only", True)
    page.eval("localStorage.clear()")
    page.reload()
    page.until(READY)
    for selector in (".photo .examples button", ".painting .examples button", "#go"):
        page.click(selector)
    page.until(PROGRESS)
    ok("three clicks start a job", True)
    page.click("[data-does=stop]")
    page.until(f"{MADE} === 2 && document.querySelector('.actions a')", 60)
    made = os.path.join(HERE, "first", next(n for n in os.listdir(os.path.join(HERE, "first")) if n.endswith(".png")))
    page.click("#tab-dream")
    page.drop("#stage", made)
    page.until("document.querySelector('#notice button')")
    button(page, "Use its settings")
    page.until("document.querySelector('#notice').textContent.includes('are restored') && "
               "document.querySelector('#tab-style').getAttribute('aria-selected') === 'true'")
    ok("dropping a result restores its settings", True)
    page.eval("(async () => { const data = new DataTransfer(), blob = await (await fetch(document.querySelector('#strip img').src)).blob();"
              " data.items.add(new File([blob], 'pasted.jpg', { type: 'image/jpeg' })); document.querySelector('.photo .take').click();"
              " document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true })); })()")
    page.until("document.querySelector('.photo .card img')?.alt === 'pasted.jpg'")
    ok("a pasted picture becomes the photograph", True)
    page.click("[data-t=actual]")
    ok("a button shows the actual pixels", page.eval("document.querySelector('.mat').classList.contains('one')"))
    page.click("[data-t=fit]")
    page.click("#theme")
    ok("a button selects the dark theme",
       page.eval("getComputedStyle(document.body).colorScheme + document.documentElement.dataset.theme") == "darkdark",
       page.eval("getComputedStyle(document.body).colorScheme + document.documentElement.dataset.theme"))
    page.click("#theme")
    page.click("#strip li:last-child button")
    page.until("document.querySelector('.caption').textContent.startsWith(document.querySelector('#strip li:last-child img').alt)")
    button(page, "Paint larger")
    page.until(f"{MADE} === 3 && document.querySelector('.caption').textContent.includes('1024')", 60)
    ok("'Paint larger' paints at 1024 px", True)
    order(page)
    studio.kill()


def order(page):
    """Queues three jobs, moves the last one up, and cancels all."""
    waiting = "(async () => (await (await fetch('/api/v1/jobs')).json()).jobs.filter((j) => ['running', 'waiting'].includes(j.state)).map((j) => j.id))()"
    page.click(".learned [aria-pressed=true]")  # deselects
    page.click(".painting .examples button")
    for n in (1, 2, 3):
        page.click("#go")
        page.until(f"{waiting}.then((ids) => ids.length === {n})")
        page.until("!document.querySelector('#go').disabled")
    first, second, third = page.eval(waiting)
    page.until("document.querySelectorAll('#queue li').length === 2")
    button(page, "Move up")
    page.until(f"{waiting}.then((ids) => ids.join() === '{first},{third},{second}')")
    ok("a waiting job is moved up", True)
    look(page, "queue")
    for n in (1, 0):
        page.click("#queue .take")
        page.until(f"document.querySelectorAll('#queue li').length === {n}")
    page.click("[data-does=cancel]")
    page.until("document.querySelector('#run').hidden")
    ok("all jobs are cancelled", page.eval(waiting) == [] and page.eval(MADE) == 3)


def main(page, studio):
    ok("the token is removed from the address", "#" not in page.eval("location.href"))
    look(page, "first")
    page.drop(".photo .zone", os.path.join(HERE, "lake.jpg"))
    page.until("document.querySelector('.photo .card')")
    page.choose("#file-painting", os.path.join(HERE, "waves.jpg"))
    page.until("document.querySelector('.painting .card')")
    change(page, "#size", 256)
    page.click("#go")
    page.until(PROGRESS)
    first = page.until("document.querySelector('.after').src.includes('preview') && document.querySelector('.after').src")
    page.until(f"document.querySelector('.after').src !== '{first}'")
    ok("a job with a dropped photograph updates its preview", True)
    look(page, "running")
    page.reload()
    page.until(READY)
    ok("the progress is shown again after a reload", page.until(PROGRESS) > 0)
    page.click("[data-does=pause]")
    page.until("document.querySelector('#run').dataset.state === 'paused'")
    ok("the job is paused", True)
    studio.send_signal(signal.SIGKILL)
    studio.wait()
    page.until("document.querySelector('#notice').checkVisibility()")
    ok("the page reports that a killed studio does not respond",
       "does not respond" in page.eval("document.querySelector('#notice').textContent"))
    start()
    page.until("document.querySelector('#notice').hidden")
    ok("the page connects to the restarted studio", True)
    page.click(".run .primary")
    page.until("document.querySelector('#run').dataset.state === 'running'")
    ok("a paused job is resumed after a kill of the studio", True)
    page.until(MADE + " === 1 && document.querySelector('.actions a')", 120)
    ok("the result is shown with its title",
       page.eval("document.querySelector('.caption').textContent").startswith("Reverie "))
    page.click(".bar > button")
    ok("a button shows the wipe over the photograph",
       page.eval("!document.querySelector('.wipe').hidden && Boolean(document.querySelector('.before').src)"))
    page.until("document.querySelector('.before').complete")
    look(page, "done")

    page.eval("document.querySelector('#strength').focus()")
    for _ in range(5):
        page.key("ArrowRight")
    ok("arrow keys change the strength", page.eval("document.querySelector('#strength-value').textContent") == "55")
    set_setting(page, "iterations", "4")
    set_setting(page, "start-size", "0")
    ok("changed settings are marked", page.eval("document.querySelectorAll('.setting.changed').length") == 2)
    set_setting(page, "tile", "-4")
    page.key("Enter", modifiers=2)
    page.until("document.querySelector('[data-name=tile] .problem')")
    ok("a wrong setting is reported at its field", page.eval("document.activeElement.id") == "set-tile")
    look(page, "wrong")
    page.click("[data-name=tile] .back")
    change(page, "#size", 256)
    page.key("Enter", modifiers=2)
    page.until(MADE + " === 2", 60)
    ok("Ctrl+Enter starts a job", True)

    set_setting(page, "height", "96")
    ok("a height disables the size", page.eval("document.querySelector('#size').disabled"))
    set_setting(page, "iterations", "150")  # enough time to show another picture
    old = page.until("document.querySelector('.after').src.includes('/file?v=') && document.querySelector('.after').src")
    page.click("#go")
    page.until(PROGRESS)
    page.click("#strip button")  # shows an old picture
    page.until("document.querySelectorAll('#queue li').length === 1 && " + MADE + " === 2")
    page.until(MADE + " === 3", 60)
    page.until("document.querySelector('#queue').hidden")
    page.until(f"document.querySelector('.after').src === '{old}'")
    ok("the end of a job is noticed while an old picture is shown", True)
    page.click("#strip li:first-child button")
    page.until("document.querySelector('.caption').textContent.endsWith('96')")
    ok("the result has the chosen height", True)
    page.click("[data-name=height] .back")

    page.click("#tab-dream")
    change(page, "#set-preset", "test")
    page.click("#go")
    page.until(MADE + " === 4", 90)
    ok("a dream is made", True)
    page.until("document.querySelector('.actions a')")
    look(page, "dream")
    page.click(".actions button")  # restores the picture's settings
    page.until("!document.querySelector('#notice').hidden")
    ok("the settings of a dream are restored, nothing is missing",
       page.eval("document.querySelector('#set-preset').value") == "test" and
       "Reverie" in page.eval("document.querySelector('#notice').textContent"),
       page.eval("document.querySelector('#notice').textContent"))

    masks(page)
    rewind(page)
    compare(page)
    explore(page)
    learnt(page)
    models(page)
    for dark in (False, True):
        page.dark(dark)
        for width in (1400, 390):
            page.size(width, 844)
            for language in ("en", "zh"):
                change(page, "#language", language)
                name = f"{'dark' if dark else 'light'}-{width}-{language}"
                wide = page.eval("document.documentElement.scrollWidth")
                nameless, pale = page.eval(NAMELESS), page.eval(PALE)
                ok(f"{name}: fits, has names and contrast", wide <= width and not nameless and not pale,
                   (wide, nameless, pale))
                look(page, name, width == 390)
    page.dark(False)
    page.size(1400, 900)
    behaved(page)
    first_visit(page)


test(main, "the studio's page")
