#!/bin/sh
# test-dream.sh REVERIE DRAW -- reverie dream as a user meets it. Prints TAP.
set -u
reverie=$(realpath "$1")
draw=$(realpath "$2")
. "$(realpath "$(dirname "$0")")/../support/cli.sh"

"$draw" lake content.png 128
if slow_cases; then
  ok 'every look and preset' sh -c '
    for look in default fine-textures abstract-shapes keras animals heads eyes things menagerie paradise; do
      for preset in vivid classic test keras; do
        "$0" dream content.png -o l.png -f -q -n 1 --look $look --preset $preset || exit 1
      done
    done' "$reverie"
  ok 'several, each unlike the others' run 0 'v.png: 210 x 210 px' dream --neuron conv4_1:3 -o v.png --size 96 -n 3 --exact --diversity 4 --log v.log
  ok 'each in the log' sh -c '[ "$(wc -l <v.log)" -eq 12 ] && tail -1 v.log | grep -q "^{.frame.: 4"'
  ok 'and again' sh -c '"$0" redo v.png -o v2.png -q && cmp v.png v2.png && "$0" redo v.png -o v3.png -q --diversity-weight 0 && ! cmp -s v.png v3.png' "$reverie"
  all_done
fi
ok 'a dream' run 0 'd.png: 192 x 128 px' dream content.png -o d.png --preset test -n 2
ok 'before and after' run 0 '' dream content.png -o e.png -q --preset test -n 1 --compare both.png
ok 'which is twice as wide' run 0 '392 x 128 px' dream both.png --dry-run --octaves 1 -n 1
ok 'looks and presets' sh -c '
  for how in "--look eyes" "--look animals --preset test" "--preset keras"; do
    "$0" dream content.png -o l.png -f -q -n 1 --octaves 2 $how || exit 1; done' "$reverie"
ok 'rounded, or cut down as by older presets' sh -c '
  for how in "" --truncate --no-truncate; do
    "$0" dream content.png -o "r$how.png" -q -n 1 --octaves 1 --preset test --no-recipe $how || exit 1; done
  cmp r.png r--truncate.png && ! cmp -s r.png r--no-truncate.png' "$reverie"
ok 'the preset and look by default' sh -c '
  "$0" dream content.png -o vivid.png -q --exact --octaves 2 -n 2 --preset classic --look paradise --bands 6 --dream-colors all --no-recipe &&
  "$0" dream content.png -o def.png -q --exact --octaves 2 -n 2 --no-recipe && cmp vivid.png def.png' "$reverie"
ok 'the look paradise is a group of words and buildings' sh -c '
  "$0" dream content.png -o par.png -q --exact --octaves 1 -n 1 --no-recipe &&
  "$0" dream content.png -o words.png -q --exact --octaves 1 -n 1 --no-recipe --toward colorful,buildings:1.1 --class-smooth 1 &&
  cmp par.png words.png' "$reverie"
ok 'the earlier default, from its recipe' sh -c '
  "$0" dream content.png -o men.png -q --exact --octaves 2 -n 2 --preset classic &&
  "$0" redo men.png -o men2.png -q && cmp men.png men2.png && ! cmp -s men.png def.png &&
  "$0" info men.png | grep -q -e "--look menagerie"' "$reverie"
ok 'which layers, words, channels and a guide replace' sh -c '
  for how in "--layers conv4_1" "--toward macaw" "--channels class:3" "--neuron conv4_1:3" "--guide content.png"; do
    "$0" dream content.png -o own.png -f -q --exact --octaves 1 -n 1 --no-recipe $how &&
    "$0" dream content.png -o own2.png -f -q --exact --octaves 1 -n 1 --no-recipe $how --look animals &&
    cmp own.png own2.png || exit 1; done' "$reverie"
ok 'what the default was before is made again from its recipe' sh -c '
  "$0" dream content.png -o was.png -q --exact --octaves 2 -n 2 --look animals --class-smooth 2 &&
  "$0" redo was.png -o again.png -q && cmp was.png again.png &&
  "$0" redo was.png -o bare.png -q --no-recipe &&
  "$0" dream content.png -o animals.png -q --exact --octaves 2 -n 2 --look animals --no-recipe && cmp bare.png animals.png' "$reverie"
ok 'the test pattern' run 0 '400 x 400 px' dream --test-pattern -o t.png --octaves 1 -n 1
ok 'a log' run 0 '' dream content.png -o log.png -q --octaves 2 -n 2 --log log.jsonl
ok 'one object for each step' sh -c '[ "$(wc -l <log.jsonl)" -eq 4 ] && tail -1 log.jsonl | grep -Eq "^\{\"octave\": 2, \"iteration\": 2, \"loss\": [0-9.e+-]+, \"seconds\": [0-9.e+-]+\}$"'
ok 'progress' sh -c '"$0" dream content.png -o p.png --octaves 2 -n 2 2>&1 | grep -q "octave 1/2 (0.714, 137 x 91) iteration 2/2 loss"' "$reverie"
ok 'snapshots' run 0 '' dream content.png -o s.png -q --octaves 2 -n 2 --save-every 3
ok 'counted through octaves' [ -s s_at_iteration_3.png ]
ok 'plan' run 0 'peak' dream content.png --dry-run --preset test
ok 'octaves too small are left out' run 0 '3 of 5 octaves are left out' dream content.png -o o.png --preset production --layers conv5_1 -n 1
ok 'and those below a size' run 0 '4 of 5 octaves are left out' dream content.png -o o2.png --smallest 100 -n 1
ok 'a default leaves out what it is meant to' sh -c '"$0" dream content.png -o o3.png -n 1 2>err && ! grep -q "left out" err' "$reverie"
ok 'layers too small at some octaves' run 0 'in 3 of 5 octaves some of the layers' dream content.png -o p2.png --preset production --layers conv3_1,conv5_1 -n 1
ok 'a gradient of zeros' run 1 'the gradient is zero, because the weight of conv3_1 is 0' dream content.png -o x.png -q --layers conv3_1:0
ok 'leaves no picture' [ ! -e x.png ]
ok 'channels' run 0 '' dream content.png -o c.png -q --octaves 1 -n 1 --layers conv3_1 --channels conv3_1:0,5 --jitter 3 --smooth 1
ok 'toward a word' run 0 '' dream content.png -o w.png -q --octaves 1 -n 1 --toward 'macaw:2,hen'
ok 'toward a group' run 0 '' dream content.png -o wg.png -q -n 1 --toward 'birds,castle:2'
ok 'smaller creatures' run 0 '' dream content.png -o ws.png -q -n 1 --toward 'birds,castle:2' --class-smooth 0.5
ok 'otherwise than by default' sh -c '! cmp -s ws.png wg.png && "$0" dream content.png -o l1.png -q -n 1 --exact && "$0" dream content.png -o l2.png -q -n 1 --exact --class-smooth 0.5 && ! cmp -s l1.png l2.png' "$reverie"
ok 'which is another dream' sh -c '! cmp -s w.png wg.png'
mkdir else
cp both.png else/sky.png
ok 'toward words, where they belong' run 0 '' dream content.png -o wp.png -q -n 1 --exact --toward 'birds:else/sky.png,castle:2:both.png'
ok 'the recipe names no folder' sh -c '"$0" info wp.png | grep -q "toward birds:sky.png,castle:2:both.png"' "$reverie"
ok 'made again of the same pictures' sh -c '"$0" redo wp.png -o wp2.png -q --inputs else && cmp wp.png wp2.png' "$reverie"
ok 'which are wanted' run 1 'not in its folder or the current one' redo wp.png -o wp3.png
ok 'elsewhere it is another dream' sh -c '"$0" dream content.png -o wp4.png -q -n 1 --exact --toward birds:both.png,castle:2:else/sky.png && ! cmp -s wp.png wp4.png' "$reverie"
ok 'how long it takes' run 0 'peak' dream content.png --dry-run --toward birds:else/sky.png
ok 'a place that is not there' run 1 'No such file' dream content.png -o x.png --toward birds:heaven.png
ok 'two of one name' run 2 'two pictures called' dream content.png -o x.png --toward birds:else/sky.png,fish:sky.png
ok 'the result is no place' run 1 'sky.png' dream content.png -o else/sky.png -f --toward birds:else/sky.png
ok 'groups are words' run 0 'buildings' dream --list-words
ok 'a group misspelt' run 2 "has no word 'birdz'" dream content.png -o x.png --toward birdz
ok 'a mask' run 0 '' dream content.png -o m.png -q --octaves 1 -n 1 --mask both.png
ok 'a guide' run 0 '' dream content.png -o g.png -q --octaves 1 -n 1 --guide both.png
ok 'a style' run 0 '' dream content.png -o y.png -q --exact --octaves 1 -n 1 --style both.png --style-weight 1
ok 'made again, as heavy' sh -c '"$0" redo y.png -o y2.png -q && cmp y.png y2.png && "$0" info y2.png | grep -q -- "--style-weight 1"' "$reverie"
ok 'an earlier moment' sh -c '"$0" redo y.png -o y3.png -q -n 5 --until 2 --log y3.log && [ "$(wc -l <y3.log)" -eq 2 ]' "$reverie"
ok 'which changes it' sh -c '! cmp -s g.png y.png'
ok 'no guide there' run 1 'No such file' dream content.png -o x.png --guide nothing.png
ok 'a guide or a word' run 2 'cannot be combined with' dream content.png -o x.png --guide both.png --toward macaw
mkdir seq
ok 'frames' run 0 '' dream content.png d.png content.png -o 'seq/%02d.png' -q --octaves 1 -n 1 --blend 0.5 --log seq/log.jsonl
ok 'numbered from 1' [ -s seq/01.png -a -s seq/02.png -a -s seq/03.png -a ! -e seq/04.png ]
ok 'each starts from the last' sh -c '! cmp -s seq/01.png seq/03.png'
ok 'told apart in the log' sh -c 'tail -1 seq/log.jsonl | grep -q "^{\"frame\": 3, \"octave\": 1"'
ok 'without a blend each alone' sh -c '"$0" dream content.png d.png content.png -o "seq/a%d.png" -q --exact --octaves 1 -n 1 && cmp seq/a1.png seq/a3.png' "$reverie"
ok 'frames are not replaced' run 1 'seq/01.png exists' dream content.png content.png -o 'seq/%02d.png' --octaves 1 -n 1 --log seq/l2
rm seq/01.png
ok 'not even the later ones' run 1 'seq/02.png exists' dream content.png content.png -o 'seq/%02d.png' --octaves 1 -n 1
ok 'a zoom' run 0 '' dream content.png -o 'seq/z%d.png' -q --octaves 1 -n 1 --count 3 --zoom 1.1 --rotate 5
ok 'of so many' [ -s seq/z3.png -a ! -e seq/z4.png ]
ok 'the plan of frames' run 0 '7 frames of 192 x 128 px' dream content.png --dry-run --count 7 --octaves 1 -n 1
ok 'frames of two sizes' run 1 'blend needs one size' dream content.png t.png -o 'seq/s%d.png' --octaves 1 -n 1 --blend 0.5
ok 'frames into one file' run 2 'several frames need numbered files' dream content.png content.png -o x.png
ok 'two numbers in a name' run 2 'several frames need numbered files' dream content.png content.png -o 'x%d%d.png'
ok 'no number in a name' run 2 'several frames need numbered files' dream content.png content.png -o 'x%s.png'
ok 'a zoom of how many' run 2 'need --count' dream content.png -o 'seq/q%d.png' --zoom 1.1
ok 'of a channel, init noise' run 0 'n.png: 96 x 96 px' dream --neuron conv4_1:3 -o n.png --size 96 -n 3 --exact
ok 'made again from its recipe' sh -c '"$0" redo n.png -o n2.png -q && cmp n.png n2.png' "$reverie"
ok 'another seed is another picture' sh -c '"$0" redo n.png -o n3.png -q --seed 1 && ! cmp -s n.png n3.png' "$reverie"
ok 'of a word' run 0 '' dream --init noise --toward macaw -o nw.png -q --size 96 -n 1
ok 'of a channel, in a picture' run 0 '192 x 128 px' dream content.png --neuron conv4_1:3 -o np.png -n 1 --octaves 1
ok 'how long it takes' run 0 '1 octave, 200 iterations' dream --neuron conv4_1:3 --size 96 --dry-run
ok 'of a picture there is one' run 2 'needs --init noise' dream content.png --diversity 2 -o x.png
ok 'noise has no picture' run 2 'noise takes no picture' dream content.png --init noise -o x.png
ok 'nor a frame' run 2 'cannot be combined' dream --init noise -o x%d.png --count 2
ok 'a channel that is not there' run 2 'has no channel' dream --neuron conv4_1:999 -o x.png
ok 'one thing at a time' run 2 'cannot be combined with --toward' dream --neuron conv4_1:3 --toward macaw -o x.png
ok 'an atlas' run 0 '' dream --atlas conv1_1 --channels conv1_1:0,3,5 -o atlas.png -q -n 1
ok 'of an unknown layer' run 2 'has no layer' dream --atlas conv9_1 -o x.png
ok 'an atlas of a picture' run 2 'takes no picture' dream content.png --atlas conv1_1 -o x.png
ok 'or with a mask' run 2 'cannot be combined with the options of a picture' dream --atlas conv1_1 -o x.png --mask both.png
ok 'what it sees in nothing' run 2 'needs a picture' dream content.png --what --test-pattern
ok 'what it sees' run 0 ' %' dream content.png --what
ok 'words' run 0 'goldfish' dream --list-words
ok 'unknown word' run 2 "did you mean 'macaw'" dream content.png -o x.png --toward makaw
ok 'no mask there' run 1 'No such file' dream content.png -o x.png --mask nothing.png
ok 'layers' run 0 'conv5_2' dream --list-layers
ok 'a list checks the other options' run 2 "there is no 'nope'" dream --list-layers --look nope
ok 'looks' run 0 'abstract-shapes' dream --list-looks
ok 'no picture' run 2 'a picture is missing' dream -o x.png
ok 'unknown look' run 2 "did you mean 'keras'" dream content.png -o x.png --look kera
ok 'unknown layer' run 2 'has no layer' dream content.png -o x.png --layers mixed4
ok 'unknown channel' run 2 'its channels are 0 to 127' dream content.png -o x.png --layers conv3_1 --channels conv3_1:128
ok 'too small' run 1 'at least 80 px' dream content.png -o x.png --preset production --layers conv5_1 --size 64
ok 'nothing is replaced' run 1 'exists; --force replaces it' dream content.png -o d.png
ok 'nor the second picture' run 1 'both.png exists' dream content.png -o x.png --compare both.png
ok 'one file for two' run 1 'cannot be two pictures' dream content.png -o x.png --compare x.png
ok 'by two names' run 1 'cannot be two pictures' dream content.png -o x.png --compare ./x.png
ln -s x.png alias.png
ok 'and through a link' run 1 'cannot be two pictures' dream content.png -o x.png --compare alias.png
ok 'Ctrl-C leaves a good picture' interrupted_with int.png dream content.png -o int.png -q -n 100000

ok 'watched' sh -c '"$0" dream content.png -o watched.png -q --size 64 --octaves 1 -n 2 --live live.png --plot curves.svg && cmp -s watched.png live.png && grep -q "</svg>" curves.svg' "$reverie"
ok 'frames are not' run 2 'work only with one picture' dream content.png -o 'w%d.png' --count 2 --live live.png
ok 'tiles are announced' run 0 ' times the work), 1 octave' dream content.png --size 160 --tile 64 --layers conv2_1 --octaves 1 -n 1 --dry-run
ok 'too little memory' run 1 'even in small tiles' dream content.png -o x.png --memory 10M -q

ok 'a time ends it early' sh -c '"$0" dream content.png -o timed.png -q --size 96 -n 5000 --time 0.3s --log timed.log && [ "$(grep -c . timed.log)" -lt 20000 ]' "$reverie"
ok 'a time for no steps' run 0 '' dream content.png -o none.png -q --size 64 --iterations 0 --time 9s
ok 'no duration' run 2 'a duration such as' dream content.png -o no.png -q --time soon
echo "1..$count"
