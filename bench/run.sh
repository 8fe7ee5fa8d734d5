#!/bin/sh
# run.sh BUILD -- prints speed and memory of style transfer with the built-in network; asserts nothing. Kernels are
# measured first, in their own cache.
set -eu
build=$1
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
export XDG_CACHE_HOME="$here/cache"
reverie=$build/src/cli/reverie
"$build"/examples/pictures/draw lake "$here/lake.png" 512
"$build"/examples/pictures/draw strokes "$here/strokes.png" 512

echo "machine: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), $(nproc) processors"
run() { "$reverie" style "$here/lake.png" "$here/strokes.png" -o "$here/out.png" --force --quiet --log "$here/log" "$@"; }
seconds() { sed "$1"'!d; s/.*"seconds": \([0-9.]*\).*/\1/' "$here/log"; }

run --size 512
first=$(seconds 1)
run --size 512
echo "gallery, 512 px: $(seconds '$') s; first iteration after $(seconds 1) s with the kernel table warm, $first s cold"
if [ -x /usr/bin/time ]; then
  /usr/bin/time -f 'gallery, 512 x 512: %e s, peak %M KiB' "$reverie" style "$here/lake.png" "$here/strokes.png" \
    -o "$here/out.png" --force --quiet --width 512 --height 512 2>&1
fi
run --size 512 --exact
echo "gallery, 512 px, --exact (direct kernels): $(seconds '$') s"
"$build"/bench/bench-parts
"$build"/bench/bench-flow
"$build"/bench/bench-preview

# Prints seconds of a frame after the first of a video, for flows and painting. Decoding and encoding are not included.
film() { # film WIDTH HEIGHT
  "$build"/examples/pictures/draw lake "$here/wide.png" "$2"
  ffmpeg -v error -nostdin -y -loop 1 -framerate 12 -t 0.5 -i "$here/wide.png" \
    -vf "scale=$(($1 * 9 / 8)):-2,crop=$1:$2:3*n:n" -pix_fmt yuv420p "$here/film.mp4"
  "$reverie" style "$here/film.mp4" "$here/strokes.png" -o "$here/painted.mp4" --size "$1" --force --quiet \
    --log "$here/film.log"
  sed -n '/"new_shot": false/s/.*"motion_seconds": \([^,]*\), "render_seconds": \([^}]*\)}/\1 \2/p' "$here/film.log" |
    awk -v size="$1 x $2" '{ flows += $1; painting += $2; n++ }
      END { printf "film, %s px, a frame of 20 iterations: %.2f s of flows, %.2f s of painting\n", size, flows / n, painting / n }'
}
if command -v ffmpeg >/dev/null; then
  film 640 360
  film 1280 720
fi
if command -v python3 >/dev/null && "$reverie" studio --help >/dev/null 2>&1; then
  python3 "$(dirname "$0")/bench-studio.py" "$reverie" "$build/examples/pictures/draw"
fi
