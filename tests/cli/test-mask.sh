#!/bin/sh
# test-mask.sh REVERIE DRAW -- masks of parts of photographs, and --keep and --only of reverie style. Prints TAP.
set -u
reverie=$(realpath "$1")
draw=$(realpath "$2")
. "$(realpath "$(dirname "$0")")/../support/cli.sh"

"$draw" portrait face.png 400
"$draw" lake lake.png 64
"$draw" waves waves.png 64
ok 'a face' run 0 'mask.png: 320 x 400 px, 1 face' mask face.png -o mask.png
ok 'by name' run 0 '1 face' mask face.png -o named.png --of faces
ok 'the same bytes for any threads' sh -c '"$0" mask face.png -o one.png -q -t 1 && cmp mask.png one.png' "$reverie"
ok 'no face' run 0 'lake.png: no faces found; none.png is black' mask lake.png -o none.png
ok 'a black mask' sh -c '[ "$(wc -c <none.png)" -lt 3000 ]'
ok 'people' run 0 'people.png: 320 x 400 px, people' mask face.png -o people.png --of people
ok 'no people' run 0 'lake.png: no people found; none.png is black' mask lake.png -o none.png --of people -f
ok 'a subject' run 0 'subject.png: 320 x 400 px, a subject' mask face.png -o subject.png --of subject
ok 'the background' run 0 'a subject' mask face.png -o background.png --of background
ok 'which is not the subject' sh -c '! cmp -s subject.png background.png'
ok 'a quiet run' sh -c '[ -z "$("$0" mask face.png -o quiet.png -q 2>&1)" ]' "$reverie"
ok 'other formats' run 0 '1 face' mask face.png -o mask.tif
ok 'nothing is replaced' run 1 'mask.png exists' mask face.png -o mask.png
ok 'but with --force' run 0 '1 face' mask face.png -o mask.png -f
ok 'no input is written' run 1 'is an input' mask face.png -o face.png -f
ok 'no folder' run 1 'cannot write into the folder' mask face.png -o no/x.png
ok 'an unknown suffix' run 2 'unknown suffix' mask face.png -o x.mp4
ok 'no picture there' run 1 'No such file' mask nothing.png -o x.png
ok 'no picture' run 1 '' mask "$draw" -o x.png
head -c 3000 face.png >cut.png
ok 'a picture cut off' run 1 'cut.png' mask cut.png -o x.png
ok 'no argument' run 2 'one photograph is needed' mask -o x.png
ok 'two pictures' run 2 'one photograph is needed' mask face.png lake.png -o x.png
ok 'no output' run 2 'an output is missing' mask face.png
ok 'an unknown part' run 2 'faces' mask face.png -o x.png --of noses
ok 'help' run 0 '--of PART' mask --help
ok 'man' run 0 'REVERIE\-MASK' mask --man
ok 'leaves nothing' [ ! -e x.png ]
ok 'for --protect' run 0 '' style face.png waves.png -o protected.png --protect mask.png --size 64 -n 2 -q

# ---- --keep
"$draw" lake lake.png 96
keep="style face.png waves.png --size 96 -n 8 -t 1 --exact -q --keep faces"
ok 'a face is kept' run 0 '' $keep -o kept.png
ok 'the recipe has it' run 0 '--keep faces' info kept.png
ok 'the same bytes again' sh -c '"$0" redo kept.png -o again.png -q && cmp kept.png again.png' "$reverie"
ok 'another strength' sh -c '"$0" redo kept.png --keep-strength 30 -o less.png -q && "$0" info less.png | grep -q -- "--keep-strength 30"' "$reverie"
ok 'in tiles' run 0 '' $keep -o tiles.png --tile 48
long="$keep -n 25 --size 64"
"$reverie" $long -o whole.png --no-recipe
ok 'stopped' interrupted_with stop.png $long -o stop.png --no-recipe --state-every 0.01
ok 'resumed' run 0 '' $long -o stop.png --no-recipe --resume
ok 'the same bytes as one that never stopped' cmp -s whole.png stop.png
"$reverie" style lake.png waves.png --size 96 -n 2 -t 1 --exact -q -o lake1.png --no-recipe
ok 'no face' run 0 "no faces found in the photograph, so nothing is kept" style lake.png waves.png --size 96 -n 2 -t 1 --exact --keep faces -o lake2.png --no-recipe
ok 'in one line' [ "$(grep -c 'no face' err)" -eq 1 ]
ok 'the picture is that without' cmp lake1.png lake2.png
ok 'no such part' run 2 'faces' $keep -o x.png --keep noses
ok 'too strong' run 2 '100' $keep -o x.png --keep-strength 101
four_shots clip.y4m waves.png
ok 'a sheet' run 0 '' explore style face.png waves.png -o sheet.png --keep faces --across keep-strength=0,100 --down strength=50 --cell 64 -n 1 -q

# ---- --only
only="style face.png waves.png --size 96 -n 6 -t 1 --exact -q --only"
ok 'only the subject' run 0 '' $only subject -o only.png
ok 'only the background' run 0 '' $only background -o rest.png
ok 'are different' sh -c '! cmp -s only.png rest.png'
ok 'the recipe has it' run 0 '--only subject' info only.png
ok 'the same bytes again' sh -c '"$0" redo only.png -o again2.png -q && cmp only.png again2.png' "$reverie"
long="style face.png waves.png --size 64 -n 25 -t 1 --exact -q --no-recipe --only subject"
"$reverie" $long -o whole2.png
ok 'stopped' interrupted_with stop2.png $long -o stop2.png --state-every 0.01
ok 'resumed' run 0 '' $long -o stop2.png --resume
ok 'to the same bytes' cmp whole2.png stop2.png
ok 'no subject' run 0 'no people found in the photograph, so all of it is painted' style lake.png waves.png --size 96 -n 2 -t 1 --only people -o all.png --no-recipe
ok 'not with masks' run 2 'cannot be combined' style face.png waves.png -o x.png --only subject --mask mask.png

# ---- --regions
regions="style lake.png waves.png --size 96 -n 6 -t 1 --exact -q --regions"
ok 'regions' run 0 '' $regions 2 -o regions.png
"$reverie" style lake.png waves.png --size 96 -n 6 -t 1 --exact -q -o whole3.png
ok 'change the picture' sh -c '! cmp -s regions.png whole3.png'
ok 'the recipe has it' run 0 '--regions 2' info regions.png
ok 'the same bytes again' sh -c '"$0" redo regions.png -o again4.png -q && cmp regions.png again4.png' "$reverie"
ok 'in tiles' run 0 '' $regions 2 -o regions-tiles.png --tile 48
ok 'with a kept face' run 0 '' style face.png waves.png --size 64 -n 2 -t 1 -q --regions 2 --keep faces -o regions-kept.png
ok 'a protected area' run 0 '' style face.png waves.png --size 64 -n 2 -t 1 -q --regions 2 --protect mask.png -o regions-protected.png
long="$regions 2 --size 64 -n 25 --no-recipe"
"$reverie" $long -o whole4.png
ok 'stopped' interrupted_with stop4.png $long -o stop4.png --state-every 0.01
ok 'resumed' run 0 '' $long -o stop4.png --resume
ok 'to the same bytes' cmp whole4.png stop4.png
ok 'a plan' run 0 'peak' $regions 2 --dry-run
ok 'a sheet' run 0 '' $regions 2 -o regions2.png --regions-sheet sheet2.png
ok 'is a picture' run 0 'peak' style sheet2.png waves.png -o x.png --dry-run --size 64
ok 'which is not replaced' run 1 'sheet2.png exists' $regions 2 -o x.png --regions-sheet sheet2.png
ok 'nor is a mask' run 1 'mask.png' $regions 2 -o x.png --protect mask.png --regions-sheet mask.png -f
ok 'nor the picture' run 2 'the same file' $regions 2 -o x.png --regions-sheet x.png -f
ok 'resumed with its sheet' run 0 '' $regions 2 -o regions2.png --regions-sheet sheet2.png --resume
style_loss() { "$reverie" style lake.png waves.png --size 96 -n 1 -t 1 --exact -q --preset gallery1 --style-loss gatys --init content --start-size 0 --regions $1 -o loss.png --no-recipe --log loss.log -f && sed 's/.*"style": \([0-9.]*\).*/\1/' loss.log; }
ok 'each region has the whole style weight' sh -c 'awk "BEGIN { exit !($2 > 1.7 * $1) }"' sh "$(style_loss none)" "$(style_loss 2)"
ok 'needs regions' run 2 '--regions-sheet needs --regions' style lake.png waves.png -o x.png --regions-sheet x2.png
"$reverie" style none.png waves.png --size 96 -n 2 -t 1 --exact -q -o grey1.png --no-recipe
ok 'no regions' run 0 'no matching regions found, so the whole painting is the style' style none.png waves.png --size 96 -n 2 -t 1 --exact --regions auto -o grey2.png --no-recipe
ok 'the picture is that without' cmp grey1.png grey2.png
ok 'not with masks' run 2 'cannot be combined with the input' $regions auto --mask mask.png -o x.png
ok 'not with --only' run 2 'cannot be combined with' $regions auto --only subject -o x.png
ok 'not with two paintings' run 2 'only with one style' $regions auto -o x.png face.png
ok 'not 7' run 2 '7' $regions 7 -o x.png
ok 'not in videos' run 2 'a video cannot be combined with --regions' style clip.y4m waves.png -o x.y4m --regions auto
ok 'not with learned styles' run 2 'cannot be combined with --learned' style lake.png --learned hokusai-wave -o x.png --regions auto

# ---- learned styles
learned="style face.png --learned hokusai-wave --size 96 -t 1 -q"
ok 'a learned style' run 0 '' $learned -o learned.png
ok 'keeps the face' run 0 '' $learned --keep faces -o learned-kept.png
ok 'which changes the picture' sh -c '! cmp -s learned-kept.png learned.png'
ok 'paints only the background' run 0 '' $learned --only background -o learned-rest.png
ok 'the recipe has both' run 0 '--only background' info learned-rest.png
ok 'the same bytes again' sh -c '"$0" redo learned-rest.png -o again3.png -q && cmp learned-rest.png again3.png' "$reverie"
ok 'no face' run 0 'no faces found in the photograph, so nothing is kept' style lake.png --learned hokusai-wave --size 96 -t 1 --keep faces -o lake3.png --no-recipe
ok 'not with masks' run 2 'cannot be combined' $learned --only subject --mask mask.png -o x.png

# ---- videos: a face, the same face in other colours, and a picture without a face
mkdir frames
cp face.png frames/f01.png
"$reverie" style face.png --learned munch-scream -o frames/f02.png -q
"$reverie" style face.png --learned hokusai-wave -o frames/f03.png -q --strength 100
video="style frames/f%02d.png --size 96 -t 1 --exact -q"
iterations='-n 3 --frame-iterations 2 --preset gallery1'
ok 'a face in a video' run 0 '' $video waves.png $iterations --keep faces -o kept%02d.png
ok 'painted' run 0 '' $video waves.png $iterations -o painted%02d.png
ok 'is not painted as the rest' sh -c '! cmp -s kept01.png painted01.png'
ok 'only the background of a video' run 0 '' $video waves.png $iterations --only background --keep faces -o back%02d.png
ok 'the same bytes again' sh -c '"$0" redo back%02d.png -o redone%02d.png -q --inputs frames && cmp back03.png redone03.png' "$reverie"
long="style frames/f%02d.png waves.png --size 64 -t 1 --exact -q --no-recipe --only background -n 8 --frame-iterations 8"
"$reverie" $long -o whole.y4m
ok 'a video stopped' interrupted_with stop3.y4m $long -o stop3.y4m --state-every 0.01
ok 'and resumed' run 0 '' $long -o stop3.y4m --resume
ok 'has the same bytes' cmp whole.y4m stop3.y4m
learned="style frames/f%02d.png --size 96 -t 1 -q --no-recipe --learned"
ok 'a face in a learned video' run 0 '' $learned hokusai-wave --keep faces --keep-strength 100 -o learned-kept%02d.png
ok 'the rest' run 0 '' style frames/f%02d.png --size 96 -t 1 -q --learned hokusai-wave --only background -o learned-rest%02d.png
ok 'made again' sh -c '"$0" redo learned-rest%02d.png -o learned-again%02d.png -q --inputs frames && cmp learned-rest03.png learned-again03.png' "$reverie"
four_shots clip.y4m waves.png
ok 'nobody in a video' run 0 'no faces found in any frame, so nothing is painted' style clip.y4m --learned hokusai-wave -o a.y4m --only faces
ok 'whatever the style' run 0 '' style clip.y4m --learned munch-scream -o b.y4m --only faces -q
ok 'the frames stay' cmp a.y4m b.y4m
ok 'nobody to keep' run 0 'no faces found in any frame, so nothing is kept' style clip.y4m waves.png -o c.y4m --keep faces $iterations --size 48
ok 'nobody to paint' run 0 'so nothing is painted' style clip.y4m waves.png -o d.y4m --only people $iterations --size 48
ok 'a plan' run 0 'frames' $video waves.png --keep faces --only background -o x%02d.png --dry-run
ok 'not with masks of videos' run 2 'cannot be combined' $video waves.png -o x%02d.png --only subject --mask mask.png
ok 'nor in learned ones' run 2 'cannot be combined' style clip.y4m --learned hokusai-wave -o x.y4m --only subject --mask mask.png

ok 'leaves nothing there' sh -c '! ls x.* 2>err'
echo "1..$count"
