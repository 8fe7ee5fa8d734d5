#!/bin/sh
# test-flow.sh REVERIE MAKE-FLOW DRAW -- tests reverie flow. Prints TAP.
set -u
reverie=$(realpath "$1")
make_flow=$(realpath "$2")
draw=$(realpath "$3")
. "$(realpath "$(dirname "$0")")/../support/cli.sh"

"$make_flow" .
"$draw" lake lake.png 64
ok 'the flow of two pictures is drawn' run 0 'flow.png: 160 x 120 px, motion 5.' flow from.png to.png -o flow.png
ok 'the drawing has the size of the pictures' run 0 '160 x 120' dream flow.png --dry-run --octaves 1
ok 'the flow between equal pictures is 0' run 0 'motion 0.00 px in the mean, 0.00 px at most' flow from.png from.png -o still.png
ok 'a .flo file is written and compared with the truth' run 0 'end-point error 0.' flow from.png to.png -o flow.flo --truth truth.flo
ok 'the .flo file has the right size' [ "$(wc -c <flow.flo)" -eq 153612 ]
ok 'the flow does not depend on the number of threads' sh -c '"$0" flow from.png to.png -o one.flo -q --threads 1 && cmp flow.flo one.flo' "$reverie"
ok "--kitti writes a PNG with numbers" run 0 'numbers.png: 160 x 120 px' flow from.png to.png -o numbers.png --kitti
ok 'a KITTI file differs little from the .flo file' run 0 'end-point error 0.00' flow numbers.png -o again.flo --truth flow.flo
ok 'a flow file is drawn' run 0 'drawn.png: 160 x 120 px' flow flow.flo -o drawn.png
ok 'the drawing of a file equals the drawing of two pictures' cmp flow.png drawn.png
ok '--longest changes the colours' sh -c '"$0" flow flow.flo -o scaled.png -q --longest 30 && ! cmp -s drawn.png scaled.png' "$reverie"
ok 'hidden pixels of the truth are not compared' run 0 'over 1' flow truth.flo --truth truth.flo
ok '--mask and --warped are accepted' run 0 '' flow from.png to.png -o m.png --mask mask.png --warped warped.png -q
ok 'mask and warped picture are written' [ -s mask.png -a -s warped.png ]
ok 'the warped picture lies over the first picture' run 0 'motion 0.' flow from.png warped.png -o w.png
ok 'presets are accepted' sh -c 'for p in fast medium fine; do "$0" flow from.png to.png -o p.flo -f -q --preset $p || exit 1; done' "$reverie"
ok 'an existing flow is not replaced' run 1 'flow.flo exists' flow from.png to.png -o flow.flo
ok 'an existing mask is not replaced' run 1 'mask.png exists' flow from.png to.png -o x.png --mask mask.png
ok '--force replaces a flow' run 0 '' flow from.png to.png -o flow.flo --force -q
ok 'an input cannot be the output' run 1 'is an input' flow from.png to.png -o from.png -f
ok 'the truth cannot be the output' run 1 'is an input' flow from.png to.png -o truth.flo --truth truth.flo -f
ok 'two outputs cannot be one file' run 2 'would be written twice' flow from.png to.png -o y.png --mask y.png
ok 'nor by another path' run 2 'would be written twice' flow from.png to.png -o y.png --mask ./y.png -f
ln -s y.png link.png && mkdir folder && ln -s folder linked
ok 'nor by a link' run 2 'would be written twice' flow from.png to.png -o y.png --mask link.png -f
ok 'nor by a link to its folder' run 2 'would be written twice' flow from.png to.png -o folder/y.png --mask linked/y.png -f
mkfifo pipe.flo
ok 'a pipe is not waited for' run 1 'not a regular file' flow truth.flo --truth pipe.flo
ok 'a missing truth is found before anything is written' sh -c '! "$0" flow from.png to.png -o z.flo --truth none.flo 2>/dev/null && [ ! -e z.flo ]' "$reverie"
ok 'a missing folder is refused' run 1 'cannot write into the folder' flow from.png to.png -o no/x.flo
ok 'pictures of two sizes are refused' run 1 'a flow needs pictures of one size' flow from.png lake.png -o x.png
ok 'an unknown suffix is refused' run 2 'unknown suffix' flow from.png to.png -o x.mp4
ok 'a missing picture is refused' run 1 'No such file' flow from.png nothing.png -o x.png
ok 'a file that is no flow is refused' run 1 'is not an optical flow' flow "$draw" -o x.png
ok 'a PNG of 8 bits is no flow' run 1 'side; a flow between two pictures: reverie flow FROM TO' flow from.png -o x.png
ok 'flow needs pictures' run 2 'two pictures, or one flow, are needed' flow -o x.png
ok 'flow needs an output' run 2 'an output is missing' flow from.png to.png
ok '--mask needs two pictures' run 2 'need two pictures' flow flow.flo -o x.png --mask y.png
ok "--kitti needs a .png output" run 2 '--kitti needs an output .png' flow from.png to.png -o x.flo --kitti
ok 'an unknown preset is refused' run 2 'medium' flow from.png to.png -o x.png --preset finest
head -c 1000 flow.flo >cut.flo
ok 'a file cut off' run 1 'is a damaged .flo' flow cut.flo -o x.png
ok 'help' run 0 '--longest PX' flow --help
ok 'man' run 0 'REVERIE\-FLOW' flow --man
ok 'completion' sh -c '[ "$("$0" --complete flow --preset f)" = "fast
fine" ]' "$reverie"
ok 'leaves nothing' [ ! -e x.png ]
echo "1..$count"
