#!/bin/sh
# test-learn.sh REVERIE DRAW -- reverie learn as a user meets it. Prints TAP.
set -u
reverie=$(realpath "$1")
draw=$(realpath "$2")
. "$(realpath "$(dirname "$0")")/../support/cli.sh"

"$draw" lake content.png 96
"$draw" waves 'Great Waves.png' 80
"$draw" glass glass.png 80
mkdir photos few empty
for n in 90 100 120; do "$draw" lake photos/lake$n.png $n; done
cp photos/lake90.png few
echo nothing >photos/broken.jpg
small="--photos photos --from-scratch --crop 64 --batch 2 -q"

# shellcheck disable=SC2086
{
  ok 'learnt' run 0 'left out: photos/broken.jpg' learn 'Great Waves.png' glass.png -o two.safetensors $small -n 3 --log log
  ok 'all other photographs were fine' [ "$(grep -c 'left out' err)" -eq 1 ]
  ok 'a line for each step' [ "$(grep -c '"loss"' log)" -eq 3 ]
  ok 'by names' sh -c 'grep -q "\"style\": 2.*\"content\": .*\"steady\": .*\"seconds\"" log'
  ok 'no larger than it has to be' [ "$(wc -c <two.safetensors)" -lt 500000 ]
  ok 'no state is left' [ ! -e two.safetensors.state.safetensors ]
  ok 'again, the same bytes' sh -c '"$0" learn "Great Waves.png" glass.png -o again.safetensors $1 -n 3 2>/dev/null && cmp two.safetensors again.safetensors' "$reverie" "$small"
  ok 'nothing is replaced' run 1 'two.safetensors exists' learn glass.png -o two.safetensors $small -n 1
  rm photos/broken.jpg
  ok 'stopped, with a painter' interrupted_with part.safetensors learn 'Great Waves.png' glass.png -o part.safetensors $small -n 30
  ok 'and a state' [ -s part.safetensors.state.safetensors ]
  ok 'not begun anew by mistake' run 1 'was stopped' learn 'Great Waves.png' glass.png -o part.safetensors $small -n 30
  ok 'of other paintings' run 1 'of other pictures' learn glass.png -o part.safetensors $small -n 30 --resume
  ok 'of other settings' run 2 "had --batch=2, and this has --batch=1" learn 'Great Waves.png' glass.png -o part.safetensors $small --batch 1 -n 30 --resume
  ok 'goes on' run 0 '' learn 'Great Waves.png' glass.png -o part.safetensors $small -n 30 --log steps.log --resume
  ok 'each step once' [ "$(grep -c '"loss"' steps.log)" -eq 30 ]
  ok 'learnt at once' run 0 '' learn 'Great Waves.png' glass.png -o whole.safetensors $small -n 30
  ok 'to the same bytes' cmp part.safetensors whole.safetensors
  ok 'one more style' run 0 '' learn glass.png -o fine.safetensors --photos photos --from two.safetensors --crop 64 --batch 2 -q -n 2 --name mine --licence 'public domain'
  ok 'of that name' grep -aq style.mine fine.safetensors
  ok 'several as one' run 0 '' learn 'Great Waves.png' glass.png -o one.safetensors $small -n 2 --as-one
  ok 'only said' run 0 '1 style, 3 photographs, 7 steps: peak' learn glass.png $small -n 7 --dry-run
  ok 'about so long' run 0 '' learn glass.png -o timed.safetensors $small --time 2s
  ok 'few photographs' run 0 '1 photographs are few' learn glass.png -o x.safetensors --photos few --from-scratch --crop 64 --batch 2 -n 1
  ok 'no photograph' run 1 'without pictures' learn glass.png -o y.safetensors --photos empty --from-scratch
  ok 'no folder of them' run 1 'nowhere' learn glass.png -o y.safetensors --photos nowhere --from-scratch
  ok 'no painting' run 2 'which painting?' learn -o y.safetensors $small
  ok 'no photographs named' run 2 'on which photographs?' learn glass.png -o y.safetensors --from-scratch
  ok 'no output' run 2 'where to?' learn glass.png $small
  ok 'a painter is no picture' run 2 '.safetensors' learn glass.png -o y.png $small
  ok 'from what' run 2 '--from FILE goes on' learn glass.png -o y.safetensors --photos photos
  ok 'from no painter' run 1 'steps.log' learn glass.png -o y.safetensors --photos photos --from steps.log
  ok 'no time' run 2 '--time' learn glass.png -o y.safetensors $small --time soon
  ok 'two of a name' run 2 'already' learn glass.png glass.png -o y.safetensors $small
  ok 'an unknown layer' run 2 'conv4_2' learn glass.png -o y.safetensors $small --style-layers conv4_9
}
echo "1..$count"
