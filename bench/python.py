"""python.py REVERIE DRAW [REPETITIONS [OPTION=VALUE...]] -- median processor seconds of one run by the program, of
the same run through Python with a `progress` callback, and of `import reverie`. The three alternate. PYTHONPATH and
REVERIE_LIBRARY select package and library."""

import os
import statistics
import subprocess
import sys
import tempfile

THROUGH_PYTHON = """import reverie, sys
settings = dict(word.split("=") for word in sys.argv[1:])
reverie.style("lake.png", "strokes.png", output="b.png", progress=lambda report: None, **settings)
"""


def seconds(*command):
    process = os.posix_spawnp(command[0], command, os.environ)
    _, status, used = os.wait4(process, 0)
    if status:
        sys.exit(f"{command} failed")
    return used.ru_utime + used.ru_stime


def main():
    program, draw = (os.path.abspath(path) for path in sys.argv[1:3])
    turns, settings = int((sys.argv[3:] or [5])[0]), ["threads=1", "exact=yes", "force=yes", *sys.argv[4:]]
    options = ["--" + word.replace("_", "-") for word in settings if not word.endswith("=yes")]
    options += [f"--{word.removesuffix('=yes')}" for word in settings if word.endswith("=yes")]
    took = {"program": [], "python": [], "import": []}
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.environ["XDG_CACHE_HOME"] = folder
        for picture in ("lake", "strokes"):
            subprocess.run([draw, picture, f"{picture}.png", "512"], check=True, stdout=subprocess.DEVNULL)
        for _ in range(turns):
            took["program"].append(seconds(program, "style", "lake.png", "strokes.png", "-o", "a.png", "-q", *options))
            took["python"].append(seconds(sys.executable, "-c", THROUGH_PYTHON, *settings))
            took["import"].append(seconds(sys.executable, "-c", "import reverie"))
    for what, of_turns in took.items():
        print(f"{what:8} {statistics.median(of_turns):.3f} s ({min(of_turns):.3f} to {max(of_turns):.3f})")


if __name__ == "__main__":
    main()
