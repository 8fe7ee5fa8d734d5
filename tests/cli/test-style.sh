#!/bin/sh
# test-style.sh REVERIE DRAW -- tests reverie style: exit codes, one-line errors, no lost files. Prints TAP.
set -u
reverie=$(realpath "$1")
draw=$(realpath "$2")
. "$(realpath "$(dirname "$0")")/../support/cli.sh"

paint() { # paint OUT ARGUMENTS...: a quick run that must succeed
  target=$1
  shift
  run 0 '' style content.png style.png -o "$target" -q --size 64 -n 2 --threads 2 "$@" && [ -s "$target" ]
}

"$draw" waves content.png 96
"$draw" glass style.png 80
"$draw" strokes second.png 64
: >empty.jpg
echo 'this is text' >text.jpg
mkdir folder.jpg
ln -s style.png alias.png
head -c 3000 content.png >cut.png

if slow_cases; then
  skip_sanitized 'selftest passes' || ok 'selftest passes' run 0 'all checks passed' selftest
  ok 'every loss, optimiser, init and pooling works' sh -c '
    for loss in keras d2l gatys relative covariance mean-var swd histogram neighbours; do "$0" style content.png style.png -o l.png -f -q --size 48 -n 1 --style-loss $loss || exit 1; done
    for loss in sum mean relative laplacian pixels; do "$0" style content.png style.png -o l.png -f -q --size 48 -n 1 --content-loss $loss || exit 1; done
    for tv in keras d2l squared palette; do "$0" style content.png style.png -o l.png -f -q --size 48 -n 1 --tv $tv || exit 1; done
    for optimizer in adam sgd lbfgs; do "$0" style content.png style.png -o l.png -f -q --size 48 -n 2 --optimizer $optimizer --learning-rate 1 || exit 1; done
    for init in content recolored noise style second.png; do "$0" style content.png style.png -o l.png -f -q --size 48 -n 1 --init $init || exit 1; done
    for pooling in own max average average-scaled; do "$0" style content.png style.png -o l.png -f -q --size 48 -n 1 --pooling $pooling || exit 1; done' "$reverie"
  ok '--time ends the run early' sh -c '"$0" style content.png style.png -o timed.png -q --size 96 -n 5000 --time 0.3s --log timed.log && [ "$(grep -c . timed.log)" -lt 5000 ]' "$reverie"
  all_done
fi

# ---- errors of the command line: exit code 2
ok 'no command shows the overview' run 2 ''
ok 'the overview has a first command' grep -q 'reverie style photo.jpg' out
ok '--version is accepted' run 0 '' --version
ok 'an unknown command gets a suggestion' run 2 "did you mean 'style'" stile
ok 'an unknown option before a command is refused' run 2 'there is no option --verison before a command' --verison
ok 'an option without a value is refused' run 2 'a value is missing after --size' style content.png style.png -o a.png --size
ok 'an option is not the value of another' run 2 'a value is missing after --gpu' style content.png style.png -o a.png --gpu --size 64
ok 'a missing file of --init is refused' run 1 "there is no file 'no.png'" style content.png style.png -o a.png --init no.png
ok '--help is accepted' run 0 '' style --help
ok 'help has every section' sh -c 'grep -q Examples out && grep -q -- --style-weight out && grep -q -- --no-denoise-style out'
ok 'the man page of the program names the commands' sh -c '"$0" --man | grep -qx "\.BR reverie.-style (1)"' "$reverie"
ok 'the man page of style has its options' sh -c '"$0" style --man | grep -q "^.SH OPTIONS"' "$reverie"
ok 'style needs pictures' run 2 'pictures are missing' style -o a.png
ok 'style needs a style picture' run 2 'style picture is missing' style content.png -o a.png
ok 'style needs an output' run 2 'an output is missing' style content.png style.png
ok 'an unknown option gets a suggestion' run 2 'did you mean --style-weight' style content.png style.png -o a.png --style-wieght 3
ok 'an unknown preset gets a suggestion' run 2 "did you mean 'gallery'" style content.png style.png -o a.png --preset galery
ok 'the preset nnst works with a finish, and redo repeats it' sh -c '"$0" style content.png style.png -o nnst.png --preset nnst --size 48 -n 8 --finish 1 --exact -q && \
  "$0" redo nnst.png -o nnst2.png --exact -q && cmp nnst.png nnst2.png && "$0" info nnst.png | grep -q "style-loss neighbours"' "$reverie"
ok 'an unknown layer is refused' run 2 'conv5_2, class' style content.png style.png -o a.png --style-layers conv9_1
ok 'an unknown network gets a suggestion' run 2 "did you mean 'builtin'" style content.png style.png -o a.png --network bultin
ok 'an unknown suffix is refused' run 2 'unknown suffix' style content.png style.png -o a.xyz
ok 'size 0 is refused' run 2 'between 1 and' style content.png style.png -o a.png --size 0
ok 'a negative weight is refused' run 2 'between 0 and' style content.png style.png -o a.png --style-weight -1
ok 'a weight that is no number is refused' run 2 'needs a number' style content.png style.png -o a.png --content-weight nan
ok 'weights that are all 0 are refused' run 2 'are all 0' style content.png style.png -o a.png --content-weight 0 --style-weight 0 --tv-weight 0
ok 'a strength out of range is refused' run 2 'between 0 and 100' style content.png style.png -o a.png --strength 101
ok 'a blend with a weight too many is refused' run 2 '2 weights for 1' style content.png style.png -o a.png --style-blend 1,2
ok 'size and width cannot be combined' run 2 'cannot be combined' style content.png style.png -o a.png --size 9 --width 9
ok '12 bits are refused' run 2 '8 or 16' style content.png style.png -o a.png --bits 12
ok '--list-layers is accepted' run 0 '' style --list-layers
ok '--list-layers checks other options' run 2 "there is no 'nope'" style --list-layers --preset nope
ok '--list-presets is accepted' run 0 '' style --list-presets
ok 'refused options leave no file' [ ! -e a.png ]

# ---- errors of files: exit code 1
ok 'a missing photograph is refused' run 1 'No such file' style nothing.jpg style.png -o a.png
ok 'a missing style picture is refused' run 1 'No such file' style content.png nothing.jpg -o a.png
ok 'an empty file is refused' run 1 'is empty' style empty.jpg style.png -o a.png
ok 'a text file named .jpg is refused' run 1 'not a picture of a supported format' style text.jpg style.png -o a.png
ok 'a network that is not installed is reported' run 1 "'reverie network get vgg19' downloads them" style content.png style.png -o a.png --preset keras
ok 'a file that is no weights file is refused' run 1 'not a weights file (safetensors, Keras, PyTorch, Caffe or ONNX)' style content.png style.png -o a.png --weights text.jpg
ok 'a folder without pictures is refused' run 1 'the folder folder.jpg has no files' style folder.jpg style.png -o a.png
ok 'a truncated picture is refused' run 1 'cannot read cut.png' style cut.png style.png -o a.png -q
ok 'a missing output folder is refused' run 1 'cannot write into the folder' style content.png style.png -o no/where.png
ok 'a picture too large for WebP is refused' run 1 'has at most 16383' style content.png style.png -o a.webp --width 20000 --height 20
ok 'a picture of 12 px is refused' run 1 'at least 16 px' style content.png style.png -o a.png -q --size 12
ok 'a picture of 1 px is refused' run 1 'at least 16 px' style content.png style.png -o a.png -q --width 1 --height 1
ok 'an input cannot be the output' run 1 'is an input' style content.png style.png -o style.png --force
ok 'a text file is refused as weights' run 1 'not a weights file' style content.png style.png -o a.png --weights text.jpg
ok 'a missing settings file is refused' run 1 'cannot read the settings' style content.png style.png -o a.png --settings no.json
ok 'a log in a missing folder is refused' run 1 'cannot write into the folder no' style content.png style.png -o a.png --log no/log
ok 'a device is refused as weights' run 1 'dev/full' style content.png style.png -o a.png -q --weights /dev/full
ok 'refused files leave no file' [ ! -e a.png ]

# ---- runs
ok 'a picture is painted' paint a.png
cp a.png before.png
ok 'an existing picture is not replaced' run 1 '--force replaces it' style content.png style.png -o a.png
ok 'the existing picture is unchanged' cmp -s a.png before.png
ok '--force replaces a picture' paint a.png --force
ok 'a repeated run with --exact has the same bytes' sh -c '"$0" style content.png style.png -o b.png -q --size 64 -n 2 --threads 2 --exact && "$0" style content.png style.png -o c.png -q --size 64 -n 2 --threads 2 --exact && cmp b.png c.png' "$reverie"
ok 'a link stays, its target is replaced' sh -c '
  mkdir -p linked && ln -s linked/to.png link.png && ln -s link.png second-link.png &&
  "$0" style content.png style.png -o second-link.png -q --size 48 -n 1 && [ -L link.png ] && [ -L second-link.png ] &&
  "$0" style content.png style.png -o link.png -q --size 48 -n 1 --force && [ -L link.png ] && [ -s linked/to.png ] &&
  [ ! -e linked/link.png ] && [ -z "$(ls ./*.part-* linked/*.part-* 2>/dev/null)" ]' "$reverie"
ln -s loop.png loop2.png && ln -s loop2.png loop.png
ok 'links in a circle are refused' run 1 'oo many levels' style content.png style.png -o loop.png -q -n 1 --size 48
ok 'the links in a circle stay' [ -L loop.png -a -L loop2.png ]
ok 'a link to an input is refused as output' run 1 'is an input' style content.png style.png -o alias.png --force
full_disk() { # full_disk SUFFIX
  (limit_files 2 && exec "$reverie" style content.png style.png -o "full.$1" -q --size 64 -n 1) 2>err
  [ $? -eq 1 ] && grep -q "cannot write full.$1: File too large" err && [ -z "$(ls full.* 2>/dev/null)" ]
}
for suffix in png jpg webp tif; do
  ok "a full disk is reported: $suffix" full_disk $suffix
done
for words in --help --version '--version --verbose' 'style --help' 'style --man' '--completion bash' 'style --list-layers'; do
  [ -e /dev/full ] || break
  ok "$words reports a full disk" sh -c '"$0" $1 >/dev/full 2>err; [ $? -eq 1 ] && grep -q "standard output" err' "$reverie" "$words"
done
ok 'a JPEG is written' paint a.jpg
ok 'a WebP is written' paint a.webp
ok 'a TIFF of 16 bits is written' paint a.tif --bits 16 --dpi 300
ok 'two styles are blended' sh -c '"$0" style content.png style.png second.png -o two.png -q --size 64 -n 1 --style-blend 0.7,0.3' "$reverie"
ok 'with several paintings, a line names the content' sh -c '"$0" style content.png style.png second.png --dry-run --size 64 2>err && grep -qx "reverie: content: content.png; the other 2 are paintings. For several contents: --style PAINTING" err' "$reverie"
ok 'with one painting, or with --style, no line does' sh -c '"$0" style content.png style.png --dry-run --size 64 2>err && "$0" style content.png second.png --style style.png --style second.png --dry-run --size 64 2>>err && ! grep "content:" err' "$reverie"
ok 'every format contains the recipe' sh -c 'for e in png jpg webp tif; do "$0" style content.png style.png -o recipe.$e -q --size 48 -n 2 --strength 61 && "$0" info recipe.$e >info.txt && grep -q "^content *content.png" info.txt && grep -q -- "--strength 61" info.txt || exit 1; done' "$reverie"
ok 'recipes contain names of files, but no folders' sh -c 'mkdir -p secret && cp content.png secret/mine.png && "$0" style secret/mine.png style.png -o named.png -q --size 48 -n 1 && "$0" info --json named.png >named.json && grep -q mine.png named.json && ! grep -q secret named.json' "$reverie"
ok '--no-recipe leaves out the recipe' sh -c '"$0" style content.png style.png -o bare.png -q --size 48 -n 1 --no-recipe && ! "$0" info bare.png 2>err && grep -q "contains no recipe" err' "$reverie"
ok 'redo repeats a picture' sh -c '"$0" style content.png style.png -o first.png -q --size 48 -n 2 --strength 63 --exact && "$0" redo first.png -o again.png -q && cmp first.png again.png' "$reverie"
ok 'redo changes settings' sh -c '"$0" redo first.png -o changed.png -q --size 64 --strength 20 && "$0" info changed.png >info.txt && grep -q -- "--strength 20" info.txt && grep -q "64 x" info.txt' "$reverie"
mkdir moved && cp first.png style.png moved && cp style.png moved/content.png
ok 'redo prefers an input with the hash of the recipe' sh -c '"$0" redo moved/first.png -o moved/found.png -q 2>err && [ ! -s err ] && cmp first.png moved/found.png' "$reverie"
ok 'redo reports a changed input' sh -c 'cd moved && "$0" redo first.png -o again.png -q 2>err && grep -q "content.png has changed since" err' "$reverie"
changed_meanwhile() { # the photograph is replaced when its run has begun
  cp content.png photo.png && rm -f photo.log && expected=$(sha256sum <content.png | cut -d' ' -f1)
  "$reverie" style photo.png style.png -o meanwhile.png --size 48 -n 1000000 --start-size 0 --exact -q --log photo.log -f &
  for wait in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do [ -s photo.log ] && break; sleep 0.5; done
  cp style.png photo.png && kill -INT $! && wait $!
  "$reverie" info --json meanwhile.png | grep -q "$expected"
}
ok 'a recipe has the hash of the photograph that was read' changed_meanwhile
preset='gallery1 --size 40 -n 1 --start-size 0 -q'
ok 'a picture of another preset is painted' run 0 '' style content.png style.png -o preset.png --preset $preset
for option in --preset -p -fp; do # -fp: --force and --preset
  ok "redo $option leaves out settings of the recipe" sh -c '"$0" redo first.png -o preset2.png --force '"$option $preset"' &&
    "$0" diff preset2.png preset.png >diff.txt && ! grep "^--" diff.txt' "$reverie"
done
ok 'redo refuses a settings file' run 2 'redo reads no settings file' redo first.png --settings s.json -o x.png
ok 'redo refuses a learned style for a painting' run 2 'was made without --learned' redo first.png --learned munch-scream -o x.png
ok 'redo reports a missing input' sh -c 'mkdir -p alone/in && cp first.png alone && cd alone/in && ! "$0" redo ../first.png -o x.png -q 2>err && grep -q "not in its folder or the current one" err' "$(realpath "$reverie")"
ok 'diff prints the settings that differ' sh -c '"$0" diff first.png changed.png >diff.txt && grep -q -- "--strength *63 -> 20" diff.txt && grep -q "size *48 x .* -> 64 x" diff.txt && ! grep -q content-loss diff.txt && "$0" diff first.png again.png | grep -q "same recipe"' "$reverie"
ok 'redo uses the kernels of the recipe' sh -c '
  XDG_CACHE_HOME=$PWD/slow "$0" style content.png style.png -o slow.png -q --size 64 -n 2 --tune || exit 1
  sed -i "s/ = .*/ = gemm/" slow/reverie/kernels-*.txt 2>/dev/null # a build without gemm has plain C only, and no file
  XDG_CACHE_HOME=$PWD/slow "$0" style content.png style.png -o gemm.png -q --size 64 -n 2 &&
  XDG_CACHE_HOME=$PWD/none "$0" redo gemm.png -o gemm2.png -q && cmp gemm.png gemm2.png && [ ! -e none/reverie ]' "$reverie"
ok '--kernels of a picture without a recipe is refused' run 1 'contains no recipe' style content.png style.png -o x.png -q --size 48 -n 1 --kernels bare.png
ok 'redo --until ends at an earlier iteration' sh -c '"$0" redo first.png -o earlier.png -q --until 1 --log earlier.log && [ "$(wc -l <earlier.log)" -eq 1 ] && ! cmp -s first.png earlier.png && "$0" diff first.png earlier.png | grep -q -- "--until *0 -> 1"' "$reverie"
ok 'diff needs two pictures' run 2 'two pictures are needed' diff first.png
ok 'redo of a picture without a recipe is refused' run 1 'contains no recipe' redo style.png -o x.png
ok 'redo needs a picture' run 2 'a picture is missing' redo
ok 'redo needs the picture first' run 2 'the picture must come first' redo -o x.png first.png
ok 'info of a missing picture is refused' run 1 'cannot open' info nowhere.png
ok 'info needs a picture' run 2 'one picture is needed' info
ok '--version --verbose prints the backends' run 0 'backend' --version --verbose
ok 'selftest takes no arguments' run 2 'takes no arguments' selftest now
ok '--live and --plot write files' sh -c '"$0" style content.png style.png -o watched.png -q --size 48 -n 3 --live live.png --plot curves.svg && cmp -s watched.png live.png && grep -q "</svg>" curves.svg && grep -q content curves.svg' "$reverie"
ok 'an existing file of --live is not replaced' run 1 'live.png exists' style content.png style.png -o w.png -q --live live.png
ok 'existing curves are not replaced' run 1 'curves.svg exists' style content.png style.png -o w.png -q --plot curves.svg
ok '--plot needs a .svg file' run 2 'drawn as .svg' style content.png style.png -o w.png -q --plot curves.png
ok 'the output cannot be the file of --live' run 2 'would be written twice' style content.png style.png -o w.png -q --live w.png
ok '--keep-colors accepts all methods' sh -c 'for how in none luminance histogram covariance; do "$0" style content.png style.png -o keep-$how.png -q --size 48 -n 2 --keep-colors $how || exit 1; done; ! cmp -s keep-none.png keep-luminance.png && ! cmp -s keep-histogram.png keep-covariance.png' "$reverie"
ok '--match-colors changes the picture' sh -c '"$0" style content.png style.png -o match.png -q --size 48 -n 2 --match-colors && ! cmp -s match.png keep-none.png' "$reverie"
ok 'an invalid duration is refused' run 2 'a duration such as' style content.png style.png -o no.png -q --time soon
ok 'the log names the kernel of each convolution' sh -c 'G_MESSAGES_DEBUG=reverie "$0" style content.png style.png -o k.png -q --size 64 -n 1 2>&1 | grep -c "3x3 by [a-z]" >k.count; [ "$(cat k.count)" -ge 20 ]' "$reverie"
ok '--tune stores the chosen kernels' sh -c 'XDG_CACHE_HOME=$PWD/tuned "$0" style content.png style.png -o t.png -q --size 64 -n 1 --tune && kept=$(cat tuned/reverie/kernels-*.txt | grep -c " = ") && [ "$kept" -ge 10 ]' "$reverie"
ok '--backend reference paints' paint plain.png --backend reference
ok 'the recipe names the backend' sh -c '"$0" info plain.png | grep -q -- "--backend reference"' "$reverie"
ok 'an unknown backend is refused' run 2 'choose from: auto' style content.png style.png -o a.png --backend cuda
ok 'f32, auto and bf16 are near each other' sh -c 'for p in f32 auto bf16; do "$0" style content.png style.png -o $p.png -q --size 64 -n 6 --start-size 0 --precision $p --log $p.log 2>err || grep -q "no fast bf16" err || exit 1; done; tail -qn 1 f32.log auto.log bf16.log | sed "s/.*\"loss\": \([0-9.]*\).*/\1/" | awk "NR == 1 { f = \$1 } (\$1 - f) ^ 2 > (f / 50) ^ 2 { exit 1 }"' "$reverie"
ok '--width and --height set the size' sh -c '"$0" style content.png style.png -o wide.png -q --width 100 --height 40 -n 1 && file wide.png | grep -q "100 x 40" || ! command -v file >/dev/null' "$reverie"
ok '--loss-settings is accepted' run 0 '' style content.png style.png -o l.png -f -q --size 48 -n 1 --style-loss swd --loss-settings swd.projections=4,swd.seed=2
ok 'an unknown setting of a loss is refused' run 2 'is no setting of a loss' style content.png style.png -o l.png -f --loss-settings swd.colours=4
ok '--dream is accepted' run 0 '' style content.png style.png -o dreaming.png -q --size 96 -n 2 --dream conv4_2:0.01,conv3_1:0.02 --log dreaming.jsonl
ok 'the log has the loss of --dream' grep -q '"dream": -' dreaming.jsonl
ok 'an unknown layer of --dream is refused' run 2 'has no layer' style content.png style.png -o x.png --dream mixed4:1
ok 'strength 0 is accepted' sh -c '"$0" style content.png style.png -o s.png -q --strength 0 --size 64' "$reverie"
ok '--dry-run is accepted' run 0 '' style content.png style.png --dry-run --size 64
untimed='not measured on this machine yet: the bytes may differ from run to run; --tune measures all kernels, --exact needs no measurement'
ok 'a plan reports kernels that are not timed' sh -c 'XDG_CACHE_HOME=$PWD/none "$0" style content.png style.png --dry-run --size 64 >plan.txt && grep -q "$1" plan.txt' \
  "$reverie" "$untimed"
ok 'a plan with --exact does not report kernels' sh -c 'XDG_CACHE_HOME=$PWD/none "$0" style content.png style.png --dry-run --size 64 --exact >plan.txt && ! grep -q "$1" plan.txt' \
  "$reverie" "$untimed"
ok 'a run of many reports kernels once' sh -c 'XDG_CACHE_HOME=$PWD/none "$0" style --style style.png content.png style.png -o "guess-{content}.png" --size 32 -n 1 2>err &&
  [ "$(grep -c "$1" err)" -eq 1 ]' "$reverie" "$untimed"
ok 'the next run does not report kernels again' sh -c 'XDG_CACHE_HOME=$PWD/none "$0" style content.png style.png -o guess2.png --size 32 -n 1 2>err && ! grep "$1" err' "$reverie" "$untimed"
ok 'a run with --exact does not report kernels' sh -c 'XDG_CACHE_HOME=$PWD/no-note "$0" style content.png style.png -o guess.png --size 32 -n 1 --exact 2>err && ! grep "$1" err' "$reverie" "$untimed"
ok 'a busy system changes no bytes, unless the plan reports that bytes may differ' sh -c '
  export XDG_CACHE_HOME=$PWD/none
  while :; do :; done & busy=$!
  "$0" style content.png style.png --size 48 -n 4 -q --no-recipe -o busy1.png && "$0" style content.png style.png --size 48 --dry-run >plan.txt &&
    "$0" style content.png style.png --size 48 -n 4 -q --no-recipe -o busy2.png
  code=$?
  kill $busy
  [ $code -eq 0 ] && { cmp -s busy1.png busy2.png || grep -q "$1" plan.txt; }' "$reverie" "$untimed"
ok 'a dry run prints peak memory and time' grep -Eq 'peak [0-9]+ MB(, and [0-9]+ MB on the GPU)?, about ([0-9]+ min )?[0-9.]+ s' out
ok '--quiet prints nothing' sh -c '[ -z "$("$0" style content.png style.png -o q.png -q --size 48 -n 1 2>&1)" ]' "$reverie"
ok 'progress in a pipe is printed as plain lines' sh -c '"$0" style content.png style.png -o p.png --size 48 -n 4 --finish 0 2>&1 | grep -Eq "^100%  scale 1/1 48 x 36  loss"' "$reverie"
ok 'the log has the losses of each iteration' sh -c '"$0" style content.png style.png -o log.png -q --size 48 -n 3 --finish 0 --log log.jsonl && [ "$(wc -l <log.jsonl)" -eq 3 ] && tail -1 log.jsonl | grep -Eq "^\{\"iteration\": 3, \"scale\": 1, \"loss\": [0-9.e+-]+, \"content\": [0-9.e+-]+, \"style\": [0-9.e+-]+, \"tv\": [0-9.e+-]+, \"seconds\": [0-9.]+\}$"' "$reverie"
ok '--save-every writes intermediate pictures' sh -c '"$0" style content.png style.png -o snap.png -q --size 48 -n 5 --save-every 2 && [ -s snap_at_iteration_2.png ] && [ -s snap_at_iteration_4.png ] && [ ! -e snap_at_iteration_5.png ]' "$reverie"
rm -f snap.png
ok 'existing intermediate pictures are not replaced' run 1 'snap_at_iteration_' style content.png style.png -o snap.png -q --size 48 --save-every 2
cp log.jsonl log.before
ok 'an existing log is not replaced' run 1 'log.jsonl exists' style content.png style.png -o log2.png -q --size 48 --log log.jsonl
ok 'a dry run does not change a log' sh -c '"$0" style content.png style.png --dry-run --size 48 --log log.jsonl >/dev/null && cmp log.jsonl log.before' "$reverie"
ok 'the output cannot be the log' run 2 'would be written twice' style content.png style.png -o one.png --log one.png
ok 'the checkpoint cannot be the log' run 2 'would be written twice' style content.png style.png -o one.png --log one.png.state.safetensors
mkdir once && ln -s once again
ok 'nor can the timeline be the output, by a link to its folder' run 2 'would be written twice' style content.png style.png -o once/one.png --timeline again/one.png
ok 'the sheet of regions cannot be the timeline' run 2 'would be written twice' style content.png style.png -o one.png --regions auto --regions-sheet two.png --timeline two.png -f
ok 'a log on a full disk is reported' run 1 'cannot write /dev/full' style content.png style.png -o logfull.png -q --size 48 -n 2 --log /dev/full
"$reverie" style content.png style.png -o logless.png -q --size 48 --start-size 0 -n 100000 --state-every 0.01 --log /dev/full 2>/dev/null &
pid=$!
for wait in $(seq $((100 * REVERIE_TEST_SLOWER))); do [ ! -e logless.png.state.safetensors ] || break; sleep 0.1; done
ok 'a log on a full disk stops no checkpoint' [ -s logless.png.state.safetensors ]
kill -INT $pid
wait $pid
rm -f logless.png.state.safetensors
echo '{"strength": 70, "clamp": false, "style-loss": "gatys", "size": 48}' >settings.json
ok '--settings is accepted' run 0 '' style content.png style.png -o set.png -q -n 1 --settings settings.json
echo '{"strenght": 70}' >settings.json
ok 'a settings file with an unknown name is refused' run 1 "there is no option 'strenght'; did you mean --strength" style content.png style.png -o set2.png --settings settings.json
echo '{"strength": [70]}' >settings.json
ok 'a settings file with a list is refused' run 1 "the value of 'strength' must not be a list" style content.png style.png -o set2.png --settings settings.json
ok 'numbers have a decimal point in any locale' sh -c 'LC_ALL=de_DE.UTF-8 "$0" style content.png style.png -o de.png -q --size 48 -n 1 --style-scale 1.5' "$reverie"
ok 'a loss that is no number ends the run' run 1 'lower --learning-rate' style content.png style.png -o nan.png -q --size 48 -n 30 --optimizer sgd --learning-rate 1e9 --style-weight 1e9 --no-clamp --average 0
ok 'the last finite picture is written' [ -s nan.png ]
skip_sanitized 'missing memory is reported' || ok 'missing memory is reported' sh -c 'ulimit -v 600000; "$0" style content.png style.png -o mem.png -q --size 1500 --exact -n 1 --start-size 0 2>err; [ $? -eq 1 ] && grep -q "out of memory" err && [ ! -e mem.png ]' "$reverie"
ln -s /dev/full full.png
ok 'a full disk behind a link is reported' run 1 'cannot write full.png' style content.png style.png -o full.png -q --size 64 -n 1
ok 'Ctrl-C leaves a picture' interrupted_with int.png style content.png style.png -o int.png -q --size 96 -n 100000
ok 'the picture of a stopped run can be read' run 0 '' style int.png style.png --dry-run --size 48

shallow='--content-layers conv2_1 --style-layers conv1_1,conv2_1 --start-size 0 -n 2 --finish 0'
ok 'the plan reports tiles' run 0 ' times the work), 1 scale' style content.png style.png --size 160 --tile 64 $shallow --dry-run
ok 'a picture is painted in tiles' run 0 '' style content.png style.png -o tiles.png -q --size 160 --tile 64 $shallow
ok 'too little memory is refused' run 1 'even in small tiles, and 10 MB are allowed' style content.png style.png -o x.png --memory 10M
ok 'an invalid --memory is refused' run 2 '--memory must be a size such as 800M or 2G' style content.png style.png -o x.png --memory plenty

echo "1..$count"
