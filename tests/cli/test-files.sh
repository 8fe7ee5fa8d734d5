#!/bin/sh
# test-files.sh REVERIE DRAW -- tests input and output files of commands: existing files, files that appear during a
# run, missing folders, --resume twice, skipped files of folders, closed pipes and full disks. Prints TAP.
set -u
reverie=$(realpath "$1")
draw=$(realpath "$2")
. "$(realpath "$(dirname "$0")")/../support/cli.sh"
"$draw" lake a.png 64
"$draw" glass b.png 48
mkdir photos in
for n in 1 2 3; do "$draw" lake in/$n.png 64; "$draw" lake photos/p$n.png $((60 + 2 * n)); done
four_shots clip.y4m a.png
size='-q --size 48 -n 2 --threads 1 --exact'
quick="$size --style-layers conv1_1,conv2_1 --content-layers conv2_1"
learn='--photos photos --from-scratch --crop 64 --batch 1 --threads 1 --exact -q'
vae='--size 28 --architecture mlp --width 8 --threads 1 -q'

# each COMMAND: runs COMMAND FIRST REST... as the test NAME, for each line NAME | FIRST | REST of standard input. Skips
# videos without ffmpeg.
each() {
  while IFS='|' read -r title first rest; do
    case $rest in *.y4m*) command -v ffmpeg >/dev/null || continue ;; esac
    # shellcheck disable=SC2086
    [ -z "$title" ] || ok "$(echo $title)" "$1" $first $rest
  done
}

# ---- files that appear during a run
# appears FILE ARGUMENTS...: writes FILE once the run has logged something, then sends Ctrl-C. FILE stays, and the
# result gets another name.
appears() {
  file=$1
  shift
  rm -f steps.log
  "$reverie" "$@" --log steps.log >out 2>err &
  pid=$!
  while kill -0 $pid 2>/dev/null && [ ! -s steps.log ]; do sleep 0.01; done
  echo mine >"$file"
  kill -INT $pid
  wait $pid
  code=$?
  [ $code -eq 1 ] || { echo "# exit code $code"; return 1; }
  [ "$(cat "$file")" = mine ] || { echo "# $file was replaced"; return 1; }
  [ "$(wc -l <err)" -eq 1 ] && grep -q "$file appeared during the run and stays; the result is in .*-2\." err || return 1
  beside=$(sed 's/.*the result is in \([^ ]*\).*/\1/' err)
  [ -s "$beside" ]
}
long='-q --size 48 -n 1000000 --threads 1 --exact'
each appears <<END
a picture | w1.png | style a.png b.png -o w1.png $long
a TIFF picture | w2.tiff | style a.png b.png -o w2.tiff $long
a timeline | w3t.png | style a.png b.png -o w3.png --timeline w3t.png $long
curves | w4.svg | style a.png b.png -o w4.png --plot w4.svg $long
a dream | w5.png | dream a.png -o w5.png --octaves 1 $long
before and after | w6c.png | dream a.png -o w6.png --compare w6c.png --octaves 1 $long
a frame | in/w0001.png | dream a.png -o in/w%04d.png --count 2 --octaves 1 $long
a video | w7.y4m | style clip.y4m b.png -o w7.y4m -q -n 40 --threads 1 --exact
the recipe of a video | w8.y4m.json | style clip.y4m b.png -o w8.y4m -q -n 40 --threads 1 --exact
a model | w9.safetensors | learn b.png -o w9.safetensors $learn -n 100000
END
ok 'a resumed run reports the other file' run 1 'w1.png appeared' style a.png b.png -o w1.png -q --size 48 -n 1000000 --threads 1 --exact --resume --time 0.1s
ok 'a resumed run does not replace the other file' [ "$(cat w1.png)" = mine ]
ok 'the other outputs of a run are written' [ -s w3.png -a -s w4.png -a -s w6.png ]
two_runs() { # two runs with one output, at the same time
  "$reverie" style a.png b.png -o two.png $quick --log 1.log 2>err1 &
  first=$!
  "$reverie" style a.png b.png -o two.png $quick --log 2.log --seed 2 2>err2
  second=$?
  wait $first
  [ "$(($? + second))" -eq 1 ] && [ -s two.png ] && { [ -s two-2.png ] || cat err1 err2 | grep -q 'two.png exists'; }
}
ok 'two runs with one output replace nothing' two_runs

# ---- existing files
mine() { # mine FILE ARGUMENTS...: an existing FILE stays; --force replaces it
  file=$1
  shift
  echo mine >"$file"
  run 1 "$file exists; --force replaces it" "$@" && [ "$(cat "$file")" = mine ] && "$reverie" "$@" --force >out 2>err && [ "$(head -c 4 "$file")" != mine ]
}
each mine <<END
samples of a training | m-samples.png | vae train photos -o m.safetensors -e 1 $vae
reconstructions of a training | m2-reconstructions.png | vae train photos -o m2.safetensors -e 1 $vae
curves of a training | m3-loss.svg | vae train photos -o m3.safetensors -e 1 $vae
curves of a training as PNG | m4-loss.png | vae train photos -o m4.safetensors -e 1 $vae
log of a training | m5.log | vae train photos -o m5.safetensors -e 1 $vae --log m5.log
codes | codes.csv | vae encode m.safetensors photos -o codes.csv -q
a page | page.html | vae export m.safetensors -o page.html -q
a page of styles | styles.html | learn --export styles.html -q
a flow | flow.flo | flow a.png a.png -o flow.flo -q
confidence of a flow | sure.png | flow a.png a.png -o flow2.flo --mask sure.png -q
a sheet | sheet.png | explore with a.png -o sheet.png --cell 64 -q
an imported model | imported.safetensors | network import m.safetensors --all -o imported.safetensors -q
END

echo mine >m6-samples.png
ok '--resume without a checkpoint replaces nothing' run 1 'm6-samples.png exists' vae train photos -o m6.safetensors -e 1 $vae --resume

# ---- folders
mkdir -p folder.png
folder() { run 1 "$@"; }
each folder <<END
a folder as an output picture | folder.png | style a.png b.png -o folder.png $quick
a log in a missing folder | nowhere: | style a.png b.png -o f.png --log nowhere/log $quick
codes in a missing folder | nowhere: | vae encode m.safetensors photos -o nowhere/c.csv
a model of a training in a missing folder | nowhere: | vae train photos -o nowhere/m.safetensors -e 1 $vae
an imported model in a missing folder | nowhere: | network import m.safetensors --all -o nowhere/m.safetensors
END
ok 'the missing folder is not made' [ ! -e nowhere ]
ok 'the folder of numbered frames is made' run 0 'made the folder video' style in/%d.png --learned munch-scream -o video/%04d.png --size 48
ok 'the frames are in the folder' [ -s video/0003.png ]
ok 'the folder of interpolated pictures is made' run 0 'made the folder steps' vae interpolate m.safetensors a.png b.png -o steps/%d.png --steps 2
ok 'folders of pictures and logs are made' sh -c '"$0" style --style b.png photos -o "p1/{content}.png" --log "p2/{content}.log" $1 && [ -s p2/p3.log ]' "$reverie" "$quick"
mkdir mixed mixed/sub
cp a.png b.png mixed
: >mixed/empty.jpg
echo hello >mixed/text.jpg
mkfifo mixed/pipe.jpg
ln -s nowhere mixed/link.jpg
left_out() { # left_out ARGUMENTS...: the run reports each invalid file of the folder mixed once
  "$reverie" "$@" >out 2>err </dev/null || return 1
  for fault in empty.jpg text.jpg pipe.jpg link.jpg sub; do
    [ "$(grep -c "left out: .*mixed/$fault" err)" -eq 1 ] || { echo "# $fault"; return 1; }
  done
}
each left_out <<END
skipped files among photographs | style | --style b.png mixed -o mixed-{content}.png $quick
skipped files among paintings | style | a.png mixed -o mixed-style.png $quick
skipped files among photographs for a learned style | style | --learned munch-scream mixed -o mixed-with-{content}.png -q
skipped files among photographs for training | learn | b.png -o mixed.safetensors --photos mixed --from-scratch --crop 64 --batch 1 --threads 1 -n 1 -q
skipped files among training pictures | vae | train mixed -o mixed-vae.safetensors -e 1 $vae
skipped files among pictures to evaluate | vae | evaluate m.safetensors mixed -k 0 -q
END

# ---- --resume twice
twice() { # twice ARGUMENTS...: the second run with --resume writes no picture
  "$reverie" "$@" --resume >out 2>err </dev/null && touch mark && sleep 0.02 && run 0 '' "$@" --resume && [ -z "$(find . -newer mark -name '*.p*g')" ]
}
mkdir one
cp a.png one/only.png
each twice <<END
a picture | style | a.png b.png -o t1.png $quick --log t1.log --plot t1.svg --timeline t1t.png --save-every 1
a picture in a learned style | style | a.png --learned munch-scream -o t2.png -q
many pictures | style | --style b.png photos -o t3/{content}.png $quick
many pictures in a learned style | style | --learned munch-scream photos -o t4/{content}.png -q
a folder with one picture | style | --style b.png one -o t5/{content}.png $quick
a dream | dream | a.png -o t6.png --compare t6c.png --octaves 1 $size
frames | dream | a.png -o t7/%d.png --count 2 --octaves 1 $size
an atlas | dream | -o t8.png --atlas conv1_1 -n 1 -q
a video | style | clip.y4m --learned munch-scream -o t9.y4m -q
numbered frames | style | in/%d.png --learned munch-scream -o t10/%d.png -q
a model | learn | b.png -o t11.safetensors $learn -n 1
a training | vae | train photos -o t12.safetensors -e 1 $vae
END

# ---- messages
ok 'a stopped run leaves a checkpoint' interrupted_with s.png.state.safetensors style a.png b.png -o s.png $long
ok '--resume with another size is refused' run 1 '--size' style a.png b.png -o s.png -q --size 64 -n 1000000 --threads 1 --exact --resume
ok '--resume with a renamed input is refused' run 1 'it was a.png, and is now only.png' style one/only.png b.png -o s.png $long --resume
ok '--resume with more inputs is refused' run 1 'it had 2 inputs, and now has 3' style a.png b.png in/1.png -o s.png $long --resume
mkdir names
cp a.png names/x.png
cp a.png names/x.jpg
ok 'inputs whose names differ in the suffix only are refused' run 2 'names/x.jpg and names/x.png would both become t/x.png' style --style b.png names -o 't/{content}.png' $quick
printf 'GIF89a\1\0\1\0\200\0\0' >cut.gif
ok 'a truncated GIF is refused' run 1 'cannot read cut.gif' style cut.gif b.png -o g.png $quick
known() { # known COMMAND ARGUMENTS...: the run fails, and each option in its message is an option of COMMAND
  "$reverie" "$@" >out 2>err </dev/null && return 1
  grep -oE -- '--[a-z][a-z-]+' err >named || { echo '# no option is named'; return 1; }
  # explore has --memory of style, which its own help does not list
  { "$reverie" "$1" --help; [ "$1" != explore ] || echo '  --memory'; } >help
  while read -r option; do
    grep -qE -- "^ +(-[a-zA-Z], )?$option( |\$)" help || { echo "# $option"; return 1; }
  done <named
}
each known <<END
too little memory for a picture | style | a.png b.png -o k.png --memory 1M $quick
too little memory for a learned style | style | a.png --learned munch-scream -o k.png --memory 1M -q
too little memory for a dream | dream | a.png -o k.png --memory 1M $size
too little memory for training | learn | b.png -o k.safetensors --memory 1M -n 1 $learn
too little memory for a sheet | explore | style a.png b.png -o k.png --memory 1M -q
too little memory for a sheet of styles | explore | with a.png -o k.png --memory 1M -q
a flow that exists | flow | a.png a.png -o flow.flo
a training that exists | vae | train photos -o m.safetensors
a model that exists | model | import m.safetensors --all -o m3.safetensors
END

# ---- closed pipes and full disks
ok 'a closed pipe is no error' sh -c '{ "$0" style --help; echo $? >code; } 2>err | true; [ "$(cat code)" -eq 0 ] && [ ! -s err ]' "$reverie"
ok 'a full disk is reported' sh -c '! "$0" learn --list >/dev/full 2>err && grep -q "cannot write to standard output" err' "$reverie"
ok 'a closed standard error is no error' sh -c '"$0" style a.png b.png -o e.png $1 2>&- && [ -s e.png ]' "$reverie" "${quick#-q }"
full() { # full FILE ARGUMENTS...: with files limited to 1 kB, the run prints one line and leaves no partial file
  file=$1
  shift
  (limit_files 1 && exec "$reverie" "$@") >out 2>err </dev/null
  [ $? -eq 1 ] && [ "$(wc -l <err)" -eq 1 ] && grep -q 'cannot write.*File too large' err && [ -z "$(find . -name "$file*")" ]
}
each full <<END
a picture | d1 | style a.png b.png -o d1.tif --bits 16 $quick
a video | d2 | style clip.y4m --learned munch-scream -o d2.y4m -q
a model | d3 | learn b.png -o d3.safetensors $learn -n 1
a training | d4 | vae train photos -o d4.safetensors -e 1 $vae
a flow | d5 | flow a.png a.png -o d5.flo -q
END

echo "1..$count"
