#!/bin/sh
# check-arm.sh -- checks 64-bit Arm. Compiles for a Debian 12 root made by debootstrap. Runs fast unit tests, a picture
# and a dream there, under qemu. Counts the instructions of the kernels' inner loops and compares them with those of the
# build for this machine. Needs root and binfmt_misc. Ends with "N passed, N failed, N skipped".
set -eu
skip() {
  echo "check-arm.sh: $1: skipped"
  echo '0 passed, 0 failed, 1 skipped'
  exit 0
}
[ "$(id -u)" -eq 0 ] || skip 'not root'
command -v aarch64-linux-gnu-gcc >/dev/null && command -v qemu-aarch64-static >/dev/null || skip 'no compiler for Arm, or no qemu'
update-binfmts --enable qemu-aarch64 2>/dev/null || true
. tools/roots.sh
root=$roots/arm

# Packages are unpacked, not configured: no program that needs this is run there.
echo 'debootstrap arm64 ...'
libraries=libc6-dev,libgcc-12-dev,libgomp1,libglib2.0-dev,libjson-glib-dev,libvips-dev,libhdf5-dev,libcurl4-openssl-dev,libchafa-dev,libmicrohttpd-dev
debootstrap --foreign --arch=arm64 --variant=minbase --include=$libraries bookworm "$root" >"$roots/log" 2>&1 ||
  skip 'no root of arm64 could be made here'
for package in "$root"/var/cache/apt/archives/*.deb; do
  dpkg-deb --fsys-tarfile "$package" | tar -xf - -C "$root" --keep-directory-symlink
done
rm -f "$root/proc" # a link to the outer /proc if debootstrap could not mount it
mkdir -p "$root/proc"
mount -t proc proc "$root/proc" 2>/dev/null || true
chroot "$root" /bin/true 2>/dev/null || skip 'no program of arm64 runs here'

unpack_source arm
cat >"$root/arm64.ini" <<END
[binaries]
c = ['aarch64-linux-gnu-gcc', '--sysroot=$root']
ar = 'aarch64-linux-gnu-ar'
strip = 'aarch64-linux-gnu-strip'
pkgconfig = 'pkg-config'
exe_wrapper = ['qemu-aarch64-static', '-L', '$root']
[properties]
sys_root = '$root'
pkg_config_libdir = ['$root/usr/lib/aarch64-linux-gnu/pkgconfig', '$root/usr/share/pkgconfig']
[host_machine]
system = 'linux'
cpu_family = 'aarch64'
cpu = 'aarch64'
endian = 'little'
END
echo 'compiling ...'
if ! { meson setup "$root/reverie/build" "$root/reverie" --cross-file "$root/arm64.ini" && ninja -C "$root/reverie/build"; } >"$root/log" 2>&1; then
  tail -20 "$root/log"
  echo '0 passed, 1 failed'
  exit 1
fi

# Prints TAP of the tests and of commands. Memory limits do not work under qemu, as under a sanitizer.
inside() { enter arm "cd /reverie && $1"; }
used() { # used NAME COMMAND
  if inside "$2" >"$root/log" 2>&1; then echo "ok $1"; else
    tail -5 "$root/log"
    echo "not ok $1"
  fi
}
# counted OBJDUMP BUILD FILE MULTIPLY: instructions per multiplication.
counted() { "$1" -d --no-show-raw-insn "$2/src/backend/kernels/libsimd-base.a.p/$3.c.o" | awk -v multiply="$4" -f tools/instructions.awk; }
thrifty() { # thrifty FILE: at most 1.5 times the instructions of SSE, which has no multiply-add
  sse=$(counted objdump build "$1" '^mulps$')
  arm=$(counted aarch64-linux-gnu-objdump "$root/reverie/build" "$1" '^fml[as]$|^fmul$')
  echo "$1: instructions for a multiplication: $arm, SSE's $sse" >&2
  echo "$arm $sse" | awk '{ print ($1 > 0 && $1 <= 1.5 * $2 ? "" : "not ") "ok instructions" }'
}
{
  if [ "$(uname -m)" = x86_64 ] && [ -d build/src/backend ]; then
    thrifty thin-simd
    thrifty gemm-simd
    thrifty wgrad-simd
    thrifty winograd-simd
  fi
  for test in backend base caffe color dataset thin gemm image keras-files loss net op optim wgrad pytorch system vae weights winograd; do
    inside "G_TEST_SRCDIR=tests REVERIE_TEST_SANITIZED=1 REVERIE_HELPER=/reverie/build/src/cli/reverie-hdf5 sh tests/support/cases.sh build/tests/test-$test" 2>&1 || echo "not ok test-$test ended so"
  done
  used draw 'build/examples/pictures/draw lake photo.png 64 && build/examples/pictures/draw strokes style.png 64'
  used style 'build/src/cli/reverie style photo.png style.png -o out.png -q --start-size 0 -n 3'
  used dream 'build/src/cli/reverie dream photo.png -o dream.png -q --octaves 2 -n 3'
  used selftest 'build/src/cli/reverie selftest'
  used info 'build/src/cli/reverie info out.png | grep -q strength'
} >"$root/tap"
grep -vE '^(#|ok|1\.\.|$)|VIPS-WARNING' "$root/tap" || true
awk '/^ok .*# SKIP/ { skipped++; next } /^ok / { passed++ } /^not ok |^Bail out!/ { failed++ }
     END { printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped; exit failed > 0 }' "$root/tap"
