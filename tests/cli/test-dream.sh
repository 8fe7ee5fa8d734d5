#!/bin/sh
# test-dream.sh REVERIE DRAW -- tests reverie dream. Prints TAP.
set -u
reverie=$(realpath "$1")
draw=$(realpath "$2")
. "$(realpath "$(dirname "$0")")/../support/cli.sh"

"$draw" lake content.png 128
if slow_cases; then
  ok 'every look works with every preset' sh -c '
    for look in default fine-textures abstract-shapes keras animals heads eyes things menagerie paradise; do
      for preset in vivid classic test keras; do
        "$0" dream content.png -o l.png -f -q -n 1 --look $look --preset $preset || exit 1
      done
    done' "$reverie"
  ok '--diversity makes several pictures' run 0 'v.png: 210 x 210 px' dream --neuron conv4_1:3 -o v.png --size 96 -n 3 --exact --diversity 4 --log v.log
  ok 'the log has the steps of each picture' sh -c '[ "$(wc -l <v.log)" -eq 12 ] && tail -1 v.log | grep -q "^{.frame.: 4"'
  ok 'redo repeats the pictures, --diversity-weight changes them' sh -c '"$0" redo v.png -o v2.png -q && cmp v.png v2.png && "$0" redo v.png -o v3.png -q --diversity-weight 0 && ! cmp -s v.png v3.png' "$reverie"
  all_done
fi
ok 'a dream has the size of its picture' run 0 'd.png: 192 x 128 px' dream content.png -o d.png --preset test -n 2
ok '--compare is accepted' run 0 '' dream content.png -o e.png -q --preset test -n 1 --compare both.png
ok 'the comparison shows both pictures side by side' run 0 '392 x 128 px' dream both.png --dry-run --octaves 1 -n 1
ok 'looks and presets are accepted' sh -c '
  for how in "--look eyes" "--look animals --preset test" "--preset keras"; do
    "$0" dream content.png -o l.png -f -q -n 1 --octaves 2 $how || exit 1; done' "$reverie"
ok 'values are truncated by default, or rounded' sh -c '
  for how in "" --truncate --no-truncate; do
    "$0" dream content.png -o "r$how.png" -q -n 1 --octaves 1 --preset test --no-recipe $how || exit 1; done
  cmp r.png r--truncate.png && ! cmp -s r.png r--no-truncate.png' "$reverie"
ok 'the default is preset classic and look paradise' sh -c '
  "$0" dream content.png -o vivid.png -q --exact --octaves 2 -n 2 --preset classic --look paradise --bands 6 --dream-colors all --no-recipe &&
  "$0" dream content.png -o def.png -q --exact --octaves 2 -n 2 --no-recipe && cmp vivid.png def.png' "$reverie"
ok 'a word of weight 0 is refused' run 2 "--toward 'birds:0': the word's weight is 0" dream content.png -o x.png --toward birds:0 -q
ok 'the look paradise equals --toward colorful,buildings' sh -c '
  "$0" dream content.png -o par.png -q --exact --octaves 1 -n 1 --no-recipe &&
  "$0" dream content.png -o words.png -q --exact --octaves 1 -n 1 --no-recipe --toward colorful,buildings:1.1 --class-smooth 1 &&
  cmp par.png words.png' "$reverie"
ok 'the preset classic is repeated from its recipe' sh -c '
  "$0" dream content.png -o men.png -q --exact --octaves 2 -n 2 --preset classic &&
  "$0" redo men.png -o men2.png -q && cmp men.png men2.png && ! cmp -s men.png def.png &&
  "$0" info men.png | grep -q -e "--look menagerie"' "$reverie"
ok 'layers, words, channels and a guide replace the look' sh -c '
  for how in "--layers conv4_1" "--toward macaw" "--channels class:3" "--neuron conv4_1:3" "--guide content.png"; do
    "$0" dream content.png -o own.png -f -q --exact --octaves 1 -n 1 --no-recipe $how &&
    "$0" dream content.png -o own2.png -f -q --exact --octaves 1 -n 1 --no-recipe $how --look animals &&
    cmp own.png own2.png || exit 1; done' "$reverie"
ok 'the default of an earlier version is repeated from its recipe' sh -c '
  "$0" dream content.png -o was.png -q --exact --octaves 2 -n 2 --look animals --class-smooth 2 &&
  "$0" redo was.png -o again.png -q && cmp was.png again.png &&
  "$0" redo was.png -o bare.png -q --no-recipe &&
  "$0" dream content.png -o animals.png -q --exact --octaves 2 -n 2 --look animals --no-recipe && cmp bare.png animals.png' "$reverie"
ok '--test-pattern needs no picture' run 0 '400 x 400 px' dream --test-pattern -o t.png --octaves 1 -n 1
ok '--log is accepted' run 0 '' dream content.png -o log.png -q --octaves 2 -n 2 --log log.jsonl
ok 'the log has one JSON object for each step' sh -c '[ "$(wc -l <log.jsonl)" -eq 4 ] && tail -1 log.jsonl | grep -Eq "^\{\"octave\": 2, \"iteration\": 2, \"loss\": [0-9.e+-]+, \"seconds\": [0-9.e+-]+\}$"'
ok 'progress is printed' sh -c '"$0" dream content.png -o p.png --octaves 2 -n 2 2>&1 | grep -q "octave 1/2 (0.714, 137 x 91) iteration 2/2 loss"' "$reverie"
ok '--save-every is accepted' run 0 '' dream content.png -o s.png -q --octaves 2 -n 2 --save-every 3
ok '--save-every counts through all octaves' [ -s s_at_iteration_3.png ]
ok 'a dry run prints the plan' run 0 'peak' dream content.png --dry-run --preset test
ok 'octaves too small for the layer are left out' run 0 '3 of 5 octaves are left out' dream content.png -o o.png --preset production --layers conv5_1 -n 1
ok 'octaves below --smallest are left out' run 0 '4 of 5 octaves are left out' dream content.png -o o2.png --smallest 100 -n 1
ok 'the default prints no note about left-out octaves' sh -c '"$0" dream content.png -o o3.png -n 1 2>err && ! grep -q "left out" err' "$reverie"
ok 'layers that are too small in some octaves are reported' run 0 'in 3 of 5 octaves some of the layers' dream content.png -o p2.png --preset production --layers conv3_1,conv5_1 -n 1
ok 'a gradient of zeros is an error' run 1 'the gradient is zero, because the weight of conv3_1 is 0' dream content.png -o x.png -q --layers conv3_1:0
ok 'no picture is left after an error' [ ! -e x.png ]
ok '--channels is accepted' run 0 '' dream content.png -o c.png -q --octaves 1 -n 1 --layers conv3_1 --channels conv3_1:0,5 --jitter 3 --smooth 1
ok '--channels without --layers dreams of these channels' run 0 '' dream content.png -o ch.png -q -n 1 --exact --no-recipe --channels 'conv3_1:0;conv2_1:3;conv3_1:5'
ok 'they are the same as with --layers' sh -c '"$0" dream content.png -o cl.png -q -n 1 --exact --no-recipe --layers conv3_1,conv2_1 --channels "conv3_1:0,5;conv2_1:3" && cmp ch.png cl.png' "$reverie"
ok '--toward accepts words' run 0 '' dream content.png -o w.png -q --octaves 1 -n 1 --toward 'macaw:2,hen'
ok '--toward accepts groups of words' run 0 '' dream content.png -o wg.png -q -n 1 --toward 'birds,castle:2'
ok '--class-smooth is accepted' run 0 '' dream content.png -o ws.png -q -n 1 --toward 'birds,castle:2' --class-smooth 0.5
ok '--class-smooth changes the dream' sh -c '! cmp -s ws.png wg.png && "$0" dream content.png -o l1.png -q -n 1 --exact && "$0" dream content.png -o l2.png -q -n 1 --exact --class-smooth 0.5 && ! cmp -s l1.png l2.png' "$reverie"
ok 'words and groups give different dreams' sh -c '! cmp -s w.png wg.png'
mkdir else
cp both.png else/sky.png
ok 'words accept masks' run 0 '' dream content.png -o wp.png -q -n 1 --exact --toward 'birds:else/sky.png,castle:2:both.png'
ok 'the recipe names no folder' sh -c '"$0" info wp.png | grep -q "toward birds:sky.png,castle:2:both.png"' "$reverie"
ok 'redo --inputs finds the masks' sh -c '"$0" redo wp.png -o wp2.png -q --inputs else && cmp wp.png wp2.png' "$reverie"
ok 'redo without the masks is refused' run 1 'not in its folder or the current one' redo wp.png -o wp3.png
ok 'other masks give another dream' sh -c '"$0" dream content.png -o wp4.png -q -n 1 --exact --toward birds:both.png,castle:2:else/sky.png && ! cmp -s wp.png wp4.png' "$reverie"
ok 'a dry run with a mask of a word prints the plan' run 0 'peak' dream content.png --dry-run --toward birds:else/sky.png
ok 'a missing mask of a word is refused' run 1 'No such file' dream content.png -o x.png --toward birds:heaven.png
ok 'two masks with one file name are refused' run 2 'two pictures called' dream content.png -o x.png --toward birds:else/sky.png,fish:sky.png
ok 'the output cannot be a mask of a word' run 1 'sky.png' dream content.png -o else/sky.png -f --toward birds:else/sky.png
ok '--list-words lists groups' run 0 'buildings' dream --list-words
ok 'an unknown group is refused' run 2 "has no word 'birdz'" dream content.png -o x.png --toward birdz
ok '--mask is accepted' run 0 '' dream content.png -o m.png -q --octaves 1 -n 1 --mask both.png
ok '--guide is accepted' run 0 '' dream content.png -o g.png -q --octaves 1 -n 1 --guide both.png
ok '--style is accepted' run 0 '' dream content.png -o y.png -q --exact --octaves 1 -n 1 --style both.png --style-weight 1
ok 'redo repeats the style and its weight' sh -c '"$0" redo y.png -o y2.png -q && cmp y.png y2.png && "$0" info y2.png | grep -q -- "--style-weight 1"' "$reverie"
ok 'redo --until ends after that iteration' sh -c '"$0" redo y.png -o y3.png -q -n 5 --until 2 --log y3.log && [ "$(wc -l <y3.log)" -eq 2 ]' "$reverie"
ok 'a style changes the dream' sh -c '! cmp -s g.png y.png'
ok 'a missing guide is refused' run 1 'No such file' dream content.png -o x.png --guide nothing.png
ok 'a guide cannot be combined with a word' run 2 'cannot be combined with' dream content.png -o x.png --guide both.png --toward macaw
mkdir seq
ok 'several pictures are dreamt as frames' run 0 '' dream content.png d.png content.png -o 'seq/%02d.png' -q --octaves 1 -n 1 --blend 0.5 --log seq/log.jsonl
ok 'frames are numbered from 1' [ -s seq/01.png -a -s seq/02.png -a -s seq/03.png -a ! -e seq/04.png ]
ok 'each frame starts from the previous one' sh -c '! cmp -s seq/01.png seq/03.png'
ok 'the log has the numbers of frames' sh -c 'tail -1 seq/log.jsonl | grep -q "^{\"frame\": 3, \"octave\": 1"'
ok 'without --blend frames are independent' sh -c '"$0" dream content.png d.png content.png -o "seq/a%d.png" -q --exact --octaves 1 -n 1 && cmp seq/a1.png seq/a3.png' "$reverie"
ok 'an existing first frame is not replaced' run 1 'seq/01.png exists' dream content.png content.png -o 'seq/%02d.png' --octaves 1 -n 1 --log seq/l2
rm seq/01.png
ok 'an existing later frame is not replaced' run 1 'seq/02.png exists' dream content.png content.png -o 'seq/%02d.png' --octaves 1 -n 1
ok '--zoom and --rotate are accepted' run 0 '' dream content.png -o 'seq/z%d.png' -q --octaves 1 -n 1 --count 3 --zoom 1.1 --rotate 5
ok '--count sets the number of frames' [ -s seq/z3.png -a ! -e seq/z4.png ]
ok 'a dry run prints the number of frames' run 0 '7 frames of 192 x 128 px' dream content.png --dry-run --count 7 --octaves 1 -n 1
ok 'frames of two sizes cannot be blended' run 1 'blend needs one size' dream content.png t.png -o 'seq/s%d.png' --octaves 1 -n 1 --blend 0.5
ok 'several frames need a number in the file name' run 2 'several pictures need numbered files' dream content.png content.png -o x.png
ok 'two numbers in the file name are refused' run 2 'several pictures need numbered files' dream content.png content.png -o 'x%d%d.png'
ok 'another format in the file name is refused' run 2 'several pictures need numbered files' dream content.png content.png -o 'x%s.png'
ok '--zoom needs --count' run 2 'need --count' dream content.png -o 'seq/q%d.png' --zoom 1.1
ok '--neuron dreams a channel from noise' run 0 'n.png: 96 x 96 px' dream --neuron conv4_1:3 -o n.png --size 96 -n 3 --exact
ok 'redo repeats a dream from noise' sh -c '"$0" redo n.png -o n2.png -q && cmp n.png n2.png' "$reverie"
ok 'another seed gives another picture' sh -c '"$0" redo n.png -o n3.png -q --seed 1 && ! cmp -s n.png n3.png' "$reverie"
ok '--toward dreams a word from noise' run 0 '' dream --init noise --toward macaw -o nw.png -q --size 96 -n 1
ok '--neuron dreams a channel in a picture' run 0 '192 x 128 px' dream content.png --neuron conv4_1:3 -o np.png -n 1 --octaves 1
ok 'a dry run of a dream from noise prints the plan' run 0 '1 octave, 200 iterations' dream --neuron conv4_1:3 --size 96 --dry-run
ok '--diversity needs a dream from noise' run 2 'needs --init noise' dream content.png --diversity 2 -o x.png
ok 'a dream from noise takes no picture' run 2 'noise takes no picture' dream content.png --init noise -o x.png
ok 'a dream from noise has no frames' run 2 'cannot be combined' dream --init noise -o x%d.png --count 2
ok '--neuron without channels is refused' run 2 "--neuron must name channels, as in LAYER:NUMBER,..., not 'conv5_1'" dream --neuron conv5_1 -o x.png
ok 'an unknown channel of --neuron is refused' run 2 'has no channel' dream --neuron conv4_1:999 -o x.png
ok '--neuron cannot be combined with --toward' run 2 'cannot be combined with --toward' dream --neuron conv4_1:3 --toward macaw -o x.png
ok '--atlas is accepted' run 0 '' dream --atlas conv1_1 --channels conv1_1:0,3,5 -o atlas.png -q -n 1
ok 'an atlas of an unknown layer is refused' run 2 'has no layer' dream --atlas conv9_1 -o x.png
ok 'an atlas takes no picture' run 2 'takes no picture' dream content.png --atlas conv1_1 -o x.png
ok 'an atlas cannot be combined with a mask' run 2 'cannot be combined with the options of a picture' dream --atlas conv1_1 -o x.png --mask both.png
ok '--what needs a picture' run 2 'needs a picture' dream content.png --what --test-pattern
ok '--what prints classes of the picture' run 0 ' %' dream content.png --what
ok '--list-words lists words' run 0 'goldfish' dream --list-words
ok 'an unknown word gets a suggestion' run 2 "did you mean 'macaw'" dream content.png -o x.png --toward makaw
ok 'a missing mask is refused' run 1 'No such file' dream content.png -o x.png --mask nothing.png
ok '--list-layers lists layers' run 0 'conv5_2' dream --list-layers
ok '--list-layers checks other options' run 2 "there is no 'nope'" dream --list-layers --look nope
ok '--list-looks lists looks' run 0 'abstract-shapes' dream --list-looks
ok 'dream needs a picture' run 2 'a picture is missing' dream -o x.png
ok 'an unknown look gets a suggestion' run 2 "did you mean 'keras'" dream content.png -o x.png --look kera
ok 'an unknown layer is refused' run 2 'has no layer' dream content.png -o x.png --layers mixed4
ok 'an unknown channel is refused' run 2 'its channels are 0 to 127' dream content.png -o x.png --layers conv3_1 --channels conv3_1:128
ok 'a picture too small for the layer is refused' run 1 'at least 80 px' dream content.png -o x.png --preset production --layers conv5_1 --size 64
ok 'an existing output is not replaced' run 1 'exists; --force replaces it' dream content.png -o d.png
ok 'an existing comparison is not replaced' run 1 'both.png exists' dream content.png -o x.png --compare both.png
ok 'output and comparison cannot be one file' run 2 'would be written twice' dream content.png -o x.png --compare x.png
ok 'two names of one file are noticed' run 2 'would be written twice' dream content.png -o x.png --compare ./x.png
for option in log live timeline; do
  ok "comparison and --$option cannot be one file" run 2 'would be written twice' dream content.png -o x.png --compare apart.png "--$option" apart.png
done
ln -s x.png alias.png
ok 'a link to the output is noticed' run 2 'would be written twice' dream content.png -o x.png --compare alias.png
ok 'Ctrl-C leaves a good picture' interrupted_with int.png dream content.png -o int.png -q -n 100000

ok '--live and --plot write files' sh -c '"$0" dream content.png -o watched.png -q --size 64 --octaves 1 -n 2 --live live.png --plot curves.svg && cmp -s watched.png live.png && grep -q "</svg>" curves.svg' "$reverie"
ok '--live is refused for frames' run 2 'work only with one picture' dream content.png -o 'w%d.png' --count 2 --live live.png
ok 'the plan reports tiles' run 0 ' times the work), 1 octave' dream content.png --size 160 --tile 64 --layers conv2_1 --octaves 1 -n 1 --dry-run
ok 'too little memory is refused' run 1 'even in small tiles' dream content.png -o x.png --memory 10M -q

ok '--time ends a dream early' sh -c '"$0" dream content.png -o timed.png -q --size 96 -n 5000 --time 0.3s --log timed.log && [ "$(grep -c . timed.log)" -lt 20000 ]' "$reverie"
ok '--time works with no iterations' run 0 '' dream content.png -o none.png -q --size 64 --iterations 0 --time 9s
ok 'an invalid duration is refused' run 2 'a duration such as' dream content.png -o no.png -q --time soon
echo "1..$count"
