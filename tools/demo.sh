#!/bin/sh
# demo.sh BUILD -- draws the example pictures and makes in demo/: style.png, style-sheet.png, learned-sheet.png (all
# built-in styles), dream.png, dream-compare.jpg, video.mp4 and video-sheet.png (the lake, painted), and from two VAEs
# trained on drawn skies vae-samples.png, vae-manifold.png, vae-map.html, vae-loss.png. REVERIE_DEMO=quick: small
# pictures and one epoch, to test the commands.
set -eu
build=$1
case ${REVERIE_DEMO:-} in quick) size=128 epochs=1 ;; *) size=512 epochs=16 ;; esac
mkdir -p demo
height=640 # px; drawing larger pictures takes most of a minute, and the results have 512
for picture in lake table strokes waves glass; do
  [ -f demo/$picture.jpg ] || "$build"/examples/pictures/draw $picture demo/$picture.jpg $height &
done
[ -f demo/skies/1999.png ] || "$build"/examples/pictures/draw skies demo/skies &
wait
[ -f demo/skies/1999.png ]
"$build"/src/cli/reverie style demo/lake.jpg demo/strokes.jpg -o demo/style.png --size $size --force
"$build"/examples/sheet demo/style-sheet.png demo/lake.jpg demo/strokes.jpg demo/style.png
"$build"/src/cli/reverie explore learned demo/lake.jpg -o demo/learned-sheet.png --force
"$build"/src/cli/reverie dream demo/lake.jpg -o demo/dream.png --compare demo/dream-compare.jpg --quality 80 --size $size --force
# Paints a video of a camera over the lake, two seconds long, and draws every sixth frame on a sheet.
if command -v ffmpeg >/dev/null; then
  ffmpeg -v error -nostdin -y -loop 1 -framerate 12 -t 2 -i demo/lake.jpg -vf 'crop=512:288:80+4*n:100+n,scale=256:144' \
    -pix_fmt yuv420p demo/lake.mp4
  "$build"/src/cli/reverie style demo/lake.mp4 demo/strokes.jpg -o demo/video.mp4 --frame-iterations 10 --force
  ffmpeg -v error -nostdin -y -i demo/video.mp4 -vf 'select=not(mod(n\,6)),tile=2x2:padding=8' -frames:v 1 demo/video-sheet.png
  echo 'Look at demo/video.mp4 and demo/video-sheet.png.'
fi
vae="--width 16 --depth 3 --batch 32 --likelihood gaussian --sigma learned --learning-rate 0.003 --epochs $epochs --force"
# shellcheck disable=SC2086
"$build"/src/cli/reverie vae train demo/skies -o demo/vae.safetensors --latent 6 --prior gmm:20 $vae
"$build"/src/cli/reverie vae sample demo/vae.safetensors -o demo/vae-samples.png --force
"$build"/src/cli/reverie vae evaluate demo/vae.safetensors demo/skies --samples 0 --quiet
# shellcheck disable=SC2086
"$build"/src/cli/reverie vae train demo/skies -o demo/map.safetensors --latent 2 $vae
"$build"/src/cli/reverie vae manifold demo/map.safetensors -o demo/vae-manifold.png --count 12 --reach 1.5 --force
"$build"/src/cli/reverie vae export demo/map.safetensors -o demo/vae-map.html --force
echo 'Look at demo/vae-samples.png, demo/vae-manifold.png, demo/vae-loss.png; open demo/vae-map.html in a browser.'
echo 'Look at demo/style.png, demo/style-sheet.png, demo/learned-sheet.png, demo/dream.png and demo/dream-compare.jpg.'
[ ! -e "$build"/src/studio/lake.jpg ] || echo "In the browser, with pictures of yours: $build/src/cli/reverie studio"
