#!/bin/sh
# record-runs.sh BUILD OUT -- makes small runs of most kinds of jobs, and prints the SHA-256 of each file written.
#
# Equal lists before and after a change prove that it changes no result:
#   tools/record-runs.sh BUILD-BEFORE before >before.txt; tools/record-runs.sh BUILD after >after.txt
#   diff before.txt after.txt
# Pictures contain recipes, so recipes are compared too. Runs use --exact and two threads.
set -u
data=$(cd "$(dirname "$0")/.." && pwd)/data
mkdir -p "$2"
build=$(realpath "$1") out=$(realpath "$2")
cd "$out" || exit
export XDG_CACHE_HOME="$out/cache" XDG_DATA_HOME="$out/data"

run() { # run FILE ARGUMENTS...
  file=$1
  shift
  "$build/src/cli/reverie" "$@" --threads 2 -o "$file" --force >"$file.log" 2>"$file.error" || true
  case $file in
  *%*) ;; # several files: the caller names them
  *.mkv) echo "$(ffmpeg -v error -i "$file" -map 0:v -f md5 -)  $file" ;; # the container has a random number
  *) sha256sum "$file" || cat "$file.error" ;;
  esac
}

run lake.png style "$data/lake.jpg" --learned monet-water-lilies --size 160
run wave.png style "$data/lake.jpg" --learned hokusai-wave --size 128
# mask: black, white on the right
ffmpeg -v error -y -f lavfi -i color=black:s=160x120 -vf drawbox=x=80:w=80:h=120:color=white:t=fill -frames:v 1 mask.png || exit
set -- --exact "$data/lake.jpg" wave.png -n 4
run style.png style "$@" --size 120
run style-gallery1.png style "$@" --size 120 --preset gallery1
run style-keras.png style "$@" --size 96 --preset keras --network builtin
run style-tiles.png style "$@" --size 320 --preset gallery1 --tile 192
run style-tiles-matched.png style "$@" --size 320 --tile 192
run style-lbfgs.png style "$@" --size 120 --preset gallery1 --optimizer lbfgs
run style-mask.png style "$@" --size 120 --protect mask.png
run style-two.png style "$@" lake.png --size 96 --keep-colors luminance
run style-strength.png style "$@" --size 120 --strength 20 --style-scale 1.5
run style-dream.png style "$@" --size 120 --dream conv3_1:0.01
run style.tif style "$@" --size 120 --bits 16
set -- --exact "$data/lake.jpg" -n 3 --size 128
run dream.png dream "$@"
run dream-keras.png dream "$@" --look keras
run dream-tiles.png dream "$@" --size 320 --tile 192
run dream-mask.png dream "$@" --mask mask.png
run dream-guide.png dream "$@" --guide wave.png
run dream-style.png dream "$@" --style wave.png
run zoomed-%d.png dream "$@" --count 2 --zoom 1.1
sha256sum zoomed-*.png
run dream-noise.png dream --exact --init noise --toward macaw --size 96 -n 3 --seed 3
run sheet.png explore style "$data/lake.jpg" wave.png --exact --cell 80 -n 2
run sheet-with.png explore learned "$data/lake.jpg" --cell 96
run sheet-dream.png explore dream "$data/lake.jpg" --exact --cell 80 -n 1
mkdir -p photos
for i in 1 2 3; do
  "$build/src/cli/reverie" style "$data/lake.jpg" --learned picabia-udnie --size $((360 + i)) -o photos/0$i.png --force --quiet
done
ffmpeg -v error -y -f lavfi -i testsrc2=s=96x64:r=5:d=1 -pix_fmt yuv420p clip.mkv
run video.mkv style clip.mkv wave.png --exact -n 2 --size 96
run video-with.mkv style clip.mkv --learned hokusai-wave --size 96
run video-dream.mkv dream clip.mkv --exact -n 1 --size 96
run learned.safetensors learn wave.png --exact --photos photos -n 3 --batch 1
run learned-own.safetensors learn wave.png --exact --photos photos -n 2 --batch 1 --content-target own
run vae.safetensors vae train photos --epochs 1 --size 28
run redo.png redo style.png --inputs "$data" --size 140
