#!/bin/sh
# test-machines.sh openmpi|mpich MODULE REVERIE DRAW TEST-CLUSTER -- one picture on several ranks: the same bytes as on
# one, whatever is killed, stopped or missing on the way. MODULE is what speaks with that launcher. Prints TAP.
set -u
launcher=$1
module=$(realpath "$2" 2>/dev/null)
reverie=$(realpath "$3")
draw=$(realpath "$4")
cluster=$(realpath "$5")
. "$(realpath "$(dirname "$0")")/../support/cli.sh"

if [ ! -e "$module" ] || ! command -v "mpirun.$launcher" >/dev/null; then
  ok "$launcher # SKIP it is not here" true
  all_done
fi
export REVERIE_CLUSTER="$module" OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
# Two cores stand for many machines. Waiting ranks of MPICH shall not keep them from those that compute.
how=
[ "$launcher" = mpich ] || how='--map-by :OVERSUBSCRIBE --bind-to none'
ranks() { # ranks N COMMAND...
  n=$1
  shift
  timeout $((60 * REVERIE_TEST_SLOWER)) mpirun.$launcher $how -n "$n" "$@" </dev/null
}
on() { # on N ARGUMENTS...: of the program
  n=$1
  shift
  ranks "$n" "$reverie" "$@" >out 2>err
}

"$draw" waves content.png 120
"$draw" glass style.png 80
# Nine small tiles; and two, fewer than there are ranks. In 16 bits, or another order of adding would not show.
small="style content.png style.png -q -t 1 --exact --bits 16 --size 160 --tile 64 --climb-from 0 --margin 0 --style-layers conv1_1,conv2_1 --content-layers conv2_1"
style="$small -n 6"
dream="dream content.png -q -t 1 --exact --bits 16 --size 192 --tile 128 --octaves 2 -n 2"

same_on() { # same_on N WHOLE ARGUMENTS...: the bytes of WHOLE
  n=$1
  whole=$2
  shift 2
  rm -f some.png
  on "$n" "$@" -o some.png && cmp -s "$whole" some.png
}

speak() { ranks "$1" "$cluster" >out 2>err; }


"$reverie" $small -n 60 -o long1.png --log long1.log
begin() { # begin N OUT ARGUMENTS...: $pid, once it has logged something
  n=$1
  output=$2
  shift 2
  mpirun.$launcher $how -n "$n" "$reverie" $small -n 60 -o "$output" --log "$output.log" "$@" </dev/null >out 2>err &
  pid=$!
  while kill -0 $pid 2>/dev/null && [ ! -s "$output.log" ]; do sleep 0.02; done
}
rank_of() { pgrep -f "^$reverie $small -n 60 -o $1 " | sed -n "$2p"; } # rank_of OUT NUMBER: a process of it

stopped() { # by a signal to the launcher: the picture and the state are there
  begin 3 stop.png --state-every 0
  kill -TERM $pid
  wait $pid
  [ -s stop.png ] && [ -s stop.png.state.safetensors ]
}
ok 'the launcher is told to end: picture and state' stopped
ok 'another number of ranks goes on' on 2 $small -n 60 -o stop.png --resume
ok 'to the same bytes' cmp -s long1.png stop.png

killed() { # killed TIMES
  rm -f kill.png*
  for k in $(seq "$1"); do
    begin $((2 + k % 3)) kill.png --state-every 0.01 --resume
    sleep "$(awk -v k="$k" -v s="$$" 'BEGIN { srand (s + k); printf "%.3f", 0.1 + 0.5 * rand () }')"
    victim=$(rank_of kill.png $((1 + k % 2)))
    [ -z "$victim" ] || kill -9 "$victim"
    wait $pid
    code=$?
    [ -z "$victim" ] || [ -s kill.png ] || [ $code -ne 0 ] || return 1
    [ ! -s kill.png ] || ls kill.png.state* >/dev/null 2>&1 || break
  done
  [ -s kill.png ] && ! ls kill.png.state* >/dev/null 2>&1 && return 0
  on 2 $small -n 60 -o kill.png --log kill.png.log --resume
}
ok 'ranks killed at random moments' killed 20
ok 'the same bytes in the end' cmp -s long1.png kill.png

cat "$here"/*.txt 2>/dev/null; all_done
