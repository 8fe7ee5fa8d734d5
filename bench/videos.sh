#!/bin/sh
# videos.sh BUILD PHOTO PAINTING OUT-FOLDER [FILM] -- warping error of three videos made from a photograph and of a real one:
# of the source, of frames painted independently, and of the painted video. 384 x 216 px, one second each, with camera
# noise (sigma 2; NOISE=0: none).
set -eu
build=$1 photo=$2 painting=$3 out=$4 real=${5:-}
reverie=$build/src/cli/reverie n_frames=${FRAMES:-24}
mkdir -p "$out"

# Frames are pictures, so that no codec affects the result.
shoot() { # shoot NAME FILTERS [INPUT OPTIONS...]
  name=$1 filters=$2
  shift 2
  rm -rf "${out:?}/$name"
  mkdir -p "$out/$name/clip"
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
  "$reverie" style "$out/$clip/clip/%04d.png" "$painting" -o "$out/$clip/ours-%04d.png" --baseline-pairs $((n_frames - 1)) --force |
    sed -n 's/.*warping error \([^ ]*\) (the video.s own \([^;)]*\); frame by frame \([^)]*\)).*/\2 \3 \1/p' |
    awk -v clip="$clip" '{ printf "%s: the source %s; frame by frame %s, %.1f times it; ours %s, %.1f times, %.2f of frame by frame\n",
      clip, $1, $2, $2 / $1, $3, $3 / $1, $3 / $2 }'
done
