#!/bin/sh
# test-machines.sh openmpi|mpich MODULE REVERIE DRAW TEST-CLUSTER -- tests that a picture made by several ranks has the
# bytes of one rank, also after kills and stops. Tests errors of single ranks. MODULE supports the launcher. Prints TAP.
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
# Style has nine small tiles; the dream has two, fewer than ranks. 16 bits show differences by another order of sums.
small="style content.png style.png --preset gallery1 -q -t 1 --exact --bits 16 --size 160 --tile 64 --start-size 0 --margin 0 --style-layers conv1_1,conv2_1 --content-layers conv2_1"
style="$small -n 6"
dream="dream content.png -q -t 1 --exact --bits 16 --size 192 --tile 128 --octaves 2 -n 2"

same_on() { # same_on N WHOLE ARGUMENTS...: the picture of N ranks has the bytes of WHOLE
  n=$1
  whole=$2
  shift 2
  rm -f some.png
  on "$n" "$@" -o some.png && cmp -s "$whole" some.png
}

speak() { ranks "$1" "$cluster" >out 2>err; }
for n in 1 3 4; do
  ok "$n ranks exchange messages" speak $n
done
some='1 2 3 4 7'
[ "$launcher" = openmpi ] || some='2 3'
"$reverie" $style -o style1.png --log alone.log
"$reverie" $dream -o dream1.png
for n in $some; do
  ok "style by $n ranks has the same bytes" same_on "$n" style1.png $style
done
for n in $some; do
  ok "a dream by $n ranks has the same bytes" same_on "$n" dream1.png $dream
done
ok 'only rank 0 prints' sh -c '! [ -s out ] && ! [ -s err ]'

# Options that need maps of whole layers, halos of tiles, iterations that depend on the whole picture, several scales.
if [ "$launcher" = openmpi ]; then
  for other in '--style-loss swd' '--content-loss laplacian' '--content-loss pixels' '--tv keras --tv-weight 1' '--optimizer lbfgs' \
    '--optimizer lbfgs --start-size 100 --learning-rate 1 -n 9 --protect style.png' '--optimizer sgd' '--space fourier' \
    '--init noise' '--start-size 100' '--average 0 --keep-colors luminance' \
    '--protect style.png' '--start-size 100 --keep-colors luminance --protect style.png' '--mask content.png' \
    '--content-target matched' '--preset gallery --size 200 --tile 96'; do
    "$reverie" $style -n 3 $other -o other1.png --force
    ok "style $other by 3 ranks has the same bytes" same_on 3 other1.png $style -n 3 $other
  done
fi

# Options of a dream that use the whole gradient, and options of inputs, start and state.
if [ "$launcher" = openmpi ]; then
  for other in '--carry picture --jitter-edge wrap --normalize mean-abs' '--smooth 2 --bands 0' '--style style.png' '--guide style.png' \
    '--mask style.png' '--toward birds:style.png' '--compare pair.png' '--jitter 0 --bands 16 --contrast-limit 0'; do
    "$reverie" $dream $other -o other1.png --force
    ok "a dream $other by 3 ranks has the same bytes" same_on 3 other1.png $dream $other --force
  done
  frames() {
    "$reverie" $dream --count 2 --zoom 1.1 -o one%d.png && on 3 $dream --count 2 --zoom 1.1 -o three%d.png &&
      cmp -s one1.png three1.png && cmp -s one2.png three2.png
  }
  ok 'frames by 3 ranks have the same bytes' frames
fi

# Pictures during the run, gathered from all ranks.
on_the_way() {
  mkdir -p alone parted
  more='--save-every 2 --start-size 100 --keep-colors luminance' # the photograph is stored compactly
  "$reverie" $style $more -o alone/on.png --timeline alone/line.png &&
    on 3 $style $more -o parted/on.png --timeline parted/line.png || return 1
  for file in on.png on_at_iteration_2.png on_at_iteration_4.png line.png; do cmp -s alone/$file parted/$file || return 1; done
}
ok 'intermediate pictures and timeline have the same bytes' on_the_way
dream_on_the_way() {
  "$reverie" $dream --save-every 1 -o alone/dream.png --timeline alone/line.png --force &&
    on 3 $dream --save-every 1 -o parted/dream.png --timeline parted/line.png --force || return 1
  for n in 1 2 3 4; do cmp -s alone/dream_at_iteration_$n.png parted/dream_at_iteration_$n.png || return 1; done
  cmp -s alone/dream.png parted/dream.png && cmp -s alone/line.png parted/line.png
}
ok 'intermediate pictures and timeline of a dream have the same bytes' dream_on_the_way

# Traffic, which the program counts, equals the plan in each iteration. With --fast-sums it is less, as sums are
# reduced.
bytes() { sed -n 's/.*"bytes": \([0-9]*\).*/\1/p' "$1" | sort -u; }
planned() { sed -n 's/.* \([0-9.]*\) MB of traffic.*/\1/p' out; }
travels() {
  on 3 $style -o some.png --force --log some.log || return 1
  [ "$(bytes some.log | wc -l)" -eq 1 ] || return 1
  on 3 $style -o some.png --force --dry-run
  [ "$(planned)" = "$(awk -v b="$(bytes some.log)" 'BEGIN { printf "%.1f", b / 1e6 }')" ]
}
# Each of six other tiles sends its sums, 4 bytes each: the triangles of two matrices, with 32 and 64 rows, and three
# more. All ranks get as many gradients, and four losses of 8 bytes. All ranks get the gradient of each of nine tiles,
# 60 x 48 px with three colours of 4 bytes.
sums=$((32 * 33 / 2 + 64 * 65 / 2 + 3))
is_the_sum_of_its_parts() {
  [ "$(bytes some.log)" -eq $(((6 + 1) * 4 * sums + 4 * 8 + 9 * 60 * 48 * 3 * 4)) ]
}
less_if_fast() {
  on 3 $style -o fast.png --log fast.log --fast-sums &&
    [ $(($(bytes some.log) - $(bytes fast.log))) -eq $(((7 * 4 - 2 * 8) * sums + 4 * 8)) ]
}
# With all five layers of the built-in network and one tile on each of two ranks, the traffic is 0.76 MB of sums, as in
# docs/machines.md, and the gradients of both tiles.
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
  ok 'the traffic equals the plan' travels
  ok 'the traffic of a dream equals the plan' dream_travels
  ok 'the traffic is the sums and the gradients of tiles' is_the_sum_of_its_parts
  ok 'the traffic is that of docs/machines.md' is_in_the_table
  ok '--fast-sums reduces the traffic' less_if_fast
  ok 'one process has no traffic' sh -c "! grep -q bytes '$here'/alone.log"
fi

# held.py COMMAND...: runs COMMAND and appends its peak memory in kB to the file "held".
cat >held.py <<'END'
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:], close_fds=False)  # MPI uses an inherited file descriptor
with open("held", "a") as file:
    file.write("%d\n" % resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
END
fullest() { # fullest ARGUMENTS...: prints the largest peak memory of three ranks, in kB
  rm -f held
  ranks 3 python3 held.py "$reverie" "$@" -o held.png --force >out 2>err && sort -n held | tail -1
}
"$draw" waves large.png 768
# Options that add to the memory of a rank in a dream: wide blurs, comparison, intermediate pictures, mask.
dreams='dream large.png -q -t 1 --exact --octaves 1 -n 1 --tile 384 --size 768'
as_planned() {
  for more in '' '--smooth 64' '--compare pair.png' '--save-every 1' '--mask large.png --carry picture'; do
    held=$(fullest $dreams $more) && on 3 $dreams $more -o held.png --force --dry-run || return 1
    peak=$(sed -n 's/.*peak \([0-9]*\) MB.*/\1/p' out)
    [ -n "$peak" ] && [ $((held * 1024)) -le $((peak * 1000000)) ] || return 1
  done
}
[ "$launcher" != openmpi ] || skip_sanitized 'dreams use no more memory than planned' || ok 'dreams use no more memory than planned' as_planned

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
rank_of() { pgrep -f "^$reverie $long -o $here/$1 " | sed -n "$2p"; } # rank_of OUT NUMBER: id of a process of OUT

# After a rank is killed, Open MPI's launcher (4.1, with PMIx 4.2) may never end.
ended() { # ended OUT: waits for the launcher, at most 2 s after all ranks have ended; returns its exit code
  patience=$((20 * REVERIE_TEST_SLOWER))
  while grep -q '^State:.[^ZX]' /proc/$pid/status 2>/dev/null && [ $patience -gt 0 ]; do
    [ -n "$(rank_of "$1" 1)" ] || patience=$((patience - 1))
    sleep 0.1
  done
  kill -9 $pid 2>/dev/null
  wait $pid
}

stopped() { # stopped OUT: after a signal to the launcher, picture and checkpoint exist
  begin 3 "$1" --state-every 0
  kill -TERM $pid
  ended "$1"
  [ -s "$1" ] && [ -s "$1.state.safetensors" ]
}
# A launcher may take a second to pass on a signal; a fast machine makes sixty iterations in that time.
long="$small -n 150"
"$reverie" $long -o longer1.png
ok 'a signal to the launcher leaves picture and checkpoint' stopped stop.png
ok 'another number of ranks resumes' on 2 $long -o stop.png --resume
ok 'the resumed picture has the same bytes' cmp -s longer1.png stop.png
long="$dream -n 40"
"$reverie" $long -o dreamt1.png
ok 'a signal to the launcher leaves a dream and its checkpoint' stopped dreamt.png
ok 'another number of ranks resumes the dream' on 4 $long -o dreamt.png --resume
ok 'the resumed dream has the bytes of one rank' cmp -s dreamt1.png dreamt.png
long="$small -n 60"

# killed TIMES: kills a rank TIMES times; after each kill another number of ranks resumes. A run that is complete starts
# again.
killed() {
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
ok "ranks are killed at $times random times and resumed" killed $times
ok 'the picture has the same bytes after the kills' cmp -s long1.png kill.png

says_who_died() {
  begin 3 died.png --state-every 0
  kill -9 "$(rank_of died.png 2)"
  ended died.png
  cat out err >said
  grep -qiE 'rank|killed|signal 9|KILLED' said && grep -qi "$(hostname)" said
}
[ "$launcher" = mpich ] || ok 'the launcher reports a killed rank and its machine' says_who_died
rm -f died.png*

slept() {
  begin 3 slow.png --force
  sleeper=$(rank_of slow.png 2)
  kill -STOP "$sleeper"
  sleep 5
  kill -CONT "$sleeper"
  ended slow.png && cmp -s long1.png slow.png
}
ok 'a rank that is stopped for five seconds changes no bytes' slept

cat >elsewhere.sh <<'END'
#!/bin/sh
[ "${OMPI_COMM_WORLD_RANK:-${PMI_RANK:-}}" != 1 ] || cd empty
exec "$@"
END
chmod +x elsewhere.sh
mkdir empty
unseen() { # the exit code is 1, except if Open MPI fails while it aborts, about once in 200 times
  ! ranks 3 ./elsewhere.sh "$reverie" $style -o unseen.png >out 2>err && [ "$(grep -c '^reverie: ' err)" -eq 1 ] &&
    grep -q 'rank 1 on .*: cannot open content.png.*folder that all machines share' err
}
ok 'a file that rank 1 cannot open is reported once' unseen
wrong() { ! on 3 $style --size 0.5x -o wrong.png && [ "$(grep -c '^reverie: ' err)" -eq 1 ]; }
ok 'an error of all ranks is printed once' wrong
if [ -w /dev/full ]; then
  full() { ! on 3 $style -o full.png --log /dev/full --force && [ "$(grep -c '^reverie: ' err)" -eq 1 ]; }
  ok 'a full disk is reported once' full
fi

# ---- the module -----------------------------------------------------------------------------------------------------

no_module() {
  REVERIE_CLUSTER=$here/none.so on 2 $style -o none.png
  [ $? -ne 0 ] && grep -q 'install the package reverie-mpi' err
}
ok 'a missing module is reported' no_module
ok 'the program does not link MPI' sh -c "! ldd '$reverie' | grep -qi mpi"
all_done
