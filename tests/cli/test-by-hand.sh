#!/bin/sh
# test-by-hand.sh BY_HAND REVERIE DRAW -- tests that examples/by-hand.c prints the losses of the program for the same
# picture. Prints TAP.
set -u
by_hand=$(realpath "$1")
reverie=$(realpath "$2")
draw=$(realpath "$3")
. "$(realpath "$(dirname "$0")")/../support/cli.sh"
"$draw" waves c.png 96 # 128 x 96 px
"$draw" glass s.png 128
ok 'by-hand computes one iteration' sh -c '"$0" c.png s.png >by-hand' "$by_hand"
ok 'the program computes two iterations' run 0 '' style c.png s.png -o out.png -q --size 128 --style-layers conv3_1 --style-loss gatys \
  --style-weight 1 --content-weight 0 --tv-weight 0 --padding zero --no-denoise-style --average 0 --margin 0 --start-size 0 \
  --optimizer sgd --learning-rate 20000 --momentum 0 --no-color-axes --init content -n 2 --exact --threads 2 --log log
ok 'the losses are the same' sh -c 'sed "s/.*\"style\": \([^,]*\),.*/\1/" log | paste - by-hand |
  awk "{ d = \$1 - \$2; n += d * d < 1e-12 * \$1 * \$1; first = first ? first : \$1 } END { exit !(n == 2 && \$1 < first) }"'
ok 'missing arguments are reported' sh -c '! "$0" 2>err && grep -q CONTENT err' "$by_hand"
ok 'a missing picture is reported' sh -c '! "$0" c.png nowhere.png 2>err && grep -q "cannot open" err' "$by_hand"
echo "1..$count"
