#!/bin/sh
# test-dream.sh REVERIE DRAW -- reverie dream as a user meets it. Prints TAP.
set -u
reverie=$(realpath "$1")
draw=$(realpath "$2")
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
export XDG_CACHE_HOME="$here/cache" REVERIE_MODELS="$here/models" KERAS_HOME="$here/keras"
cd "$here" || exit 1
count=0

ok() { # ok NAME CONDITION...
  count=$((count + 1))
  name=$1
  shift
  if "$@"; then echo "ok $count $name"; else
    echo "not ok $count $name"
    sed 's/^/# /' err out 2>/dev/null | head -8
  fi
}

run() { # run CODE TEXT ARGUMENTS...: the exit code is CODE; TEXT stands in what is printed, on one line when it is an error
  wanted=$1
  text=$2
  shift 2
  "$reverie" dream "$@" >out 2>err </dev/null
  code=$?
  [ "$code" -eq "$wanted" ] || { echo "# exit code $code, not $wanted: $*"; return 1; }
  [ "$code" -eq 0 ] || [ "$(wc -l <err)" -eq 1 ] || return 1
  [ -z "$text" ] || cat out err | grep -qF -- "$text" || { echo "# wanted '$text'"; return 1; }
}

"$draw" lake content.png 128
ok 'a dream' run 0 'd.png: 192 x 128 px' content.png -o d.png --preset test -n 2
ok 'before and after' run 0 '' content.png -o e.png -q --preset test -n 1 --compare both.png
ok 'which is twice as wide' run 0 '392 x 128 px' both.png --dry-run --octaves 1 -n 1
ok 'every look and preset' sh -c '
  for look in default fine-textures abstract-shapes keras; do for preset in test production keras; do
    "$0" dream content.png -o l.png -f -q -n 1 --look $look --preset $preset || exit 1; done; done' "$reverie"
ok 'the test pattern' run 0 '400 x 400 px' --test-pattern -o t.png --octaves 1 -n 1
ok 'a log' run 0 '' content.png -o log.png -q --octaves 2 -n 2 --log log.jsonl
ok 'one object for each step' sh -c '[ "$(wc -l <log.jsonl)" -eq 4 ] && tail -1 log.jsonl | grep -Eq "^\{\"octave\": 2, \"iteration\": 2, \"loss\": [0-9.e+-]+, \"seconds\": [0-9.e+-]+\}$"'
ok 'progress' sh -c '"$0" dream content.png -o p.png --octaves 2 -n 2 2>&1 | grep -q "octave 1/2 (0.714, 137 x 91) iteration 2/2 loss"' "$reverie"
ok 'snapshots' run 0 '' content.png -o s.png -q --octaves 2 -n 2 --save-every 3
ok 'counted through octaves' [ -s s_at_iteration_3.png ]
ok 'plan' run 0 'peak' content.png --dry-run --preset test
ok 'octaves too small are left out' run 0 '3 of 5 octaves are left out' content.png -o o.png --layers conv5_1 -n 1
ok 'channels' run 0 '' content.png -o c.png -q --octaves 1 -n 1 --layers conv3_1 --channels conv3_1:0,5 --jitter 3 --smooth 1
ok 'toward a word' run 0 '' content.png -o w.png -q --octaves 1 -n 1 --toward 'macaw:2,hen'
ok 'a mask' run 0 '' content.png -o m.png -q --octaves 1 -n 1 --mask both.png
ok 'what it sees' run 0 ' %' content.png --what
ok 'words' run 0 'goldfish' --list-words
ok 'unknown word' run 2 "did you mean 'macaw'" content.png -o x.png --toward makaw
ok 'no mask there' run 1 'No such file' content.png -o x.png --mask nothing.png
ok 'layers' run 0 'conv5_2' --list-layers
ok 'looks' run 0 'abstract-shapes' --list-looks
ok 'no picture' run 2 'which picture?' -o x.png
ok 'two pictures' run 2 'one picture at a time' content.png content.png -o x.png
ok 'unknown look' run 2 "did you mean 'keras'" content.png -o x.png --look kera
ok 'unknown layer' run 2 'has no layer' content.png -o x.png --layers mixed4
ok 'unknown channel' run 2 'its channels are 0 to 127' content.png -o x.png --layers conv3_1 --channels conv3_1:128
ok 'too small' run 1 'at least 80 px' content.png -o x.png --layers conv5_1 --size 64
ok 'nothing is replaced' run 1 'exists; --force replaces it' content.png -o d.png
ok 'nor the second picture' run 1 'both.png exists' content.png -o x.png --compare both.png
ok 'one file for two' run 1 'cannot be two pictures' content.png -o x.png --compare x.png
ok 'Ctrl-C leaves a good picture' sh -c '
  "$0" dream content.png -o int.png -q -n 100000 & pid=$!
  sleep 1.5; kill -INT $pid; wait $pid; [ $? -eq 130 ] && [ -s int.png ]' "$reverie"

echo "1..$count"
