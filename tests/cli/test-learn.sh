#!/bin/sh
# test-learn.sh REVERIE DRAW [MICROAST] -- reverie learn and reverie style --learned for users. Tests of --learned any need
# the published weights in the folder MICROAST. Prints TAP.
set -u
reverie=$(realpath "$1")
draw=$(realpath "$2")
microast=${3:-}
[ -z "$microast" ] || microast=$(realpath -m "$microast")
. "$(realpath "$(dirname "$0")")/../support/cli.sh"

"$draw" lake content.png 96
"$draw" waves 'Great Waves.png' 80
"$draw" glass glass.png 80
mkdir photos few empty
for n in 90 100 120; do "$draw" lake photos/lake$n.png $n; done
cp photos/lake90.png few
echo nothing >photos/broken.jpg
small="--photos photos --from-scratch --crop 64 --batch 2 --threads 1 --exact -q"

# shellcheck disable=SC2086
if slow_cases; then
  rm photos/broken.jpg
  ok 'about so long' run 0 '' learn glass.png -o timed.safetensors $small --time 0.3s
  ok 'stopped, of a time' interrupted_with time.safetensors learn glass.png -o time.safetensors $small -n 1 --time 1h --log steps.log
  before=$(wc -l <steps.log)
  ok 'it goes on, too' run 0 '' learn glass.png -o time.safetensors $small -n 1 --time 0.3s --resume --log steps.log
  ok 'with more steps' [ "$(wc -l <steps.log)" -gt "$before" ]
  for n in 64 66 68 70 72 74 76 78 80 82 84 86 88 90 92 94 96 98; do "$draw" lake photos/more$n.png $n; done
  ok 'watched' run 0 '' learn 'Great Waves.png' glass.png -o watched.safetensors $small -n 5 --live sheet.jpg --plot losses.svg --log watched.log
  ok 'a sheet of photographs' [ -s sheet.jpg ]
  ok 'curves' grep -q 'steady' losses.svg
  ok 'judged by what was held back' [ "$(grep -c '"validation"' watched.log)" -eq 5 ]
  ok 'and not changed by that' sh -c '"$0" learn "Great Waves.png" glass.png -o unseen.safetensors $1 -n 5 && cmp watched.safetensors unseen.safetensors' "$reverie" "$small"
  all_done
fi

# shellcheck disable=SC2086
{
  ok 'learned' run 0 'left out: photos/broken.jpg' learn 'Great Waves.png' glass.png -o two.safetensors $small -n 3 --log log
  ok 'all other photographs were fine' [ "$(grep -c 'left out' err)" -eq 1 ]
  ok 'a line for each step' [ "$(grep -c '"loss"' log)" -eq 3 ]
  ok 'by names' sh -c 'grep -q "\"style\": 2.*\"content\": .*\"steady\": .*\"seconds\"" log'
  ok 'no larger than it has to be' [ "$(wc -c <two.safetensors)" -lt 500000 ]
  ok 'no state is left' [ ! -e two.safetensors.state.safetensors ]
  ok 'again, the same bytes' sh -c '"$0" learn "Great Waves.png" glass.png -o again.safetensors $1 -n 3 2>/dev/null && cmp two.safetensors again.safetensors' "$reverie" "$small"
  ok 'nothing is replaced' run 1 'two.safetensors exists' learn glass.png -o two.safetensors $small -n 1
  rm photos/broken.jpg
  ok 'stopped, with a painter' interrupted_with part.safetensors learn 'Great Waves.png' glass.png -o part.safetensors $small -n 8
  ok 'and a state' cp part.safetensors.state.safetensors state.safetensors
  ok 'not begun anew by mistake' run 1 'was stopped' learn 'Great Waves.png' glass.png -o part.safetensors $small -n 8
  ok 'of other paintings' run 1 'it had 2 inputs, and now there are 1' learn glass.png -o part.safetensors $small -n 8 --resume
  ok 'of other settings' run 2 "had --batch=2, and this has --batch=1" learn 'Great Waves.png' glass.png -o part.safetensors $small --batch 1 -n 20 --resume
  ok 'goes on' run 0 '' learn 'Great Waves.png' glass.png -o part.safetensors $small -n 8 --log steps.log --resume
  ok 'each step once' [ "$(grep -c '"loss"' steps.log)" -eq 8 ]
  ok 'learned at once' run 0 '' learn 'Great Waves.png' glass.png -o whole.safetensors $small -n 8
  ok 'to the same bytes' cmp part.safetensors whole.safetensors
  ok 'one more style' run 0 '' learn glass.png -o fine.safetensors --photos photos --from two.safetensors --crop 64 --batch 2 -q -n 2 --name mine --license 'public domain'
  ok 'of that name' grep -aq style.mine fine.safetensors
  ok 'several as one' run 0 '' learn 'Great Waves.png' glass.png -o one.safetensors $small -n 2 --as-one
  ok 'only said' run 0 '1 style, 3 photographs, 7 steps: peak' learn glass.png $small -n 7 --dry-run
  ok 'too little memory' run 1 'lower --batch or --crop' learn glass.png $small -n 7 -o y.safetensors --memory 20M
  ok 'and no such memory' run 2 '--memory must be a size' learn glass.png $small -n 7 -o y.safetensors --memory much
  ok 'as long as asked' run 0 'about 20 min' learn glass.png $small --time 20m --dry-run
  ok 'curves are .svg' run 2 '.svg' learn glass.png -o y.safetensors $small --plot losses.png
  ok 'the sheet is a picture' run 2 "sheet.txt" learn glass.png -o y.safetensors $small --live sheet.txt
  cp two.safetensors kept.safetensors
  ok 'the painter it begins from stays' run 1 'two.safetensors is an input' learn glass.png -o two.safetensors --photos photos --from two.safetensors -f
  ok 'whatever is written' run 1 'two.safetensors is an input' learn glass.png -o y.safetensors --photos photos --from two.safetensors --log two.safetensors -f
  ok 'nor is a photograph replaced' run 1 'photos/lake90.png is an input' learn glass.png -o y.safetensors $small --live photos/lake90.png -f
  ok 'by the log either' run 1 'photos/lake90.png is an input' learn glass.png -o y.safetensors $small --log photos/lake90.png -f
  ok 'as it was' cmp two.safetensors kept.safetensors
  cp glass.png same.png && cp "Great Waves.png" Same.png && cp glass.png same-2.png
  ok 'names that would be equal' run 0 '' learn same.png Same.png same-2.png -o equal.safetensors $small -n 1
  ok 'get numbers' [ "$("$reverie" learn --list --from equal.safetensors | paste -sd' ')" = "same same-2 same-2-2" ]
  cp glass.png 1888.png
  ok 'a number is no name' run 0 '' learn 1888.png -o number.safetensors $small -n 1
  ok 'but part of one' run 0 'style-1888' learn --list --from number.safetensors
  cp -r few narrow
  "$reverie" style glass.png --learned two.safetensors:glass --width 400 --height 40 -o narrow/narrow.png -q
  ok 'a photograph too narrow' run 0 'left out: narrow/narrow.png: 400 x 40 px is too narrow' learn glass.png -o x.safetensors --photos narrow --from-scratch --crop 64 --batch 2 -n 1 -q
  rm x.safetensors
  ok 'few photographs' run 0 '1 photographs are few' learn glass.png -o x.safetensors --photos few --from-scratch --crop 64 --batch 2 -n 1
  ok 'no photograph' run 1 'has no files' learn glass.png -o y.safetensors --photos empty --from-scratch
  ok 'no folder of them' run 1 'nowhere' learn glass.png -o y.safetensors --photos nowhere --from-scratch
  ok 'no painting' run 2 'a painting is missing' learn -o y.safetensors $small
  ok 'no photographs named' run 2 'photographs are missing' learn glass.png -o y.safetensors --from-scratch
  ok 'nowhere to write, said at once' run 1 'cannot write into the folder no/such' learn glass.png -o no/such/y.safetensors $small -n 99999
  ok 'no output' run 2 'an output is missing' learn glass.png $small
  ok 'a painter is no picture' run 2 '.safetensors' learn glass.png -o y.png $small
  ok 'from what' run 2 'cannot be combined' learn glass.png -o y.safetensors --photos photos --from-scratch --from two.safetensors
  ok 'from the built-in painter' run 0 '' learn glass.png -o own.safetensors --photos photos --crop 64 --batch 2 -q -n 1
  ok 'from no painter' run 1 'steps.log' learn glass.png -o y.safetensors --photos photos --from steps.log
  ok 'no time' run 2 '--time' learn glass.png -o y.safetensors $small --time soon
  ok 'two of a name' run 2 'already' learn glass.png glass.png -o y.safetensors $small
  ok 'an unknown layer' run 2 'conv4_2' learn glass.png -o y.safetensors $small --style-layers conv4_9
}

ok 'its styles' run 0 'mine  public domain' learn --list --from fine.safetensors
ok 'of two' sh -c '"$0" learn --list --from two.safetensors | tr "\n" " " | grep -qx "great-waves glass "' "$reverie"
ok 'those built in' run 0 'hokusai-wave  public domain' learn --list
ok 'in one of them' run 0 '' style content.png --learned hokusai-wave -o wave.png -q
mkdir mondrian-tree
ok 'which a folder is called like' run 0 '' style content.png --learned mondrian-tree -o tree.png -q --size 48
ok 'made again' run 0 '' redo wave.png -o wave-again.png -q
ok 'the same picture, too' cmp wave.png wave-again.png
ok 'blended with what was learned from them' run 0 '' style content.png --learned hokusai-wave:3,own.safetensors:glass:1 -o mixed.png -q
ok 'and again' sh -c '"$0" redo mixed.png -o mixed-again.png -q && cmp mixed.png mixed-again.png' "$reverie"
ok 'in each' run 0 '' style content.png --learned all -o 'all-{style}.png' -q --no-recipe --size 48
ok 'of at least twelve' [ "$(find . -name 'all-*.png' | wc -l)" -ge 12 ]
ok 'all on one sheet' run 0 'sheet.png' explore with content.png -o sheet.png --cell 64
ok 'as it was' sh -c '"$0" redo sheet.png -o sheet-again.png -q && cmp sheet.png sheet-again.png' "$reverie"
ok 'some on one' run 0 '' explore with content.png --learned munch-scream,two.safetensors:glass -o some.png -q --cell 64 --strength 80
ok 'a start for the slow method' run 0 'it starts from the learned style' style content.png glass.png -o start.png --init learned --exact -n 2 --finish 0 --size 200 --log start.log
  ok 'which no smaller scale paints over' sh -c '! grep -q "\"scale\": 2" start.log'
ok 'which a plan does without' sh -c 'G_MESSAGES_DEBUG=all "$0" style content.png glass.png --init learned --dry-run >out 2>&1 && ! grep -q 9x9 out' "$reverie"
ok 'as it was' sh -c '"$0" redo start.png -o start-again.png -q && cmp start.png start-again.png' "$reverie"
ok 'as a page' run 0 'page.html: open it' learn --export page.html --from two.safetensors
ok 'with all in it' sh -c 'grep -q "\"name\": \"great-waves\"" page.html && ! grep -q "@[A-Z]*@" page.html'
ok 'which is not replaced' run 1 'page.html exists' learn --export page.html
ok 'none of that name' run 2 'built-in ones are ' style content.png --learned hokusai -o x.png
ok 'nor in a recipe' run 2 'built-in ones are ' style content.png --learned builtin:hokusai -o x.png
ok 'a sheet has cells' run 2 '--cell' explore with content.png -o x.png --size 300
ok 'of which photograph' run 2 'a photograph is missing' explore with -o x.png
ok 'painted' run 0 'a.png: 144 x 96 px' style content.png --learned fine.safetensors -o a.png
ok 'again, the same picture' sh -c 'for i in 1 2; do "$0" style content.png --learned fine.safetensors -o b$i.png -q --no-recipe; done; cmp b1.png b2.png' "$reverie"
ok 'how is in it' run 0 'fine.safetensors' info a.png
ok 'which of two' run 1 'as in two.safetensors:great-waves:1' style content.png --learned two.safetensors -o x.png
ok 'that one' run 0 '' style content.png --learned two.safetensors:glass -o glass-style.png -q --no-recipe
ok 'both' run 0 '' style content.png --learned two.safetensors:glass:3,two.safetensors:great-waves -o both.png -q --no-recipe
ok 'each' run 0 '' style content.png --learned two.safetensors:glass,two.safetensors:great-waves -o 'each-{style}.png' -q --no-recipe
ok 'each is itself' sh -c 'cmp each-glass.png glass-style.png && ! cmp -s each-glass.png both.png && ! cmp -s each-great-waves.png both.png'
ok 'fine-tuned ones blend, too' run 0 '' style content.png --learned two.safetensors:glass,fine.safetensors -o blend.png -q
ok 'or of one name, in two files' run 0 '' style content.png --learned two.safetensors:glass,again.safetensors:glass:2 -o twice.png -q
ok 'made again' run 0 '' redo blend.png -o redone.png -q
ok 'the same picture' sh -c '"$0" style content.png --learned two.safetensors:glass:1,fine.safetensors -o blend2.png -q && cmp blend2.png redone.png' "$reverie"
ok 'without the painter' sh -c 'mkdir far && cp blend.png content.png two.safetensors far && cd far && ! "$0" redo blend.png -o x.png 2>err && grep -q "was made from fine.safetensors, which is not in its folder" err' "$reverie"
ok 'which lies elsewhere' sh -c 'cd far && "$0" redo blend.png -o x.png --inputs .. -q && cmp x.png ../redone.png' "$reverie"
ok 'each of other painters' run 0 '' style content.png --learned two.safetensors:glass,one.safetensors -o 'other-{style}.png' -q --no-recipe
ok 'is itself, too' cmp other-glass.png glass-style.png
ok 'others do not' run 1 'do not belong to the same style network' style content.png --learned two.safetensors:glass,one.safetensors -o x.png
# ---- any painting
ok 'its painter is not here' run 1 "network import\` makes $REVERIE_MODELS/microast.safetensors" style content.png glass.png --learned any -o x.png
ok 'it wants a painting' run 2 'a style picture is missing' style content.png --learned any -o x.png
ok 'and nothing beside it' run 2 'cannot be combined with other styles' style content.png glass.png --learned hokusai-wave,any -o x.png
ok 'a sheet wants styles' run 2 'no list of styles' explore with content.png --learned any -o x.png
ok 'its painter is another' run 1 'not a style network for any style' style content.png glass.png --learned any --weights fine.safetensors -o x.png
ok 'no iterations with a learned style, still' run 2 '--iterations cannot be combined' style content.png glass.png --learned any -o x.png -n 3
ok 'of a folder of anything' run 1 'no file whose name begins with content_encoder' network import photos -o y.safetensors
mkdir -p folders/content_encoder
ok 'whose parts are files' run 1 'no file whose name begins with content_encoder' network import folders -o y.safetensors
ok 'nothing of weights is asked for' run 2 'work only with weights files' network import photos -o y.safetensors --f16
if [ -e "$microast/LICENSE" ]; then
  mkdir -p "$REVERIE_MODELS"
  ok 'its files are one' run 0 'a style network for any style' network import "$microast" -o "$REVERIE_MODELS/microast.safetensors"
  ok 'any painting' run 0 'any.png: 144 x 96 px' style content.png glass.png --learned any -o any.png
  ok 'which is no learned one' run 1 'set --learned to any' style content.png --learned "$REVERIE_MODELS/microast.safetensors" -o x.png
  ok 'as it was' sh -c '"$0" redo any.png -o any-again.png -q && cmp any.png any-again.png' "$reverie"
  ok 'its recipe names the painter' sh -c '"$0" info any.png | grep -q "^network *any (sha256 $(sha256sum "$REVERIE_MODELS/microast.safetensors" | cut -c 1-16)"' "$reverie"
  ok 'two of them' run 0 '' style content.png glass.png 'Great Waves.png' --learned any -o any-two.png -q --style-blend 0.3,0.7 --size 60 --strength 70
  ok 'as they were' sh -c '"$0" redo any-two.png -o any-again.png -q -f && cmp any-two.png any-again.png' "$reverie"
  ok 'each' run 0 '' style --style glass.png --style 'Great Waves.png' content.png --learned any -o 'any-{style}.png' -q --no-recipe
  ok 'is itself' sh -c '! cmp -s any-glass.png "any-Great Waves.png"'
  ok 'where its mask is white' run 0 '' style content.png glass.png --learned any -o any-masked.png -q --mask content.png
  ok 'what it takes' run 0 'in one pass: peak' style content.png glass.png --learned any --dry-run
  skip_sanitized 'too little' || ok 'too little' run 1 'raise --memory' style content.png glass.png --learned any --memory 1M -o x.png
  ok 'a painting is no result' run 1 'is an input' style content.png glass.png --learned any -o glass.png -f
else
  ok 'any painting # SKIP its weights are not here' true
fi

if command -v ffmpeg >/dev/null; then
  ffmpeg -v error -nostdin -y -loop 1 -framerate 8 -t 0.375 -i content.png -vf 'crop=96:64:4*n:8' -pix_fmt yuv420p clip.mp4
  ok 'a video' run 0 'warping error' style clip.mp4 --learned two.safetensors:glass:1,fine.safetensors -o film.mp4
  ok 'made again, too' sh -c '"$0" redo film.mp4 -o film2.mp4 -q && cmp film.mp4 film2.mp4' "$reverie"
  if [ -e "$REVERIE_MODELS/microast.safetensors" ]; then
    ok 'a video like any painting' run 0 'warping error' style clip.mp4 glass.png --learned any -o any.mp4 --temporal-weight 5
    ok 'as it was made' sh -c '"$0" redo any.mp4 -o any2.mp4 -q && cmp any.mp4 any2.mp4' "$reverie"
    ok 'what it takes, of elsewhere' sh -c 'mv "$REVERIE_MODELS/microast.safetensors" m.safetensors && "$0" style clip.mp4 glass.png --learned any -o x.mp4 --weights m.safetensors --dry-run | grep -q "on a style network"' "$reverie"
  else
    ok 'a video like any painting # SKIP its weights are not here' true
  fi
else
  ok 'a video # SKIP no ffmpeg here' true
fi
ok 'a folder, at any size' run 0 '' style photos --learned fine.safetensors -o 'painted/{content}.png' -q --size 61
ok 'all of it' [ "$(find painted -name '*.png' | wc -l)" -eq 3 ]
ok 'no strength is the photograph' sh -c 'for p in fine one; do "$0" style content.png --learned $p.safetensors -o zero-$p.png -q --no-recipe --strength 0; done; cmp zero-fine.png zero-one.png' "$reverie"
ok 'more strength' run 0 '' style content.png --learned fine.safetensors -o more.png -q --strength 90
ok 'its own colours' run 0 '' style content.png --learned fine.safetensors -o colors.png -q --keep-colors luminance
ok 'only said' run 0 'in one pass: peak' style content.png --learned fine.safetensors --dry-run
skip_sanitized 'in less memory' || ok 'in less memory' run 0 'strips: peak' style content.png --learned fine.safetensors --dry-run --size 2000 --memory 200M
ok 'no memory' run 2 '--memory must be a size' style content.png --learned fine.safetensors -o x.png --memory much
ok 'too little of it' run 1 'raise --memory' style content.png --learned fine.safetensors -o x.png --memory 1M
"$draw" glass mask.png 96
ok 'a style where its mask is white' run 0 '' style content.png --learned hokusai-wave,fine.safetensors --mask mask.png --mask content.png -o masked.png -q
ok 'again' sh -c '"$0" redo masked.png -o masked-again.png -q && cmp masked.png masked-again.png' "$reverie"
ok 'one mask for each' run 2 '1 mask for 2 styles' style content.png --learned hokusai-wave,munch-scream --mask mask.png -o x.png
ok 'no input is written' run 1 'is an input' style content.png --learned fine.safetensors -o content.png -f
ok 'nothing is replaced' run 1 'a.png exists' style content.png --learned fine.safetensors -o a.png
ok 'no such style' run 1 "no style 'sky'" style content.png --learned two.safetensors:sky -o x.png
ok 'no such file' run 1 'nothing.safetensors' style content.png --learned nothing.safetensors -o x.png
ok 'no painter' run 1 'is not a style network' style content.png --learned state.safetensors -o x.png
ok 'no weight at all' run 2 'weights are all 0' style content.png --learned fine.safetensors:0 -o x.png
ok 'nothing' run 2 'is NAME' style content.png --learned , -o x.png
ok 'no iterations with a learned style' run 2 '--iterations cannot be combined with --learned' style content.png --learned fine.safetensors -o x.png -n 3
ok 'cut off' sh -c 'head -c 300000 fine.safetensors >cut.safetensors; ! "$0" style content.png --learned cut.safetensors -o x.png 2>err && grep -q cut.safetensors err' "$reverie"
echo "1..$count"
