"""make-wheel.py OUT LIBRARY STUB -- a wheel of the package with the library in it, and with those that the library
needs and libvips does not bring along. The same bytes of the same files.

The wheel contains oneDNN, which needs OpenCL's loader, and json-glib, with their licences. It does not contain libvips,
whose packages have parts under the GPL, nor what libvips needs as well: GLib, and the compiler's libraries. So it is no
"manylinux" wheel; it runs where glibc and libstdc++ are not older than here.
"""

import base64
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile

CARRIED = ("libdnnl", "libOpenCL", "libjson-glib-1.0")
OF_THE_SYSTEM = ("libvips", "libgio-2.0", "libgobject-2.0", "libgmodule-2.0", "libglib-2.0", "libgomp", "libstdc++",
                 "libgcc_s", "libm", "libc", "ld-linux-x86-64", "ld-linux-aarch64")
COMMON_LICENSES = pathlib.Path("/usr/share/common-licenses")
SOURCE = pathlib.Path(__file__).parent


def said_by(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def is_one_of(name, stems):
    return name.split(".so")[0] in stems


def carried_by(library):
    """The files of the libraries that it needs, and that these need, as far as they are carried. All others must be
    the system's."""
    places = dict(re.findall(r"(\S+) => (\S+)", said_by("ldd", library)))
    found, asked = {}, [library]
    while asked:
        for name in re.findall(r"\(NEEDED\).*\[(.+)\]", said_by("readelf", "-d", asked.pop())):
            if is_one_of(name, CARRIED) and name not in found:
                found[name] = os.path.realpath(places[name])
                asked.append(found[name])
            elif not is_one_of(name, CARRIED + OF_THE_SYSTEM):
                sys.exit(f"make-wheel.py: {name} would be needed: decide whether the wheel carries it")
    return found


def licences_of(path):
    """The Debian package of a file: its name, its source package, and its licences by name."""
    package = re.match(r"([^:]+)", said_by("dpkg", "-S", path))[1]
    source = said_by("dpkg-query", "-W", "-f", "${source:Package} ${source:Version}\n", package).splitlines()[0]
    text = pathlib.Path("/usr/share/doc", package, "copyright").read_text(encoding="utf-8")
    named = {name: COMMON_LICENSES / name for name in re.findall(rf"{COMMON_LICENSES}/([\w.-]*\w)", text)}
    texts = {name: path.read_text(encoding="utf-8") for name, path in named.items() if path.exists()}
    return package, source, {f"{package}.txt": text} | texts


def metadata(project):
    return f"""Metadata-Version: 2.1
Name: {project['name']}
Version: {project['version']}
Summary: {project['description']}
Requires-Python: {project['requires-python']}
License: {project['license']['text']}; of the libraries in it: see licenses/

libreverie for Python, with oneDNN. It needs the system's libvips (Debian, Ubuntu: apt install libvips42).
"""


def members(library, stub, tag):
    """Files of the wheel, bytes by name, and the folder of its metadata."""
    project = tomllib.loads((SOURCE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = {f"reverie/{file.name}": file.read_bytes() for file in SOURCE.glob("reverie/*.py")}
    found |= {"reverie/py.typed": b"", "reverie/methods.pyi": pathlib.Path(stub).read_bytes()}
    info = f"reverie-{project['version']}.dist-info"
    found[f"{info}/METADATA"] = metadata(project).encode()
    wheel = f"Wheel-Version: 1.0\nGenerator: make-wheel.py\nRoot-Is-Purelib: false\nTag: {tag}\n"
    found[f"{info}/WHEEL"] = wheel.encode()
    found[f"{info}/licenses/LICENSE"] = (SOURCE.parents[1] / "LICENSE").read_bytes()

    found[f"reverie/lib/{soname_of(library)}"] = pathlib.Path(library).read_bytes()
    sources = "Where the sources of the other libraries in this wheel are, as Debian has them:\n\n"
    for name, path in sorted(carried_by(library).items()):
        package, source, licences = licences_of(path)
        found[f"reverie/lib/{name}"] = pathlib.Path(path).read_bytes()
        found |= {f"{info}/licenses/{file}": text.encode() for file, text in licences.items()}
        sources += f"{name}: package {package}, source {source}: apt source {source.replace(' ', '=')}\n"
    found[f"{info}/licenses/SOURCES"] = sources.encode()
    return found, info


def soname_of(library):
    return re.search(r"\(SONAME\).*\[(.+)\]", said_by("readelf", "-d", library))[1]


def record(found, info):
    def hashed(data):
        return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()

    lines = [f"{name},sha256={hashed(data)},{len(data)}\n" for name, data in sorted(found.items())]
    return "".join(lines + [f"{info}/RECORD,,\n"]).encode()


def main():
    out, library, stub = sys.argv[1:]
    if not shutil.which("dpkg-query"):
        sys.exit("make-wheel.py: wheels are made on Debian, whose packages say what licences their files have")
    found, info = members(library, stub, "-".join(out.removesuffix(".whl").split("-")[-3:]))
    found[f"{info}/RECORD"] = record(found, info)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, data in sorted(found.items()):
            member = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            member.external_attr = 0o100644 << 16
            wheel.writestr(member, data, zipfile.ZIP_DEFLATED)


if __name__ == "__main__":
    main()
