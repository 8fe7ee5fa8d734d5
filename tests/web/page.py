"""page.py -- starts a studio and opens its page, for the tests of this folder, whose arguments are REVERIE DRAW. With
REVERIE_SHOTS=FOLDER, screenshots are written to FOLDER."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

import browser as driver

REVERIE, DRAW = (os.path.abspath(path) for path in sys.argv[1:3])
HERE = tempfile.mkdtemp()
SHOTS = os.environ.get("REVERIE_SHOTS")
# A different port for each test.
PORT = next((port for name, port in (("tabs", "8860"), ("card", "8960"), ("view", "9060")) if name in sys.argv[0]), "8760")
count = 0
_studios = []


def ok(name, condition, about=""):
    global count
    count += 1
    print(f"{'ok' if condition else 'not ok'} {count} {name}", flush=True)
    if not condition:
        print("# " + str(about)[:600].replace("\n", "\n# "))


def start(folder="pictures", **environment):
    process = subprocess.Popen([REVERIE, "studio", os.path.join(HERE, folder), "--no-browser", "--port", PORT],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                               env=dict(os.environ, HOME=HERE, XDG_CACHE_HOME=os.path.join(HERE, "cache"), **environment))
    _studios.append(process)
    return process, process.stdout.readline().strip()


READY = "document.body.dataset.ready === 'yes'"
MADE = "document.querySelectorAll('#strip li').length"
PROGRESS = "!document.querySelector('#run').hidden && document.querySelector('progress').value"
# Visible controls without a name, and pictures without an alternative text.
NAMELESS = """[...document.querySelectorAll('button, a, input, select, [role=tab]')].filter((e) => e.checkVisibility()
  && !(e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.length || e.title)).map((e) => e.outerHTML)
  .concat([...document.images].filter((e) => !e.hasAttribute('alt')).map((e) => e.outerHTML))"""
# Visible texts whose contrast is below 4.5 to 1.
PALE = """(() => {
  const light = (c) => { const [r, g, b] = c.map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const read = (text) => { const n = text.match(/[\\d.]+/g).map(Number); return n.length > 3 && n[3] < 0.5 ? null : n.slice(0, 3); };
  const behind = (e) => { for (; e; e = e.parentElement) { const c = read(getComputedStyle(e).backgroundColor); if (c) return c; }
    return [255, 255, 255]; };
  return [...document.querySelectorAll('body *')].filter((e) => e.checkVisibility() && !e.closest('.visually-hidden, .skip, .card, :disabled')
    && [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())).filter((e) => {
      const a = light(read(getComputedStyle(e).color)), b = light(behind(e));
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5; }).map((e) => e.className + ': ' + e.textContent.slice(0, 40));
})()"""


def look(page, name, whole=False):
    if SHOTS:
        page.shot(os.path.join(SHOTS, name + ".png"), whole)


def change(page, selector, value, *types):
    """Sets a field as if the user had chosen the value. @types: of the events; "change" by default."""
    page.until(f"Boolean(document.querySelector('{selector}'))")
    page.eval(f"(() => {{ const e = document.querySelector('{selector}'); e.value = '{value}'; for (const type of"
              f" {list(types or ['change'])}) e.dispatchEvent(new Event(type, {{ bubbles: true }})); }})()")


def set_setting(page, name, value):
    page.eval("document.querySelector('#more').open = true")
    change(page, f"#set-{name}", value)


def behaved(page):
    """Tests that the page used no other host, and that its console has only errors of requests refused on purpose."""
    hosts = {r.split("/")[2] for r in page.requests if r.startswith("http")}
    ok("the page uses no other host", len(hosts) == 1, hosts)
    refused = re.compile("(404|413|422) .*/(jobs|videos|networks|pictures|pictures/[0-9a-f]{32}(/thumb.*)?)$")  # refused posts; deleted, damaged files
    errors = [line for line in page.console if "ERR_" not in line and not refused.search(line)]
    ok("the console has no error", errors == [], errors)


def ask(page, path, method="GET", body=None):
    """Sends a request to the studio's API. Returns the value of the JSON answer, or None if the answer is empty."""
    given = f", body: {json.dumps(json.dumps(body))}" if body else ""
    return page.eval(f"(async () => {{ const answer = await fetch('/api/v1/{path}', {{ method: '{method}',"
                     f" headers: {{ 'X-Reverie': '1', 'Content-Type': 'application/json' }}{given} }});"
                     " const text = await answer.text(); return text ? JSON.parse(text) : null; })()")


BOARD = """(() => { const c = document.querySelector('.masks canvas'); if (!c?.clientWidth) return null;
  const b = c.getBoundingClientRect(); return [b.x, b.y, b.width, b.height]; })()"""


def open_mask(page, slot):
    """Opens the mask of @slot for painting. Returns the rectangle of the canvas: x, y, width, height."""
    page.until("!document.querySelector('.masks')")
    page.click(slot + " .where")
    return page.until(BOARD)


def stroke(page, slot, side):
    """Opens the mask of @slot, and paints a vertical stroke at @side, 0..1 of the width."""
    box = open_mask(page, slot)
    for kind, y in (("mousePressed", 0.1), ("mouseMoved", 0.9), ("mouseReleased", 0.9)):
        page.mouse(kind, box[0] + box[2] * side, box[1] + box[3] * y, int(kind != "mouseReleased"))


def test(steps, what):
    """Calls steps(page, studio) with the page of a new studio; lake.jpg and waves.jpg are in HERE. A condition that
    stays false ends the test. Removes HERE at the end. @what: the text printed if Chromium is not installed."""
    if not driver.find():
        print(f"1..1\nok 1 {what} # SKIP Chromium is not installed")
        return
    for name in ("lake", "waves"):
        subprocess.run([DRAW, name, os.path.join(HERE, name + ".jpg"), "160"], check=True)
    studio, address = start()
    page = driver.Browser(driver.find())
    try:
        page.open(address)
        page.until(READY)
        steps(page, studio)
    except driver.Failure as failure:
        ok("the test reaches its end", False, failure)
        print("# console: " + str(page.console)[-900:])
        look(page, "failure")
    finally:
        page.close()
        for process in _studios:
            process.kill()
            process.wait()
        shutil.rmtree(HERE, ignore_errors=True)
        print(f"1..{count}")
