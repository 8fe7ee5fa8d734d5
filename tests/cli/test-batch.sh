#!/bin/sh
# test-batch.sh REVERIE DRAW -- tests runs of many pictures, masks, sheets of settings, completions. Prints TAP.
set -u
reverie=$(realpath "$1")
draw=$(realpath "$2")
. "$(realpath "$(dirname "$0")")/../support/cli.sh"
shallow='--style-layers conv1_1,conv2_1 --content-layers conv2_1'
quick="-q --size 48 -n 2 --exact $shallow"
mkdir photos made paintings
"$draw" lake photos/a.png 64
"$draw" table photos/b.png 64
"$draw" waves paintings/w.png 48
"$draw" glass paintings/g.png 48
echo 'no picture' >photos/notes.txt

# ---- previews in a terminal
# shows TERM PATTERN: a preview is drawn in a terminal of the type TERM; PATTERN matches its output.
shows() {
  TERM=$1 terminal '' "$reverie style photos/a.png paintings/w.png -o p.png -f --preview --size 48 -n 2 --exact"
  grep -q "$(printf "$2")" out
}
terminals() { # whether there are terminals, and libchafa
  has_terminal && ! run 2 'libchafa was missing' style photos/a.png paintings/w.png -o p.png --preview >/dev/null
}
if slow_cases; then
  ok 'the cells of all looks and octaves differ' sh -c '"$0" explore dream photos/a.png -o looks.png --cell 160 -n 1 2>err && ! grep -q equal err && grep -q "3e  look things  octaves 5" err' "$reverie"
  if terminals; then
    ok 'the preview is drawn in 256 colours' shows xterm-256color '\033\[38;'
    ok 'the preview is drawn in sixels' shows mlterm '\033P'
    ok "the preview is drawn in kitty's graphics protocol" shows xterm-kitty '\033_G'
  fi
  all_done
fi

# ---- many pictures
ok 'photographs are painted in each style' run 0 '' style --style paintings photos -o 'made/{content}-{style}.png' $quick
ok 'four pictures are made' sh -c '[ -s made/a-w.png ] && [ -s made/a-g.png ] && [ -s made/b-w.png ] && [ -s made/b-g.png ]'
ok 'a picture of many has the bytes of a single run' sh -c '"$0" style photos/b.png paintings/g.png -o alone.png $1 && "$0" info --json alone.png | sed "s/\"kernels.*//" >1 && "$0" info --json made/b-g.png | sed "s/\"kernels.*//" >2 && cmp 1 2 && cmp alone.png made/b-g.png' "$reverie" "$quick"
ok 'styles blend when OUT has no {style}' run 0 '' style --style paintings/w.png --style paintings/g.png photos -o 'made/{content}.png' $quick
ok 'a folder as style' run 0 '' style photos/a.png paintings -o folder.png $quick
ok 'a folder as style is a blend' sh -c '"$0" info folder.png | grep -c "^style" >n && [ "$(cat n)" -eq 2 ]' "$reverie"
ok 'two outputs with one name are refused' run 2 'pictures would be written to made/x.png' style --style paintings photos -o made/x.png $quick
ok 'one log for many pictures is refused' run 2 'pictures would be written to l.txt' style --style paintings photos -o 'made/{content}-{style}2.png' --log l.txt $quick
ok 'existing outputs are not replaced' run 1 'exists; --force replaces it' style --style paintings photos/a.png photos/b.png -o 'made/{content}-{style}.png' $quick
rm made/a-g.png
ok '--resume makes the missing picture' run 0 '' style --style paintings photos -o 'made/{content}-{style}.png' --resume $quick
ok '--resume makes no other picture' sh -c '[ -s made/a-g.png ] && [ made/a-g.png -nt made/b-g.png ]'
mkdir empty mixed
ok 'a folder without pictures is refused' run 1 'the folder empty has no files' style --style paintings empty -o 'made/{content}.png' $quick
cp photos/a.png mixed
head -c 3000 photos/b.png >mixed/cut.png
"$reverie" style --style paintings/w.png mixed photos/b.png -o 'made/m-{content}.png' $quick 2>err
ok 'a failed picture gives exit code 1' [ $? -eq 1 ]
ok 'the failed picture is named at the end' sh -c 'tail -1 err | grep -q "1 of 3 pictures failed: made/m-cut.png"'
ok 'the other pictures are made' sh -c '[ -s made/m-a.png ] && [ -s made/m-b.png ] && [ ! -e made/m-cut.png ]'
"$draw" waves whole.jpg 96
{ head -c $(($(wc -c <whole.jpg) / 2)) whole.jpg; printf '\377\331'; } >hole.jpg # without its second half
ok 'a damaged JPEG is refused as a photograph' run 1 'hole.jpg is damaged: premature end' style --style paintings/w.png hole.jpg -o hole.png $quick
ok 'a damaged JPEG is refused as a style' run 1 'hole.jpg is damaged: premature end' style --style hole.jpg photos/a.png -o hole.png $quick
ok 'a dry run prints the plan of each picture' sh -c '[ "$("$0" style --style paintings/w.png photos --dry-run --size 48 | grep -c peak)" -eq 2 ]' "$reverie"

# ---- --part, by independent processes
parts() { # parts N: N runs, one after the other, make the files of the folder whole
  rm -rf shares
  for part in $(seq "$1"); do
    "$reverie" style --style paintings mixed photos -o 'shares/{content}-{style}.png' $quick --part "$part/$1" 2>>said
    code=$?
    [ $code -eq 0 ] || [ $code -eq 1 ] || return 1
  done
  diff -r whole shares
}
mv mixed/a.png mixed/c.png
"$reverie" style --style paintings mixed photos -o 'whole/{content}-{style}.png' $quick 2>err
ok 'one run names all failed pictures' sh -c 'grep -q "2 of 8 pictures failed: whole/cut-g.png, whole/cut-w.png" err'
for n in 1 2 3 4 7; do
  ok "$n runs with --part make the same files" parts "$n"
done
ok 'an invalid --part is refused' run 2 "--part must be a shard such as 3/8" style --style paintings photos -o 'shares/{content}.png' $quick --part 4/3
ok '--part is refused for one picture' run 2 'and x.png is one' style photos/a.png paintings/w.png -o x.png $quick --part 1/2
ok '--part into the folder of the photographs is refused' run 2 'must be outside the folder' style --style paintings/w.png photos -o 'photos/{content}-{style}.png' $quick --part 1/2
ok '--part is refused for a dream of one picture' run 2 'works only with many pictures' dream photos/a.png -o x.png -q --part 1/2

# ---- masks
"$draw" strokes mask.png 48
ok 'a mask for each style' run 0 '' style photos/a.png paintings/w.png paintings/g.png -o masks.png --mask mask.png --mask photos/b.png $quick
ok 'masks change the picture' sh -c '"$0" style photos/a.png paintings/w.png paintings/g.png -o unmasked.png -q --size 48 -n 2 --exact && ! cmp -s masks.png unmasked.png' "$reverie"
ok 'redo uses the masks' sh -c 'cp paintings/*.png photos/*.png . && "$0" redo masks.png -o masks2.png --exact -q && cmp masks.png masks2.png' "$reverie"
ok 'redo replaces inputs whose option is typed' sh -c '
  "$0" style a.png g.png -o single.png --mask mask.png '"$quick"' && "$0" redo masks.png -o single2.png --style g.png --mask mask.png --exact -q &&
  cmp single.png single2.png' "$reverie"
ok 'one mask for two styles is refused' run 2 '1 mask for 2 styles' style photos/a.png paintings/w.png paintings/g.png -o m.png --mask mask.png $quick
ok 'a missing mask file is refused' run 1 'cannot open' style photos/a.png paintings/w.png -o m.png --mask nowhere.png $quick
ok '--protect is accepted' run 0 '' style photos/a.png paintings/w.png -o protected.png --protect mask.png $quick
ok 'diff prints the role of an input' sh -c '"$0" style photos/a.png paintings/w.png -o masked.png --mask mask.png '"$quick"' &&
  "$0" diff masked.png protected.png | grep -q "^input 3.s role *mask -> protect"' "$reverie"
ok '--timeline is accepted' run 0 '' style photos/a.png paintings/w.png -o line.png --timeline timeline.png $quick
ok '--live of several pictures needs different names' run 2 'put {content} or {style} into the name' style --style paintings/w.png photos/a.png photos/b.png -o 'live-{content}.png' --live now.png $quick
ok 'the timeline is written' [ -s timeline.png ]
ok 'the timeline of a dream is written' sh -c '"$0" dream photos/a.png -o d.png --timeline dt.png -q --size 64 --preset test && [ -s dt.png ]' "$reverie"
ok '--preview needs a terminal' run 2 'needs a terminal' style photos/a.png paintings/w.png -o p.png --preview $quick
if terminals; then
  ok 'the preview is drawn in true colour' shows xterm-direct '\033\[38;2;'
  ok 'the preview is drawn without colours' shows vt100 '100%%'
else
  echo "ok $((count += 1)) a preview in a terminal # SKIP no script(1), no terminals or no libchafa"
fi

# ---- sheets
sheet="--cell 64 --exact -n 2 -q $shallow"
ok 'a sheet of style settings is made' run 0 '' explore style photos/a.png paintings/w.png -o sheet.png --across strength=20,80 --down style-scale=0.5,1,2 $sheet
ok 'a sheet that the format cannot hold is refused before the run' run 1 'at most 16383 px a side' explore style photos/a.png paintings/w.png -o wide.webp --across strength=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16 --cell 1024 --dry-run
ok 'a sheet of dreams is made' run 0 '' explore dream photos/a.png -o dreams.png --across layers=conv3_1,conv4_1 --down octaves=1,2 --cell 64 --exact -q
ok '--pick makes one cell of the sheet' run 0 '' explore style photos/a.png paintings/w.png -o cell.png --across strength=20,80 --down style-scale=0.5,1,2 --pick 3b $quick
ok 'the recipe of a cell has the settings of the cell' sh -c '"$0" info cell.png >i && grep -q -- "--strength 80" i && grep -q -- "--style-scale 2" i' "$reverie"
cp photos/a.png paintings/w.png .
mkdir same && "$reverie" style a.png w.png -o same/a.png --exact $quick
ok 'redo does not paint the picture itself if it has the name of the photograph' sh -c '"$0" redo same/a.png -o same/b.png -q 2>err && [ ! -s err ] && cmp same/a.png same/b.png' "$reverie"
ok 'redo repeats both sheets' sh -c '"$0" redo sheet.png -o sheet2.png -q && cmp sheet.png sheet2.png && "$0" redo dreams.png -o dreams2.png -q && cmp dreams.png dreams2.png' "$reverie"
ok '--pick takes a picture to begin with' run 0 '' explore style photos/a.png paintings/w.png -o cell4.png --init photos/b.png --pick 1a $quick
ok 'redo --pick makes one cell of the sheet' sh -c '"$0" redo sheet.png --pick 3b --size 48 -o cell3.png -q && cmp cell.png cell3.png' "$reverie"
ok '--resume is refused for a sheet' run 2 '--resume applies to one picture: it needs --pick' explore style photos/a.png paintings/w.png -o cell3.png --resume $quick
ok 'an unknown cell is refused' run 2 "cells are 1a to 3b; there is no '4a'" explore style photos/a.png paintings/w.png -o cell2.png --across strength=20,80 --down style-scale=0.5,1,2 --pick 4a $quick
ok 'an impossible cell is reported' run 0 "strength 60: the network builtin has no layer 'conv9_9'" explore style photos/a.png paintings/w.png -o holes.png --across content-layers=conv4_2,conv9_9 --down strength=60 --cell 64 --exact -n 2
ok 'the possible cells are made' [ -s holes.png ]
ok 'cells may lack different losses' run 0 '' explore style photos/a.png paintings/w.png -o lack.png --across tv-weight=0,1e-5 --down style-weight=0,1 --cell 64 --exact -n 2
ok 'a sheet of impossible cells only is refused' run 2 'conv9_9' explore style photos/a.png paintings/w.png -o none.png --across content-layers=conv8_1,conv9_9 --down strength=60 $sheet
ok 'an unknown setting is refused' run 2 "there is no option 'strenght'; did you mean 'strength'?" explore style photos/a.png paintings/w.png -o cell2.png --across strenght=20,80 $sheet
ok 'a value out of range is refused' run 2 'between 0 and 100' explore style photos/a.png paintings/w.png -o cell2.png --across strength=20,800 --down style-scale=1 $sheet
ok 'explore needs a subcommand' run 2 'a subcommand is missing: reverie explore' explore
ok 'an unknown subcommand is refused' run 2 "there is no subcommand 'paint'; there are: style, dream, learned" explore paint photos/a.png
ok 'a subcommand has its own help' run 0 'look=paradise' explore dream --help
ok 'equal cells are reported' run 0 'two cells are equal: 1a  look eyes  max-loss 0; 2a  look eyes  max-loss 1e9' explore dream photos/a.png -o equal.png --cell 96 -n 1 --across look=eyes --down max-loss=0,1e9 --exact
# A preset keeps the other settings, also those of the other axis.
ok 'a preset can be an axis' run 0 '' explore dream photos/a.png -o presets.png --across iterations=1,2 --down preset=classic,vivid --octaves 1 --cell 64 --exact
ok 'and keeps the other settings' [ "$(grep -c equal err)" -eq 0 ]
ok 'a typed preset leaves room for all octaves' sh -c '"$0" explore dream photos/a.png -o octaves.png --preset classic --across look=eyes --down octaves=3,5 --cell 160 -n 1 --exact 2>err && ! grep equal err' "$reverie"
ok '--pick has the smallest octave of the sheet' sh -c '"$0" explore dream photos/a.png -o one.png --preset test --pick 1a -n 1 -q && "$0" info one.png | grep -q -- "--smallest 1$"' "$reverie"
ok 'a plan counts the iterations of the cells' run 0 ' 404 iterations' explore dream photos/a.png --across iterations=1,201 --down seed=1,2 --octaves 1 --cell 64 --exact --dry-run
ok 'a plan leaves out impossible cells' run 0 ' iterations' explore style photos/a.png paintings/w.png --across content-layers=conv9_9,conv4_2 --down strength=60 --cell 64 --exact --dry-run
ok 'a sheet of learned styles keeps nothing' run 2 'cannot be combined with --only or --keep' explore learned photos/a.png -o x.png --keep faces
ok 'explore dream takes one picture' run 2 'only one picture is possible' explore dream photos/a.png photos/a.png -o x.png
ok 'explore needs a picture' run 2 'pictures are missing' explore dream -o x.png
ok '--size is refused for a sheet' run 2 "--cell is a cell's size" explore dream photos/a.png -o x.png --size 100

# ---- help
ok 'reverie without arguments lists five commands, then the others' sh -c '"$0" >o; [ "$(sed "/more:/q" o | grep -c "^  reverie ")" -eq 5 ] && grep -q "more: *info redo diff flow mask learn selftest" o' "$reverie"
ok 'every command has examples' sh -c 'for c in style dream explore vae network info redo diff flow mask learn selftest; do "$0" $c --help >o && sed "1,/^Examples:/d" o | grep -q "reverie $c" || { echo "# $c"; exit 1; }; done' "$reverie"

# ---- completions
complete() { "$reverie" --complete "$@" | cut -f 1 | tr '\n' ' '; }
ok 'commands are completed' [ "$(complete dif)" = 'diff ' ]
ok 'options' [ "$(complete style --stren)$(complete mask --no-o)" = '--strength ' ]
ok 'their values' [ "$(complete style --preset g)$(complete style --preset=k)" = 'gallery gallery1 --preset=keras ' ]
ok 'subcommands' [ "$(complete explore dr)$(complete vae tr)" = 'dream train ' ]
ok 'else files' [ -z "$(complete style pho)$(complete style --style '')$(complete nothing x)" ]
if command -v bash >/dev/null; then
  ok 'bash completes' bash -c '. <("$0" --completion bash); COMP_WORDS=("$0" style --preset = k); COMP_CWORD=4; _reverie; [ "${COMPREPLY[*]}" = keras ]' "$reverie"
fi
ok 'zsh and fish have theirs' sh -c '"$0" --completion zsh | grep -q "^#compdef reverie" && "$0" --completion fish | grep -q "complete -c reverie"' "$reverie"
ok 'others have none' run 2 'for bash, zsh and fish' --completion tcsh
# ---- folders
"$draw" waves first.png 48
"$draw" glass second.png 48
"$draw" strokes paint.png 48
ok 'a dry run makes no folder' run 0 'peak' style --style paint.png first.png second.png -o 'new/{content}.png' --dry-run -n 1 --size 48
ok 'the dry run made no folder' [ ! -e new ]
ok 'the folder of an output pattern is made and reported' run 0 'made the folder new' style --style paint.png first.png second.png -o 'new/{content}.png' -n 1 --size 48
ok 'the pictures are in the folder' [ -s new/first.png -a -s new/second.png ]
ok 'the folder of frames is made' run 0 'made the folder frames' dream first.png -o 'frames/%02d.png' --count 2 --octaves 1 --iterations 1 --size 64
ok 'the folder of a single picture is not made' run 1 'cannot write into the folder' style first.png paint.png -o nowhere/a.png

# ---- Ctrl-C in the last iteration
mkfifo log
# stop_at_the_end ARGUMENTS...: sends Ctrl-C before the only iteration. The program opens the log at that time, after
# the handler of Ctrl-C is installed.
stop_at_the_end() {
  "$reverie" "$@" -o whole.png --size 64 -n 1 --log log -q 2>err &
  exec 3<log
  kill -INT $! 2>err
  wait $!
  code=$?
  cat <&3 >out
  exec 3<&-
  [ $code -eq 0 ] && [ -s whole.png ] && [ ! -e whole.png.state.safetensors ] && rm whole.png
}
ok 'Ctrl-C at the end of a dream leaves a finished picture' stop_at_the_end dream first.png --octaves 1 --preset test

echo "1..$count"
