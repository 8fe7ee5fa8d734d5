#!/bin/sh
# test-vae.sh REVERIE SHAPES DRAW -- tests reverie vae. Prints TAP.
set -u
reverie=$(realpath "$1")
shapes=$(realpath "$2")
draw=$(realpath "$3")
. "$(realpath "$(dirname "$0")")/../support/cli.sh"

"$shapes" shapes
# A small training set: the test pictures under the file names of the training pictures.
mkdir few
for kind in images-idx3 labels-idx1; do cp shapes/t10k-$kind-ubyte few/train-$kind-ubyte; done
small='--architecture mlp --width 32 --latent 2 --batch 50'

ok 'a VAE is trained' run 0 'trained on 1800 pictures' vae train few -o m.safetensors $small -e 2 --log m.jsonl
ok 'training writes model, checkpoint, samples, reconstructions and curves' [ -s m.safetensors -a -s m-checkpoint.safetensors -a -s m-samples.png -a -s m-reconstructions.png -a -s m-loss.svg -a -s m-loss.png ]
ok 'the data cannot be the log' run 1 'is an input' vae train few/train-images-idx3-ubyte -o x.safetensors $small -e 1 --log few/train-images-idx3-ubyte -f
for twice in c.safetensors c-checkpoint.safetensors c-samples.png c-loss.svg; do
  ok "the log cannot be $twice" run 2 "$twice would be written twice" vae train few -o c.safetensors $small -e 1 --log $twice
done
ok 'the log has the losses of each epoch' sh -c '[ "$(wc -l <m.jsonl)" -eq 2 ] && grep -Eq "^\{\"epoch\": 2, \"loss\": [0-9.]+, \"reconstruction\": [0-9.]+, \"kl\": [0-9.]+, \"validation\": [0-9.]+, \"seconds\": [0-9.]+\}$" m.jsonl'
ok 'progress is printed' sh -c '"$0" vae train few -o p.safetensors --architecture mlp --width 8 -e 1 2>&1 | grep -Eq "epoch 1/1 loss [0-9.]+ reconstruction [0-9.]+ KL [0-9.]+  [0-9]+ pictures/s"' "$reverie"
ok 'an existing model is not replaced' run 1 'm.safetensors exists; --force' vae train few -o m.safetensors $small -e 1
ok 'the pictures of a training have recipes, which redo refuses' sh -c '"$0" info m-samples.png | grep -q "reverie vae train" && ! "$0" redo m-samples.png -o x.png 2>err && grep -q "redo cannot repeat" err' "$reverie"
ok 'evaluate prints the ELBO' run 0 'ELBO ' vae evaluate m.safetensors shapes --samples 3 -q
ok 'evaluate reports that data was used for training' sh -c '"$0" vae train few -o all.safetensors --architecture mlp --width 8 -e 0 --validation 0 -q && "$0" vae evaluate all.safetensors few --samples 0 -q | grep -q "the scores are too good"' "$reverie"
ok 'evaluate prints the likelihood' sh -c '"$0" vae evaluate m.safetensors few --samples 0 -q | grep -q "likelihood        bernoulli; pixels as they are"' "$reverie"
ok 'evaluate prints the importance-weighted bound' sh -c '"$0" vae evaluate m.safetensors few --samples 4 -q | grep -q "importance-weighted, K = 4"' "$reverie"
ok 'a larger model is trained' run 0 '' vae train few -o good.safetensors --architecture mlp --width 128 --latent 8 --batch 50 -e 8 --learning-rate 0.003 -q
ok 'the larger model is better than the mean picture' sh -c '"$0" vae evaluate good.safetensors shapes --samples 0 -q | awk "/^ELBO/ { e = \$2 } /mean picture/ { m = \$3 } END { exit !(e > m) }"' "$reverie"
ok 'posterior collapse is reported' sh -c '"$0" vae train few -o flat.safetensors --architecture mlp --width 16 --latent 3 --beta 1000 -e 3 2>&1 | grep -q "3 of 3 latent dimensions are unused"' "$reverie"
ok 'evaluate reports posterior collapse' sh -c '"$0" vae evaluate flat.safetensors shapes --samples 0 2>&1 | grep -q "latent dimensions are unused"' "$reverie"
ok 'samples are drawn' run 0 's.png' vae sample m.safetensors -o s.png --count 9
ok 'samples with one seed are equal' sh -c '"$0" vae sample m.safetensors -o s2.png --count 9 -q && cmp s.png s2.png' "$reverie"
ok '--temperature changes samples' sh -c '"$0" vae sample m.safetensors -o s3.png --count 9 --temperature 0.2 -q && ! cmp -s s.png s3.png' "$reverie"
ok 'reconstructions are drawn' run 0 '' vae reconstruct m.safetensors shapes -o r.png
ok 'a manifold is drawn' run 0 '224 x 224 px' vae manifold m.safetensors -o map.png --count 4
ok 'a walk is drawn' run 0 '' vae walk m.safetensors -o w.png --steps 5
"$draw" lake a.png 64
"$draw" waves b.png 64
ok 'interpolate draws a strip' run 0 '' vae interpolate m.safetensors a.png b.png -o i.png --steps 6
ok 'interpolate --spherical is accepted' run 0 '' vae interpolate m.safetensors a.png b.png -o j.png --steps 6 --spherical
ok 'interpolate writes frames' run 0 '' vae interpolate m.safetensors a.png b.png -o 'i%02d.png' --steps 3 -q
ok 'interpolate writes one file for each step' [ -s i01.png -a -s i03.png -a ! -e i04.png ]
ok 'existing frames are not replaced' run 1 'exists; --force' vae interpolate m.safetensors a.png b.png -o 'i%02d.png' --steps 3 -q
ok 'edit draws a strip' run 0 '304 x 64 px' vae edit m.safetensors a.png shapes few -o edit.png --steps 5
mkdir with without
cp a.png with
cp b.png without
ok 'edit with one folder for both sets is refused' run 1 'with is given twice' vae edit m.safetensors a.png with ./with -o no-edit.png
ok 'edit does not replace a picture of its folders' run 1 'with/a.png is an input' vae edit m.safetensors b.png with without -o with/a.png -f
ok 'edit does not replace a picture with a numbered one' sh -c 'cp a.png with/02.png && ! "$0" vae edit m.safetensors b.png with without -o with/%02d.png -f 2>err && grep -q "02.png is an input" err && cmp a.png with/02.png' "$reverie"
ok 'edit needs four inputs' run 2 'usage: reverie vae edit' vae edit m.safetensors a.png shapes -o no-edit.png
ok 'scatter writes an SVG' run 0 '' vae scatter m.safetensors shapes -o c.svg
ok 'scatter writes a PNG' run 0 '' vae scatter m.safetensors shapes -o c.png
ok 'encode writes a CSV' run 0 '2000 codes' vae encode m.safetensors shapes -o z.csv
ok 'the CSV has labels' sh -c 'head -1 z.csv | grep -q "^index,label,mu0,mu1,logvar0,logvar1$" && [ "$(wc -l <z.csv)" -eq 2001 ]'
ok 'encode writes safetensors' run 0 '' vae encode m.safetensors shapes -o z.safetensors
head -10 z.csv >few.csv
ok 'decode reads a CSV' run 0 '9 pictures' vae decode m.safetensors few.csv -o d.png
ok 'decode reads safetensors' run 0 '2000 pictures' vae decode m.safetensors z.safetensors -o d2.png
printf '0,0\n1,-1\n' >plain.csv
ok 'decode reads rows of numbers' run 0 '2 pictures' vae decode m.safetensors plain.csv -o d3.png
{ printf '\357\273\277'; cat plain.csv; } >bom.csv
ok 'decode reads a CSV with a byte order mark' run 0 '2 pictures' vae decode m.safetensors bom.csv -o d4.png
ok 'decode refuses a device' run 1 'there is no regular file of this name' vae decode m.safetensors /dev/null -o x.png
ok 'info prints the latent dimensions' run 0 'latent        2' vae info m.safetensors
ok 'export writes a page' run 0 '' vae export m.safetensors -o m.html
# interrupted SUFFIX ARGUMENT... -- stops the command when it has begun to write; no partial file stays.
interrupted() {
  suffix=$1
  shift
  for i in 1 2 3 4 5; do
    "$reverie" "$@" -q -o stopped$i.$suffix & pid=$!
    while kill -0 $pid 2>/dev/null; do
      for file in stopped$i.$suffix*; do [ ! -e "$file" ] || break 2; done
    done
    kill -TERM $pid 2>/dev/null
    wait $pid
  done
  [ -z "$(ls ./*.part-* 2>/dev/null)" ]
}
ok 'a page that is interrupted leaves no partial file' interrupted html vae export m.safetensors
ok 'codes that are interrupted leave no partial file' interrupted csv vae encode m.safetensors few
ok 'a mask that is interrupted leaves no partial file' interrupted png mask a.png
ok 'a page needs a .html file' run 2 'a page is written as .html' vae export m.safetensors -o m.png
ok 'the page names no addresses' sh -c '! grep -q "http" m.html && grep -q "<title>m</title>" m.html'

# Unusual pictures: the usual pictures are one drawing at ten sizes.
mkdir usual new
for i in 0 1 2 3 4 5 6 7 8 9; do "$draw" waves usual/u$i.png $((90 + i)); done
cp usual/u3.png new/good.png
"$draw" lake new/bad.png 96
echo text >new/text.png
echo hidden >new/.hidden.png
ok 'a model of patches is trained' run 0 'patches of 10 pictures' vae train usual -o patches.safetensors --kind patches --size 64 --coreset 100
ok 'a model of patches is no picture' run 2 'y.png: a model is written as .safetensors' vae train usual -o y.png --kind patches
ok '--latent is refused for patches' run 2 '--latent cannot be combined with --kind patches' vae train usual -o y.safetensors --kind patches --latent 3
ok 'score finds the unusual picture' sh -c '"$0" vae score patches.safetensors new -o new.csv --map "maps/{name}.png" --sheet worst.png 2>err && grep -q "^new/bad.png,[0-9.]*,1$" new.csv && grep -q "^new/good.png,[0-9.]*,0$" new.csv && [ "$(wc -l <new.csv)" -eq 3 ]' "$reverie"
ok 'score prints the threshold' grep -q 'at most 1% of 2 usual pictures are above; 1 of 2 pictures is unusual' err
ok 'a file that is no picture is reported once' sh -c '[ "$(grep -c "text.png" err)" -eq 1 ] && ! grep -q hidden err'
ok 'score writes maps and a sheet' [ -s maps/bad.png -a -s maps/good.png -a -s worst.png ]
full_map() { # a pipe takes the messages: files have no bytes
  (limit_files 0; "$reverie" vae score patches.safetensors usual -o full.csv --map 'full/{name}.png' -q; echo "code $?") 2>&1 | cat >err
  [ "$(wc -l <err)" -eq 2 ] && grep -q 'cannot write full/u0.png' err && grep -qx 'code 1' err && [ ! -e full.csv ]
}
ok 'a map that cannot be written ends the run' full_map
mkdir new/more && cp new/good.png new/more
ok 'a folder in a folder is left out' run 0 'left out: new/more: is a folder' vae score patches.safetensors new -o more.csv
rm -r new/more
ok 'an existing table is not replaced' run 1 'new.csv exists; --force' vae score patches.safetensors new -o new.csv
ok 'existing maps are not replaced' sh -c '! "$0" vae score patches.safetensors new -o x.csv --map "maps/{name}.png" 2>&1 | grep -q "maps/bad-2" && [ ! -e maps/bad-2.png ]' "$reverie"
ok '--normal sets other usual pictures' sh -c '"$0" vae score patches.safetensors new/bad.png --normal new/bad.png | grep -q "^new/bad.png,[0-9.]*,0$"' "$reverie"
mkdir vacant
ok 'an empty folder of --normal is refused' run 1 'vacant: there are no pictures' vae score patches.safetensors new/bad.png --normal vacant
ok 'an invalid --false-alarms is refused' run 2 'is a part such as' vae score patches.safetensors new --false-alarms often
ok '--map needs {name}' run 2 'needs {name}' vae score patches.safetensors new --map map.png
ok 'sample refuses a model of patches' run 1 'this is a model of patches, which only reverie vae score reads' vae sample patches.safetensors -o x.png
ok 'a size that patches do not have is refused' run 2 'patches need a --size of 64 to 1024 px, not 28' vae train usual -o y.safetensors --kind patches --size 28
ok 'score accepts a VAE' sh -c '"$0" vae train usual -o usual.safetensors --size 28 --width 8 -e 5 -q --validation 0.3 && "$0" vae score usual.safetensors new --sheet worst2.png 2>err2 | grep -q "^new/bad.png,[0-9.]*,1$" && grep -q "of 3 usual pictures" err2 && [ -s worst2.png ]' "$reverie"
ok 'score scores each picture of an IDX file' sh -c '"$0" vae score m.safetensors few/train-images-idx3-ubyte -q | tail -1 | grep -q "^few/train-images-idx3-ubyte:1999,"' "$reverie"
ok 'a damaged threshold of a VAE is refused' sh -c 'for text in abcdefgh "nan 1619"; do LC_ALL=C sed "s/normal-scores\":\"......../normal-scores\":\"$text/" usual.safetensors >broken.safetensors && ! "$0" vae score broken.safetensors new >out 2>err && grep -q "broken.safetensors: damaged" err || exit 1; done' "$reverie"
# break_model LEFT: copies patches.safetensors to broken.safetensors. All numbers become NaN, except the last LEFT
# bytes; the file ends with the scores of usual pictures.
break_model() {
  size=$(wc -c <patches.safetensors)
  head=$((8 + $(od -An -tu8 -N8 patches.safetensors)))
  { head -c $head patches.safetensors; head -c $((size - head - $1)) /dev/zero | tr '\000' '\377'; tail -c "$1" patches.safetensors; } >broken.safetensors
}
break_model 0
ok 'a damaged threshold of patches is refused' run 1 'broken.safetensors: damaged' vae score broken.safetensors new/good.png
break_model 8
ok 'patches that are not finite are refused' run 1 'not finite' vae score broken.safetensors new/good.png
mkdir twins few-maps
cp new/bad.png twins/good.png
ok 'two maps with one name are refused' run 2 'the map of new/good.png and the map of twins/good.png would both be written to none/good.png' vae score patches.safetensors new/good.png twins --map 'none/{name}.png' -o none.csv
ok 'refused maps write no file' [ ! -e none -a ! -e none.csv ]
ok 'the sheet cannot be a map' run 2 '--sheet and the map of new/good.png would both be' vae score patches.safetensors new/good.png --map '{name}.png' --sheet good.png
{ printf '\000\000\010\003\000\000\000\002\000\000\000\034\000\000\000\034'; head -c 1568 /dev/zero; } >two.idx3-ubyte
ok 'maps of an IDX file are numbered' sh -c '"$0" vae score m.safetensors two.idx3-ubyte --map "few-maps/{name}.png" -q >out && [ "$(ls few-maps)" = "$(printf "two-0.png\ntwo-1.png")" ]' "$reverie"
ok 'a map does not replace an input' run 1 'new/good.png is an input' vae score patches.safetensors usual/u1.png new/good.png --map 'new/{name}.png' -f
ok 'a table does not replace an input' run 1 'usual/u2.png is an input' vae score patches.safetensors new --normal usual -o usual/u2.png -f
ok 'a sheet with an unknown suffix is refused' run 2 'sheet.xyz: unknown suffix' vae score patches.safetensors new --sheet sheet.xyz -o none.csv
ok 'maps with an unknown suffix are refused' run 2 'good.xyz: unknown suffix' vae score patches.safetensors new/good.png --map 'none/{name}.xyz' -o none.csv
ok 'refused suffixes leave no table' [ ! -e none.csv ]
ok 'a sheet shows the most unusual pictures' sh -c '"$0" vae score patches.safetensors usual usual usual new/bad.png --sheet many.png -q >out && [ "$(wc -l <out)" -eq 32 ] && "$0" vae score patches.safetensors new/bad.png usual usual usual --sheet many2.png -q >out && cmp many.png many2.png' "$reverie"
ok 'a folder without permission is reported' sh -c '[ "$(id -u)" -eq 0 ] || { mkdir -m 0 shut; "$0" vae score patches.safetensors shut 2>&1 | grep -q "shut: cannot be read: Permission denied"; }' "$reverie"
# Sends Ctrl-C after the first map is written; the map is removed.
stop_scoring() {
  "$reverie" vae score patches.safetensors $(for i in $(seq 200); do mkdir -p many/$i; cp new/bad.png many/$i/$i.png; echo many/$i/$i.png; done) --map 'stopped/{name}.png' -o stopped.csv -q 2>err &
  for i in $(seq $((300 * REVERIE_TEST_SLOWER))); do [ -e stopped/1.png ] && break; sleep 0.02; done
  kill -INT $!
  wait $!
  [ $? -eq 130 ] && [ -z "$(ls stopped)" ] && [ ! -e stopped.csv ] && [ ! -s err ]
}
ok 'Ctrl-C during score removes maps and table' stop_scoring

# Stop and resume: the same bytes of model and checkpoint.
ok 'a training of three epochs runs' run 0 '' vae train few -o whole.safetensors $small -e 3 -q
ok 'a training of one epoch runs' run 0 '' vae train few -o part.safetensors $small -e 1 -q
ok '--resume continues the training' run 0 '' vae train few -o part.safetensors $small -e 3 -q --resume
ok 'the resumed training has the bytes of a whole one' cmp whole.safetensors part.safetensors
"$reverie" vae train few -o killed.safetensors $small -e 3 -q &
sleep 0.4
kill -9 $! 2>/dev/null
wait $! 2>/dev/null
echo mine >killed.safetensors.part-notes.txt
echo half >killed.safetensors.part-00c0ffee
echo half >killed-samples.png.part-00c0ffee
ok 'a killed training is resumed' "$reverie" vae train few -o killed.safetensors $small -e 3 -q --resume --force
ok 'the killed training has the bytes of a whole one' cmp whole.safetensors killed.safetensors
ok 'only partial files of the killed training are removed' sh -c '[ ! -e killed.safetensors.part-00c0ffee -a ! -e killed-samples.png.part-00c0ffee ] && rm killed.safetensors.part-notes.txt'
# With a checkpoint after every second epoch, the third epoch is trained again, and is in the log once.
"$reverie" vae train few -o twice.safetensors $small -e 2 --save-every 2 -q --log twice.jsonl
tail -1 twice.jsonl | sed 's/"epoch": 2/"epoch": 3/' >>twice.jsonl
ok 'a training is resumed although the log is ahead of the checkpoint' run 0 '' vae train few -o twice.safetensors $small -e 4 --save-every 2 -q --log twice.jsonl --resume
ok 'each epoch is in the log once' sh -c '[ "$(sed "s/^{\"epoch\": \([0-9]*\).*/\1/" twice.jsonl | tr -d "\n")" = 1234 ]'
"$reverie" vae train few -o slow.safetensors $small -e 1 -q --backend reference
ok 'a training is resumed with the same backend' run 0 '' vae train few -o slow.safetensors $small -e 2 -q --backend reference --resume
ok 'a training is resumed with another backend' run 0 '' vae train few -o slow.safetensors $small -e 3 -q --resume
ok '--resume with another learning rate is refused' run 2 'had --learning-rate=0.001, and this has --learning-rate=0.01' vae train few -o part.safetensors $small -e 4 --learning-rate 0.01 -q --resume
ok '--resume with another validation fraction is refused' run 2 'had --validation=0.1, and this has --validation=0.2' vae train few -o part.safetensors $small -e 4 --validation 0.2 -q --resume
ok '--resume with another seed is refused' run 2 'had --seed=0, and this has --seed=3' vae train few -o part.safetensors $small -e 4 --seed 3 -q --resume
ok 'Ctrl-C leaves a checkpoint and no model' sh -c '
  "$0" vae train few -o stop.safetensors --architecture mlp --width 32 -e 100000 -q 2>err & pid=$!
  for i in $(seq $((100 * REVERIE_TEST_SLOWER))); do [ -s stop-checkpoint.safetensors ] && break; sleep 0.3; done
  kill -INT $pid; wait $pid; [ $? -eq 130 ] && grep -q "resume continues" err && [ ! -e stop.safetensors ]' "$reverie"
mkfifo log # opened after the handler of Ctrl-C is installed; its only line is written after the only epoch
stop_at_the_end() {
  "$reverie" vae train few -o ended.safetensors $small -e 1 -q --log log 2>err &
  exec 3<>log # does not wait, unlike 3<log, if the training fails
  timeout $((20 * REVERIE_TEST_SLOWER)) head -1 <&3 >out
  kill -INT $! 2>>err
  wait $!
  code=$?
  exec 3<&-
  [ $code -eq 0 ] && [ -s ended.safetensors ]
}
ok 'Ctrl-C after the last epoch leaves a model' stop_at_the_end
# If a training is restarted with --force and killed in its first epoch, the old training is not resumed.
"$reverie" vae train few -o anew.safetensors $small -e 1 -q
"$reverie" vae train few -o anew.safetensors $small -e 100000 -q -f --save-every 100000 & pid=$!
for i in $(seq $((100 * REVERIE_TEST_SLOWER))); do [ -e anew-checkpoint.safetensors ] || break; sleep 0.05; done
kill -9 $pid 2>/dev/null
wait $pid 2>/dev/null
ok 'a training restarted by --force is resumed' run 0 '' vae train few -o anew.safetensors $small -e 3 --learning-rate 0.01 -q --resume -f
ok 'the restarted training ignores the old checkpoint' sh -c '"$0" vae train few -o other.safetensors $1 -e 3 --learning-rate 0.01 -q; cmp anew.safetensors other.safetensors' "$reverie" "$small"
rm anew-checkpoint.safetensors
ok '--resume without a checkpoint replaces no model' run 1 'anew.safetensors exists; --force replaces it' vae train few -o anew.safetensors $small -e 3 -q --resume
ok '--resume with other data is refused' run 1 'made with other data' vae train shapes -o part.safetensors $small -e 4 -q --resume

# The user's own pictures.
mkdir photos
for name in lake waves table; do "$draw" $name photos/$name.png 80; done
ok 'a size that cannot be halved is refused' run 2 'resize them to' vae train photos -o x.safetensors --size 30 -q
echo nonsense >photos/notes.txt
ok 'a folder of pictures is trained on' run 0 '' vae train photos -o own.safetensors --size 28 -e 2 --latent 2 --width 4 --validation 0 -q
ok 'unreadable files are reported' sh -c '"$0" vae train photos -o own2.safetensors --size 28 -e 1 --width 4 --validation 0 -q 2>&1 | grep -q "left out: .*notes.txt"' "$reverie"
mkdir among
cp photos/*.png among
among='vae train among -o among/m.safetensors --size 28 --width 4 --validation 0 --log among/m.jsonl'
"$reverie" $among -e 1 -q
ok 'outputs among the pictures are no data when resumed' run 0 'trained on 3 pictures' $among -e 2 --resume
ok 'outputs among the pictures are not reported' sh -c '! grep -q "left out" err out'
ok 'outputs among the pictures are no data when replaced' run 0 'trained on 3 pictures' $among -e 1 -f
ok 'outputs of another training are no data' run 0 'trained on 3 pictures' vae train among -o among/other.safetensors --size 28 --width 4 --validation 0 -e 1
ok 'nor of an evaluation' run 0 'the model was trained on these pictures' vae evaluate among/m.safetensors among
rm among/other*
ok 'a folder of outputs only is refused' sh -c 'rm among/lake.png among/waves.png among/table.png && ! "$0" $1 -e 1 -f 2>err && grep -q "has no files to read" err' "$reverie" "$among"
ok 'the model has three channels' run 0 'RGB' vae info own.safetensors

# Labels: a conditional model. Scores of a model that was trained only on waves show which label a sample has.
mkdir -p sets/lake sets/waves flat
for name in lake waves; do
  for i in 0 1 2 3 4 5 6 7; do
    "$draw" $name sets/$name/$i.png $((40 + i))
    cp sets/$name/$i.png flat/$name$i.png
    echo "$name$i.png,$name"
  done
done >flat.csv
labelled='--architecture mlp --width 64 --latent 4 --size 28 --batch 8 --learning-rate 0.01 -q'
ok 'subfolders are labels' run 0 '' vae train sets -o sets.safetensors --condition labels $labelled -e 40
"$reverie" vae train sets/waves -o judge.safetensors $labelled -e 40 --validation 0
ok 'info lists the labels' run 0 'labels        lake, waves' vae info sets.safetensors
ok 'a sample has its label' sh -c 'for l in waves lake; do "$0" vae sample sets.safetensors -o one-$l.png -n 1 --label $l -q || exit 1; done; "$0" vae score judge.safetensors --normal sets/waves one-waves.png one-lake.png -o one.csv -q && awk -F, "{ s[NR] = \$2 } END { exit !(s[2] + 30 < s[3]) }" one.csv' "$reverie"
ok 'a model with labels draws without a label' run 0 '' vae sample sets.safetensors -o any.png
ok 'labels of a CSV give the same model' sh -c '"$0" vae train flat -o csv.safetensors --condition flat.csv $1 -e 40 && for m in sets csv; do "$0" vae info $m.safetensors | grep -v "^data  " >$m.info; done && cmp sets.info csv.info' "$reverie" "$labelled"
elbo() { "$reverie" vae evaluate sets.safetensors "$@" --samples 0 -q | grep '^ELBO'; }
ok 'labels change the ELBO' [ "$(elbo flat --condition flat.csv)" = "$(elbo sets)" -a "$(elbo flat)" != "$(elbo sets)" -a "$(elbo sets --label lake)" = "$(elbo flat --label lake)" ]
ok 'reconstructions use labels' sh -c '"$0" vae reconstruct sets.safetensors sets -o own.png -n 16 -q && "$0" vae reconstruct sets.safetensors flat -o csv.png -n 16 --condition flat.csv -q && "$0" vae reconstruct sets.safetensors flat -o lakes.png -n 16 --label lake -q && "$0" vae score judge.safetensors --normal sets/waves own.png csv.png lakes.png -o sheets.csv -q && awk -F, "{ s[NR] = \$2 } END { exit !(s[2] == s[3] && s[2] != s[4]) }" sheets.csv' "$reverie"
mkdir mixed
cp -r sets/lake flat/waves0.png mixed
ok 'a picture in no subfolder is refused' run 1 'waves0.png has no label' vae reconstruct sets.safetensors mixed -o x.png
for command in 'reconstruct sets.safetensors mixed -o mixed.png' 'evaluate sets.safetensors mixed --samples 0'; do
  ok "--label replaces missing labels: ${command%% *}" run 0 '' vae $command --label lake -q
done
sed 1d flat.csv >later.csv
for command in 'interpolate sets.safetensors flat/lake0.png sets/lake/0.png' 'walk sets.safetensors'; do
  ok "labels have no effect: ${command%% *}" run 2 "--condition cannot be combined with '${command%% *}', which reads no labels" vae $command -o strip.png --condition later.csv
done
ok 'nor does the picture of an edit need one' run 0 '' vae edit sets.safetensors flat/lake0.png flat/lake1.png flat/waves1.png -o strip2.png --condition later.csv -q
ok 'a page of a label' sh -c 'for l in lake waves; do "$0" vae export sets.safetensors -o $l.html --label $l -q; done; ! cmp -s lake.html waves.html' "$reverie"
ok 'a training with labels in part' run 0 '' vae train sets -o later.safetensors --condition labels $labelled -e 7
ok 'resumed to the same bytes' sh -c 'cp later-checkpoint.safetensors other-checkpoint.safetensors; "$0" vae train sets -o later.safetensors --condition labels $1 -e 40 --resume && cmp sets.safetensors later.safetensors' "$reverie" "$labelled"
ok 'but not without' run 2 'had other labels' vae train sets/lake -o other.safetensors $labelled -e 40 --resume
ok 'no such label' run 2 "no label 'sea'; it has: lake, waves" vae sample sets.safetensors -o x.png --label sea
cp flat.csv own-labels.csv
ok 'labels are an input of encode' run 1 'own-labels.csv is an input; write to another file' vae encode sets.safetensors flat --condition own-labels.csv -o own-labels.csv -f
cp own-labels.csv own-labels.svg
ok 'and of scatter' run 1 'own-labels.svg is an input; write to another file' vae scatter sets.safetensors flat --condition own-labels.svg -o own-labels.svg -f
cp flat/lake0.png flat/own.png
ok 'a picture of the data is no log' run 1 'flat/own.png is an input; write to another file' vae train flat -o x.safetensors --log flat/own.png -f $labelled
rm flat/own.png
echo mine >mine.txt
ok '--resume without a checkpoint replaces no file that is no log' run 1 'mine.txt exists; --force replaces it' vae train flat -o x.safetensors --log mine.txt --resume $labelled
printf '1,2\0,5\n4,5\n' >nul.csv
ok 'codes with a byte 0 are refused' run 1 'nul.csv is no text: it has a byte 0' vae decode sets.safetensors nul.csv -o x.png
ok 'no label to train' run 2 "reverie: --label cannot be combined with 'train'" vae train sets -o x.safetensors --condition labels $labelled --label lake
ok 'nor to score' run 2 "reverie: --label cannot be combined with 'score'" vae score sets.safetensors sets/lake -o x.csv --label lake
for unread in '--epochs 5 evaluate m.safetensors shapes' '--size 64 sample m.safetensors -o x.png' '--normal few info m.safetensors' \
  '--output x info m.safetensors' '--backend cpu walk m.safetensors -o x.png'; do
  set -- $unread
  option=$1 value=$2 command=$3
  shift 3
  ok "$command does not read $option" run 2 "$option cannot be combined with '$command'" vae $command "$@" $option $value
done
echo '{"epochs": 3, "count": 4}' >both.json
ok 'a settings file may have options of other subcommands' run 0 '' vae sample m.safetensors -o both.png --settings both.json -q
ok 'an empty --false-alarms is refused' run 2 'is a part such as' vae score patches.safetensors new --false-alarms ''
ok 'no labels of data to sample' run 2 "reverie: --condition cannot be combined with 'sample'" vae sample sets.safetensors -o x.png --condition labels
ok 'a model without labels' run 2 'the model has no labels' vae sample m.safetensors -o x.png --label lake
for command in 'evaluate m.safetensors few' 'reconstruct m.safetensors few -o x.png'; do
  ok "nor labels of data: ${command%% *}" run 2 '--condition needs a conditional model, and m.safetensors is none' vae $command --condition labels
done
ok 'subfolders are no labels' run 2 '--condition subfolders reads no labels' vae train sets -o x.safetensors --condition subfolders $labelled
ok 'data without labels' run 2 'photos has no labels' vae train photos -o x.safetensors --condition labels $labelled
ok 'too many labels' run 1 'has 2000 labels for the 16 pictures' vae train flat -o x.safetensors --condition few/train-labels-idx1-ubyte $labelled
sed 2d flat.csv >less.csv
ok 'a picture without a label is refused' run 1 'less.csv has no label for flat/lake1.png' vae train flat -o x.safetensors --condition less.csv $labelled
echo lake0.png,waves >>less.csv
ok 'a picture with two labels is refused' run 1 "line 16 gives lake0.png the label 'waves'" vae train flat -o x.safetensors --condition less.csv $labelled
ok 'the file of labels cannot be the log' run 1 'flat.csv is an input' vae train flat -o x.safetensors --condition flat.csv $labelled --log flat.csv -f

ok 'no subcommand' run 2 'reverie vae with one of: train' vae
ok 'unknown subcommand' run 2 "did you mean 'train'" vae trian few
ok 'no data' run 2 'usage: reverie vae train' vae train -o x.safetensors
ok 'latent 0' run 2 'latent' vae train few -o x.safetensors --latent 0
ok 'no such data' run 1 'cannot read' vae train nothing -o x.safetensors
ok 'Fashion-MNIST that is not there' sh -c 'REVERIE_DATASETS=/nowhere "$0" vae train fashion-mnist -o x.safetensors -e 0 -q 2>err; [ -d /usr/share/datasets/fashion-mnist ] || grep -q "apt install dataset-fashion-mnist" err' "$reverie"
mkdir empty
ok 'an empty folder is refused' run 1 'has no files' vae train empty -o y.safetensors
ok 'a file that is no model is refused' run 1 'not a model of reverie vae' vae sample z.safetensors -o x.png
ok 'a missing model is refused' run 1 'cannot' vae sample nothing.safetensors -o x.png
ok 'pictures of another size are refused' run 1 'the model' vae evaluate own.safetensors shapes -q
ok 'a manifold of three latent dimensions is refused' sh -c '"$0" vae train few -o three.safetensors --architecture mlp --width 8 --latent 3 -e 0 -q; "$0" vae manifold three.safetensors -o x.png 2>&1 | grep -q "two latent dimensions"' "$reverie"
ok 'a loss that is not finite ends the training' run 1 'lower --learning-rate' vae train few -o nan.safetensors $small --likelihood gaussian --sigma 1e-25 -q
ok 'no model is left after a loss that is not finite' [ ! -e nan.safetensors ]
ok 'rows that do not fit the model are refused' run 1 'is no row of 2 numbers' vae decode m.safetensors m.jsonl -o x.png
ok 'sample needs an output' run 2 'an output is missing' vae sample m.safetensors
# With any limit of address space (kB) the result is a model or a one-line error, not a crash. Code 127: the system
# could not start the program.
starved() {
  for most in 150000 165000 180000 186000 193000 200000 207000 210000 220000 235000 250000 260000; do
    (ulimit -v $most; exec "$reverie" vae train few -o starved.safetensors $small -e 1 -q --force) >out 2>err </dev/null
    case $? in 0 | 127) ;; 1) [ "$(wc -l <err)" -eq 1 ] || return 1 ;; *) return 1 ;; esac
  done
}
skip_sanitized 'too little memory causes no crash' || ok 'too little memory causes no crash' starved
echo "1..$count"
