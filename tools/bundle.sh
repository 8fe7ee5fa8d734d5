#!/bin/sh
# bundle.sh [FOLDER] -- builds the program and the Python package with all libraries that they need. They run on Linux
# systems whose glibc is not older than that of this machine:
#
#   dist/reverie-VERSION-linux-ARCH.tar.xz             unpack anywhere, run bin/reverie
#   dist/reverie-VERSION-py3-none-manylinux_..._ARCH.whl   pip install
#   dist/reverie-VERSION-linux-ARCH.cdx.json           the libraries in both, as CycloneDX
#
# libvips, libheif and libtiff are built here from Debian's sources, without parts under the GPL (fftw, x265, jbig) and
# without formats that Reverie does not read. All other libraries are Debian's files. FOLDER: build folder; default:
# build-bundle. Needs the packages of `tools/setup.sh bundle`.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mkdir -p "${1:-$here/build-bundle}" && cd "${1:-$here/build-bundle}" && pwd)
version=$(sed -n "s/^  version: '\(.*\)',/\1/p" "$here/meson.build")
name=reverie-$version-linux-$(uname -m)
prefix=$work/prefix

. /etc/os-release
[ "${ID:-}" = debian ] || { echo "bundle.sh: the libraries and their sources are Debian's: run this on Debian" >&2; exit 1; }

# The index of sources is kept in $work: the system's lists stay as they are.
mkdir -p "$work/lists/partial" "$work/sources" "$prefix"
for suite in "debian $VERSION_CODENAME" "debian-security $VERSION_CODENAME-security"; do
  echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/${suite% *} ${suite#* } main"
done >"$work/sources.list"
apt() { apt-get -o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=/dev/null -o "Dir::State::lists=$work/lists" "$@"; }

# built NAME COMMAND...: runs the command in the folder of Debian's source NAME, once.
built() {
  name_of_source=$1
  shift
  [ ! -e "$prefix/$name_of_source.done" ] || return 0
  [ -e "$work/lists/updated" ] || { apt update -qq && touch "$work/lists/updated"; }
  cd "$work/sources"
  rm -rf "$name_of_source"-*/
  apt source -qq "$name_of_source"
  cd "$name_of_source"-*/
  "$@"
  mkdir -p "$prefix/licenses"
  cp debian/copyright "$prefix/licenses/$name_of_source.txt"
  dpkg-parsechangelog -S Version >"$prefix/$name_of_source.done"
}
with_cmake() {
  cmake -S . -B build-it -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX="$prefix" -DCMAKE_INSTALL_LIBDIR=lib \
    -DCMAKE_PREFIX_PATH="$prefix" "$@"
  ninja -C build-it install
}
with_meson() {
  meson setup build-it --prefix="$prefix" --libdir=lib --buildtype=release "$@"
  ninja -C build-it install
}
export PKG_CONFIG_PATH="$prefix/lib/pkgconfig" LD_LIBRARY_PATH="$prefix/lib"
build_all() (
  set -e
  built tiff with_cmake -Djbig=OFF -Dlerc=OFF -Dtiff-tools=OFF -Dtiff-tests=OFF -Dtiff-contrib=OFF -Dtiff-docs=OFF \
    -Dtiff-opengl=OFF -Dcxx=OFF -Dld-version-script=ON
  built libheif with_cmake -DWITH_X265=OFF -DWITH_AOM_ENCODER=OFF -DWITH_AOM_DECODER=OFF \
    -DWITH_RAV1E=OFF -DWITH_SvtEnc=OFF -DWITH_EXAMPLES=OFF -DENABLE_PLUGIN_LOADING=OFF
  built vips with_meson --auto-features=disabled -Dmodules=disabled -Ddeprecated=false -Dexamples=false -Dcplusplus=false \
    -Dintrospection=false -Dheif=enabled -Djpeg=enabled -Dpng=enabled -Dtiff=enabled -Dwebp=enabled -Dexif=enabled \
    -Dlcms=enabled -Dcgif=enabled -Dzlib=enabled -Dorc=enabled -Dpangocairo=enabled -Dfontconfig=enabled
  [ -d "$work/reverie" ] || meson setup "$work/reverie" "$here" --prefix=/usr --buildtype=release -Dtests=false \
    -Dmpi=disabled -Dgimp=disabled
  ninja -C "$work/reverie"
  DESTDIR=$work/stage meson install -C "$work/reverie" --no-rebuild
)
set +e # in a condition, `set -e` would not hold within the function
build_all >"$work/log" 2>&1
code=$?
set -e
[ "$code" -eq 0 ] || { tail -n 30 "$work/log"; exit 1; }

rm -rf "${work:?}/$name"
python3 "$here/tools/bundle.py" "$work/$name" "$work/stage/usr" "$prefix" "$work/$name.cdx.json"
mkdir -p "$here/dist"
tar -C "$work" --sort=name --mtime='2026-01-01 00:00Z' --owner=0 --group=0 --numeric-owner -cf - "$name" |
  xz -6 -T0 >"$here/dist/$name.tar.xz"
cp "$work/$name.cdx.json" "$here/dist/"
glibc=$(getconf GNU_LIBC_VERSION | sed 's/.* //; s/\./_/')
wheel=$here/dist/reverie-$version-py3-none-manylinux_${glibc}_$(uname -m).whl
python3 "$here/bindings/python/make-wheel.py" "$wheel" "$work/$name" "$work"/reverie/bindings/python/methods.pyi
ls -l "$here/dist/$name.tar.xz" "$wheel" | awk '{ print $5, $9 }'
