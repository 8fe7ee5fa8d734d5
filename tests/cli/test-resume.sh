#!/bin/sh
# test-resume.sh REVERIE DRAW KILLS -- tests that pictures, dreams and frames resume after kills at random times and
# after Ctrl-C, but not with other settings or inputs. Prints TAP.
set -u
reverie=$(realpath "$1")
draw=$(realpath "$2")
kills=$3
. "$(realpath "$(dirname "$0")")/../support/cli.sh"
"$draw" waves content.png 96
"$draw" glass style.png 80

style="style content.png style.png -q --size 64 -n $((16 * kills)) --threads 1 --resume"
dream="dream content.png -q --size 80 --octaves 3 --smallest 40 -n $((20 * kills)) --jitter 3 --threads 1 --resume"
frames="dream content.png -q --size 64 --octaves 2 --smallest 40 -n $((4 * kills)) --count 6 --zoom 1.05 --threads 1 --resume"

# killed LAST ARGUMENTS...: kills a run $kills times at random times, every second time after its first checkpoint. Then
# a run ends. A run that ends before a kill has written LAST and removed its checkpoint.
killed() {
  last=$1
  shift
  for k in $(seq "$kills"); do
    "$reverie" "$@" & # no function: the kill would end the function's subshell instead
    pid=$!
    [ $((k % 2)) -eq 1 ] || until_state $pid
    sleep "$(awk -v k="$k" -v s="$$" 'BEGIN { srand (s + k); printf "%.3f", 0.03 + 0.4 * rand () }')"
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
    [ ! -e "$last" ] || ls ./*.state* >/dev/null 2>&1 || return 0
    echo "# killed $k times"
  done
  "$reverie" "$@"
}

same_log() { # compares two logs without times
  sed 's/, "seconds.*//' "$1" >one.txt
  sed 's/, "seconds.*//' "$2" >two.txt
  cmp -s one.txt two.txt
}

"$reverie" $style -o whole.png --exact --log whole.log --plot whole.svg --timeline whole-line.png
ok 'a run is killed at random and resumed' killed cut.png $style -o cut.png --exact --state-every 0.01 --log cut.log --plot cut.svg --timeline cut-line.png
ok 'the resumed run has the bytes of a whole run' cmp -s whole.png cut.png
ok 'the resumed run has the log of a whole run' same_log whole.log cut.log
ok 'the resumed run has the curves of a whole run' cmp -s whole.svg cut.svg
ok 'the resumed run has the timeline of a whole run' cmp -s whole-line.png cut-line.png
ok 'the checkpoint is removed' sh -c '! ls cut.png.state* 2>/dev/null'
ln -s /proc/self/fd/1 to-pipe
killed piped.png $style -o piped.png --exact --state-every 0.01 --log to-pipe | cat >piped.log
ok 'a resumed run writes its log to a pipe' [ -L to-pipe -a -s piped.log ]
# ---- dreams, and frames
"$reverie" $dream -o dream.png --exact --log dream.log
ok 'a dream is killed at random and resumed' killed cut-dream.png $dream -o cut-dream.png --exact --state-every 0.01 --log cut-dream.log
ok 'the resumed dream has the bytes of a whole run' cmp -s dream.png cut-dream.png
ok 'the resumed dream has the log of a whole run' same_log dream.log cut-dream.log
if [ "$kills" -gt 2 ]; then # the run of suite long
  "$reverie" $frames -o 'frame%d.png' --exact --log frames.log
  ok 'frames are killed at random and resumed' killed cut-frame6.png $frames -o 'cut-frame%d.png' --exact --state-every 0.01 --log cut-frames.log
  for k in 1 2 3 4 5 6; do
    ok "resumed frame $k has the bytes of a whole run" cmp -s frame$k.png cut-frame$k.png
  done
  ok 'the resumed frames have the log of a whole run' same_log frames.log cut-frames.log
  "$reverie" $style -o chosen.png --tune
  "$reverie" $style -o again.png # all kernels were measured by the run before
  killed cut2.png $style -o cut2.png --state-every 0.01
  ok 'a resumed run with measured kernels has the bytes of a whole run' cmp -s again.png cut2.png
fi
# A run that was killed while it wrote its first checkpoint leaves only partial files, and nothing to resume.
halves() { for file in new.png new.png.state.safetensors new.svg new.log; do echo half >$file.part-00c0ffee; done; }
none_left() { ! ls ./*.part-* 2>/dev/null; }
halves
"$reverie" style content.png style.png -q --size 64 -n 1 --resume -o new.png --plot new.svg --log new.log
ok 'style --resume removes partial files' none_left
halves
"$reverie" dream content.png -q --size 64 -n 1 --octaves 1 --force -o new.png --plot new.svg --log new.log
ok 'dream --force removes partial files' none_left
halves
echo half >pair.png.part-00c0ffee
"$reverie" dream content.png -q --size 64 -n 1 --octaves 1 --force -o new.png --compare pair.png --plot new.svg --log new.log
ok 'dream --force removes the partial comparison' none_left
for k in 1 2 30; do echo half >many-0$k.png.part-00c0ffee; done
echo mine >many-x.png.part-00c0ffee
"$reverie" dream content.png -q --size 64 -n 1 --octaves 1 --force -o 'many-0%d.png' --count 1
ok 'dream --force removes partial frames only' sh -c '[ "$(ls ./*.part-*)" = ./many-x.png.part-00c0ffee ] && rm many-x.png.part-00c0ffee'
halves
rm new.png.state.safetensors.part-00c0ffee new.svg.part-00c0ffee # this run writes neither
"$reverie" dream --init noise --neuron conv2_1:1 --diversity 2 -q --size 64 -n 1 --force -o new.png --log new.log
ok 'dream --diversity --force removes partial files' none_left
ok 'no checkpoint is left' sh -c '! ls *.state* 2>/dev/null'
ok 'Ctrl-C leaves a checkpoint of frames' interrupted_with int-frame0.png.state.safetensors $frames -o 'int-frame%d.png' --exact -n 1000
ok 'another zoom is refused' run 2 'zoom=1.05 rotate=0 at frame 1, and this has style-weight=0.7 blend=0 zoom=1.1' $frames -o 'int-frame%d.png' --exact -n 1000 --zoom 1.1
ok 'another step is named' run 2 'the run that stopped had --step=' $frames -o 'int-frame%d.png' --exact -n 1000 --step 0.02
rm int-frame*

# Without a checkpoint --resume replaces the log and the live picture of an interrupted run, and nothing else.
echo '{"iteration": 1}' >begun.log
ok '--resume replaces the log of a run without a checkpoint' run 0 '' style content.png style.png -q --size 64 -n 1 --resume -o begun.png --log begun.log
for option in log plot timeline live; do
  case $option in plot) file=mine.svg ;; timeline | live) file=mine.png ;; *) file=mine.txt ;; esac
  cp content.png $file
  ok "--resume without a checkpoint replaces no other file: --$option" run 1 "$file exists; --force replaces it" style content.png style.png -q --size 64 -n 1 --resume -o free.png --$option $file
  ok "the file of --$option stays" cmp -s content.png $file
done
ok '--resume without a checkpoint replaces no other file: --compare' run 1 'mine.png exists; --force replaces it' dream content.png -q --size 64 -n 1 --octaves 1 --resume -o free.png --compare mine.png
"$reverie" style content.png style.png -q --size 64 -n 1 -o live.png
ok '--resume replaces the live picture of a run without a checkpoint' run 0 '' style content.png style.png -q --size 64 -n 1 --resume -o free.png --live live.png
# The comparison of a run resumes together with its picture.
ok 'Ctrl-C leaves the comparison' interrupted_with both.png dream content.png -o one.png --compare both.png -q --exact --size 64 -n 100
ok 'a stopped dream with a comparison is resumed' run 0 '' dream content.png -o one.png --compare both.png -q --exact --size 64 -n 100 --resume
rm one.png both.png

# Ctrl-C
ok 'Ctrl-C leaves a checkpoint' interrupted_with int.png.state.safetensors style content.png style.png -o int.png -q --size 96 -n 100000 --exact
ok 'an existing checkpoint is not replaced' run 1 '--resume continues it, --force starts anew' style content.png style.png -o int.png -q --size 96 -n 100000 --exact
cp int.png.state.safetensors kept
ok 'another setting is named' run 2 'the run that stopped had --iterations=100000, and this has --iterations=9' style content.png style.png -o int.png -q --size 96 -n 9 --exact --resume
cp style.png style.before
cp content.png style.png
ok 'a changed input is named' run 1 'style.png has changed' style content.png style.png -o int.png -q --size 96 -n 100000 --exact --resume
cp style.before style.png
cp kept other.png.state.safetensors
ok 'a checkpoint of another picture is refused' run 1 'is of another picture' style content.png style.png -o other.png -q --size 96 -n 100000 --exact --resume
head -c 5000 kept >other.png.state.safetensors
ok 'a truncated checkpoint is refused' run 1 'other.png.state.safetensors' style content.png style.png -o other.png -q --size 96 -n 100000 --exact --resume
ok 'refused runs do not change the checkpoint' cmp -s int.png.state.safetensors kept
ok '--force restarts and removes the checkpoint' sh -c '"$0" style content.png style.png -o int.png -q --size 96 -n 2 --exact --force && [ ! -e int.png.state.safetensors ]' "$reverie"
ok '--resume without a checkpoint accepts a complete output' run 0 'int.png: complete already' style content.png style.png -o int.png --size 96 --resume
echo "1..$count"
