"""test-studio-tabs.py REVERIE DRAW -- tests the tabs Video, Learn, VAE and Networks in headless Chromium. A video is dropped,
painted and played; a style is trained and painted in; a VAE is trained and its map is dragged; a network is uploaded and
used. Checks missing and wrong
inputs, both languages, narrow and dark pages. Skipped without Chromium, videos without ffmpeg. Prints TAP."""

import os
import shutil
import subprocess

from page import DRAW, HERE, MADE, NAMELESS, PALE, READY, ask, behaved, change, look, ok, open_mask, set_setting, start, stroke, test

NETWORK = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "golden", "onnx-files", "small.onnx")
VIDEOS = bool(shutil.which("ffmpeg") and shutil.which("ffprobe"))
LONG = "A video of the garden behind the house on the last day of a very long summer (second cut, for grandmother).mp4"
STATE = "document.querySelector('#run').dataset.state"
MOST_PAGE = 200 * 1024  # limit in bytes of page, scripts and style


def shown(page, tab):
    page.click("#tab-" + tab)
    page.until(f"document.querySelector('#tab-{tab}').getAttribute('aria-selected') === 'true'")


def looks(page, name):
    """Tests that the page fits and has names and contrast: light and dark, wide and narrow, in both languages."""
    for dark, width, language in ((False, 1400, "en"), (True, 1400, "zh"), (False, 390, "zh"), (True, 390, "en")):
        page.dark(dark)
        page.size(width, 844)
        change(page, "#language", language)
        wide, nameless, pale = page.eval("document.documentElement.scrollWidth"), page.eval(NAMELESS), page.eval(PALE)
        ok(f"{name}, {'dark' if dark else 'light'}, {width}, {language}", wide <= width and not nameless and not pale,
           (wide, nameless, pale))
        look(page, f"{name}-{'dark' if dark else 'light'}-{width}-{language}", width == 390)
    page.dark(False)
    page.size(1400, 900)
    change(page, "#language", "en")


def made(page, n, seconds=120):
    page.until(f"{MADE} === {n} && document.querySelector('.actions a')", seconds)


def empty(page):
    """Starts a job on each tab without inputs: the missing input is reported."""
    for tab, slot, said in (("video", "video", "video first"), ("learn", "painting", "painting first"), ("vae", "data", "folder")):
        shown(page, tab)
        page.key("Enter", modifiers=2)
        page.until("document.querySelector('.slot > [role=alert]')")
        ok(f"{tab}: the missing input is reported at its field, which has the focus",
           said in page.eval("document.querySelector('.slot > [role=alert]').textContent")
           and page.eval("document.activeElement.id") == "file-" + slot, page.eval("document.activeElement.id"))
        looks(page, tab + "-empty")
    page.click("[value=vae-picture]")
    ok("vae: the missing model is reported",
       "Train one first" in page.eval("document.querySelector('.slot.model').textContent"))
    look(page, "vae-none")
    page.click("[value=vae-train]")


INSTALL = "document.querySelector('.slot.video').textContent.includes('apt install ffmpeg')"


def without_ffmpeg(page):
    """Tests the message of the page without ffmpeg."""
    studio, address = start("without", PATH=HERE)
    page.open(address)
    page.until(f"location.port === '{address.split(':')[2].split('/')[0]}' && {READY}")
    shown(page, "video")
    ok("without ffmpeg the page shows how to install it", page.eval(INSTALL))
    looks(page, "video-without")
    studio.kill()


PRESSED = "document.querySelectorAll('.where[aria-pressed=true] img').length"


def paint(page, slot, side):
    """Paints a vertical stroke at @side, 0..1 of the width, and uses it as a mask."""
    stroke(page, slot, side)
    look(page, "video-mask")
    page.click("[data-does=use]")
    page.until(f"document.querySelector('{slot} .where[aria-pressed=true] img')?.naturalWidth > 0")


def masks_of_videos(page):
    """Uses masks painted over the video's first frame, and a video as a mask. The masks are kept after a reload."""
    ok("no input has a mask at first", page.eval(PRESSED) == 0)
    open_mask(page, ".video")
    ok("the mask is painted over the video's first frame",
       page.eval("document.querySelector('.board img').src.endsWith('/thumb?w=1024&at=0')") and
       "first frame" in page.eval("document.querySelector('#mask-help').textContent"))
    page.click("[data-does=use]")
    page.until("!document.querySelector('.masks')")
    ok("an empty mask is not used", page.eval(PRESSED) == 0)
    paint(page, ".video", 0.2)
    open_mask(page, ".painting")
    page.choose("#mask-file", os.path.join(HERE, "mask.mkv"))
    page.until("document.querySelector('.painting .where[aria-pressed=true] img')?.naturalWidth > 0")
    open_mask(page, ".painting")
    ok("a video is used as a mask",
       page.eval("document.querySelector('#mask-help').textContent").startswith("This mask is a video"))
    looks(page, "video-mask-video")
    page.click("[data-does=use]")  # unchanged
    page.until("!document.querySelector('.masks')")
    page.choose("#file-painting", os.path.join(HERE, "lake.jpg"))
    page.until("document.querySelectorAll('.painting .card').length === 2")
    page.reload()
    page.until(READY)
    ok("masks are kept after a reload", page.until(PRESSED) == 2)
    looks(page, "video-masked")


def other_video(page):
    """Chooses another video, which does not get the masks of the previous one. Deletes a video while its mask is
    painted."""
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", "testsrc=size=64x128:rate=8", "-frames:v", "4",
                    os.path.join(HERE, "tall.mp4")], check=True)
    page.click("[value=style-video]")
    page.click("[data-style=hokusai-wave]")  # deselects
    page.click(".video .take")
    page.click(".painting .where")
    ok("a mask cannot be painted without a video",
       "video first" in page.until("document.querySelector('.video > [role=alert]')?.textContent"))
    page.choose("#file-video", os.path.join(HERE, "tall.mp4"))
    page.until("document.querySelector('.slot.video .card img')?.naturalWidth > 0")
    ok("another video has no masks", page.eval(PRESSED) == 0)
    set_setting(page, "from", "0:00.25")
    box = open_mask(page, ".video")
    ok("the mask is painted over the frame at 'from', in its shape", box[3] > 1.9 * box[2] and
       page.eval("document.querySelector('.board img').src.endsWith('at=0.25')"), box)
    video = page.eval("document.querySelector('.board img').src.split('/')[6]")
    page.eval(f"fetch('/api/v1/pictures/{video}', {{ method: 'DELETE', headers: {{ 'X-Reverie': '1' }} }})")
    page.key(" ")
    page.click("[data-does=use]")
    page.until("!document.querySelector('.masks')")
    page.click("#go")
    ok("a deleted video is reported as missing", "Missing: tall.mp4" in page.until(
        "!document.querySelector('#problem').hidden && document.querySelector('#problem').textContent"))
    look(page, "video-gone")
    page.click(".video .take")
    page.click("[data-name=from] .back")


def again(page):
    """Uses a result video as the next input: by a button from another tab, and by dragging."""
    name = "document.querySelector('.video .card .name')?.textContent"
    shown(page, "style")
    first, second = page.eval("[...document.querySelectorAll('#strip [title$=mp4]')].slice(0, 2).map((e) => e.title)")
    page.click(f"#strip [title='{first}']")
    page.until(f"document.querySelector('.caption').textContent.startsWith('{first}')")
    page.click("[data-does=use-video]")
    ok("a button uses a result as the video",
       page.until(f"{name} === '{first}' && document.querySelector('#tab-video[aria-selected=true]') !== null"))
    page.drag(f"#strip [title='{second}']", ".slot.video")
    ok("a dragged result is used as the video", page.until(f"{name} === '{second}'"))
    page.drag(f"#strip [title='{second}']", ".slot.painting" if page.eval("Boolean(document.querySelector('.slot.painting'))") else ".slot.guide")
    ok("a video is refused as a picture",
       "cannot be used here" in page.until("document.querySelector('.slot > [role=alert]')?.textContent"))


def video(page):
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", "-loop", "1", "-framerate", "12", "-t", "2", "-i",
                    os.path.join(HERE, "lake.jpg"), "-vf", "scale=160:-2,crop=128:96:n:0", "-pix_fmt", "yuv420p",
                    os.path.join(HERE, LONG)], check=True)
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", "testsrc=size=64x48:rate=12", "-frames:v", "24",
                    os.path.join(HERE, "mask.mkv")], check=True)
    with open(os.path.join(HERE, "video.mp4"), "wb") as file:
        file.write(b"hello" * 100)
    before = page.eval(MADE)
    shown(page, "video")
    ok("with ffmpeg the page does not show how to install it", not page.eval(INSTALL))
    page.drop(".slot.video .zone", os.path.join(HERE, "video.mp4"))
    page.until("document.querySelector('.video > [role=alert]')")
    ok("a file that is no video is reported",
       "video.mp4" in page.eval("document.querySelector('.video > [role=alert]').textContent"))
    look(page, "video-wrong")
    shown(page, "style")
    page.drop("#stage", os.path.join(HERE, LONG))  # outside the inputs
    page.until("document.querySelector('.slot.video .card img')?.naturalWidth > 0")
    ok("a dropped video opens the tab Video",
       page.eval("document.querySelector('#tab-video').getAttribute('aria-selected')") == "true")
    page.choose("#file-painting", os.path.join(HERE, "waves.jpg"))
    page.until("document.querySelector('.painting .card')")
    change(page, "#size", 256)
    for name, value in (("iterations", "4"), ("frame-iterations", "2"), ("start-size", "0"), ("every", "2")):
        set_setting(page, name, value)
    looks(page, "video-ready")
    masks_of_videos(page)
    page.click("#go")
    page.until("/^frame [2-9]/.test(document.querySelector('.detail').textContent)", 120)
    first = page.until("document.querySelector('.after').src.includes('preview') && document.querySelector('.after').src")
    page.until(f"document.querySelector('.after').src !== '{first}'")
    ok("each new frame is shown during the run",
       page.eval("document.querySelector('.detail').textContent").endswith(" of 12"),
       page.eval("document.querySelector('.detail').textContent"))
    look(page, "video-running")
    page.reload()
    page.until(READY)
    page.until(f"{STATE} === 'running'")
    ok("the running job is shown after a reload", True)
    page.click("[data-does=pause]")
    page.until(f"{STATE} === 'paused'", 60)
    page.click(".run .primary")
    made(page, before + 1, 180)
    page.until("document.querySelector('video').readyState > 1")
    ok("the video is played on the page", page.eval(
        "(async () => { const video = document.querySelector('video'); video.muted = true; await video.play();"
        " await new Promise((resolve) => { video.ontimeupdate = () => video.currentTime > 0.2 && resolve(); });"
        " return video.videoWidth; })()") == 256)
    page.eval("document.querySelector('video').currentTime = 0.8")
    page.until("document.querySelector('video').currentTime >= 0.8 && !document.querySelector('video').seeking")
    ok("the video can be sought", page.eval("document.querySelector('video').duration") > 0.9)
    looks(page, "video-done")
    page.click("[data-does=command]")
    line = page.until("document.querySelector('.differ code')?.textContent")
    ok("the command line writes a video", line.startswith("reverie style ") and line.endswith("-o video.mp4"), line)
    for slot in (".video", ".painting"):
        open_mask(page, slot)
        page.click("[data-does=clear]")
        page.click("[data-does=use]")
        page.until(f"!document.querySelector('{slot} .where[aria-pressed=true], .masks')")
    page.click("[data-does=restore]")
    page.until(PRESSED + " === 3")  # the third is white, for the other painting
    ok("the masks are restored from the recipe",
       page.eval("document.querySelector('#notice').textContent").endswith("are restored."))
    open_mask(page, ".painting")
    ok("a restored mask is a video",
       page.eval("document.querySelector('#mask-help').textContent").startswith("This mask is a video"))
    page.click(".masks [data-does=cancel]")
    page.click("[data-style=hokusai-wave]")
    ok("a learned style starts without masks", page.eval(PRESSED) == 0)
    paint(page, ".video", 0.5)
    page.click("#go")
    made(page, before + 2, 180)
    ok("a video is painted in a learned style", page.eval("document.querySelectorAll('.strip .badge').length") == 2)
    page.click("[value=dream-video]")
    change(page, "#set-preset", "test")
    for name, value in (("frame-iterations", "1"), ("every", "8")):
        set_setting(page, name, value)
    page.click("#go")
    made(page, before + 3, 180)
    ok("a dream video is made", page.eval("!document.querySelector('video').hidden"))
    page.click("#strip li:nth-child(2) button")
    page.until("document.querySelector('video').src.includes('/file')")
    again(page)
    other_video(page)
    page.eval("window.confirm = () => true")
    page.click(".quiet-button")
    page.until(f"{MADE} === {before + 2}")
    ok("a deleted video is not shown any more", page.eval("document.querySelector('video')") is None)


def pictures(name, n):
    """Draws @n pictures and a text file in the folder @name. Returns the paths of all files."""
    folder = os.path.join(HERE, name)
    os.makedirs(folder)
    scenes = ("lake", "waves", "table", "strokes", "glass")
    for i in range(n):
        subprocess.run([DRAW, scenes[i % 5], os.path.join(folder, f"{i}.jpg"), str(48 + i)], check=True)
    with open(os.path.join(folder, "notes.txt"), "w") as file:
        file.write("no picture")
    return [os.path.join(folder, f) for f in sorted(os.listdir(folder))]


def learn(page):
    photos = pictures("photos", 8)
    before = page.eval(MADE)
    shown(page, "learn")
    page.eval("document.querySelectorAll('.painting .card .take').forEach((e) => e.click())")
    page.choose("#file-painting", os.path.join(HERE, "waves.jpg"))
    page.until("document.querySelector('.painting .card')")
    page.choose("#file-photos", *photos[:7])
    large = os.path.join(HERE, "large.tif")
    with open(large, "wb") as file:
        file.truncate(65 << 20)
    page.until("document.querySelector('.photos .plus').textContent !== '+' || document.querySelector('.photos .card')")
    page.choose("#file-photos", large, *photos[7:])  # during the first upload
    page.until("document.querySelector('.photos .card .name')?.textContent === '8 pictures' && document.querySelector('.photos > [role=alert]')")
    ok("photographs are added to one set, other files are reported",
       "skipped: 2" in page.eval("document.querySelector('.photos > [role=alert]').textContent"))
    page.drop(".slot.photos .zone", os.path.join(HERE, "photos"), )  # the same pictures, as a folder
    page.until("document.querySelector('.photos .card .name')?.textContent === '8 pictures'")
    page.reload()
    page.until(READY)
    ok("photographs are kept after a reload",
       page.eval("document.querySelector('.photos .card .name').textContent") == "8 pictures")
    for name, value in (("iterations", "12"), ("crop", "64"), ("batch", "1")):
        set_setting(page, name, value)
    looks(page, "learn-ready")
    page.click("#go")
    page.until("document.querySelector('.after')?.src.includes('preview')", 120)
    ok("a preview is shown during training",
       page.eval("document.querySelector('.detail').textContent").startswith("iteration "),
       page.eval("document.querySelector('.detail').textContent"))
    look(page, "learn-running")
    made(page, before + 1, 180)
    looks(page, "learn-done")
    page.click("[data-does=paint-with]")
    page.until("document.querySelector('#tab-style').getAttribute('aria-selected') === 'true' && document.querySelector('.learned .own')")
    ok("a click chooses the trained style",
       page.eval("document.querySelector('.learned .own').getAttribute('aria-pressed')") == "true" and
       page.eval("document.querySelector('.learned p').textContent") == "waves", page.eval("document.querySelector('.learned').textContent"))
    page.choose("#file-photo", os.path.join(HERE, "lake.jpg"))
    page.until("document.querySelector('.photo .card')")
    change(page, "#size", 256)
    page.click("#go")
    made(page, before + 2)
    page.until("document.querySelector('.caption').textContent.includes('256')")
    ok("a photograph is painted in the trained style", True)
    look(page, "learn-painted")
    shown(page, "explore")
    page.click("[value=explore-learned]")
    set_setting(page, "cell", "64")
    page.click("#go")
    made(page, before + 3)
    page.until("document.querySelectorAll('.cells button').length === 13")
    ok("the trained style is on the sheet of all styles",
       page.eval("document.querySelector('.cells button').title").endswith("waves"),
       page.eval("document.querySelector('.cells button').title"))
    page.click(".cells button")
    made(page, before + 4)
    shown(page, "style")
    page.click("[data-style=hokusai-wave]")
    page.click("#strip li:first-child button")
    page.until("document.querySelector('.caption').textContent.includes('256') || document.querySelector('.caption').textContent.includes('512')")
    page.click(".actions button")
    page.until("document.querySelector('.learned .own').getAttribute('aria-pressed') === 'true'")
    ok("the trained style is restored from the recipe",
       page.until("document.querySelector('#notice').textContent.endsWith('are restored.')"))


def vae(page):
    before = page.eval(MADE)
    shown(page, "vae")
    page.choose("#file-data", *pictures("faces", 10)[:10])
    page.until("document.querySelector('.data .card .name')?.textContent === '10 pictures'")
    for name, value in (("size", "32"), ("epochs", "3"), ("batch", "5"), ("depth", "2"), ("width", "4"), ("latent", "4"), ("beta", "0.1")):
        set_setting(page, name, value)
    page.click("#go")
    made(page, before + 1)
    ok("a VAE is trained", page.eval("Boolean(document.querySelector('[data-does=look-around]'))"))
    look(page, "vae-trained")
    page.click("[data-does=look-around]")
    page.until("!document.querySelector('#latent').hidden && document.querySelector('.map').naturalWidth > 0 && document.querySelector('.drawn').naturalWidth > 0")
    version = ask(page, "models")["models"][0]["version"]
    ok("the address of the map changes with the model's file",
       f"&v={version}&" in page.eval("document.querySelector('.map').src"), version)
    box = page.eval("(() => { const b = document.querySelector('.map').getBoundingClientRect(); return [b.x, b.y, b.width, b.height]; })()")
    page.mouse("mousePressed", box[0] + box[2] / 2, box[1] + box[3] / 2)
    for i in range(8):
        page.mouse("mouseMoved", box[0] + box[2] * (0.5 + 0.05 * i), box[1] + box[3] * 0.3)
    page.mouse("mouseReleased", box[0] + box[2] * 0.85, box[1] + box[3] * 0.3, 0)
    page.until("document.querySelector('.drawn').src.includes('x=1.88&y=1.07') && document.querySelector('.drawn').complete")
    ok("dragging in the map moves the position",
       page.eval("document.querySelector('.place').textContent") == "1.88, 1.07",
       page.eval("document.querySelector('.place').textContent"))
    page.eval("document.querySelector('.field-of').focus()")
    page.key("ArrowLeft")
    ok("arrow keys move the position", page.eval("document.querySelector('.place').textContent") == "1.83, 1.07")
    page.click("[data-does=elsewhere]")
    page.until("document.querySelector('.drawn').src.includes('seed=1') && document.querySelector('.drawn').complete")
    page.click("[data-does=keep]")
    page.until(f"{MADE} === {before + 2}")
    ok("the drawn picture is saved", True)
    looks(page, "vae-map")
    change(page, "#set-what", "walk")
    set_setting(page, "steps", "5")
    page.click("#go")
    made(page, before + 3)
    ok("a sheet of drawn pictures is shown", page.eval("!document.querySelector('#viewer').hidden"))
    look(page, "vae-sheet")


GIVEN = "document.querySelectorAll('.models [data-state=given]').length"


def networks(page):
    """Uploads a network, refuses another file, dreams with a layer of the network, and deletes it."""
    name = os.path.join(HERE, "a small network with a long name, exported on a Sunday.onnx")
    shutil.copy(NETWORK, name)
    shown(page, "models")
    page.choose("#file-network", name)
    page.until(f"{GIVEN} === 1")
    ok("an uploaded network has its name and size",
       page.eval("document.querySelector('[data-state=given] strong').textContent") == os.path.basename(name) and
       "Uploaded · 12 kB" in page.eval("document.querySelector('[data-state=given] .help').textContent"),
       page.eval("document.querySelector('[data-state=given]').textContent"))
    page.choose("#file-network", os.path.join(HERE, "lake.jpg"))
    page.until("!document.querySelector('#models > .problem').hidden")
    problem = page.eval("document.querySelector('#models > .problem').textContent")
    ok("another file is refused with its name", problem.startswith("lake.jpg: the file is not a weights file"), problem)
    page.click("[data-state=given] summary")
    details = page.eval("document.querySelector('[data-state=given] details').textContent")
    ok("its input, hash and layers are shown", all(one in details for one in ("rgb_0_1 minus 0.485", "SHA-256: ", "layers: ", "stem, ")), details)
    looks(page, "networks")
    before = page.eval(MADE)
    shown(page, "dream")
    if not page.eval("Boolean(document.querySelector('.photo .card'))"):  # an earlier step may have chosen one
        page.choose("#file-photo", os.path.join(HERE, "lake.jpg"))
        page.until("document.querySelector('.photo .card')")
    page.eval("document.querySelector('#more').open = true")
    layers = "document.querySelector('[data-name=layers] .layers').options.length"
    built_in = page.eval(layers)
    ok("layers of the built-in network can be chosen", built_in > 10)
    network = page.eval("[...document.querySelector('#set-network').options].find((o) => o.textContent.startsWith('a small')).value")
    set_setting(page, "network", network)
    page.until(f"{layers} !== {built_in} && document.activeElement.id === 'set-network'")
    for layer in ("stem", "mixed"):
        change(page, "[data-name=layers] .layers", layer)
    ok("layers of the uploaded one are added to the setting", page.eval("document.querySelector('#set-layers').value") == "stem,mixed" and
       page.eval("document.activeElement.id") == "set-layers")
    looks(page, "networks-layers")
    for setting, value in (("iterations", "2"), ("octaves", "1")):
        set_setting(page, setting, value)
    page.eval("document.querySelector('#more').open = false")
    change(page, "#size", 256)
    page.click("#go")
    made(page, before + 1)
    set_setting(page, "network", "builtin")
    page.click("[data-does=restore]")
    page.until(f"document.querySelector('#set-network').value === '{network}'")
    ok("the network is restored from a recipe", True)
    page.click("[data-does=command]")
    ok("the command has the name of its file", os.path.basename(name) in page.until("document.querySelector('.viewer code')?.textContent"))
    drop_and_delete(page, network, name)


def drop_and_delete(page, network, name):
    """Drops another network on the tab of dreams, and deletes both."""
    other = os.path.join(HERE, "other.ONNX")
    with open(name, "rb") as first, open(other, "wb") as second:
        second.write(first.read() + b"\x12\x04once")  # the producer
    page.drop("#panel", other)
    page.until(f"{GIVEN} === 2")
    ok("a dropped network opens the tab", page.eval("!document.querySelector('#models').hidden"))
    page.eval("window.confirm = () => false")
    page.click(f"[data-does=delete][data-name='{network}']")
    page.eval("window.confirm = () => true")
    ok("a network stays if its deletion is not confirmed", page.eval(GIVEN) == 2)
    page.click(f"[data-does=delete][data-name='{network}']")
    page.until(f"{GIVEN} === 1")
    page.click("[data-does=delete]")
    page.until(f"{GIVEN} === 0")
    shown(page, "dream")
    ok("a deleted network is no longer chosen", page.eval("document.querySelector('#set-network').value") != network and
       page.eval("JSON.parse(localStorage['reverie.values']).dream.network") is None)


def weight(page):
    """Tests the size of all files of the page together."""
    bytes_of = page.eval("(async () => { let sum = 0; for (const address of new Set(['/', ...performance.getEntriesByType('resource')"
                         ".map((e) => e.name).filter((name) => !name.includes('/api/'))])) sum += (await (await fetch(address)).blob()).size; return sum; })()")
    ok("the page is small", 50000 < bytes_of <= MOST_PAGE, bytes_of)
    print(f"# page: {bytes_of} bytes")


def main(page, studio):
    weight(page)
    empty(page)
    if VIDEOS:
        video(page)
    else:
        ok("videos # SKIP ffmpeg is not installed", True)
    learn(page)
    vae(page)
    networks(page)
    behaved(page)
    without_ffmpeg(page)


test(main, "the studio's tabs")
