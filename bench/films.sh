#!/bin/sh
# films.sh BUILD PHOTO PAINTING OUT-FOLDER [VIDEO] -- compares clips that are painted frame by frame and as a video, by
# their warping error (bench-video.c). Three clips are made from PHOTO, with camera noise (sigma 2; NOISE=0: none). One
# is cut from VIDEO. A clip has 384 x 216 px and one second.
set -eu
build=$1 photo=$2 painting=$3 out=$4 real=${5:-}
reverie=$build/src/cli/reverie n_frames=${FRAMES:-24}
mkdir -p "$out"

# Frames are pictures, so that no codec affects the result.
shoot() { # shoot NAME FILTERS [INPUT OPTIONS...]
  name=$1 filters=$2
  shift 2
  rm -rf "${out:?}/$name"
  mkdir -p "$out/$name/clip" "$out/$name/alone"
  ffmpeg -v error -nostdin "$@" -lavfi "$filters" -frames:v "$n_frames" \
    "$out/$name/clip/%04d.png"
}
still="-loop 1 -framerate 24 -i $photo"
noise="noise=all_seed=7:alls=${NOISE:-2}:allf=t"
fill='scale=576:324:force_original_aspect_ratio=increase,crop=576:324'
# shellcheck disable=SC2086
{
  shoot pan "$fill,crop=384:216:3*n:54,$noise" $still
  shoot sprite "$fill,crop=384:216:96:54,split[a][b];[b]crop=72:72:150:70[s];[a][s]overlay=20+9*n:60+30*sin(n/4),$noise" $still
  # Corners of the visible part: rotated by 0.4 degrees and reduced by 1 % for each frame.
  corner() { echo "$1=$2+($3)*exp(-0.01*on)*cos(0.007*on)-($4)*exp(-0.01*on)*sin(0.007*on)"; }
  shown=$(for k in 0 1 2 3; do
    x=$((k % 2 * 384 - 192)) y=$((k / 2 * 216 - 108))
    corner "x$k" 288 $x $y
    echo "y$k=162+($y)*exp(-0.01*on)*cos(0.007*on)+($x)*exp(-0.01*on)*sin(0.007*on)"
  done | paste -sd:)
  shoot zoom "$fill,perspective=$shown:interpolation=cubic:eval=frame,scale=384:216:flags=lanczos,$noise" $still
}
[ -z "$real" ] || shoot real "fps=24,scale=384:216:force_original_aspect_ratio=increase,crop=384:216" -ss 1 -i "$real"

for clip in pan sprite zoom ${real:+real}; do
  here=$out/$clip
  "$reverie" style "$here/clip/%04d.png" "$painting" -o "$here/ours-%04d.png" --force --quiet
  "$reverie" style --style "$painting" "$here/clip" -o "$here/alone/{content}.png" --force --quiet
  "$build"/bench/bench-video "$here/clip/%04d.png" "$here/alone/%04d.png" "$here/ours-%04d.png" |
    sed 's/.*error \([0-9.]*\) .*/\1/' | paste -sd' ' |
    awk -v clip="$clip" '{ printf "%s: the film'"'"'s own %s; painted frame by frame %s, %.1f times it; ours %s, %.1f times, %.2f of frame by frame\n",
      clip, $1, $2, $2 / $1, $3, $3 / $1, $3 / $2 }'
done
