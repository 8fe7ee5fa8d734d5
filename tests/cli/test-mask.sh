#!/bin/sh
# test-mask.sh REVERIE DRAW -- tests reverie mask, and --keep, --only and --regions of reverie style. Prints TAP.
set -u
reverie=$(realpath "$1")
draw=$(realpath "$2")
. "$(realpath "$(dirname "$0")")/../support/cli.sh"

"$draw" portrait face.png 400
"$draw" lake lake.png 64
"$draw" waves waves.png 64
ok 'a face is found' run 0 'mask.png: 320 x 400 px, 1 face' mask face.png -o mask.png
ok '--of faces finds a face' run 0 '1 face' mask face.png -o named.png --of faces
ok 'the same bytes for any threads' sh -c '"$0" mask face.png -o one.png -q -t 1 && cmp mask.png one.png' "$reverie"
ok 'a picture without faces gives a black mask' run 0 'lake.png: no faces found; none.png is black' mask lake.png -o none.png
ok 'the black mask is a small file' sh -c '[ "$(wc -c <none.png)" -lt 3000 ]'
ok 'people are found' run 0 'people.png: 320 x 400 px, people' mask face.png -o people.png --of people
ok 'a picture without people gives a black mask' run 0 'lake.png: no people found; none.png is black' mask lake.png -o none.png --of people -f
ok 'a subject is found' run 0 'subject.png: 320 x 400 px, a subject' mask face.png -o subject.png --of subject
ok 'a background is found' run 0 'a subject' mask face.png -o background.png --of background
ok 'a sky is found' run 0 'a sky' mask lake.png -o sky.png --of sky
ok 'the background differs from the subject' sh -c '! cmp -s subject.png background.png'
ok '--quiet prints nothing' sh -c '[ -z "$("$0" mask face.png -o quiet.png -q 2>&1)" ]' "$reverie"
ok 'a mask is written as TIFF' run 0 '1 face' mask face.png -o mask.tif
ok 'an existing mask is not replaced' run 1 'mask.png exists' mask face.png -o mask.png
ok '--force replaces a mask' run 0 '1 face' mask face.png -o mask.png -f
ok 'the photograph cannot be the mask' run 1 'is an input' mask face.png -o face.png -f
ok 'a missing folder is refused' run 1 'cannot write into the folder' mask face.png -o no/x.png
ok 'an unknown suffix is refused' run 2 'unknown suffix' mask face.png -o x.mp4
ok 'a missing photograph is refused' run 1 'No such file' mask nothing.png -o x.png
ok 'a file that is no picture is refused' run 1 '' mask "$draw" -o x.png
head -c 3000 face.png >cut.png
ok 'a truncated picture is refused' run 1 'cut.png' mask cut.png -o x.png
ok 'mask needs a photograph' run 2 'one photograph is needed' mask -o x.png
ok 'two photographs are refused' run 2 'one photograph is needed' mask face.png lake.png -o x.png
ok 'mask needs an output' run 2 'an output is missing' mask face.png
ok 'an unknown kind of mask is refused' run 2 'faces' mask face.png -o x.png --of noses
ok 'help has the options' run 0 '--of PART' mask --help
ok 'the man page has its title' run 0 'REVERIE\-MASK' mask --man
ok 'refused runs leave no file' [ ! -e x.png ]
ok '--protect accepts the mask' run 0 '' style face.png waves.png -o protected.png --protect mask.png --size 64 -n 2 -q

resumes() { # resumes WHAT FILE: a run of $long that is stopped and resumed has the bytes of a whole run, whole-FILE
  "$reverie" $long -o "whole-$2"
  ok "$1 is stopped" interrupted_with "$2" $long -o "$2" --state-every 0.01
  ok "$1 is resumed" run 0 '' $long -o "$2" --resume
  ok "$1, resumed, has the bytes of a whole run" cmp "whole-$2" "$2"
}

# ---- --keep
"$draw" lake lake.png 96
keep="style face.png waves.png --size 96 -n 8 -t 1 --exact -q --keep faces"
ok '--keep faces is accepted' run 0 '' $keep -o kept.png
ok 'the recipe has --keep' run 0 '--keep faces' info kept.png
ok 'redo repeats --keep' sh -c '"$0" redo kept.png -o again.png -q && cmp kept.png again.png' "$reverie"
ok 'redo accepts --keep-strength' sh -c '"$0" redo kept.png --keep-strength 30 -o less.png -q && "$0" info less.png | grep -q -- "--keep-strength 30"' "$reverie"
ok '--keep works in tiles' run 0 '' $keep -o tiles.png --tile 48
long="$keep -n 25 --size 64"
"$reverie" $long -o whole.png --no-recipe
ok 'a run with --keep is stopped' interrupted_with stop.png $long -o stop.png --no-recipe --state-every 0.01
ok 'a run with --keep is resumed' run 0 '' $long -o stop.png --no-recipe --resume
ok 'a resumed run with --keep has the bytes of a whole run' cmp -s whole.png stop.png
"$reverie" style lake.png waves.png --size 96 -n 2 -t 1 --exact -q -o lake1.png --no-recipe
ok '--keep without a face is reported' run 0 "no faces found in the photograph, so nothing is kept" style lake.png waves.png --size 96 -n 2 -t 1 --exact --keep faces -o lake2.png --no-recipe
ok 'the message is printed once' [ "$(grep -c 'no face' err)" -eq 1 ]
ok 'without a face --keep changes nothing' cmp lake1.png lake2.png
ok 'an unknown part of --keep is refused' run 2 'faces' $keep -o x.png --keep noses
ok 'a --keep-strength above 100 is refused' run 2 '100' $keep -o x.png --keep-strength 101
four_shots clip.y4m waves.png
ok 'a sheet of --keep-strength is made' run 0 '' explore style face.png waves.png -o sheet.png --keep faces --across keep-strength=0,100 --down strength=50 --cell 64 -n 1 -q

# ---- --only
only="style face.png waves.png --size 96 -n 6 -t 1 --exact -q --only"
ok '--only subject is accepted' run 0 '' $only subject -o only.png
ok '--only background is accepted' run 0 '' $only background -o rest.png
ok '--only subject and --only background differ' sh -c '! cmp -s only.png rest.png'
ok 'the recipe has --only' run 0 '--only subject' info only.png
ok 'redo repeats --only' sh -c '"$0" redo only.png -o again2.png -q && cmp only.png again2.png' "$reverie"
long="style face.png waves.png --size 64 -n 25 -t 1 --exact -q --no-recipe --only subject"
resumes 'a run with --only' stop2.png
ok '--only without people paints the whole picture' run 0 'no people found in the photograph, so all of it is painted' style lake.png waves.png --size 96 -n 2 -t 1 --only people -o all.png --no-recipe
ok '--only cannot be combined with --mask' run 2 'cannot be combined' style face.png waves.png -o x.png --only subject --mask mask.png

# ---- --regions
regions="style lake.png waves.png --size 96 -n 6 -t 1 --exact -q --regions"
ok '--regions is accepted' run 0 '' $regions 2 -o regions.png
"$reverie" style lake.png waves.png --size 96 -n 6 -t 1 --exact -q -o whole3.png
ok '--regions changes the picture' sh -c '! cmp -s regions.png whole3.png'
ok 'the recipe has --regions' run 0 '--regions 2' info regions.png
ok 'redo repeats --regions' sh -c '"$0" redo regions.png -o again4.png -q && cmp regions.png again4.png' "$reverie"
ok '--match is accepted' run 0 '' $regions 2 --match 1:2,2:1 -o match.png
ok '--match changes the picture' sh -c '! cmp -s regions.png match.png'
ok 'redo repeats --match' sh -c '"$0" redo match.png -o match2.png -q && cmp match.png match2.png' "$reverie"
ok '--match with the own numbers changes nothing' sh -c '"$0" style lake.png waves.png --size 96 -n 6 -t 1 --exact -q --no-recipe --regions 2 --match 2:2 -o match3.png && "$0" style lake.png waves.png --size 96 -n 6 -t 1 --exact -q --no-recipe --regions 2 -o match4.png && cmp match3.png match4.png' "$reverie"
ok '--match needs --regions' run 2 'needs --regions' style lake.png waves.png -o x.png --match 1:2
ok '--match must be pairs' run 2 'must be pairs' $regions 2 -o x.png --match 1-2
ok '--match has a region that was not found' run 2 'the regions are 1 to 2' $regions 2 -o x.png --match 1:3
ok '--regions works in tiles' run 0 '' $regions 2 -o regions-tiles.png --tile 48
ok '--regions works with --keep' run 0 '' style face.png waves.png --size 64 -n 2 -t 1 -q --regions 2 --keep faces -o regions-kept.png
ok '--regions works with --protect' run 0 '' style face.png waves.png --size 64 -n 2 -t 1 -q --regions 2 --protect mask.png -o regions-protected.png
long="$regions 2 --size 64 -n 25 --no-recipe"
resumes 'a run with --regions' stop4.png
ok 'a dry run with --regions prints the plan' run 0 'peak' $regions 2 --dry-run
ok '--regions-sheet is accepted' run 0 '' $regions 2 -o regions2.png --regions-sheet sheet2.png
ok 'the sheet of regions is a picture' run 0 'peak' style sheet2.png waves.png -o x.png --dry-run --size 64
ok 'an existing sheet of regions is not replaced' run 1 'sheet2.png exists' $regions 2 -o x.png --regions-sheet sheet2.png
ok 'a dry run accepts an existing sheet of regions' run 0 '' $regions 2 --dry-run --regions-sheet sheet2.png
ok 'a mask cannot be the sheet of regions' run 1 'mask.png' $regions 2 -o x.png --protect mask.png --regions-sheet mask.png -f
ok 'the output cannot be the sheet of regions' run 2 'would be written twice' $regions 2 -o x.png --regions-sheet x.png -f
ok '--resume accepts the sheet of regions' run 0 '' $regions 2 -o regions2.png --regions-sheet sheet2.png --resume
style_loss() { "$reverie" style lake.png waves.png --size 96 -n 1 -t 1 --exact -q --preset gallery1 --style-loss gatys --init content --start-size 0 --regions $1 -o loss.png --no-recipe --log loss.log -f && sed 's/.*"style": \([0-9.]*\).*/\1/' loss.log; }
ok 'each region has the whole style weight' sh -c 'awk "BEGIN { exit !($2 > 1.7 * $1) }"' sh "$(style_loss none)" "$(style_loss 2)"
ok '--regions-sheet needs --regions' run 2 '--regions-sheet needs --regions' style lake.png waves.png -o x.png --regions-sheet x2.png
"$reverie" style none.png waves.png --size 96 -n 2 -t 1 --exact -q -o grey1.png --no-recipe
ok 'missing regions are reported' run 0 'no matching regions found, so the whole painting is the style' style none.png waves.png --size 96 -n 2 -t 1 --exact --regions auto -o grey2.png --no-recipe
ok 'without regions the picture is unchanged' cmp grey1.png grey2.png
ok '--regions cannot be combined with --mask' run 2 'cannot be combined with the input' $regions auto --mask mask.png -o x.png
ok '--regions cannot be combined with --only' run 2 'cannot be combined with' $regions auto --only subject -o x.png
ok '--regions cannot be combined with two paintings' run 2 'only with one style' $regions auto -o x.png face.png
ok '--regions 7 is refused' run 2 '7' $regions 7 -o x.png
ok '--regions cannot be combined with --learned' run 2 '--regions cannot be combined with --learned' style lake.png --learned hokusai-wave,munch-scream -o x.png --regions auto
ok '--regions cannot be combined with --learned any' run 2 'cannot be combined with --learned' style lake.png waves.png --learned any -o x.png --regions auto

# ---- learned styles
learned="style face.png --learned hokusai-wave --size 96 -t 1 -q"
ok 'a learned style is painted' run 0 '' $learned -o learned.png
ok '--keep works with a learned style' run 0 '' $learned --keep faces -o learned-kept.png
ok '--keep changes the picture in a learned style' sh -c '! cmp -s learned-kept.png learned.png'
ok '--only works with a learned style' run 0 '' $learned --only background -o learned-rest.png
ok 'the recipe of a learned style has --only' run 0 '--only background' info learned-rest.png
ok 'redo repeats --only with a learned style' sh -c '"$0" redo learned-rest.png -o again3.png -q && cmp learned-rest.png again3.png' "$reverie"
ok '--keep without a face is reported with a learned style' run 0 'no faces found in the photograph, so nothing is kept' style lake.png --learned hokusai-wave --size 96 -t 1 --keep faces -o lake3.png --no-recipe
ok '--only cannot be combined with --mask in a learned style' run 2 'cannot be combined' $learned --only subject --mask mask.png -o x.png

# ---- videos: a face, the same face in other colours, and a picture without a face
mkdir frames
cp face.png frames/f01.png
"$reverie" style face.png --learned munch-scream -o frames/f02.png -q
"$reverie" style face.png --learned hokusai-wave -o frames/f03.png -q --strength 100
video="style frames/f%02d.png --size 96 -t 1 --exact -q"
iterations='-n 3 --frame-iterations 2 --preset gallery1'
ok '--keep works in a video' run 0 '' $video waves.png $iterations --keep faces -o kept%02d.png
ok 'the video is painted without --keep' run 0 '' $video waves.png $iterations -o painted%02d.png
ok '--keep changes the video' sh -c '! cmp -s kept01.png painted01.png'
ok '--only and --keep work in a video' run 0 '' $video waves.png $iterations --only background --keep faces -o back%02d.png
ok 'redo repeats --only and --keep in a video' sh -c '"$0" redo back%02d.png -o redone%02d.png -q --inputs frames && cmp back03.png redone03.png' "$reverie"
long="style frames/f%02d.png waves.png --size 64 -t 1 --exact -q --no-recipe --only background -n 8 --frame-iterations 8"
resumes 'a video with --only' stop3.y4m
learned="style frames/f%02d.png --size 96 -t 1 -q --no-recipe --learned"
ok '--keep works in a video in a learned style' run 0 '' $learned hokusai-wave --keep faces --keep-strength 100 -o learned-kept%02d.png
ok '--only works in a video in a learned style' run 0 '' style frames/f%02d.png --size 96 -t 1 -q --learned hokusai-wave --only background -o learned-rest%02d.png
ok 'redo repeats --only in a video in a learned style' sh -c '"$0" redo learned-rest%02d.png -o learned-again%02d.png -q --inputs frames && cmp learned-rest03.png learned-again03.png' "$reverie"
four_shots clip.y4m waves.png
ok '--only faces without faces is reported for a learned style' run 0 'no faces found in any frame, so nothing is painted' style clip.y4m --learned hokusai-wave -o a.y4m --only faces
ok 'another style paints nothing either' run 0 '' style clip.y4m --learned munch-scream -o b.y4m --only faces -q
ok 'without faces the frames do not depend on the style' cmp a.y4m b.y4m
ok '--keep without faces is reported for a video' run 0 'no faces found in any frame, so nothing is kept' style clip.y4m waves.png -o c.y4m --keep faces $iterations --size 48
ok '--only people without people is reported for a video' run 0 'so nothing is painted' style clip.y4m waves.png -o d.y4m --only people $iterations --size 48
ok 'a dry run of a video with --keep and --only prints the plan' run 0 'frames' $video waves.png --keep faces --only background -o x%02d.png --dry-run
ok '--only cannot be combined with --mask in a video' run 2 'cannot be combined' $video waves.png -o x%02d.png --only subject --mask mask.png
ok '--only cannot be combined with --mask in a video in a learned style' run 2 'cannot be combined' style clip.y4m --learned hokusai-wave -o x.y4m --only subject --mask mask.png

# ---- --regions of videos: a lake, the same lake in other colours twice, a cut to a portrait
mkdir scenes
cp lake.png scenes/s01.png
"$reverie" style lake.png --learned hokusai-wave -o scenes/s02.png -q
"$reverie" style lake.png --learned hokusai-wave -o scenes/s03.png -q --strength 90
"$reverie" style face.png --learned munch-scream -o scenes/s04.png -q --width 144 --height 96
"$reverie" style face.png --learned munch-scream -o scenes/s05.png -q --width 144 --height 96 --strength 90
scenes="style scenes/s%02d.png waves.png --size 96 -t 1 --exact -q $iterations"
ok '--regions works in a video' run 0 '' $scenes --regions 3 -o parts%02d.png
ok 'the video is painted without --regions' run 0 '' $scenes -o entire%02d.png
ok '--regions changes a video' sh -c '! cmp -s parts03.png entire03.png && ! cmp -s parts05.png entire05.png'
ok '--match changes a video' run 0 '' $scenes --regions 2 --match 1:2,2:1 -o crossed%02d.png
ok '--match of a region that is not found ends a video' run 2 'the regions are 1 to 2' $scenes --regions 2 --match 1:3 -o x%02d.png
ok '--match has at most four regions of auto' run 2 'the regions are 1 to 4' $scenes --regions auto --match 5:1 -o x%02d.png --dry-run
mkdir late
"$reverie" mask lake.png -o late/l01.png --of faces -q # black: there are none
cp lake.png late/l02.png
late="style late/l%02d.png waves.png --size 96 -t 1 --exact -q $iterations --regions 6 --match 6:6 --state-every 1e-3 -o late.y4m"
ok '--match fails at a later frame, which --resume cannot change' sh -c '! "$@" 2>err && grep -q "the regions are 1 to" err && ! grep -q resume err' sh "$reverie" $late
ok 'redo repeats --regions and --match of a video' sh -c '"$0" redo crossed%02d.png -o crossed2-%02d.png -q --inputs scenes && cmp crossed05.png crossed2-05.png' "$reverie"
long="$scenes --regions 2 --no-recipe --frame-iterations 8"
resumes 'a video with --regions' stop6.y4m
"$reverie" $long -o shard.y4m --part 2/2 && "$reverie" $long -o shard.y4m --part 1/2
ok 'parts of a video with --regions are assembled' run 0 '' $long -o shard.y4m --resume
ok 'a video in parts with --regions has the bytes of a whole run' cmp whole-stop6.y4m shard.y4m
ok '--regions works in a video with --keep and --protect' run 0 '' $scenes --regions auto --keep faces --protect mask.png -o both%02d.png
ok '--regions-sheet is refused for videos' run 2 '--regions-sheet needs --regions and one photograph' $scenes --regions 2 -o x%02d.png --regions-sheet x.png
cp none.png scenes/n01.png
ok 'missing regions of a video are reported' run 0 'no matching regions found in any frame, so the whole painting is the style' style scenes/n%02d.png waves.png --size 96 $iterations -t 1 --regions auto -o grey%02d.png
ok 'a dry run of a video with --regions prints the plan' run 0 'peak' $scenes --regions 3 -o x%02d.png --dry-run
ok '--regions of a video cannot be combined with --learned' run 2 'cannot be combined with --learned' style scenes/s%02d.png --learned hokusai-wave -o x.y4m --regions auto

ok 'refused runs leave no files' sh -c '! ls x.* 2>err'
echo "1..$count"
