#!/bin/sh
# test-pairs.sh REVERIE DRAW FOLDER -- real pictures at full size: losses fall, and for the pair whose final losses are
# known they are those. FOLDER holds photographs and paintings that are not ours to commit; skipped where absent. TAP.
set -u
reverie=$(realpath "$1")
draw=$(realpath "$2")
folder=$3
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
export XDG_CACHE_HOME="$here/cache"

final() { # final LOG NAME: a number of the last line
  tail -1 "$1" | sed "s/.*\"$2\": \([0-9.e+-]*\).*/\1/"
}

"$draw" lake "$here/lake.png" 512
"$draw" strokes "$here/strokes.png" 512
"$reverie" style "$here/lake.png" "$here/strokes.png" -o "$here/out.png" -q --size 512 --log "$here/log"
first=$(head -1 "$here/log" | sed 's/.*"loss": \([0-9.e+-]*\).*/\1/')
if awk -v a="$first" -v b="$(final "$here/log" loss)" 'BEGIN { exit !(b < 0.4 * a) }'; then echo 'ok 1 losses fall'; else echo 'not ok 1 losses fall'; fi

content=$folder/content/golden_gate.jpg
style=$folder/style/starry_night.jpg
if [ ! -f "$content" ]; then
  echo 'ok 2 final losses of the known pair # SKIP its pictures are not here'
else
  # From the trial in PyTorch that the recipe comes from: style about 0.085, content about 0.42 before its weight of 0.4.
  "$reverie" style "$content" "$style" -o "$here/gate.png" -q --size 512 --log "$here/gate"
  if awk -v s="$(final "$here/gate" style)" -v c="$(final "$here/gate" content)" \
    'BEGIN { c /= 0.4; print "# style " s ", content " c; exit !(s > 0.077 && s < 0.093 && c > 0.38 && c < 0.46) }'; then
    echo 'ok 2 final losses of the known pair'
  else echo 'not ok 2 final losses of the known pair'; fi
fi
echo '1..2'
