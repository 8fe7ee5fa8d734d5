#!/bin/sh
# test-machines.sh openmpi|mpich MODULE REVERIE DRAW TEST-CLUSTER -- one picture on several ranks: the same bytes as
# with one, also after kills, stops and missing files. MODULE supports that launcher. Prints TAP.
set -u
launcher=$1
module=$(realpath "$2" 2>/dev/null)
reverie=$(realpath "$3")
draw=$(realpath "$4")
cluster=$(realpath "$5")
support=$(realpath "$(dirname "$0")")/../support
. "$support/cli.sh"
. "$support/ranks.sh"

"$draw" waves content.png 120
"$draw" glass style.png 80
# Nine small tiles; and two, fewer than ranks. 16 bits, so that another order of sums would show.
small="style content.png style.png --preset gallery1 -q -t 1 --exact --bits 16 --size 160 --tile 64 --start-size 0 --margin 0 --style-layers conv1_1,conv2_1 --content-layers conv2_1"
style="$small -n 6"
dream="dream content.png -q -t 1 --exact --bits 16 --size 192 --tile 128 --octaves 2 -n 2"

same_on() { # same_on N WHOLE ARGUMENTS...: equal bytes
  n=$1
  whole=$2
  shift 2
  rm -f some.png
  on "$n" "$@" -o some.png && cmp -s "$whole" some.png
}

speak() { ranks "$1" "$cluster" >out 2>err; }
for n in 1 3 4; do
  ok "$n ranks speak with each other" speak $n
done
some='1 2 3 4 7'
[ "$launcher" = openmpi ] || some='2 3'
"$reverie" $style -o style1.png --log alone.log
"$reverie" $dream -o dream1.png
for n in $some; do
  ok "style, $n ranks" same_on "$n" style1.png $style
done
for n in $some; do
  ok "dream, $n ranks" same_on "$n" dream1.png $dream
done
ok 'nobody but the first rank prints' sh -c '! [ -s out ] && ! [ -s err ]'

# Maps of whole layers, tiles with halos, steps with global properties, coarse to fine.
if [ "$launcher" = openmpi ]; then
  for other in '--style-loss swd' '--content-loss laplacian' '--content-loss pixels' '--tv keras --tv-weight 1' '--optimizer lbfgs' \
    '--optimizer lbfgs --start-size 100 --learning-rate 1 -n 9 --protect style.png' '--optimizer sgd' '--space fourier' \
    '--init noise' '--start-size 100' '--average 0 --keep-colors luminance' \
    '--protect style.png' '--start-size 100 --keep-colors luminance --protect style.png' '--mask content.png' \
    '--content-target matched' '--preset gallery --size 200 --tile 96'; do
    "$reverie" $style -n 3 $other -o other1.png --force
    ok "style $other, 3 ranks" same_on 3 other1.png $style -n 3 $other
  done
fi

# Options of a dream's step that use the whole gradient; options of its start, and of its state.
if [ "$launcher" = openmpi ]; then
  for other in '--carry picture --jitter-edge wrap --normalize mean-abs' '--smooth 2 --bands 0' '--style style.png' '--guide style.png' \
    '--mask style.png' '--toward birds:style.png' '--compare pair.png' '--jitter 0 --bands 16 --contrast-limit 0'; do
    "$reverie" $dream $other -o other1.png --force
    ok "dream $other, 3 ranks" same_on 3 other1.png $dream $other --force
  done
  frames() {
    "$reverie" $dream --count 2 --zoom 1.1 -o one%d.png && on 3 $dream --count 2 --zoom 1.1 -o three%d.png &&
      cmp -s one1.png three1.png && cmp -s one2.png three2.png
  }
  ok 'frames that follow each other, 3 ranks' frames
fi

# Pictures during the run, gathered from all ranks.
on_the_way() {
  mkdir -p alone parted
  more='--save-every 2 --start-size 100 --keep-colors luminance' # the photograph is stored compactly
  "$reverie" $style $more -o alone/on.png --timeline alone/line.png &&
    on 3 $style $more -o parted/on.png --timeline parted/line.png || return 1
  for file in on.png on_at_iteration_2.png on_at_iteration_4.png line.png; do cmp -s alone/$file parted/$file || return 1; done
}
ok 'pictures on the way, and a timeline' on_the_way
dream_on_the_way() {
  "$reverie" $dream --save-every 1 -o alone/dream.png --timeline alone/line.png --force &&
    on 3 $dream --save-every 1 -o parted/dream.png --timeline parted/line.png --force || return 1
  for n in 1 2 3 4; do cmp -s alone/dream_at_iteration_$n.png parted/dream_at_iteration_$n.png || return 1; done
  cmp -s alone/dream.png parted/dream.png && cmp -s alone/line.png parted/line.png
}
ok 'a dream on the way, and its timeline' dream_on_the_way

# Traffic, which our own code counts: equal to the plan in each iteration; less if sums are reduced on the way.
bytes() { sed -n 's/.*"bytes": \([0-9]*\).*/\1/p' "$1" | sort -u; }
planned() { sed -n 's/.* \([0-9.]*\) MB of traffic.*/\1/p' out; }
travels() {
  on 3 $style -o some.png --force --log some.log || return 1
  [ "$(bytes some.log | wc -l)" -eq 1 ] || return 1
  on 3 $style -o some.png --force --dry-run
  [ "$(planned)" = "$(awk -v b="$(bytes some.log)" 'BEGIN { printf "%.1f", b / 1e6 }')" ]
}
# Sums: a triangle of two layers' matrices, of 32 and 64 rows, and three more, from six other tiles, 4 bytes each. To
# all: as many gradients, and four losses of 8 bytes. Each tile's gradient, 60 x 48 px with three colours of 4 bytes,
# goes to all.
sums=$((32 * 33 / 2 + 64 * 65 / 2 + 3))
is_the_sum_of_its_parts() {
  [ "$(bytes some.log)" -eq $(((6 + 1) * 4 * sums + 4 * 8 + 9 * 60 * 48 * 3 * 4)) ]
}
less_if_fast() {
  on 3 $style -o fast.png --log fast.log --fast-sums &&
    [ $(($(bytes some.log) - $(bytes fast.log))) -eq $(((7 * 4 - 2 * 8) * sums + 4 * 8)) ]
}
# All five layers of the built-in network, a tile on each of two ranks: 0.76 MB of sums, as in docs/machines.md, and the
# gradients of both tiles.
is_in_the_table() {
  on 2 style content.png style.png --preset gallery1 -q -t 1 --exact --size 256 --tile 192 --start-size 0 --margin 0 -n 1 -o table.png \
    --log table.log && [ $((($(bytes table.log) - 2 * 192 * 192 * 3 * 4) / 10000)) -eq 76 ]
}
# The plan shows the last octave of a dream: the first one, in one tile, sends less.
dream_travels() {
  on 3 $dream -o some.png --force --log dream.log && on 3 $dream -o some.png --force --dry-run &&
    [ "$(planned)" = "$(awk -v b="$(bytes dream.log | sort -n | tail -1)" 'BEGIN { printf "%.1f", b / 1e6 }')" ]
}
if [ "$launcher" = openmpi ]; then
  ok 'as much travels as the plan says' travels
  ok 'of a dream, too' dream_travels
  ok 'that is the sums, and the gradients of tiles' is_the_sum_of_its_parts
  ok 'as much as docs/machines.md says' is_in_the_table
  ok '--fast-sums: less' less_if_fast
  ok 'alone nothing travels' sh -c "! grep -q bytes '$here'/alone.log"
fi

# Peak memory of the fullest of three ranks, kB.
cat >held.py <<'END'
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:], close_fds=False)  # MPI uses one of them
with open("held", "a") as file:
    file.write("%d\n" % resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
END
fullest() { # fullest ARGUMENTS...: prints it
  rm -f held
  ranks 3 python3 held.py "$reverie" "$@" -o held.png --force >out 2>err && sort -n held | tail -1
}
"$draw" waves large.png 768
# All that a rank of a dream stores: wide blurs, the original, the comparison, pictures during the run.
dreams='dream large.png -q -t 1 --exact --octaves 1 -n 1 --tile 384 --size 768'
as_planned() {
  for more in '' '--smooth 64' '--compare pair.png' '--save-every 1' '--mask large.png --carry picture'; do
    held=$(fullest $dreams $more) && on 3 $dreams $more -o held.png --force --dry-run || return 1
    peak=$(sed -n 's/.*peak \([0-9]*\) MB.*/\1/p' out)
    [ -n "$peak" ] && [ $((held * 1024)) -le $((peak * 1000000)) ] || return 1
  done
}
[ "$launcher" != openmpi ] || skip_sanitized 'dreams hold no more than planned' || ok 'dreams hold no more than planned' as_planned

# ---- kills, stops, missing files -------------------------------------------------------------------------------------

long="$small -n 60"
"$reverie" $long -o long1.png --log long1.log
begin() { # begin N OUT ARGUMENTS...: sets $pid, once the run has logged something
  n=$1
  output=$2
  shift 2
  mpirun.$launcher $how -n "$n" "$reverie" $long -o "$here/$output" --log "$output.log" "$@" </dev/null >out 2>err &
  pid=$!
  while kill -0 $pid 2>/dev/null && [ ! -s "$output.log" ]; do sleep 0.02; done
}
rank_of() { pgrep -f "^$reverie $long -o $here/$1 " | sed -n "$2p"; } # rank_of OUT NUMBER: a process of it

# After a rank is killed, Open MPI's launcher (4.1, with PMIx 4.2) may wait for itself forever.
ended() { # ended OUT: its exit code
  patience=$((20 * REVERIE_TEST_SLOWER))
  while grep -q '^State:.[^ZX]' /proc/$pid/status 2>/dev/null && [ $patience -gt 0 ]; do
    [ -n "$(rank_of "$1" 1)" ] || patience=$((patience - 1))
    sleep 0.1
  done
  kill -9 $pid 2>/dev/null
  wait $pid
}

stopped() { # stopped OUT, by a signal to the launcher: picture and state exist
  begin 3 "$1" --state-every 0
  kill -TERM $pid
  ended "$1"
  [ -s "$1" ] && [ -s "$1.state.safetensors" ]
}
# A launcher may take a second to pass on a signal; a fast machine makes sixty iterations in it.
long="$small -n 150"
"$reverie" $long -o longer1.png
ok 'the launcher is told to end: picture and state' stopped stop.png
ok 'another number of ranks goes on' on 2 $long -o stop.png --resume
ok 'to the same bytes' cmp -s longer1.png stop.png
long="$dream -n 40"
"$reverie" $long -o dreamt1.png
ok 'a dream is told to end' stopped dreamt.png
ok 'another number of ranks dreams on' on 4 $long -o dreamt.png --resume
ok 'to the bytes of one alone' cmp -s dreamt1.png dreamt.png
long="$small -n 60"

# After any number of kills another number of ranks resumes; once complete, it starts again.
killed() { # killed TIMES
  rm -f kill.png*
  kills=0
  for k in $(seq $((3 * $1))); do
    begin $((2 + k % 3)) kill.png --state-every 0.01 --resume
    sleep "$(awk -v k="$k" -v s="$$" 'BEGIN { srand (s + k); printf "%.3f", 0.3 * rand () }')"
    victim=$(rank_of kill.png $((1 + k % (2 + k % 3))))
    [ -z "$victim" ] || ! kill -9 "$victim" || kills=$((kills + 1))
    ended kill.png
    code=$?
    [ -z "$victim" ] || [ -s kill.png ] || [ $code -ne 0 ] || return 1
    if [ -s kill.png ] && ! ls kill.png.state* >/dev/null 2>&1; then
      cmp -s long1.png kill.png || return 1
      [ $kills -lt "$1" ] || return 0
      rm -f kill.png*
    fi
    [ $kills -lt "$1" ] || break
  done
  [ $kills -ge "$1" ] && on 2 $long -o kill.png --log kill.png.log --resume
}
times=10
[ "$launcher" = openmpi ] || times=4
ok "ranks killed at $times random moments" killed $times
ok 'the same bytes in the end' cmp -s long1.png kill.png

says_who_died() {
  begin 3 died.png --state-every 0
  kill -9 "$(rank_of died.png 2)"
  ended died.png
  cat out err >said
  grep -qiE 'rank|killed|signal 9|KILLED' said && grep -qi "$(hostname)" said
}
[ "$launcher" = mpich ] || ok 'a rank that dies: who, and where' says_who_died
rm -f died.png*

slept() {
  begin 3 slow.png --force
  sleeper=$(rank_of slow.png 2)
  kill -STOP "$sleeper"
  sleep 5
  kill -CONT "$sleeper"
  ended slow.png && cmp -s long1.png slow.png
}
ok 'a rank that sleeps for five seconds' slept

cat >elsewhere.sh <<'END'
#!/bin/sh
[ "${OMPI_COMM_WORLD_RANK:-${PMI_RANK:-}}" != 1 ] || cd empty
exec "$@"
END
chmod +x elsewhere.sh
mkdir empty
unseen() { # the exit code is 1, except when Open MPI fails in its own abort, about once in 200 times
  ! ranks 3 ./elsewhere.sh "$reverie" $style -o unseen.png >out 2>err && [ "$(grep -c '^reverie: ' err)" -eq 1 ] &&
    grep -q 'rank 1 on .*: cannot open content.png.*folder that all machines share' err
}
ok 'a file that rank 1 cannot see' unseen
wrong() { ! on 3 $style --size 0.5x -o wrong.png && [ "$(grep -c '^reverie: ' err)" -eq 1 ]; }
ok 'what is wrong for all is said once' wrong
if [ -w /dev/full ]; then
  full() { ! on 3 $style -o full.png --log /dev/full --force && [ "$(grep -c '^reverie: ' err)" -eq 1 ]; }
  ok 'a full disk' full
fi

# ---- the module -----------------------------------------------------------------------------------------------------

no_module() {
  REVERIE_CLUSTER=$here/none.so on 2 $style -o none.png
  [ $? -ne 0 ] && grep -q 'install the package reverie-mpi' err
}
ok 'without the module' no_module
ok 'the program itself knows nothing of MPI' sh -c "! ldd '$reverie' | grep -qi mpi"
all_done
