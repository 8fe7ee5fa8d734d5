#!/bin/sh
# test-items.sh openmpi|mpich MODULE REVERIE DRAW SHAPES -- many pictures dealt out to ranks, and trainings in slices: the
# same bytes as one process makes. MODULE is what speaks with that launcher. Prints TAP.
# shellcheck disable=SC2086,SC2034
set -u
launcher=$1
module=$(realpath "$2" 2>/dev/null)
reverie=$(realpath "$3")
draw=$(realpath "$4")
shapes=$(realpath "$5")
support=$(realpath "$(dirname "$0")/../support")
. "$support/cli.sh"
. "$support/ranks.sh"
numbers='1 2 3 4 7'
[ "$launcher" = openmpi ] || numbers=3

quick='-q -t 1 --exact -n 2'
mkdir photos more
for n in 48 50 52 54; do "$draw" lake photos/lake$n.png $n; done
for n in 64 66 68 70; do "$draw" lake more/lake$n.png $n; done
"$draw" waves waves.png 48
"$draw" glass glass.png 64
head -c 3000 photos/lake54.png >cut.png
four_shots clip.y4m photos/lake54.png
"$shapes" shapes
mkdir few
for kind in images-idx3 labels-idx1; do cp shapes/t10k-$kind-ubyte few/train-$kind-ubyte; done

# ---- one process
batch="style --style waves.png photos cut.png nowhere.png"
sheet="explore style photos/lake54.png waves.png -t 1 --exact -n 2 --cell 64 --across strength=20,60 --down tv-weight=0,1,1"
atlas="dream --atlas conv1_1 --channels conv1_1:0,3,5,8,9 $quick"
vae="vae train few -q -t 1 --architecture mlp --width 16 --latent 4 --batch 96 --micro-batches 6 -e 2 --likelihood gaussian --sigma learned --condition labels"
learn="learn waves.png glass.png --photos more $quick --from-scratch --crop 64 --batch 8 --micro-batches 4 -n 5"
film="style clip.y4m waves.png $quick --frame-iterations 1"
"$reverie" $batch -o 'one/{content}.png' $quick --size 48 2>err
ok 'by one process: two of six fail' sh -c 'grep -q "2 of 6 pictures failed: one/cut.png, one/nowhere.png" err'
ok 'a sheet' run 0 'two cells are equal' $sheet -o sheet1.png
ok 'an atlas' run 0 '' $atlas -o atlas1.png
has_films() { command -v ffmpeg >/dev/null; }
if has_films; then
  ok 'a video' run 0 '' $film -o film1.y4m --log film1.log
  ok 'of four shots' [ "$(grep -c '"new_shot": true' film1.log)" -eq 4 ]
fi
ok 'a VAE' run 0 '' $vae -o vae1.safetensors
ok 'a painter' run 0 '' $learn -o learn1.safetensors

# ---- ranks
dealt() { # dealt N: a batch with unreadable pictures
  rm -rf made
  on "$1" $batch -o 'made/{content}.png' $quick --size 48
  [ $? -eq 1 ] && diff -r one made >/dev/null && grep -q '2 of 6 pictures failed: made/cut.png, made/nowhere.png' err &&
    [ "$(grep -c 'nowhere.png: No such file' err)" -eq 1 ]
}
same() { # same N WHOLE ARGUMENTS...: equal bytes
  n=$1
  whole=$2
  shift 2
  rm -f some*
  on "$n" "$@" -o "some.${whole##*.}" && cmp -s "$whole" "some.${whole##*.}"
}
for n in $numbers; do
  ok "many pictures, $n ranks" dealt "$n"
  ok "a sheet, $n ranks" same "$n" sheet1.png $sheet
  ok "what is noted of it" grep -q 'two cells are equal' err
  ok "an atlas, $n ranks" same "$n" atlas1.png $atlas
  if has_films; then
    ok "a video, $n ranks" same "$n" film1.y4m $film --log some.log
    ok "its log" sh -c 'for log in film1 some; do sed "s/, .motion_seconds.*//" $log.log >$log.lines; done; cmp film1.lines some.lines'
  fi
  ok "a VAE, $n ranks" same "$n" vae1.safetensors $vae
  ok "its checkpoint" cmp -s vae1-checkpoint.safetensors some-checkpoint.safetensors
  ok "a painter, $n ranks" same "$n" learn1.safetensors $learn
done

# ---- combinations without benefit
on 2 vae train few -t 1 --architecture mlp --width 16 --latent 4 -e 1 --likelihood gaussian --sigma learned -o none.safetensors
ok 'ranks that would be idle' grep -q '1 of 2 ranks will be idle' err

# ---- resume
"$reverie" $vae -e 1 -o on.safetensors
ok 'a VAE goes on on other ranks' on 3 $vae -o on.safetensors --resume
ok 'to the same bytes' cmp -s vae1.safetensors on.safetensors
rm one/lake50.png one/lake52.png
on 2 $batch -o 'one/{content}.png' $quick --size 48 --resume
ok 'pictures that lack' sh -c 'cmp one/lake50.png made/lake50.png && cmp one/lake52.png made/lake52.png'
all_done
