#!/bin/sh
# demo-video.sh BUILD -- makes a video of a camera flight over the drawn lake, three seconds of 480 x 270 px. Paints it
# as demo/video-painted.mp4, dreams on it as demo/video-dreamt.mp4, and draws every ninth frame of each on a sheet.
# Takes some minutes.
set -eu
build=$1
mkdir -p demo
for picture in lake strokes; do
  [ -f demo/$picture.jpg ] || "$build"/examples/pictures/draw $picture demo/$picture.jpg 640
done
ffmpeg -v error -nostdin -y -loop 1 -framerate 12 -t 3 -i demo/lake.jpg -vf \
  "scale=1920:-2,zoompan=z='1+0.006*on':x='200+4*on':y='150+2*on':d=1:s=480x270:fps=12" -pix_fmt yuv420p demo/video-lake.mp4
"$build"/src/cli/reverie style demo/video-lake.mp4 demo/strokes.jpg -o demo/video-painted.mp4 --force
"$build"/src/cli/reverie dream demo/video-lake.mp4 -o demo/video-dreamt.mp4 --force
for kind in painted dreamt; do
  ffmpeg -v error -nostdin -y -i demo/video-$kind.mp4 -vf 'select=not(mod(n\,9)),tile=2x2:padding=8' -frames:v 1 \
    demo/video-$kind-sheet.png
done
echo 'Look at demo/video-painted.mp4, demo/video-dreamt.mp4, demo/video-painted-sheet.png and demo/video-dreamt-sheet.png.'
