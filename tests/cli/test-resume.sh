#!/bin/sh
# test-resume.sh REVERIE DRAW KILLS -- pictures, dreams and frames resume after kills at random moments and after
# Ctrl-C, but not with other settings or inputs. Prints TAP.
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

# Kills a run $kills times at random, each second time with a state; then lets it end. A run may end before a kill, with
# LAST and no state.
killed() { # killed LAST ARGUMENTS...
  last=$1
  shift
  for k in $(seq "$kills"); do
    "$reverie" "$@" & # not a function, as its subshell would be killed
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

same_log() { # two logs, without times
  sed 's/, "seconds.*//' "$1" >one.txt
  sed 's/, "seconds.*//' "$2" >two.txt
  cmp -s one.txt two.txt
}

"$reverie" $style -o whole.png --exact --log whole.log --plot whole.svg --timeline whole-line.png
ok 'killed at random' killed cut.png $style -o cut.png --exact --state-every 0.01 --log cut.log --plot cut.svg --timeline cut-line.png
ok 'the same bytes as one that never stopped' cmp -s whole.png cut.png
ok 'and the same log' same_log whole.log cut.log
ok 'the same curves' cmp -s whole.svg cut.svg
ok 'the same timeline' cmp -s whole-line.png cut-line.png
ok 'its state is gone' sh -c '! ls cut.png.state* 2>/dev/null'
ln -s /proc/self/fd/1 to-pipe
killed piped.png $style -o piped.png --exact --state-every 0.01 --log to-pipe | cat >piped.log
ok 'a log to a pipe, resumed' [ -L to-pipe -a -s piped.log ]
# Dreams, and successive frames.
"$reverie" $dream -o dream.png --exact --log dream.log
ok 'a dream killed at random' killed cut-dream.png $dream -o cut-dream.png --exact --state-every 0.01 --log cut-dream.log
ok 'the same bytes' cmp -s dream.png cut-dream.png
ok 'the same log of it' same_log dream.log cut-dream.log
if [ "$kills" -gt 2 ]; then # make check's run
  "$reverie" $frames -o 'frame%d.png' --exact --log frames.log
  ok 'frames killed at random' killed cut-frame6.png $frames -o 'cut-frame%d.png' --exact --state-every 0.01 --log cut-frames.log
  for k in 1 2 3 4 5 6; do
    ok "frame $k has the same bytes" cmp -s frame$k.png cut-frame$k.png
  done
  ok 'the same log of them' same_log frames.log cut-frames.log
  "$reverie" $style -o chosen.png --tune
  "$reverie" $style -o again.png # every kernel has been measured
  killed cut2.png $style -o cut2.png --state-every 0.01
  ok 'with kernels chosen by measuring too' cmp -s again.png cut2.png
fi
# Killed while it wrote its first state: there is only a partial file, and nothing to resume.
halves() { for file in new.png new.png.state.safetensors new.svg new.log; do echo half >$file.part-00c0ffee; done; }
none_left() { ! ls ./*.part-* 2>/dev/null; }
halves
"$reverie" style content.png style.png -q --size 64 -n 1 --resume -o new.png --plot new.svg --log new.log
ok 'nor is its half, of a painting' none_left
halves
"$reverie" dream content.png -q --size 64 -n 1 --octaves 1 --force -o new.png --plot new.svg --log new.log
ok 'and of a dream begun anew' none_left
halves
echo half >pair.png.part-00c0ffee
"$reverie" dream content.png -q --size 64 -n 1 --octaves 1 --force -o new.png --compare pair.png --plot new.svg --log new.log
ok 'and of its comparison' none_left
for k in 1 2 30; do echo half >many-0$k.png.part-00c0ffee; done
echo mine >many-x.png.part-00c0ffee
"$reverie" dream content.png -q --size 64 -n 1 --octaves 1 --force -o 'many-0%d.png' --count 1
ok 'and of every frame' sh -c '[ "$(ls ./*.part-*)" = ./many-x.png.part-00c0ffee ] && rm many-x.png.part-00c0ffee'
halves
rm new.png.state.safetensors.part-00c0ffee new.svg.part-00c0ffee # this run writes neither
"$reverie" dream --init noise --neuron conv2_1:1 --diversity 2 -q --size 64 -n 1 --force -o new.png --log new.log
ok 'and of a sheet of several' none_left
ok 'no state is left' sh -c '! ls *.state* 2>/dev/null'
ok 'Ctrl-C leaves a state of frames' interrupted_with int-frame0.png.state.safetensors $frames -o 'int-frame%d.png' --exact -n 1000
ok 'another zoom is refused' run 2 'zoom=1.05 rotate=0 at frame 1, and this has style-weight=0.7 blend=0 zoom=1.1' $frames -o 'int-frame%d.png' --exact -n 1000 --zoom 1.1
ok 'another step is named' run 2 'the run that stopped had --step=' $frames -o 'int-frame%d.png' --exact -n 1000 --step 0.02
rm int-frame*

# A second picture of the same run resumes with it.
ok 'Ctrl-C leaves before and after' interrupted_with both.png dream content.png -o one.png --compare both.png -q --exact --size 64 -n 100
ok 'which go on' run 0 '' dream content.png -o one.png --compare both.png -q --exact --size 64 -n 100 --resume
rm one.png both.png

# Ctrl-C
ok 'Ctrl-C leaves a state' interrupted_with int.png.state.safetensors style content.png style.png -o int.png -q --size 96 -n 100000 --exact
ok 'which is not lost' run 1 '--resume continues it, --force starts anew' style content.png style.png -o int.png -q --size 96 -n 100000 --exact
cp int.png.state.safetensors kept
ok 'another setting is named' run 2 'the run that stopped had --iterations=100000, and this has --iterations=9' style content.png style.png -o int.png -q --size 96 -n 9 --exact --resume
cp style.png style.before
cp content.png style.png
ok 'so is an input' run 1 'style.png has changed' style content.png style.png -o int.png -q --size 96 -n 100000 --exact --resume
cp style.before style.png
cp kept other.png.state.safetensors
ok 'and the state of another picture' run 1 'is of another picture' style content.png style.png -o other.png -q --size 96 -n 100000 --exact --resume
head -c 5000 kept >other.png.state.safetensors
ok 'a state cut short' run 1 'other.png.state.safetensors' style content.png style.png -o other.png -q --size 96 -n 100000 --exact --resume
ok 'the first is still there' cmp -s int.png.state.safetensors kept
ok 'force starts anew' sh -c '"$0" style content.png style.png -o int.png -q --size 96 -n 2 --exact --force && [ ! -e int.png.state.safetensors ]' "$reverie"
ok 'nothing to go on with, and OUT is there' run 0 'int.png: complete already' style content.png style.png -o int.png --size 96 --resume
echo "1..$count"
