"""bundle.py OUT STAGE PREFIX SBOM -- makes the folder OUT with the program and all libraries that it needs. The folder
works at any path. STAGE: DESTDIR of `meson install`. PREFIX: libraries built for the bundle, with licenses/SOURCE.txt,
and SOURCE.done, which contains the version. SBOM: file to write, CycloneDX.

    bin/reverie      a script: starts libexec/reverie without modules of the system
    lib/             libraries, found by DT_RPATH. Names have a hash, so that a process may load the system's, too
    libexec/         the program and its helper
    share/           man pages, completions, a font, licences

These libraries are the system's: glibc, and libstdc++ and libgcc_s, which drivers of Vulkan also use.
"""

import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

OF_THE_SYSTEM = ("libc", "libm", "libpthread", "libdl", "librt", "libresolv", "ld-linux-x86-64", "ld-linux-aarch64",
                 "libstdc++", "libgcc_s")
COMMON_LICENSES = pathlib.Path("/usr/share/common-licenses")
FONT = pathlib.Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")

START = """#!/bin/sh
# Runs Reverie with its own libraries. Modules of GIO are the system's and need the system's GLib: none is loaded.
root=$(dirname "$(dirname "$(readlink -f "$0")")")
export GIO_MODULE_DIR="$root/lib/no-modules" REVERIE_HELPER="${REVERIE_HELPER:-$root/libexec/reverie-hdf5}"
[ -e /etc/fonts/fonts.conf ] || export FONTCONFIG_FILE="${FONTCONFIG_FILE:-$root/share/fonts/fonts.conf}"
exec "$root/libexec/reverie" "$@"
"""
FONTS_CONF = """<?xml version="1.0"?>
<fontconfig><dir prefix="relative">.</dir><dir>/usr/share/fonts</dir><cachedir prefix="xdg">fontconfig</cachedir></fontconfig>
"""


def run(*command):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True).stdout


def is_of_the_system(name):
    return name.split(".so")[0] in OF_THE_SYSTEM


def libraries_of(files):
    """Paths by name of all libraries that the files need, directly or not."""
    found = {}
    for file in files:
        for name, path in re.findall(r"(\S+) => (.+)", run("ldd", file)):
            if not is_of_the_system(name):
                found[name] = os.path.realpath(path.split(" (")[0])
    missing = [name for name, path in found.items() if not os.path.isfile(path)]
    if missing:
        sys.exit(f"bundle.py: not found: {', '.join(missing)}")
    return found


def licences_of(path, prefix):
    """Debian's source of the file, its version, and its licences, texts by name."""
    own = {"libtiff": "tiff", "libheif": "libheif", "libvips": "vips"}.get(path.name.split(".so")[0])
    if own:
        if not path.is_relative_to(prefix):
            sys.exit(f"bundle.py: {path} is the system's, with parts under the GPL")
        source, version = own, (prefix / f"{own}.done").read_text(encoding="utf-8").strip()
        text = (prefix / "licenses" / f"{own}.txt").read_text(encoding="utf-8")
    else:
        found = subprocess.run(["dpkg", "-S", str(path)], capture_output=True, text=True).stdout
        found = found or run("dpkg", "-S", str(path).removeprefix("/usr"))  # installed before /lib was a link
        package = re.match(r"[^:]+", found)[0]
        source, version = run("dpkg-query", "-W", "-f", "${source:Package} ${source:Version}\n", package).split()[:2]
        text = pathlib.Path("/usr/share/doc", package, "copyright").read_text(encoding="utf-8", errors="replace")
    named = {name: COMMON_LICENSES / name for name in re.findall(rf"{COMMON_LICENSES}/([\w.-]*\w)", text)}
    return source, version, {f"{source}.txt": text} | {name: file.read_text(encoding="utf-8")
                                                      for name, file in named.items() if file.exists()}


def sbom(parts):
    return json.dumps({
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "components": [{"type": "library", "name": name, "version": version, "purl": f"pkg:deb/debian/{source}@{version}?arch=source",
                        "hashes": [{"alg": "SHA-256", "content": digest}]} for name, source, version, digest in parts],
    }, indent=1) + "\n"


def main():
    out, stage, prefix, sbom_file = (pathlib.Path(word) for word in sys.argv[1:])
    for folder in ("bin", "lib", "libexec", "share/fonts", "share/licenses"):
        (out / folder).mkdir(parents=True)
    built = [stage / "bin/reverie", stage / "libexec/reverie-hdf5", next(stage.glob("lib/**/libreverie.so.0"))]
    own = [shutil.copy2(file.resolve(), out / ("lib" if ".so" in file.name else "libexec") / file.name) for file in built]
    libraries = libraries_of(built)

    renamed, parts = {}, []
    for name, path in sorted(libraries.items()):
        digest = hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()
        stem, ending = name.split(".so", 1)
        renamed[name] = f"{stem}-{digest[:8]}.so{ending}"
        source, version, licences = licences_of(pathlib.Path(path), prefix)
        parts.append((name, source, version, digest))
        for file, text in licences.items():
            (out / "share/licenses" / file).write_text(text, encoding="utf-8")
        shutil.copy2(path, out / "lib" / renamed[name])
    for file in own + [out / "lib" / name for name in renamed.values()]:
        place = "$ORIGIN/../lib" if file.parent.name == "libexec" else "$ORIGIN"
        run("strip", "--strip-unneeded", file)
        run("patchelf", "--force-rpath", "--set-rpath", place, file)  # patchelf 0.14 does one change at a time
        if file.name in renamed.values():
            run("patchelf", "--set-soname", file.name, file)
        for name in run("patchelf", "--print-needed", file).split():
            if name in renamed:
                run("patchelf", "--replace-needed", name, renamed[name], file)

    for folder in ("share/man", "share/bash-completion", "share/zsh", "share/fish"):
        if (stage / folder).exists():
            shutil.copytree(stage / folder, out / folder)
    (out / "bin/reverie").write_text(START, encoding="utf-8")
    (out / "bin/reverie").chmod(0o755)
    shutil.copy2(FONT, out / "share/fonts")
    (out / "share/fonts/fonts.conf").write_text(FONTS_CONF, encoding="utf-8")
    licenses = out / "share/licenses"
    shutil.copy2("/usr/share/doc/fonts-dejavu-core/copyright", licenses / "fonts-dejavu.txt")
    root = pathlib.Path(__file__).resolve().parents[1]
    shutil.copy2(root / "LICENSE", out / "LICENSE")
    shutil.copy2(root / "data/mediapipe-LICENSE", licenses / "mediapipe.txt")
    (licenses / "SOURCES").write_text("Debian's sources of the libraries:\n\n" + "".join(
        f"{name}: apt source {source}={version}\n" for name, source, version, _ in parts), encoding="utf-8")
    sbom_file.write_text(sbom(parts), encoding="utf-8")


if __name__ == "__main__":
    main()
