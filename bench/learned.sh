#!/bin/sh
# learned.sh REVERIE PAINTINGS PHOTOS OUT-FOLDER [N-PHOTOS] -- compares the built-in style network with gallery1. For
# each style and the last twelve photographs by name, which were not trained on, it prints two losses of gallery1. One
# is that of the network's picture, the other that of gallery1's picture after a tenth of its iterations. PAINTINGS: the
# paintings, named by style.
set -eu
reverie=$1 paintings=$2 photos=$3 out=$4
size=512 n_photos=${5:-12} tenth=6 # 60 iterations at each scale
mkdir -p "$out"

# Loss of a picture: that of the first iteration of gallery1, started from the picture.
loss() { # loss PHOTO PAINTING PICTURE
  "$reverie" style "$1" "$2" --preset gallery1 --init "$3" -n 1 --start-size 0 --average 0 --size $size -o "$out/judged.png" --force --quiet \
    --log "$out/judged.log"
  sed '1!d; s/.*"loss": \([^,]*\),.*/\1/' "$out/judged.log"
}

printf '%-34s %-10s %10s %10s\n' style photo painter tenth
"$reverie" learn --list | cut -d ' ' -f 1 | while read -r style; do
  painting=$paintings/$style.jpg
  [ -f "$painting" ] || { echo "$style: no $painting" >&2; continue; }
  find "$photos" -maxdepth 1 -name '*.jpg' | LC_ALL=C sort | tail -n $n_photos | while read -r photo; do
    name=$(basename "$photo" .jpg)
    painted=$out/$name-$style.png stopped=$out/$name-$style-tenth.png
    "$reverie" style "$photo" --learned "$style" --size $size -o "$painted" --force --quiet
    "$reverie" style "$photo" "$painting" --preset gallery1 -n $tenth --size $size -o "$stopped" --force --quiet
    printf '%-34s %-10s %10.4f %10.4f\n' "$style" "$name" "$(loss "$photo" "$painting" "$painted")" \
      "$(loss "$photo" "$painting" "$stopped")"
  done
done | tee "$out/losses.txt"
awk '{ n++; below += $3 < $4; ratio += log ($3 / $4) }
  END { printf "%d of %d below; the mean ratio of the losses %.2f\n", below, n, exp (ratio / n) }' "$out/losses.txt"
