#!/usr/bin/env python3
"""studio-pictures.py REVERIE DRAW SHAPES FOLDER -- writes the studio's pictures of docs/pictures to FOLDER: screenshots
at 1280 px in a headless Chromium. ffmpeg makes the video. Trains a small VAE, which takes a minute or two."""

import base64
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "tests", "web"))
from page import BOARD, DRAW, HERE, MADE, REVERIE, change, ok, test

SHAPES, FOLDER = (os.path.abspath(path) for path in sys.argv[3:5])
STUDIO = os.path.join(HERE, "pictures")


def keep(page, name):
    page.until("[...document.images].filter((e) => e.checkVisibility()).every((e) => e.complete)")
    page.eval("document.activeElement.blur()")
    data = page.call("Page.captureScreenshot", format="jpeg", quality=70)["data"]
    with open(os.path.join(FOLDER, name + ".jpg"), "wb") as file:
        file.write(base64.b64decode(data))
    ok(name, True)


def painted(page, n):
    page.click("#go")
    page.until(f"{MADE} === {n} && document.querySelector('.actions a')", 300)


def styles(page):
    """Paints a photograph in three learned styles, the last shown with the wipe, and then in all styles."""
    page.choose("#file-photo", os.path.join(HERE, "large.jpg"))
    page.until("document.querySelector('.photo .card')")
    change(page, "#size", 1024)
    for n, style in enumerate(("hokusai-wave", "monet-water-lilies", "munch-scream"), 1):
        if page.eval(f"Boolean(document.querySelector('[data-style={style}]'))"):
            page.click(f"[data-style={style}]")
        painted(page, n)
    page.click(".bar > button")
    page.until("document.querySelector('.before').complete && document.querySelector('.after').complete")
    keep(page, "studio")
    page.click(".bar > button")
    page.click("#tab-explore")
    page.click("[value=explore-learned]")
    painted(page, 4)
    keep(page, "studio-styles")


def videos(page):
    """Paints a video in a learned style, and then paints a mask on it."""
    page.click("#tab-video")
    page.choose("#file-video", os.path.join(HERE, "video.mp4"))
    page.until("document.querySelector('.video .card img')?.naturalWidth > 0")
    page.click("[data-style=hokusai-wave]")
    change(page, "#size", 768)
    painted(page, 5)
    page.until("document.querySelector('video').readyState === 4")
    page.eval("new Promise((done) => setTimeout(done, 1500))")  # until the spinner is gone
    keep(page, "studio-video")
    page.click(".video .where")
    x, y, width, height = page.until(BOARD)
    change(page, "#brush-size", 200, "input")
    page.mouse("mousePressed", x + width * 0.1, y + height * 0.75)
    for k in range(1, 9):
        page.mouse("mouseMoved", x + width * (0.1 + 0.1 * k), y + height * (0.75 + 0.04 * (k % 2)))
    page.mouse("mouseReleased", x + width * 0.9, y + height * 0.75, 0)
    keep(page, "studio-mask")
    page.click(".masks [data-does=cancel]")


def latent(page):
    """Trains a VAE on drawn shapes, and shows its latent space."""
    shapes = os.path.join(HERE, "shapes")
    subprocess.run([SHAPES, shapes], check=True)
    subprocess.run([REVERIE, "vae", "train", shapes, "-o", os.path.join(STUDIO, "Reverie shapes.safetensors"), "--latent", "2",
                    "-e", "4", "-q"], check=True)
    page.reload()
    page.until("document.body.dataset.ready === 'yes'")
    page.click("#tab-vae")
    page.click("[value=vae-picture]")
    page.until("document.querySelector('.map')?.naturalWidth > 0 && document.querySelector('.drawn').naturalWidth > 0", 60)
    keep(page, "studio-vae")


def main(page, studio):
    subprocess.run([DRAW, "lake", os.path.join(HERE, "large.jpg"), "1024"], check=True)
    subprocess.run(["ffmpeg", "-v", "error", "-loop", "1", "-i", os.path.join(HERE, "large.jpg"), "-t", "1", "-r", "8", "-vf",
                    "crop=768:512:x=40+t*60:y=60,format=yuv420p", os.path.join(HERE, "video.mp4")], check=True)
    os.makedirs(FOLDER, exist_ok=True)
    page.size(1280, 860)
    styles(page)
    videos(page)
    latent(page)


test(main, "pictures of the studio")
