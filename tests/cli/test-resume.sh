#!/bin/sh
# test-resume.sh REVERIE DRAW KILLS -- runs that were stopped go on: killed at random moments, by Ctrl-C, with other
# settings or inputs. Prints TAP.
set -u
reverie=$(realpath "$1")
draw=$(realpath "$2")
kills=$3
. "$(realpath "$(dirname "$0")")/../support/cli.sh"
"$draw" waves content.png 96
"$draw" glass style.png 80

settings="-q --size 96 -n $((16 * kills)) --threads 2 --resume"
run_on() { # run_on OUT ARGUMENTS...: as a user would who wants it done
  target=$1
  shift
  "$reverie" style content.png style.png -o "$target" $settings "$@"
}

# Killed $kills times at random; then left alone. A run may end before it is killed.
killed() { # killed OUT ARGUMENTS...
  target=$1
  shift
  for k in $(seq "$kills"); do
    "$reverie" style content.png style.png -o "$target" $settings "$@" & # no function: a shell of its own would be killed
    pid=$!
    sleep "$(awk -v k="$k" -v s="$$" 'BEGIN { srand (s + k); printf "%.3f", 0.03 + 0.4 * rand () }')"
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null && return
    echo "# killed $k times"
  done
  run_on "$target" "$@"
}

same_log() { # of two logs, but for the time
  sed 's/, "seconds.*//' "$1" >one.txt
  sed 's/, "seconds.*//' "$2" >two.txt
  cmp -s one.txt two.txt
}

run_on whole.png --exact --log whole.log
ok 'killed at random' killed cut.png --exact --state-every 0.01 --log cut.log
ok 'the same bytes as one that never stopped' cmp -s whole.png cut.png
ok 'and the same log' same_log whole.log cut.log
ok 'its state is gone' sh -c '! ls cut.png.state* 2>/dev/null'
run_on chosen.png --tune
run_on again.png # every kernel has been measured by now
killed cut2.png --state-every 0.01
ok 'with kernels chosen by measuring too' cmp -s again.png cut2.png

# Ctrl-C
"$reverie" style content.png style.png -o int.png -q --size 96 -n 100000 --exact &
pid=$!
sleep 1
kill -INT $pid
wait $pid
ok 'Ctrl-C leaves a state' [ -s int.png.state.safetensors ]
ok 'which is not lost' run 1 '--resume goes on with it, --force starts anew' style content.png style.png -o int.png -q --size 96 -n 100000 --exact
cp int.png.state.safetensors kept
ok 'another setting is named' run 2 'the run that stopped had --iterations=100000, and this has --iterations=9' style content.png style.png -o int.png -q --size 96 -n 9 --exact --resume
cp style.png style.before
cp content.png style.png
ok 'so are other pictures' run 1 'is of other pictures' style content.png style.png -o int.png -q --size 96 -n 100000 --exact --resume
cp style.before style.png
cp kept other.png.state.safetensors
ok 'and the state of another picture' run 1 'is of another picture' style content.png style.png -o other.png -q --size 96 -n 100000 --exact --resume
head -c 5000 kept >other.png.state.safetensors
ok 'a state cut short' run 1 'other.png.state.safetensors' style content.png style.png -o other.png -q --size 96 -n 100000 --exact --resume
ok 'the first is still there' cmp -s int.png.state.safetensors kept
ok 'force starts anew' sh -c '"$0" style content.png style.png -o int.png -q --size 96 -n 2 --exact --force && [ ! -e int.png.state.safetensors ]' "$reverie"
ok 'nothing to go on with, and OUT is there' run 1 'exists; --force replaces it' style content.png style.png -o int.png -q --size 96 --resume
echo "1..$count"
