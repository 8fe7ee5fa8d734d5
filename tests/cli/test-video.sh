#!/bin/sh
# test-video.sh REVERIE DRAW -- tests videos: numbered pictures, Y4M, and files read and written by ffmpeg. Covers
# sound, parts, masks, Ctrl-C, kills, one-line errors. Prints TAP.
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

ok 'an invalid time is refused' run 2 'is not a time' style text.mp4 style.png -o a.mp4 --from soon
ok 'an end before the start is refused' run 2 'is not after' style text.mp4 style.png -o a.mp4 --from 0:12 --to 0:11
ok 'several videos are refused' run 2 'a video cannot be combined with' style --style style.png text.mp4 other.mp4 -o '{content}.mp4'
mkdir nothing
ok 'missing ffmpeg is reported' sh -c '! PATH=$PWD/nothing "$0" style text.mp4 style.png -o a.mp4 2>err && [ "$(wc -l <err)" -eq 1 ] &&
  grep -q "install ffmpeg" err' "$reverie"
# ---- numbered pictures, without ffmpeg
mkdir in made
cat >alone <<END
#!/bin/sh
PATH="$PWD/nothing" exec "$reverie" "\$@"
END
chmod +x alone
bare() { reverie=$PWD/alone run "$@"; }
for n in 08 09 10; do "$draw" lake in/f$n.png 64; done
"$draw" lake in/f09.png 65
ok 'frames of two sizes are refused' bare 1 'but the first image has 96 x 64' style in/f%02d.png style.png -o made/x%d.png $quick
"$draw" lake in/f09.png 64
ok 'numbered pictures are painted' bare 0 '' style in/f%02d.png style.png -o made/p%03d.jpg $quick
ok 'as many numbered pictures are written' sh -c '[ -s made/p001.jpg ] && [ -s made/p003.jpg ] && [ ! -e made/p004.jpg ]'
ok 'existing frames are not replaced' bare 1 'exists; --force replaces it' style in/f%02d.png style.png -o made/p%03d.jpg $quick --no-recipe
ok 'input frames cannot be output' bare 1 'is an input; write to another file' style in/f%02d.png style.png -o in/../in/f%02d.png $quick -f
ln -s in in-link
mkdir linked && ln -s ../style.png linked/p01.png
ok 'nor through a link that is an input' bare 1 'is an input; write to another file' style in/f%02d.png linked/p01.png -o linked/p%02d.png $quick -f
ok 'nor by a link to their folder' bare 1 'is an input; write to another file' style in/f%02d.png style.png -o in-link/f%02d.png $quick -f
ok 'a style picture cannot be an output frame' bare 1 'is an input; write to another file' style in/f%02d.png made/p002.jpg -o made/p%03d.jpg $quick -f
ok 'redo repeats numbered pictures' bare 0 '' redo made/p%03d.jpg -o made/r%d.jpg --inputs in -q
ok 'the repeated frames have the same bytes' cmp made/p003.jpg made/r3.jpg
ok '--from paints a part in a learned style' bare 0 '' style in/f%02d.png --learned munch-scream -o made/w%d.png -q --from 0.04 --log made/w.log
ok 'the part has two frames' [ "$(find made -name 'w*.png' | wc -l)" -eq 2 ]
ok '--baseline-pairs reports a baseline' bare 0 '; frame by frame ' style in/f%02d.png --learned munch-scream -o made/v%d.png --baseline-pairs 1
ok 'numbered pictures are dreamt' bare 0 '' dream in/f%02d.png -o made/d%d.png $quick_dream
ok 'as many dreams are written' [ -s made/d3.png ]
ok 'the folder of numbered frames is made' bare 0 '' style in/f%02d.png style.png -o nowhere/n%d.png $quick --every 2
ok 'the frames are in the folder' [ -s nowhere/n1.png ]
ok 'missing numbered pictures are refused' bare 1 'no picture has a name like' style in/g%02d.png style.png -o made/n%d.png $quick
echo iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg== | base64 -d >black.png # 1 x 1 px
echo iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTj2FAAAAABJRU5ErkJggg== | base64 -d >white.png
ok 'a white --protect keeps a photograph' bare 0 '' style in/f09.png style.png -o stays.png -q -n 1 --protect white.png --no-recipe
for how in "style.png $quick" '--learned munch-scream -q'; do
  ok 'a black mask is accepted for frames' bare 0 '' style in/f%02d.png $how -o made/b%d.png -f --mask black.png \
    --keep-colors histogram --no-recipe
  ok 'a black mask keeps the frames' cmp stays.png made/b2.png
done

# ---- keyframes
cp made/w1.png k-2.png
cp made/w1.png k-9.png
ok '--keyframes is accepted' bare 0 '' style in/f%02d.png --keyframes k-2.png -o made/k%d.png $quick
ok 'a keyframe is not changed' cmp k-2.png made/k2.png
ok 'redo repeats a video with a keyframe' bare 0 '' redo made/k%d.png -o made/kr%d.png --inputs in -q
ok 'the repeated frames with a keyframe have the same bytes' cmp made/k3.png made/kr3.png
cp made/k1.png k-3.png
ok 'redo replaces keyframes, also by the former name of the option' bare 0 '' redo made/k%d.png -o made/kn%d.png --inputs in -q --keys k-3.png
ok 'only the new keyframe is not changed' sh -c 'cmp k-3.png made/kn3.png && ! cmp -s k-2.png made/kn2.png'
ok 'a keyframe without a number is refused' bare 2 'style.png: the file name of a keyframe must end' style in/f%02d.png style.png --keyframes style.png -o made/n%d.png $quick
ok 'a keyframe beyond the last frame is refused' bare 2 'there is a keyframe 9, and the video has only 3 frames' style in/f%02d.png --keyframes k-9.png -o made/n%d.png $quick
ok '--keyframes is refused for pictures' bare 2 'works only with videos' style style.png style.png --keyframes k-2.png -o n.png $quick

if ! command -v ffmpeg >/dev/null || ! command -v ffprobe >/dev/null; then
  ok 'videos # SKIP ffmpeg is not installed' true
  echo "1..$count"
  exit 0
fi

# ---- shots in several processes
four_shots clip.y4m content.png
shots="style clip.y4m style.png -q -n 2 --frame-iterations 1 -t 1 --exact $shallow"
ok 'a video of four shots is painted' run 0 '' $shots -o shots.y4m --log shots.log
ok 'four shots are found' [ "$(grep -c '"new_shot": true' shots.log)" -eq 4 ]
ok '--part 3/3 is painted' run 0 '' $shots -o split.y4m --part 3/3 --log split.log
ok 'a part writes no video' [ ! -e split.y4m -a ! -e split.log -a -s split.y4m.shots-3.frames ]
ok '--part 1/3 is painted' run 0 '4 frames of part 1/3' style clip.y4m style.png -n 2 --frame-iterations 1 -t 1 --exact $shallow -o split.y4m --part 1/3
ok '--resume paints the missing part' run 0 '' $shots -o split.y4m --resume --log split.log
ok 'the parts make the same video' cmp shots.y4m split.y4m
ok 'the parts make the same log' sh -c 'for log in shots split; do sed "s/, .motion_seconds.*//" $log.log >$log.lines; done; cmp shots.lines split.lines'
ok 'files of parts are removed' sh -c '! ls split.y4m.shots* 2>/dev/null'
ok 'two parts paint all frames' sh -c 'for part in 2 1; do "$0" $1 -o halves.y4m --part $part/2 || exit 1; done' "$reverie" "$shots"
echo damaged >halves.y4m.shots-7.safetensors
ok '--resume joins the parts' run 0 '' $shots -o halves.y4m --resume
ok 'the joined parts make the same video' cmp shots.y4m halves.y4m
ok '--part is refused with --loop' run 2 'they blend across shots' $shots -o split.y4m -f --loop --part 1/2
ok '--part is refused for a stream' run 2 'works only with videos that are files' style - style.png -o - --part 1/2

# ---- Y4M, a file and through pipes
ok 'a Y4M is written' run 0 '' style in/f%02d.png --learned munch-scream -o made/w.y4m -q
ok 'a range after the last frame is named' run 1 'has no frame in this range' style made/w.y4m --learned munch-scream --from 0.1 -o none.y4m -q
head -c "$(($(wc -c <made/w.y4m) - 100))" made/w.y4m >cut.y4m
ok 'a truncated Y4M is reported' run 1 'cut.y4m can be read up to frame 2 only' style cut.y4m --learned munch-scream -o cut-out.y4m -q
ok 'the whole frames of a truncated Y4M are painted' run 0 '' style cut.y4m --learned munch-scream -o cut-out.y4m -q -f --to 0.05
ok 'a Y4M is painted through pipes' sh -c '"$0" style - --learned munch-scream -o - <made/w.y4m >piped.y4m 2>err' "$reverie"
ok 'the report names standard output' grep -q '^standard output: 96 x 64 px, 3 frames in' err
ok 'the same Y4M is painted as a file' run 0 '' style made/w.y4m --learned munch-scream -o of-file.y4m -q
ok 'pipes and files give the same bytes' cmp piped.y4m of-file.y4m
ok 'pipes leave no other files' sh -c '[ ! -e ./-.json ] && [ ! -e ./-.frames ]'
ok 'the plan of a stream has an unknown length' sh -c 'cat made/w.y4m | "$0" style - style.png --dry-run >out 2>err && grep -q "length unknown" out' "$reverie"
ok 'a stream is painted into a file' sh -c 'cat made/w.y4m | "$0" style - style.png -o p.y4m '"$quick"' 2>err && [ -s p.y4m.json ]' "$reverie"
ok 'a stream is dreamt' sh -c 'cat made/w.y4m | "$0" dream - -o - '"$quick_dream"' 2>err >d.y4m && cmp -n 20 d.y4m made/w.y4m' "$reverie"
ok '--loop is refused for a stream' sh -c 'cat made/w.y4m | "$0" style - --learned munch-scream -o l.y4m --loop 2>err
  [ $? -eq 2 ] && grep -q "the length of - is unknown" err' "$reverie"
ok '--resume is refused for a stream' sh -c '"$0" style - --learned munch-scream -o - --resume <made/w.y4m >out 2>err; [ $? -eq 2 ]' "$reverie"
ok 'a full disk is reported by a stream' sh -c '"$0" style - --learned munch-scream -o - <made/w.y4m >/dev/full 2>err; [ $? -eq 1 ] &&
  tail -1 err | grep -q "cannot write standard output: .*No space"' "$reverie"
ok 'the whole frames of a truncated stream are painted' sh -c 'head -c 20000 made/w.y4m | "$0" style - --learned munch-scream -o - >cut.y4m 2>err &&
  tail -1 err | grep -q "2 frames in" && [ "$(wc -c <cut.y4m)" -gt 18432 ]' "$reverie"
ok '--from paints a part of a stream' sh -c 'cat made/w.y4m | "$0" style - --learned munch-scream -o part.y4m --from 0.04 2>err' "$reverie"
ok '--from paints the same part of a file' run 0 '' style made/w.y4m --learned munch-scream -o part-of-file.y4m -q --from 0.04
ok 'stream and file have the same part' cmp part.y4m part-of-file.y4m
ok 'a stream that is no video is refused' sh -c 'echo hello | "$0" style - --learned munch-scream -o - >out 2>err; [ $? -eq 1 ] && [ ! -s out ] && [ "$(wc -l <err)" -eq 1 ]' "$reverie"

make_film() { ffmpeg -v error -nostdin -y "$@"; } # make_film ARGUMENTS OUT
frames() { ffprobe -v error -count_frames -select_streams v:0 -show_entries stream=nb_read_frames -of csv=p=0 "$1"; }
size() { ffprobe -v error -select_streams v:0 -show_entries stream=width,height -of csv=p=0:s=x "$1" | sed 's/x/ x /'; }
tone() { ffmpeg -v error -nostdin -i "$1" -map 0:a -c copy -f md5 -; }
"$draw" lake wide.png 96
make_film -loop 1 -framerate 8 -t 1 -i wide.png -f lavfi -i sine=duration=1 -vf 'crop=80:64:2*n:8' -pix_fmt yuv420p -c:a aac clip.mp4
make_film -f lavfi -i testsrc2=size=81x65:rate=30000/1001:duration=0.1 -pix_fmt yuv444p odd.mkv
make_film -f lavfi -i testsrc2=size=80x64:rate=8 -frames:v 1 -pix_fmt yuv420p one.mp4
head -c 9000 clip.mp4 >cut.mp4
ok 'a suffix of no video is refused' run 2 'a video is written as .mp4, .mov, .mkv, .webm, .gif, .webp or .y4m, not as a.avi' \
  style clip.mp4 style.png -o a.avi
ok 'a number in the name of a video is refused' run 2 "100%done.mkv: a name with '%d' means numbered pictures" \
  style clip.mp4 style.png -o 100%done.mkv

# ---- killed at any time and resumed: the same bytes, the same log without times
killed() { # killed OUT ARGUMENTS...: kills the run once for each number in $kills, then resumes it to the end
  film=$1
  shift
  for times in $kills; do
    "$reverie" "$@" -o "$film" --resume -q &
    pid=$!
    [ "$times" -lt 5 ] || until_state $pid
    sleep "0.$((times * 13 % 7 + 1))"
    kill -KILL $pid 2>/dev/null
    wait $pid 2>/dev/null
    [ ! -e "$film" ] || [ -e "$film.state.safetensors" ] || return 0 # the run ended before the kill
  done
  "$reverie" "$@" -o "$film" --resume -q
}
same_log() { sed 's/, "motion_seconds.*//' "$1" >log1 && sed 's/, "motion_seconds.*//' "$2" >log2 && cmp -s log1 log2; }
gone_on_with() { # gone_on_with KILLS WHAT...: kills and resumes runs. WHAT: paint, dream. KILLS: numbers of the kills
  kills=$1
  shift
  paint='style clip.mp4 style.png -n 2 --frame-iterations 2 --threads 1 --exact --state-every 0.01'
  dream='dream clip.mp4 --octaves 1 -n 2 --frame-iterations 1 --threads 1 --layers conv2_2:1 --exact --state-every 0.01'
  for what; do
    eval "arguments=\$$what"
    "$reverie" $arguments -o whole-$what.mp4 --log whole-$what.log -q
    ok "$what: the run is killed and resumed" killed cut-$what.mp4 $arguments --log cut-$what.log
    ok "$what: the video has the bytes of a whole run" cmp whole-$what.mp4 cut-$what.mp4
    ok "$what: the log is that of a whole run" same_log whole-$what.log cut-$what.log
    ok "$what: no temporary files are left" sh -c '! ls cut-*.part-* cut-*.state* cut-*.frames 2>/dev/null'
  done
}
if slow_cases; then
  gone_on_with '1 2 3 4 5' paint dream
  ok 'redo repeats a dreamt video' run 0 '' redo whole-dream.mp4 -o again.mkv -q
  ok 'redo repeats a part in a container without comments' sh -c '"$0" dream clip.mp4 -o d.gif '"$quick_dream"' --from 0.5 &&
    "$0" redo d.gif -o again.gif -q && [ -s again.gif ] && "$0" info d.gif | grep -q "from 0.5"' "$reverie"

  # ---- other contents of containers
  printf '1\n00:00:00,000 --> 00:00:00,900\nhello\n' >text.srt
  make_film -i clip.mp4 -f lavfi -i sine=f=880:d=1 -i text.srt -map 0 -map 1 -map 2 -c:v copy -c:a:0 copy -c:a:1 pcm_s16le -c:s srt "two 'of' \"100% -%03d.mkv"
  beside() { ffprobe -v error -show_entries stream=codec_name -of csv=p=0 "$1" | sort | tr '\n' ' '; }
  for pair in 'mp4:aac aac h264 mov_text ' 'mkv:aac h264 pcm_s16le subrip ' 'webm:opus opus vp9 webvtt '; do
    kind=${pair%%:*}
    ok "two tracks and subtitles into .$kind" run 0 '' style "two 'of' \"100% -%03d.mkv" style.png -o "-to 100%.$kind" $quick --to 0.3
    ok ".$kind has its codecs" [ "$(beside "./-to 100%.$kind")" = "${pair#*:}" ]
  done
  make_film -i clip.mp4 -i text.srt -map 0:v -map 1 -map 1 -c:v copy -c:s:0 ttml -c:s:1 mov_text unreadable.mp4
  ok 'unreadable subtitles are no error' run 0 '' style unreadable.mp4 style.png -o readable.mkv $quick --to 0.2
  ok 'unreadable subtitles are left out' [ "$(beside readable.mkv)" = 'h264 subrip ' ]
  all_done
fi

# ---- errors
ok 'a text file is refused' run 1 'text.mp4' style text.mp4 style.png -o a.mp4
ok 'a truncated video is refused' run 1 'cut.mp4' style cut.mp4 style.png -o a.mp4
mkdir dies
printf '#!/bin/sh\ncase "$*" in *"rgb24 pipe:1") "%s" "$@" | head -c 40000; kill -KILL $$ ;; esac\nexec "%s" "$@"\n' \
  "$(command -v ffmpeg)" "$(command -v ffmpeg)" >dies/ffmpeg
chmod +x dies/ffmpeg
ok 'a killed decoder is reported' sh -c 'PATH=$PWD/dies:$PATH; export PATH
  "$0" style clip.mp4 --learned munch-scream -o dies.mkv -q 2>err; [ $? -eq 1 ] && grep -q "up to frame 2 only.*resume" err' "$reverie"
ok '--resume continues after a killed decoder' run 0 '' style clip.mp4 --learned munch-scream -o dies.mkv -q --resume
ok 'the resumed video has all frames' [ "$(frames dies.mkv)" = 8 ]
ok 'a missing video is refused' run 1 'nothing.mp4 does not exist' style nothing.mp4 style.png -o a.mp4
ok 'a picture is refused as output of a video' run 1 'is a video' style clip.mp4 style.png -o a.png
ok 'the video cannot be its own output' run 1 'is an input' style clip.mp4 style.png -o clip.mp4 --force
echo precious >precious.txt
ln -s precious.txt a.mp4.frames
ok 'an existing file of frames is not replaced' run 1 'a.mp4.frames exists; --force replaces it' style clip.mp4 style.png -o a.mp4
ok '--force replaces a link with the name of the frames' run 0 '' style clip.mp4 style.png -o a.mp4 $quick --to 0.1 --force
ok 'the target of the link is unchanged' grep -q precious precious.txt
rm a.mp4*
cp clip.mp4 a.mp4.frames
ok 'an input with the name of the frames is refused' run 1 'a.mp4.frames is an input' style a.mp4.frames style.png -o a.mp4 --force
ok 'the input with the name of the frames is unchanged' cmp clip.mp4 a.mp4.frames
rm a.mp4.frames
ok 'an input cannot be the file of --live' run 1 'style.png is an input' style clip.mp4 style.png -o a.mp4 --live style.png -f
ok 'an existing file of --live is not replaced' run 1 'wide.png exists' style clip.mp4 style.png -o a.mp4 --live wide.png
ok 'the output cannot be the file of --live' run 2 'would be written twice' style clip.mp4 style.png -o a.gif --live a.gif
for n in 1 2; do "$reverie" style clip.mp4 style.png -o "same$n.mkv" $quick --to 0.2 --exact --no-recipe; done
ok 'repeated Matroska files have the same bytes' cmp same1.mkv same2.mkv
ok 'a start beyond the end is refused' run 2 'before the start of the range' style clip.mp4 style.png -o a.mp4 --from 9
ok 'an unknown codec is reported' run 1 'nonsense' style clip.mp4 style.png -o a.mp4 $quick --codec nonsense
ok 'the error names --resume' grep -q -- '--resume continues with them' err
ok 'refused videos leave no file' [ ! -e a.mp4 -a ! -e a.png ]
ok '--resume continues after an unknown codec' run 0 '' style clip.mp4 style.png -o a.mp4 $quick --resume
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

# ---- painted videos
ok 'a video is painted' run 0 'warping error' style clip.mp4 style.png -o a.mp4 -n 2 --frame-iterations 2 --threads 1 --log a.log
ok 'the painted video has all frames' [ "$(frames a.mp4)" = 8 ]
ok 'the painted video has the sound' [ "$(tone a.mp4)" = "$(tone clip.mp4)" ]
ok 'the painted video has a recipe as comment' sh -c 'ffprobe -v error -show_entries format_tags=comment -of csv=p=0 a.mp4 | grep -q "temporal-weight.*frame-iterations"'
ok 'the recipe is in a .json file' grep -q '"command":"style"' a.mp4.json
ok 'info prints the recipe of a video' run 0 '--frame-iterations 2' info a.mp4
ok 'the log has a line for each frame' [ "$(grep -c '"warping_error"' a.log)" = 8 ]
ok 'an existing video is not replaced' run 1 '--force replaces it' style clip.mp4 style.png -o a.mp4
ok 'a dry run prints the space on disk' run 0 'on disk' style clip.mp4 style.png -o b.mp4 --dry-run
ok 'a dry run writes no video' [ ! -e b.mp4 ]
ok '--from, --to, --every and {content} are accepted' run 0 '' style clip.mp4 style.png -o 'part-{content}.mp4' $quick --from 0:00.25 --to 0.75 --every 2
ok 'the part has two frames of the video' [ "$(frames part-clip.mp4)" = 2 ]
make_film -loop 1 -framerate 8 -t 0.25 -i style.png -c:v ffv1 still.mkv
ok 'a video without motion is painted' run 0 '' style still.mkv style.png -o still.mp4 $quick --log still.log
ok 'without motion all pixels are confident' grep -q '"frame": 2,.*"confident": 1,' still.log
ok 'one frame becomes a WebP' run 0 '' style one.mp4 style.png -o one.webp $quick
ok 'a video with odd sides becomes a smaller WebM' run 0 '' style odd.mkv style.png -o odd.webm $quick --size 65 --crf 40
ok 'the WebM has even sides' [ "$(size odd.webm)" = '64 x 52' ]
for kind in mp4 m4v mov mkv webm; do # the codecs need even sides; the program rounds them before it paints
  ok "odd sides into .$kind" run 0 "40 x 32 px" style odd.mkv --learned hokusai-wave -o "odd-sides.$kind" --width 41 --height 33
  ok 'the video has even sides' [ "$(size "odd-sides.$kind")" = '40 x 32' ]
  ok 'the recipe has even sides' grep -q '"width":40,"height":32' "odd-sides.$kind.json"
done
for kind in gif webp; do
  ok "odd sides into .$kind" run 0 "41 x 33 px" style odd.mkv --learned hokusai-wave -o "odd-sides.$kind" --width 41 --height 33
done
ok 'the GIF has odd sides' [ "$(size odd-sides.gif)" = '41 x 33' ]
ok 'a dry run prints even sides' run 0 '40 x 32 px' style odd.mkv --learned hokusai-wave -o x.mp4 --width 41 --height 33 --dry-run
ok 'a dry run without a size prints the size of the video' run 0 '80 x 64 px' style odd.mkv --learned hokusai-wave -o x.mp4 --dry-run
make_film -f lavfi -i testsrc2=s=64x48:r=20:d=1.75 -vf "select='lt(n\,3)+eq(n\,24)+eq(n\,25)'" -fps_mode vfr -final_delay 50 uneven.gif
shown_at() { ffprobe -v error -select_streams v:0 -show_entries packet=pts_time:format=duration -of csv=p=0 "$1" | tr -d , | sort -n | cut -c 1-4 | tr '\n' ' '; }
# Matroska: for MP4, ffprobe 7 prints another duration
ok 'frames with unequal times are painted' run 0 '64 x 48 px, 5 frames' style uneven.gif --learned hokusai-wave -o uneven.mkv
ok 'Matroska keeps unequal times' [ "$(shown_at uneven.mkv)" = '0.00 0.05 0.10 1.20 1.25 1.75 ' ]
ok 'a format without times gets a mean rate' run 0 'the frames are read at 2.857 per second' style uneven.gif --learned hokusai-wave -o uneven.y4m
make_film -f lavfi -i testsrc2=s=64x48:r=60:d=0.05 -pix_fmt yuv420p fast.mp4
ok 'a GIF that browsers play too slowly is reported' run 0 'fast.gif: browsers show at most 50 frames per second and play it more slowly; --every 2 makes 30' \
  style fast.mp4 --learned hokusai-wave -o fast.gif
ok '--every avoids that report' sh -c '"$0" style fast.mp4 --learned hokusai-wave -o fast.gif -f --every 2 2>err; ! grep browsers err' "$reverie"
make_film -f lavfi -i color=s=200x64:r=10:d=0.3 -vf "format=rgb24,geq=r='X*eq(N,0)':g='X*eq(N,1)':b='X*eq(N,2)'" -c:v ffv1 -pix_fmt bgr0 ramp.mkv
ok 'a GIF is written from frames of other colours' run 0 '' style ramp.mkv --learned hokusai-wave --mask black.png -o ramp.gif -q
rgb_of() { ffmpeg -v error -i "$1" -pix_fmt rgb24 -f framemd5 - | awk '!/^#/ { print $NF }'; }
ok 'each frame of a GIF has a palette of its own' [ "$(rgb_of ramp.gif)" = "$(rgb_of ramp.mkv)" ]
make_film -f lavfi -i testsrc2=s=64x48:r=24000/1001 -frames:v 244 -c:v ffv1 -pix_fmt bgr0 film.mkv
make_film -f lavfi -i color=white:s=64x48:r=23.98 -vf "format=gray,geq=lum='255*not(eq(N,240))'" -frames:v 244 -c:v ffv1 masks.mkv
make_film -i film.mkv -vf 'select=eq(n\,240)' -frames:v 1 frame240.png
ok 'a mask video of nearly the same rate is accepted' run 0 '' style film.mkv --learned hokusai-wave --mask masks.mkv --from 10.01039 --to 10.1 -o from%d.png -q
ok 'it begins with the frame of the same number, which is black' [ "$(rgb_of from1.png)" = "$(rgb_of frame240.png)" ]
make_film -f lavfi -i testsrc2=s=64x48 -vf format=rgba,colorchannelmixer=aa=0.5 -frames:v 3 clear%d.png
clear='style clear%d.png --learned hokusai-wave -q'
ok 'transparent frames are painted' run 0 '' $clear -o whole%d.png
mv clear2.png later.png
ok 'a missing frame stops the run' run 1 'clear2.png is missing' $clear -o resumed%d.png
mv later.png clear2.png
ok 'the run resumes' run 0 '' $clear -o resumed%d.png --resume
ok 'a part of transparent frames is painted' run 0 '' $clear -o part%d.png --part 1/1
ok 'the parts are joined' run 0 '' $clear -o part%d.png --resume
for made in resumed part; do
  ok "finished frames keep their alpha: $made" cmp $made'1.png' whole1.png
done
ok 'closed standard input and output are no error' sh -c '"$0" style one.mp4 --learned hokusai-wave -o closed.mp4 <&- >&- 2>err && [ -s closed.mp4 ]' "$reverie"
ok 'a closed standard error is no error' sh -c '"$0" style one.mp4 --learned hokusai-wave -o closed.mkv <&- >&- 2>&- && [ -s closed.mkv ]' "$reverie"
ok 'a closed standard output is no error' sh -c '"$0" style one.mp4 style.png -o closed.gif '"$quick"' >&- 2>err && [ -s closed.gif ]' "$reverie"
ok 'a video to a closed standard output is refused' sh -c '! "$0" style one.mp4 --learned hokusai-wave -o - >&- 2>err && grep -q "standard output" err' "$reverie"
ok 'mask, --protect, --keep-colors and --match-colors are accepted' run 0 '' style odd.mkv style.png -o mask.mp4 $quick --mask content.png \
  --protect content.png --keep-colors luminance --match-colors
make_film -f lavfi -i 'color=black:size=80x64:rate=8:duration=1' -vf 'geq=lum=if(between(X\,8*N\,8*N+16)\,235\,16):cb=128:cr=128' -pix_fmt yuv420p mask-clip.mp4
ok 'an invalid --long-term-frames is refused' run 2 'must be distances from 1 to 16' style clip.mp4 style.png -o x.mp4 $quick --long-term-frames 1,x
ok '--long-term-frames is refused for pictures' run 2 '--long-term-frames works only with videos' style content.png style.png -o x.png --long-term-frames 1,2
ok '--long-term-frames works in a dream' run 0 '' dream clip.mp4 -o r.mp4 $quick_dream --long-term-frames 1,3 --to 0.5
ok 'a video is accepted as a mask' run 0 '' style clip.mp4 style.png -o masked.mp4 $quick --exact --mask mask-clip.mp4 --from 0.25 --to 0.75
ok 'redo repeats a video with a mask' sh -c '"$0" redo masked.mp4 -o masked2.mp4 -q && cmp masked.mp4 masked2.mp4' "$reverie"
ok 'kernels are read from the .json file' sh -c 'sed -i "s/^\(.*\)\]}$/\1,\"nobody knows this\"]}/" r.mp4.json &&
  "$0" info --json r.mp4 | grep -q "nobody knows this"' "$reverie"
ok 'the .json file of another video is ignored' sh -c 'sed -i "s/frame-iterations/iterations-frame/" r.mp4.json && ! "$0" info --json r.mp4 | grep -q "nobody knows this"' "$reverie"
ok 'a mask of another frame rate is refused' run 1 'mask-clip.mp4 has 8 frames a second' style odd.mkv style.png -o x.mp4 $quick --mask mask-clip.mp4
for rate in 29.97 30; do make_film -f lavfi -i color=white:s=80x64:rate=$rate:duration=0.1 -pix_fmt yuv420p mask-$rate.mp4; done
ok 'a mask of 29.97 fits 30000/1001' run 0 '' style odd.mkv --learned munch-scream -o ntsc.mp4 -q --mask mask-29.97.mp4
ok 'a mask of 30 does not fit 30000/1001' run 1 'mask-30.mp4 has 30 frames a second' style odd.mkv --learned munch-scream -o x.mp4 -q --mask mask-30.mp4
ok 'a dry run refuses a mask of another frame rate' run 1 'mask-clip.mp4 has 8 frames a second' style odd.mkv style.png -o x.mp4 $quick --mask mask-clip.mp4 --dry-run

# ---- learned styles; the warping error is from the log
steady() { # steady LOG TIMES: the warping error is at most TIMES that of the source video
  awk -F'"warping_error": |, "source_warping_error": |, "motion' -v most="$2" '{ painted += $2; own += $3 } END { exit !(own > 0 && painted <= most * own) }' "$1"
}
not_steady() { [ -s "$1" ] && ! steady "$@"; }
"$draw" lake pan.jpg 240
make_film -loop 1 -framerate 12 -t 0.5 -i pan.jpg -vf 'crop=256:144:40+2*n:50+n,scale=128:72' -pix_fmt yuv420p pan.mp4
ok 'a video is painted in a learned style' run 0 'warping error' style pan.mp4 --learned hokusai-wave -o w.mp4 --threads 1 --log w.log
ok 'the video in a learned style has all frames' [ "$(frames w.mp4)" = 6 ]
ok 'the log of a learned style has a line for each frame' [ "$(grep -c '"warping_error"' w.log)" = 6 ]
ok 'the warping error is at most 1.5 times that of the video' steady w.log 1.5
ok '--temporal-weight 0 is accepted' run 0 '' style pan.mp4 --learned hokusai-wave -o alone.mp4 --threads 1 --log alone.log -q --temporal-weight 0
ok '--temporal-weight 0 changes the video' sh -c '! cmp -s w.mp4 alone.mp4'
ok 'without temporal weight the warping error is above 10 times that of the video' not_steady alone.log 10
ok 'redo repeats a video in a learned style' run 0 '' redo w.mp4 -o w-again.mp4 -q
ok '--loop is accepted' run 0 '' style pan.mp4 --learned hokusai-wave -o loop.mp4 --threads 1 -q --loop
make_film -i pan.mp4 -f lavfi -i sine=d=1.5 -c:v copy -c:a aac long-sound.mkv # its header has no number of frames
for video in w.mp4 loop.mp4; do make_film -i $video frames-of-$video.y4m; done
ok '--loop changes the video' sh -c '[ -s frames-of-w.mp4.y4m ] && ! cmp -s frames-of-w.mp4.y4m frames-of-loop.mp4.y4m'
ok '--loop is accepted for a video with longer sound' run 0 '' style long-sound.mkv --learned hokusai-wave -o long-loop.mp4 --threads 1 -q --loop
make_film -i long-loop.mp4 long-loop.y4m
ok 'longer sound does not change the loop' cmp frames-of-loop.mp4.y4m long-loop.y4m
ok 'the recipe has --loop' run 0 '--loop' info loop.mp4
ok '--loop is refused for pictures' run 2 '--loop works only with videos' style style.png content.png -o no.png --loop
ok '--every is refused for pictures' run 2 '--every works only with videos' dream style.png -o no.png --every 2
ok 'the repeated video in a learned style has the same bytes' cmp w.mp4 w-again.mp4
ok 'info prints the learned style' run 0 '--learned builtin:hokusai-wave:1' info w.mp4
ok 'masks, weights, size and strength work in a learned style' run 0 '' style odd.mkv --learned hokusai-wave,munch-scream:2 -o w-odd.mp4 -q --size 65 \
  --mask content.png --mask style.png --strength 80 --keep-colors luminance
ok 'a dry run of a learned style prints the space on disk' run 0 'on disk' style clip.mp4 --learned munch-scream --dry-run
ok '--frame-iterations is refused for a learned style' run 2 '--frame-iterations cannot be combined' style clip.mp4 --learned munch-scream -o x.mp4 --frame-iterations 3
ok 'an unknown learned style is refused' run 2 'nor a built-in style' style clip.mp4 --learned no-such -o x.mp4
ok 'several learned styles for one video are refused' run 2 'a video cannot be combined with other videos' style clip.mp4 --learned munch-scream,hokusai-wave -o '{style}.mp4'

# ---- dreams
ok '--from is refused for a picture' run 2 'works only with videos' dream content.png -o d.png --from 0:01
ok '--compare is refused for a video' run 2 'a video cannot be combined with' dream clip.mp4 -o d.mp4 --compare pair.png
ok '--zoom is refused for a video' run 2 'a video cannot be combined with' dream clip.mp4 -o d.mp4 --zoom 1.05
ok 'a video is dreamt' run 0 '' dream clip.mp4 -o d.mp4 $quick_dream --log d.log --mask content.png --style style.png
ok 'the dreamt video has all frames' [ "$(frames d.mp4)" = 8 ]
ok 'the dreamt video has the sound' [ "$(tone d.mp4)" = "$(tone clip.mp4)" ]
ok 'the log of a dream has a line for each frame' [ "$(grep -c '"warping_error"' d.log)" = 8 ]
ok 'the dreamt video has a recipe as comment' sh -c 'ffprobe -v error -show_entries format_tags=comment -of csv=p=0 d.mp4 | grep -q "blend.*0.85"'
ok '--from dreams a part' run 0 '' dream clip.mp4 -o d-part.mkv $quick_dream --from 0.5
ok 'the dreamt part has half of the frames' [ "$(frames d-part.mkv)" = 4 ]
ok 'a dry run of a dream prints the space on disk' run 0 'on disk' dream clip.mp4 --dry-run --octaves 1

# ---- Ctrl-C in the second frame, when the log has the first
ok 'Ctrl-C leaves a video' interrupted_with stop.mp4 style clip.mp4 style.png -o stop.mp4 -q -n 2 \
  --frame-iterations 100000 --threads 2
ok 'the stopped video has the finished frame' [ "$(frames stop.mp4)" = 1 ]
ok 'the sound of the stopped video ends with its frame' sh -c '[ "$(ffprobe -v error -show_entries format=duration -of csv=p=0 stop.mp4 | cut -c 1-3)" = 0.1 ]'
ok 'the stopped video has its recipe' sh -c 'ffprobe -v error -show_entries format_tags=comment -of csv=p=0 stop.mp4 | grep -q frame-iterations'
ok 'the stopped video has a checkpoint and frames' [ -s stop.mp4.state.safetensors -a -s stop.mp4.frames ]
ok 'an existing checkpoint is not replaced' run 1 '--resume continues it' style clip.mp4 style.png -o stop.mp4 -q
ok '--resume with other settings is refused' run 2 'had --iterations=2, and this has --iterations=3; --resume needs the same settings, --force without --resume starts anew' style clip.mp4 style.png -o stop.mp4 -q -n 3 \
  --frame-iterations 100000 --threads 2 --resume
ok 'no partial files are left' sh -c '[ -z "$(ls ./*.part-* 2>/dev/null)" ]'
# ---- killed and resumed
gone_on_with 5 paint

# ---- repeated from recipes
ok 'redo repeats a painted video' run 0 '' redo whole-paint.mp4 -o again.mp4 -q
ok 'the repeated painted video has the same bytes' cmp whole-paint.mp4 again.mp4

# ---- partial files of a killed run
halves() { for file in new.mp4 new.log new.live.png; do echo half >$file.part-00c0ffee; done; }
echo mine >new.mp4.part-notes
halves
ok 'a run without --force keeps partial files' sh -c '"$0" style clip.mp4 style.png -o new.mp4 -q -n 1 --to 0.1 && [ -e new.mp4.part-00c0ffee ]' "$reverie"
"$reverie" style clip.mp4 style.png -o new.mp4 -q -n 1 --to 0.1 --log new.log --live new.live.png --force
ok '--force removes partial files' sh -c '[ "$(ls ./*.part-*)" = ./new.mp4.part-notes ]'
echo "1..$count"
