#!/bin/sh
# test-video.sh REVERIE DRAW -- videos painted through ffmpeg: input, output, sound, parts, Ctrl-C; one-line errors.
# Prints TAP.
set -u
reverie=$(realpath "$1")
draw=$(realpath "$2")
. "$(realpath "$(dirname "$0")")/../support/cli.sh"

"$draw" strokes style.png 64
"$draw" waves content.png 64
echo 'this is text' >text.mp4
shallow='--style-layers conv1_1,conv2_1 --content-layers conv2_1'
quick="-q -n 1 --frame-iterations 1 --threads 1 $shallow"
quick_dream='-q --octaves 1 -n 2 --frame-iterations 1 --threads 1 --layers conv2_2:1'

ok 'no time' run 2 'is not a time' style text.mp4 style.png -o a.mp4 --from soon
ok 'an end before the start' run 2 'is not after' style text.mp4 style.png -o a.mp4 --from 0:12 --to 0:11
ok 'several videos' run 2 'a video cannot be combined with' style --style style.png text.mp4 other.mp4 -o '{content}.mp4'
mkdir nothing
ok 'without ffmpeg' sh -c '! PATH=$PWD/nothing "$0" style text.mp4 style.png -o a.mp4 2>err && [ "$(wc -l <err)" -eq 1 ] &&
  grep -q "install ffmpeg" err' "$reverie"
# ---- numbered pictures, without any other program
mkdir in made
cat >alone <<END
#!/bin/sh
PATH="$PWD/nothing" exec "$reverie" "\$@"
END
chmod +x alone
bare() { reverie=$PWD/alone run "$@"; }
for n in 08 09 10; do "$draw" lake in/f$n.png 64; done
"$draw" lake in/f09.png 65
ok 'frames of one size' bare 1 'but the first image has 96 x 64' style in/f%02d.png style.png -o made/x%d.png $quick
"$draw" lake in/f09.png 64
ok 'numbered pictures' bare 0 '' style in/f%02d.png style.png -o made/p%03d.jpg $quick
ok 'become as many' sh -c '[ -s made/p001.jpg ] && [ -s made/p003.jpg ] && [ ! -e made/p004.jpg ]'
ok 'exist' bare 1 'exists; --force replaces it' style in/f%02d.png style.png -o made/p%03d.jpg $quick --no-recipe
ok 'are no result' bare 1 'is an input; write to another file' style in/f%02d.png style.png -o in/../in/f%02d.png $quick -f
ok 'nor is a painting among them' bare 1 'is an input; write to another file' style in/f%02d.png made/p002.jpg -o made/p%03d.jpg $quick -f
ok 'made again' bare 0 '' redo made/p%03d.jpg -o made/r%d.jpg --inputs in -q
ok 'the same' cmp made/p003.jpg made/r3.jpg
ok 'in a learned style, a part of them' bare 0 '' style in/f%02d.png --learned munch-scream -o made/w%d.png -q --from 0.04 --log made/w.log
ok 'so many' [ "$(find made -name 'w*.png' | wc -l)" -eq 2 ]
ok 'and frame by frame' bare 0 '; frame by frame ' style in/f%02d.png --learned munch-scream -o made/v%d.png --baseline-pairs 1
ok 'dreamt' bare 0 '' dream in/f%02d.png -o made/d%d.png $quick_dream
ok 'so many dreams' [ -s made/d3.png ]
ok 'into no folder, which is made' bare 0 '' style in/f%02d.png style.png -o nowhere/n%d.png $quick --every 2
ok 'with the frames' [ -s nowhere/n1.png ]
ok 'none there' bare 1 'no picture has a name like' style in/g%02d.png style.png -o made/n%d.png $quick
echo iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg== | base64 -d >black.png # 1 x 1 px
echo iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTj2FAAAAABJRU5ErkJggg== | base64 -d >white.png
ok 'a photograph that stays' bare 0 '' style in/f09.png style.png -o stays.png -q -n 1 --protect white.png --no-recipe
for how in "style.png $quick" '--learned munch-scream -q'; do
  ok 'frames where the mask is black' bare 0 '' style in/f%02d.png $how -o made/b%d.png -f --mask black.png \
    --keep-colors histogram --no-recipe
  ok 'stay, too' cmp stays.png made/b2.png
done

# ---- keyframes
cp made/w1.png k-2.png
cp made/w1.png k-9.png
ok 'a frame that is painted already' bare 0 '' style in/f%02d.png --keyframes k-2.png -o made/k%d.png $quick
ok 'stays as it is' cmp k-2.png made/k2.png
ok 'made again with it' bare 0 '' redo made/k%d.png -o made/kr%d.png --inputs in -q
ok 'the same frames' cmp made/k3.png made/kr3.png
ok 'which is it' bare 2 'style.png: the file name of a keyframe must end' style in/f%02d.png style.png --keyframes style.png -o made/n%d.png $quick
ok 'none such' bare 2 'there is a keyframe 9, and the video has only 3 frames' style in/f%02d.png --keyframes k-9.png -o made/n%d.png $quick
ok 'of videos' bare 2 'works only with videos' style style.png style.png --keyframes k-2.png -o n.png $quick

if ! command -v ffmpeg >/dev/null || ! command -v ffprobe >/dev/null; then
  ok 'videos # SKIP no ffmpeg here' true
  echo "1..$count"
  exit 0
fi

# ---- shots in several processes
four_shots clip.y4m content.png
shots="style clip.y4m style.png -q -n 2 --frame-iterations 1 -t 1 --exact $shallow"
ok 'a video of four shots' run 0 '' $shots -o shots.y4m --log shots.log
ok 'which are four' [ "$(grep -c '"new_shot": true' shots.log)" -eq 4 ]
ok 'its third part' run 0 '' $shots -o split.y4m --part 3/3 --log split.log
ok 'is no video' [ ! -e split.y4m -a ! -e split.log -a -s split.y4m.shots-3.frames ]
ok 'the first' run 0 '4 frames of part 1/3' style clip.y4m style.png -n 2 --frame-iterations 1 -t 1 --exact $shallow -o split.y4m --part 1/3
ok 'the last run makes what lacks' run 0 '' $shots -o split.y4m --resume --log split.log
ok 'the same video' cmp shots.y4m split.y4m
ok 'and log' sh -c 'for log in shots split; do sed "s/, .motion_seconds.*//" $log.log >$log.lines; done; cmp shots.lines split.lines'
ok 'nothing is left beside it' sh -c '! ls split.y4m.shots* 2>/dev/null'
ok 'all parts' sh -c 'for part in 2 1; do "$0" $1 -o halves.y4m --part $part/2 || exit 1; done' "$reverie" "$shots"
echo damaged >halves.y4m.shots-7.safetensors
ok 'are the video' run 0 '' $shots -o halves.y4m --resume
ok 'the same again' cmp shots.y4m halves.y4m
ok 'parts of a loop' run 2 'they blend across shots' $shots -o split.y4m -f --loop --part 1/2
ok 'parts of a stream' run 2 'works only with videos that are files' style - style.png -o - --part 1/2

# ---- Y4M, a file and through pipes
ok 'a Y4M' run 0 '' style in/f%02d.png --learned munch-scream -o made/w.y4m -q
head -c "$(($(wc -c <made/w.y4m) - 100))" made/w.y4m >cut.y4m
ok 'a Y4M that ends inside a frame' run 1 'cut.y4m can be read up to frame 2 only' style cut.y4m --learned munch-scream -o cut-out.y4m -q
ok 'the whole frames of it' run 0 '' style cut.y4m --learned munch-scream -o cut-out.y4m -q -f --to 0.05
ok 'through pipes' sh -c '"$0" style - --learned munch-scream -o - <made/w.y4m >piped.y4m 2>err' "$reverie"
ok 'what is said' grep -q '^standard output: 96 x 64 px, 3 frames in' err
ok 'as of a file' run 0 '' style made/w.y4m --learned munch-scream -o of-file.y4m -q
ok 'the same bytes' cmp piped.y4m of-file.y4m
ok 'nothing beside it' sh -c '[ ! -e ./-.json ] && [ ! -e ./-.frames ]'
ok 'nobody knows how many' sh -c 'cat made/w.y4m | "$0" style - style.png --dry-run >out 2>err && grep -q "length unknown" out' "$reverie"
ok 'painted' sh -c 'cat made/w.y4m | "$0" style - style.png -o p.y4m '"$quick"' 2>err && [ -s p.y4m.json ]' "$reverie"
ok 'dreamt' sh -c 'cat made/w.y4m | "$0" dream - -o - '"$quick_dream"' 2>err >d.y4m && cmp -n 20 d.y4m made/w.y4m' "$reverie"
ok 'no loop of what nobody knows' sh -c 'cat made/w.y4m | "$0" style - --learned munch-scream -o l.y4m --loop 2>err
  [ $? -eq 2 ] && grep -q "the length of - is unknown" err' "$reverie"
ok 'nothing goes on there' sh -c '"$0" style - --learned munch-scream -o - --resume <made/w.y4m >out 2>err; [ $? -eq 2 ]' "$reverie"
ok 'a full disk' sh -c '"$0" style - --learned munch-scream -o - <made/w.y4m >/dev/full 2>err; [ $? -eq 1 ] &&
  tail -1 err | grep -q "cannot write standard output: .*No space"' "$reverie"
ok 'a video that is cut off has its whole frames' sh -c 'head -c 20000 made/w.y4m | "$0" style - --learned munch-scream -o - >cut.y4m 2>err &&
  tail -1 err | grep -q "2 frames in" && [ "$(wc -c <cut.y4m)" -gt 18432 ]' "$reverie"
ok 'a part of a pipe' sh -c 'cat made/w.y4m | "$0" style - --learned munch-scream -o part.y4m --from 0.04 2>err' "$reverie"
ok 'as of the file' run 0 '' style made/w.y4m --learned munch-scream -o part-of-file.y4m -q --from 0.04
ok 'the same frames' cmp part.y4m part-of-file.y4m
ok 'no video' sh -c 'echo hello | "$0" style - --learned munch-scream -o - >out 2>err; [ $? -eq 1 ] && [ ! -s out ] && [ "$(wc -l <err)" -eq 1 ]' "$reverie"

make_film() { ffmpeg -v error -nostdin -y "$@"; } # make_film ARGUMENTS OUT
frames() { ffprobe -v error -count_frames -select_streams v:0 -show_entries stream=nb_read_frames -of csv=p=0 "$1"; }
size() { ffprobe -v error -select_streams v:0 -show_entries stream=width,height -of csv=p=0:s=x "$1" | sed 's/x/ x /'; }
tone() { ffmpeg -v error -nostdin -i "$1" -map 0:a -c copy -f md5 -; }
"$draw" lake wide.png 96
make_film -loop 1 -framerate 8 -t 1 -i wide.png -f lavfi -i sine=duration=1 -vf 'crop=80:64:2*n:8' -pix_fmt yuv420p -c:a aac clip.mp4
make_film -f lavfi -i testsrc2=size=81x65:rate=30000/1001:duration=0.1 -pix_fmt yuv444p odd.mkv
make_film -f lavfi -i testsrc2=size=80x64:rate=8 -frames:v 1 -pix_fmt yuv420p one.mp4
head -c 9000 clip.mp4 >cut.mp4
ok 'a suffix that no video has' run 2 'a video is written as .mp4, .mov, .mkv, .webm, .gif, .webp or .y4m, not as a.avi' \
  style clip.mp4 style.png -o a.avi
ok 'a number in the name of a video' run 2 "100%done.mkv: a name with '%d' means numbered pictures" \
  style clip.mp4 style.png -o 100%done.mkv

# ---- killed at any moment and resumed: the same bytes, the same log without times
killed() { # killed OUT ARGUMENTS...
  film=$1
  shift
  for times in $kills; do
    "$reverie" "$@" -o "$film" --resume -q &
    pid=$!
    [ "$times" -lt 5 ] || until_state $pid
    sleep "0.$((times * 13 % 7 + 1))"
    kill -KILL $pid 2>/dev/null
    wait $pid 2>/dev/null
    [ ! -e "$film" ] || [ -e "$film.state.safetensors" ] || return 0 # the run ended first
  done
  "$reverie" "$@" -o "$film" --resume -q
}
same_log() { sed 's/, "motion_seconds.*//' "$1" >log1 && sed 's/, "motion_seconds.*//' "$2" >log2 && cmp -s log1 log2; }
gone_on_with() { # gone_on_with KILLS WHAT...: of a painted film and a dreamt one
  kills=$1
  shift
  paint='style clip.mp4 style.png -n 2 --frame-iterations 2 --threads 1 --exact --state-every 0.01'
  dream='dream clip.mp4 --octaves 1 -n 2 --frame-iterations 1 --threads 1 --layers conv2_2:1 --exact --state-every 0.01'
  for what; do
    eval "arguments=\$$what"
    "$reverie" $arguments -o whole-$what.mp4 --log whole-$what.log -q
    ok "$what: killed and gone on with" killed cut-$what.mp4 $arguments --log cut-$what.log
    ok "$what: the same bytes" cmp whole-$what.mp4 cut-$what.mp4
    ok "$what: the same log" same_log whole-$what.log cut-$what.log
    ok "$what: nothing is left" sh -c '! ls cut-*.part-* cut-*.state* cut-*.frames 2>/dev/null'
  done
}
if slow_cases; then
  gone_on_with '1 2 3 4 5' paint dream
  ok 'a dreamt one' run 0 '' redo whole-dream.mp4 -o again.mkv -q
  ok 'and a part of one, whose container keeps no comment' sh -c '"$0" dream clip.mp4 -o d.gif '"$quick_dream"' --from 0.5 &&
    "$0" redo d.gif -o again.gif -q && [ -s again.gif ] && "$0" info d.gif | grep -q "from 0.5"' "$reverie"

  # ---- other contents of containers
  printf '1\n00:00:00,000 --> 00:00:00,900\nhello\n' >text.srt
  make_film -i clip.mp4 -f lavfi -i sine=f=880:d=1 -i text.srt -map 0 -map 1 -map 2 -c:v copy -c:a:0 copy -c:a:1 pcm_s16le -c:s srt "two 'of' \"100% -%03d.mkv"
  beside() { ffprobe -v error -show_entries stream=codec_name -of csv=p=0 "$1" | sort | tr '\n' ' '; }
  for pair in 'mp4:aac aac h264 mov_text ' 'mkv:aac h264 pcm_s16le subrip ' 'webm:opus opus vp9 webvtt '; do
    kind=${pair%%:*}
    ok "two tracks and subtitles into .$kind" run 0 '' style "two 'of' \"100% -%03d.mkv" style.png -o "-to 100%.$kind" $quick --to 0.3
    ok "as .$kind has them" [ "$(beside "./-to 100%.$kind")" = "${pair#*:}" ]
  done
  make_film -i clip.mp4 -i text.srt -map 0:v -map 1 -map 1 -c:v copy -c:s:0 ttml -c:s:1 mov_text unreadable.mp4
  ok 'subtitles that ffmpeg cannot read' run 0 '' style unreadable.mp4 style.png -o readable.mkv $quick --to 0.2
  ok 'are left out' [ "$(beside readable.mkv)" = 'h264 subrip ' ]
  all_done
fi

# ---- errors
ok 'text' run 1 'text.mp4' style text.mp4 style.png -o a.mp4
ok 'cut off' run 1 'cut.mp4' style cut.mp4 style.png -o a.mp4
mkdir dies
printf '#!/bin/sh\ncase "$*" in *"rgb24 pipe:1") "%s" "$@" | head -c 40000; kill -KILL $$ ;; esac\nexec "%s" "$@"\n' \
  "$(command -v ffmpeg)" "$(command -v ffmpeg)" >dies/ffmpeg
chmod +x dies/ffmpeg
ok 'a decoder that dies' sh -c 'PATH=$PWD/dies:$PATH; export PATH
  "$0" style clip.mp4 --learned munch-scream -o dies.mkv -q 2>err; [ $? -eq 1 ] && grep -q "up to frame 2 only.*resume" err' "$reverie"
ok 'as said' run 0 '' style clip.mp4 --learned munch-scream -o dies.mkv -q --resume
ok 'all of the video' [ "$(frames dies.mkv)" = 8 ]
ok 'no video there' run 1 'nothing.mp4 does not exist' style nothing.mp4 style.png -o a.mp4
ok 'a video into a picture' run 1 'is a video' style clip.mp4 style.png -o a.png
ok 'onto itself' run 1 'is an input' style clip.mp4 style.png -o clip.mp4 --force
echo precious >precious.txt
ln -s precious.txt a.mp4.frames
ok 'a file called as its frames' run 1 'a.mp4.frames exists; --force replaces it' style clip.mp4 style.png -o a.mp4
ok 'which is a link' run 0 '' style clip.mp4 style.png -o a.mp4 $quick --to 0.1 --force
ok 'to what stays' grep -q precious precious.txt
rm a.mp4*
cp clip.mp4 a.mp4.frames
ok 'a video called as its frames' run 1 'a.mp4.frames is an input' style a.mp4.frames style.png -o a.mp4 --force
ok 'stays' cmp clip.mp4 a.mp4.frames
rm a.mp4.frames
ok 'nor does --live replace what is there' run 1 'style.png is an input' style clip.mp4 style.png -o a.mp4 --live style.png -f
ok 'or may be asked to' run 1 'wide.png exists' style clip.mp4 style.png -o a.mp4 --live wide.png
ok 'or be the video' run 1 'cannot be two pictures' style clip.mp4 style.png -o a.gif --live a.gif
for n in 1 2; do "$reverie" style clip.mp4 style.png -o "same$n.mkv" $quick --to 0.2 --exact --no-recipe; done
ok 'Matroska: the same bytes each time' cmp same1.mkv same2.mkv
ok 'beyond its end' run 2 'before the start of the range' style clip.mp4 style.png -o a.mp4 --from 9
ok 'an unknown codec' run 1 'nonsense' style clip.mp4 style.png -o a.mp4 $quick --codec nonsense
ok 'after which it can go on' grep -q -- '--resume continues with them' err
ok 'nothing was written so far' [ ! -e a.mp4 -a ! -e a.png ]
ok 'but what was painted' run 0 '' style clip.mp4 style.png -o a.mp4 $quick --resume
rm a.mp4*

"$reverie" style clip.mp4 style.png -o early.mp4 -q -n 1000000 --threads 2 &
pid=$!
while [ ! -e early.mp4.frames ]; do sleep 0.1; done
kill -INT $pid
wait $pid
ok 'Ctrl-C before there is a frame leaves nothing' sh -c '! ls early.*'
interrupted_with whole.mp4 style clip.mp4 style.png -o whole.mp4 -n 1 --frame-iterations 1000000 --threads 2 --state-every 0 >said 2>/dev/null
ok 'Ctrl-C without checkpoints' grep -q '(interrupted; with --state-every 0 it cannot be resumed)' said
rm whole.mp4*

# ---- films
ok 'a video' run 0 'warping error' style clip.mp4 style.png -o a.mp4 -n 2 --frame-iterations 2 --threads 1 --log a.log
ok 'as many frames' [ "$(frames a.mp4)" = 8 ]
ok 'its sound' [ "$(tone a.mp4)" = "$(tone clip.mp4)" ]
ok 'its recipe' sh -c 'ffprobe -v error -show_entries format_tags=comment -of csv=p=0 a.mp4 | grep -q "temporal-weight.*frame-iterations"'
ok 'and beside it' grep -q '"command":"style"' a.mp4.json
ok 'which info shows' run 0 '--frame-iterations 2' info a.mp4
ok 'a line for each frame' [ "$(grep -c '"warping_error"' a.log)" = 8 ]
ok 'exists' run 1 '--force replaces it' style clip.mp4 style.png -o a.mp4
ok 'only what it would take' run 0 'on disk' style clip.mp4 style.png -o b.mp4 --dry-run
ok 'which wrote nothing' [ ! -e b.mp4 ]
ok 'a part, called as its content' run 0 '' style clip.mp4 style.png -o 'part-{content}.mp4' $quick --from 0:00.25 --to 0.75 --every 2
ok 'of so many frames' [ "$(frames part-clip.mp4)" = 2 ]
make_film -loop 1 -framerate 8 -t 0.25 -i style.png -c:v ffv1 still.mkv
ok 'where nothing moves' run 0 '' style still.mkv style.png -o still.mp4 $quick --log still.log
ok 'everything can be trusted' grep -q '"frame": 2,.*"confident": 1,' still.log
ok 'one frame, an animation' run 0 '' style one.mp4 style.png -o one.webp $quick
ok 'odd sides, smaller, as WebM' run 0 '' style odd.mkv style.png -o odd.webm $quick --size 65 --crf 40
ok 'made as large as it is said to be' [ "$(size odd.webm)" = '64 x 52' ]
for kind in mp4 m4v mov mkv webm; do # sides are even, as the codec needs, before anything is painted
  ok "odd sides into .$kind" run 0 "40 x 32 px" style odd.mkv --learned hokusai-wave -o "odd-sides.$kind" --width 41 --height 33
  ok 'are even' [ "$(size "odd-sides.$kind")" = '40 x 32' ]
  ok 'as its recipe says' grep -q '"width":40,"height":32' "odd-sides.$kind.json"
done
for kind in gif webp; do
  ok "odd sides into .$kind" run 0 "41 x 33 px" style odd.mkv --learned hokusai-wave -o "odd-sides.$kind" --width 41 --height 33
done
ok 'are odd' [ "$(size odd-sides.gif)" = '41 x 33' ]
ok 'said before' run 0 '40 x 32 px' style odd.mkv --learned hokusai-wave -o x.mp4 --width 41 --height 33 --dry-run
ok 'with the size that it has' run 0 '80 x 64 px' style odd.mkv --learned hokusai-wave -o x.mp4 --dry-run
make_film -f lavfi -i testsrc2=s=64x48:r=20:d=1.75 -vf "select='lt(n\,3)+eq(n\,24)+eq(n\,25)'" -fps_mode vfr -final_delay 50 uneven.gif
shown_at() { ffprobe -v error -select_streams v:0 -show_entries packet=pts_time:format=duration -of csv=p=0 "$1" | tr -d , | sort -n | cut -c 1-4 | tr '\n' ' '; }
# for MP4, ffprobe 7 shows another length
ok 'frames that are not equally far apart' run 0 '64 x 48 px, 5 frames' style uneven.gif --learned hokusai-wave -o uneven.mkv
ok 'are shown when they were' [ "$(shown_at uneven.mkv)" = '0.00 0.05 0.10 1.20 1.25 1.75 ' ]
ok 'where there are times' run 0 'the frames are read at 2.857 per second' style uneven.gif --learned hokusai-wave -o uneven.y4m
make_film -f lavfi -i testsrc2=s=64x48:r=60:d=0.05 -pix_fmt yuv420p fast.mp4
ok 'more than browsers show' run 0 'fast.gif: browsers show at most 50 frames per second and play it more slowly; --every 2 makes 30' \
  style fast.mp4 --learned hokusai-wave -o fast.gif
ok 'but not then' sh -c '"$0" style fast.mp4 --learned hokusai-wave -o fast.gif -f --every 2 2>err; ! grep browsers err' "$reverie"
ok 'standard input and output closed' sh -c '"$0" style one.mp4 --learned hokusai-wave -o closed.mp4 <&- >&- 2>err && [ -s closed.mp4 ]' "$reverie"
ok 'and error' sh -c '"$0" style one.mp4 --learned hokusai-wave -o closed.mkv <&- >&- 2>&- && [ -s closed.mkv ]' "$reverie"
ok 'output alone' sh -c '"$0" style one.mp4 style.png -o closed.gif '"$quick"' >&- 2>err && [ -s closed.gif ]' "$reverie"
ok 'nothing goes to what is closed' sh -c '! "$0" style one.mp4 --learned hokusai-wave -o - >&- 2>err && grep -q "standard output" err' "$reverie"
ok 'with a mask, protected, in its own colours' run 0 '' style odd.mkv style.png -o mask.mp4 $quick --mask content.png \
  --protect content.png --keep-colors luminance --match-colors
make_film -f lavfi -i 'color=black:size=80x64:rate=8:duration=1' -vf 'geq=lum=if(between(X\,8*N\,8*N+16)\,235\,16):cb=128:cr=128' -pix_fmt yuv420p mask-clip.mp4
ok 'which frames are remembered' run 2 'must be distances from 1 to 16' style clip.mp4 style.png -o x.mp4 $quick --long-term-frames 1,x
ok 'of videos' run 2 '--long-term-frames works only with videos' style content.png style.png -o x.png --long-term-frames 1,2
ok 'a dream that remembers' run 0 '' dream clip.mp4 -o r.mp4 $quick_dream --long-term-frames 1,3 --to 0.5
ok 'with a mask that is a video' run 0 '' style clip.mp4 style.png -o masked.mp4 $quick --mask mask-clip.mp4 --from 0.25 --to 0.75
ok 'made again' sh -c '"$0" redo masked.mp4 -o masked2.mp4 -q && cmp masked.mp4 masked2.mp4' "$reverie"
ok 'with the kernels that are named beside it' sh -c 'sed -i "s/^\(.*\)\]}$/\1,\"nobody knows this\"]}/" masked.mp4.json &&
  "$0" info --json masked.mp4 | grep -q "nobody knows this"' "$reverie"
ok 'unless that is another video' sh -c 'sed -i "s/frame-iterations/iterations-frame/" masked.mp4.json && ! "$0" info --json masked.mp4 | grep -q "nobody knows this"' "$reverie"
ok 'whose frames go at another pace' run 1 'mask-clip.mp4 has 8 frames a second' style odd.mkv style.png -o x.mp4 $quick --mask mask-clip.mp4
ok 'said before anything begins' run 1 'mask-clip.mp4 has 8 frames a second' style odd.mkv style.png -o x.mp4 $quick --mask mask-clip.mp4 --dry-run

# ---- learned styles; the warping error is from the log
steady() { # steady LOG TIMES: at most so many times the film's own warping error
  awk -F'"warping_error": |, "source_warping_error": |, "motion' -v most="$2" '{ painted += $2; own += $3 } END { exit !(own > 0 && painted <= most * own) }' "$1"
}
not_steady() { [ -s "$1" ] && ! steady "$@"; }
"$draw" lake pan.jpg 240
make_film -loop 1 -framerate 12 -t 0.5 -i pan.jpg -vf 'crop=256:144:40+2*n:50+n,scale=128:72' -pix_fmt yuv420p pan.mp4
ok 'a video in a learned style' run 0 'warping error' style pan.mp4 --learned hokusai-wave -o w.mp4 --threads 1 --log w.log
ok 'as many of its frames' [ "$(frames w.mp4)" = 6 ]
ok 'a line for each that was painted' [ "$(grep -c '"warping_error"' w.log)" = 6 ]
ok 'steady' steady w.log 1.5
ok 'frames that do not know of each other' run 0 '' style pan.mp4 --learned hokusai-wave -o alone.mp4 --threads 1 --log alone.log -q --temporal-weight 0
ok 'are not' sh -c '! cmp -s w.mp4 alone.mp4'
ok 'steady at all' not_steady alone.log 10
ok 'that video again' run 0 '' redo w.mp4 -o w-again.mp4 -q
ok 'as a loop' run 0 '' style pan.mp4 --learned hokusai-wave -o loop.mp4 --threads 1 -q --loop
ok 'which ends otherwise' sh -c '! cmp -s w.mp4 loop.mp4'
ok 'and says so' run 0 '--loop' info loop.mp4
ok 'a picture is no loop' run 2 '--loop works only with videos' style style.png content.png -o no.png --loop
ok 'nor has it so many frames' run 2 '--every works only with videos' dream style.png -o no.png --every 2
ok 'to its bytes' cmp w.mp4 w-again.mp4
ok 'which info tells' run 0 '--learned builtin:hokusai-wave:1' info w.mp4
ok 'masked, more of it, smaller' run 0 '' style odd.mkv --learned hokusai-wave,munch-scream:2 -o w-odd.mp4 -q --size 65 \
  --mask content.png --mask style.png --strength 80 --keep-colors luminance
ok 'what that would take' run 0 'on disk' style clip.mp4 --learned munch-scream --dry-run
ok 'one pass a frame' run 2 '--frame-iterations cannot be combined' style clip.mp4 --learned munch-scream -o x.mp4 --frame-iterations 3
ok 'a style that nobody has learned' run 2 'built-in ones are ' style clip.mp4 --learned no-such -o x.mp4
ok 'one video for all styles' run 2 'a video cannot be combined with other videos' style clip.mp4 --learned munch-scream,hokusai-wave -o '{style}.mp4'

# ---- dreams
ok 'a time of a picture' run 2 'works only with videos' dream content.png -o d.png --from 0:01
ok 'no comparison' run 2 'a video cannot be combined with' dream clip.mp4 -o d.mp4 --compare pair.png
ok 'no zoom' run 2 'a video cannot be combined with' dream clip.mp4 -o d.mp4 --zoom 1.05
ok 'a dreamt video' run 0 '' dream clip.mp4 -o d.mp4 $quick_dream --log d.log --mask content.png --style style.png
ok 'of as many frames' [ "$(frames d.mp4)" = 8 ]
ok 'its sound, too' [ "$(tone d.mp4)" = "$(tone clip.mp4)" ]
ok 'a line for each of them' [ "$(grep -c '"warping_error"' d.log)" = 8 ]
ok 'how it was dreamt' sh -c 'ffprobe -v error -show_entries format_tags=comment -of csv=p=0 d.mp4 | grep -q "blend.*0.85"'
ok 'a part of a dream' run 0 '' dream clip.mp4 -o d-part.mkv $quick_dream --from 0.5
ok 'half as long' [ "$(frames d-part.mkv)" = 4 ]
ok 'what a dream would take' run 0 'on disk' dream clip.mp4 --dry-run --octaves 1

# ---- Ctrl-C in the second frame: the log has the first
ok 'Ctrl-C leaves a video' interrupted_with stop.mp4 style clip.mp4 style.png -o stop.mp4 -q -n 2 \
  --frame-iterations 100000 --threads 2
ok 'of the frame that was done' [ "$(frames stop.mp4)" = 1 ]
ok 'whose sound ends with it' sh -c '[ "$(ffprobe -v error -show_entries format=duration -of csv=p=0 stop.mp4 | cut -c 1-3)" = 0.1 ]'
ok 'its recipe is kept' sh -c 'ffprobe -v error -show_entries format_tags=comment -of csv=p=0 stop.mp4 | grep -q frame-iterations'
ok 'a state of it is kept' [ -s stop.mp4.state.safetensors -a -s stop.mp4.frames ]
ok 'which is not lost' run 1 '--resume continues it' style clip.mp4 style.png -o stop.mp4 -q
ok 'other settings are another video' run 2 'had other settings' style clip.mp4 style.png -o stop.mp4 -q -n 3 \
  --frame-iterations 100000 --threads 2 --resume
ok 'and nothing else' sh -c '[ -z "$(ls ./*.part-* 2>/dev/null)" ]'
# ---- killed and resumed
gone_on_with 5 paint

# ---- repeated from recipes
ok 'a painted video made again' run 0 '' redo whole-paint.mp4 -o again.mp4 -q
ok 'has the same bytes' cmp whole-paint.mp4 again.mp4

# ---- partial files of a killed run
halves() { for file in new.mp4 new.log new.live.png; do echo half >$file.part-00c0ffee; done; }
echo mine >new.mp4.part-notes
halves
ok 'another run may be writing it' sh -c '"$0" style clip.mp4 style.png -o new.mp4 -q -n 1 --to 0.1 && [ -e new.mp4.part-00c0ffee ]' "$reverie"
"$reverie" style clip.mp4 style.png -o new.mp4 -q -n 1 --to 0.1 --log new.log --live new.live.png --force
ok '--force takes it away' sh -c '[ "$(ls ./*.part-*)" = ./new.mp4.part-notes ]'
echo "1..$count"
