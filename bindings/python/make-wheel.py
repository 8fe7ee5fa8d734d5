"""make-wheel.py OUT BUNDLE STUB -- makes a wheel of the package, with the folder BUNDLE (tools/bundle.py) as
reverie/bundle, and with the command `reverie`. The version and the tag are those in the name OUT. The same files give
the same bytes."""

import base64
import hashlib
import pathlib
import stat
import sys
import tomllib
import zipfile

SOURCE = pathlib.Path(__file__).parent
COMMAND = b"""#!python
import importlib.util, os, sys
folder = importlib.util.find_spec("reverie").submodule_search_locations[0]
os.execv(os.path.join(folder, "bundle", "bin", "reverie"), ["reverie", *sys.argv[1:]])
"""


def metadata(project, version):
    return f"""Metadata-Version: 2.1
Name: {project['name']}
Version: {version}
Summary: {project['description']}
Requires-Python: {project['requires-python']}
License: {project['license']['text']}; of the libraries in it: see reverie/bundle/share/licenses

The program `reverie` and libreverie for Python, with all libraries that they need.
"""


def members(bundle, stub, version, tag):
    """Files of the wheel: bytes and mode by name."""
    project = tomllib.loads((SOURCE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = {f"reverie/{file.name}": (file.read_bytes(), 0o644) for file in SOURCE.glob("reverie/*.py")}
    found |= {"reverie/py.typed": (b"", 0o644), "reverie/methods.pyi": (stub.read_bytes(), 0o644)}
    found |= {f"reverie/bundle/{file.relative_to(bundle)}": (file.read_bytes(), file.stat().st_mode & 0o755)
              for file in bundle.rglob("*") if file.is_file()}
    found[f"reverie-{version}.data/scripts/reverie"] = COMMAND, 0o755
    info = f"reverie-{version}.dist-info"
    wheel = f"Wheel-Version: 1.0\nGenerator: make-wheel.py\nRoot-Is-Purelib: false\nTag: {tag}\n"
    found |= {f"{info}/METADATA": (metadata(project, version).encode(), 0o644),
              f"{info}/WHEEL": (wheel.encode(), 0o644),
              f"{info}/licenses/LICENSE": ((SOURCE.parents[1] / "LICENSE").read_bytes(), 0o644)}
    lines = [f"{name},sha256={digest(data)},{len(data)}\n" for name, (data, _) in sorted(found.items())]
    found[f"{info}/RECORD"] = "".join(lines + [f"{info}/RECORD,,\n"]).encode(), 0o644
    return found


def digest(data):
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def main():
    out, bundle, stub = (pathlib.Path(word) for word in sys.argv[1:])
    _, version, tag = out.stem.split("-", 2)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as wheel:
        for name, (data, mode) in sorted(members(bundle, stub, version, tag).items()):
            member = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            member.external_attr = (stat.S_IFREG | mode) << 16
            wheel.writestr(member, data, zipfile.ZIP_DEFLATED)


if __name__ == "__main__":
    main()
