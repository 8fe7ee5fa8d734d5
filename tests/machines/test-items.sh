#!/bin/sh
# test-items.sh openmpi|mpich MODULE REVERIE DRAW SHAPES -- tests that pictures distributed over ranks, and trainings in
# micro-batches, have the bytes of one process. MODULE supports the launcher. Prints TAP.
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
ok 'one process reports two of six pictures as failed' sh -c 'grep -q "2 of 6 pictures failed: one/cut.png, one/nowhere.png" err'
ok 'one process makes a sheet' run 0 'two cells are equal' $sheet -o sheet1.png
ok 'one process makes an atlas' run 0 '' $atlas -o atlas1.png
has_films() { command -v ffmpeg >/dev/null; }
if has_films; then
  ok 'one process makes a video' run 0 '' $film -o film1.y4m --log film1.log
  ok 'the video has four shots' [ "$(grep -c '"new_shot": true' film1.log)" -eq 4 ]
fi
ok 'one process trains a VAE' run 0 '' $vae -o vae1.safetensors
ok 'one process trains a style network' run 0 '' $learn -o learn1.safetensors

# ---- ranks
dealt() { # dealt N: a run of many pictures, two of them unreadable, on N ranks
  rm -rf made
  on "$1" $batch -o 'made/{content}.png' $quick --size 48
  [ $? -eq 1 ] && diff -r one made >/dev/null && grep -q '2 of 6 pictures failed: made/cut.png, made/nowhere.png' err &&
    [ "$(grep -c 'nowhere.png: No such file' err)" -eq 1 ]
}
same() { # same N WHOLE ARGUMENTS...: the result of N ranks has the bytes of WHOLE
  n=$1
  whole=$2
  shift 2
  rm -f some*
  on "$n" "$@" -o "some.${whole##*.}" && cmp -s "$whole" "some.${whole##*.}"
}
for n in $numbers; do
  ok "many pictures by $n ranks have the same bytes" dealt "$n"
  ok "a sheet by $n ranks has the same bytes" same "$n" sheet1.png $sheet
  ok "the note about equal cells is printed" grep -q 'two cells are equal' err
  ok "an atlas by $n ranks has the same bytes" same "$n" atlas1.png $atlas
  if has_films; then
    ok "a video by $n ranks has the same bytes" same "$n" film1.y4m $film --log some.log
    ok "the log of the video is the same" sh -c 'for log in film1 some; do sed "s/, .motion_seconds.*//" $log.log >$log.lines; done; cmp film1.lines some.lines'
  fi
  ok "a VAE by $n ranks has the same bytes" same "$n" vae1.safetensors $vae
  ok "the checkpoint of the VAE has the same bytes" cmp -s vae1-checkpoint.safetensors some-checkpoint.safetensors
  ok "a style network by $n ranks has the same bytes" same "$n" learn1.safetensors $learn
done
if has_films; then
  ok 'one process makes a video that ends as it begins' run 0 '' $film --loop -o loop1.y4m
  ok 'the video by 2 ranks has the same bytes' same 2 loop1.y4m $film --loop
fi

# ---- more ranks than work
on 2 vae train few -t 1 --architecture mlp --width 16 --latent 4 -e 1 --likelihood gaussian --sigma learned -o none.safetensors
ok 'idle ranks are reported' grep -q '1 of 2 ranks will be idle' err
on 2 explore style photos/lake54.png waves.png -t 1 --exact -n 2 --cell 64 --across content-layers=conv9_9,conv4_2 -o holes.png
ok 'all cells that their settings make impossible are reported' [ "$(grep -c 'has no layer' err)" -eq 5 ]

# ---- resume
"$reverie" $vae -e 1 -o on.safetensors
ok 'another number of ranks resumes a VAE' on 3 $vae -o on.safetensors --resume
ok 'the resumed VAE has the same bytes' cmp -s vae1.safetensors on.safetensors
rm one/lake50.png one/lake52.png
on 2 $batch -o 'one/{content}.png' $quick --size 48 --resume
ok '--resume makes the missing pictures' sh -c 'cmp one/lake50.png made/lake50.png && cmp one/lake52.png made/lake52.png'
all_done
