#!/bin/sh
# test-flow.sh REVERIE MAKE-FLOW DRAW -- reverie flow as a user meets it. Prints TAP.
set -u
reverie=$(realpath "$1")
make_flow=$(realpath "$2")
draw=$(realpath "$3")
. "$(realpath "$(dirname "$0")")/../support/cli.sh"

"$make_flow" .
"$draw" lake lake.png 64
ok 'drawn' run 0 'flow.png: 160 x 120 px, motion 5.' flow from.png to.png -o flow.png
ok 'a picture of its size' run 0 '160 x 120' dream flow.png --dry-run --octaves 1
ok 'nothing moves' run 0 'motion 0.00 px in the mean, 0.00 px at most' flow from.png from.png -o still.png
ok 'numbers' run 0 'end-point error 0.' flow from.png to.png -o flow.flo --truth truth.flo
ok 'as many bytes' [ "$(wc -c <flow.flo)" -eq 153612 ]
ok 'the same for any threads' sh -c '"$0" flow from.png to.png -o one.flo -q --threads 1 && cmp flow.flo one.flo' "$reverie"
ok "in KITTI's bits" run 0 'numbers.png: 160 x 120 px' flow from.png to.png -o numbers.png --kitti
ok 'nearly the same' run 0 'end-point error 0.00' flow numbers.png -o again.flo --truth flow.flo
ok 'a flow drawn' run 0 'drawn.png: 160 x 120 px' flow flow.flo -o drawn.png
ok 'as it was at once' cmp flow.png drawn.png
ok 'to a scale' sh -c '"$0" flow flow.flo -o scaled.png -q --longest 30 && ! cmp -s drawn.png scaled.png' "$reverie"
ok 'what is hidden is not known' run 0 'over 1' flow truth.flo --truth truth.flo
ok 'mask and warp' run 0 '' flow from.png to.png -o m.png --mask mask.png --warped warped.png -q
ok 'both there' [ -s mask.png -a -s warped.png ]
ok 'warped is where from is' run 0 'motion 0.' flow from.png warped.png -o w.png
ok 'presets' sh -c 'for p in fast medium fine; do "$0" flow from.png to.png -o p.flo -f -q --preset $p || exit 1; done' "$reverie"
ok 'nothing is replaced' run 1 'flow.flo exists' flow from.png to.png -o flow.flo
ok 'nor a mask' run 1 'mask.png exists' flow from.png to.png -o x.png --mask mask.png
ok 'but with --force' run 0 '' flow from.png to.png -o flow.flo --force -q
ok 'no input is written' run 1 'is an input' flow from.png to.png -o from.png -f
ok 'not even the truth' run 1 'is an input' flow from.png to.png -o truth.flo --truth truth.flo -f
ok 'two outputs, one name' run 1 'cannot be two pictures' flow from.png to.png -o y.png --mask y.png
ok 'no folder' run 1 'cannot write into the folder' flow from.png to.png -o no/x.flo
ok 'two sizes' run 1 'a flow needs pictures of one size' flow from.png lake.png -o x.png
ok 'an unknown suffix' run 2 'unknown suffix' flow from.png to.png -o x.mp4
ok 'no picture there' run 1 'No such file' flow from.png nothing.png -o x.png
ok 'no flow' run 1 'is not an optical flow' flow "$draw" -o x.png
ok 'an ordinary picture is no flow' run 1 'not a PNG of 16 bits' flow from.png -o x.png
ok 'one picture' run 2 'pictures are missing' flow -o x.png
ok 'no output' run 2 'an output is missing' flow from.png to.png
ok 'a mask of a file' run 2 'need two pictures' flow flow.flo -o x.png --mask y.png
ok "KITTI's suffix" run 2 '--kitti needs an output .png' flow from.png to.png -o x.flo --kitti
ok 'unknown preset' run 2 'medium' flow from.png to.png -o x.png --preset finest
head -c 1000 flow.flo >cut.flo
ok 'a file cut off' run 1 'is a damaged .flo' flow cut.flo -o x.png
ok 'help' run 0 '--longest PX' flow --help
ok 'man' run 0 'REVERIE\-FLOW' flow --man
ok 'completion' sh -c '[ "$("$0" --complete flow --preset f)" = "fast
fine" ]' "$reverie"
ok 'leaves nothing' [ ! -e x.png ]
echo "1..$count"
