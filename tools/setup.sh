#!/bin/sh
# setup.sh [--say] build|check|gpu|web|gimp|machines|arm|deb|bundle|doc|dev -- installs missing packages. build: for
# building. check: for long tests. gpu, web, gimp, machines, arm: for tests of Vulkan (in software), in Chromium, in
# GIMP, on several ranks, on Arm. deb: for Debian packages. bundle: for the portable archive. doc: for API pages. dev:
# for the commands of maintainers. --say only lists the packages. Without apt it lists them and stops.
set -eu

say=
if [ "${1:-}" = --say ]; then say=1; shift; fi

# Debian's names; other systems have similar ones.
build='gcc libc6-dev meson ninja-build pkg-config libglib2.0-dev libjson-glib-dev libvips-dev libdnnl-dev libhdf5-dev libcurl4-openssl-dev libchafa-dev libmicrohttpd-dev ffmpeg'
check='clang llvm libclang-rt-dev debootstrap dataset-fashion-mnist'
gpu='libvulkan-dev glslang-tools mesa-vulkan-drivers vulkan-validationlayers'
web='chromium'
gimp_dev=libgimp-3.0-dev
! grep -qs 'VERSION_ID="12"' /etc/os-release || gimp_dev=libgimp2.0-dev
gimp="gimp $gimp_dev xvfb xdotool"
deb="build-essential debhelper dh-python dpkg-dev $gimp_dev libopenmpi-dev libvulkan-dev glslang-tools"
bundle='g++ dpkg-dev gpgv debian-archive-keyring cmake patchelf python3 xz-utils fonts-dejavu-core libjpeg-dev libpng-dev libwebp-dev libdeflate-dev liblzma-dev libzstd-dev libdav1d-dev libde265-dev libexif-dev liblcms2-dev libcgif-dev liborc-0.4-dev libpango1.0-dev libfontconfig-dev'
machines='openmpi-bin libopenmpi-dev mpich libmpich-dev iproute2'
arm='gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static binfmt-support debootstrap'
doc='doxygen'
dev='gcovr clang-tidy clang-format gdb abigail-tools'

have_command() { command -v "$1" >/dev/null 2>&1; }
have_module() { pkg-config --exists "$1" 2>/dev/null; }
have_header() { echo "#include <$1>" | cc -E - >/dev/null 2>&1; }

missing_for_build() {
  for command in cc meson ninja pkg-config; do have_command $command || echo $command; done
  for module in glib-2.0 json-glib-1.0 vips; do have_module $module || echo $module; done
  have_module hdf5-serial || have_module hdf5 || echo hdf5
  have_module libcurl || echo libcurl
  have_module chafa || echo chafa
  have_module libmicrohttpd || echo libmicrohttpd
  have_command ffmpeg || echo ffmpeg
  have_header oneapi/dnnl/dnnl.h || echo oneDNN
}

missing_for_check() {
  for command in clang llvm-symbolizer debootstrap; do have_command $command || echo $command; done
  [ -d /usr/share/datasets/fashion-mnist ] || echo Fashion-MNIST
  echo 'int LLVMFuzzerTestOneInput (const unsigned char *d, unsigned long n) { return 0; }' |
    clang -x c - -fsanitize=fuzzer,address -o /dev/null 2>/dev/null || echo 'the fuzzing runtime of clang'
}

missing_for_gpu() {
  have_header vulkan/vulkan.h || echo 'headers of Vulkan'
  have_command glslangValidator || echo glslangValidator
  ls /usr/share/vulkan/icd.d/*.json >/dev/null 2>&1 || echo 'a driver of Vulkan'
  [ -e /usr/share/vulkan/explicit_layer.d/VkLayer_khronos_validation.json ] || echo 'validation layers of Vulkan'
}

missing_for_web() { have_command chromium || have_command chromium-browser || have_command google-chrome || echo Chromium; }

have_libgimp() { have_module gimpui-3.0 || have_module gimpui-2.0; }
missing_for_gimp() {
  for command in gimp-console Xvfb xdotool; do have_command $command || echo $command; done
  have_libgimp || echo libgimp
}

missing_for_machines() {
  for command in mpirun.openmpi mpirun.mpich ip; do have_command $command || echo $command; done
  for module in ompi-c mpich; do have_module $module || echo $module; done
}

missing_for_arm() {
  for command in aarch64-linux-gnu-gcc qemu-aarch64-static update-binfmts debootstrap; do
    have_command $command || echo $command
  done
}

missing_for_deb() {
  for command in dh dh_python3 dpkg-buildpackage g++; do have_command $command || echo $command; done
  have_libgimp || echo libgimp
  have_module ompi-c || echo ompi-c
}

missing_for_bundle() {
  for command in g++ dpkg-source gpgv cmake patchelf python3 xz; do have_command $command || echo $command; done
  for module in libjpeg libpng libwebp libdeflate liblzma libzstd dav1d libde265 libexif lcms2 orc-0.4 pangocairo fontconfig; do
    have_module $module || echo $module
  done
  have_header cgif.h || echo cgif
  [ -e /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf ] || echo DejaVu
}

missing_for_doc() {
  have_command doxygen || echo doxygen
}

missing_for_dev() {
  for command in gcovr clang-tidy clang-format gdb abidw; do have_command $command || echo $command; done
}

case ${1:-} in
build) packages=$build; missing=$(missing_for_build) ;;
check) packages=$check; missing=$(missing_for_check) ;;
gpu) packages=$gpu; missing=$(missing_for_gpu) ;;
web) packages=$web; missing=$(missing_for_web) ;;
gimp) packages=$gimp; missing=$(missing_for_gimp) ;;
machines) packages=$machines; missing=$(missing_for_machines) ;;
arm) packages=$arm; missing=$(missing_for_arm) ;;
deb) packages=$deb; missing=$(missing_for_deb) ;;
bundle) packages=$bundle; missing=$(missing_for_bundle) ;;
doc) packages=$doc; missing=$(missing_for_doc) ;;
dev) packages=$dev; missing=$(missing_for_dev) ;;
*) echo "setup.sh: build, check, gpu, web, gimp, machines, arm, deb, bundle, doc or dev?" >&2; exit 2 ;;
esac
[ -n "$missing" ] || exit 0

echo "missing: $(echo $missing | sed 's/ /, /g')"
echo "packages (Debian's names): $packages"
if [ -n "$say" ]; then
  echo "'make setup' installs them."
  # Optional: without them there are only Reverie's own kernels, no Keras files, no downloads, no studio, no videos.
  [ -n "$(echo "$missing" | grep -vxE 'oneDNN|hdf5|libcurl|libmicrohttpd|ffmpeg')" ] || exit 0
  exit 1
fi
if ! have_command apt-get; then
  echo "There is no apt here: install them by the means of this system, then run this again." >&2
  exit 1
fi
root=
if [ "$(id -u)" -ne 0 ]; then root=sudo; fi
echo "installing: $packages"
$root apt-get -o Acquire::Retries=3 update -qq
$root env DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=3 install -y -qq --no-install-recommends $packages >/dev/null
