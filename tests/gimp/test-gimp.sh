#!/bin/sh
# test-gimp.sh REVERIE DRAW ROWS PLUG-IN MAJOR FOLDER -- tests the plug-in in GIMP without a display: every procedure,
# every row of the option tables, and an unchanged image after errors. Tests dialogs and undo on a virtual screen.
# FOLDER has GIMP's own plug-ins. Skipped without GIMP. Prints TAP.
set -u
reverie=$(realpath "$1")
draw=$(realpath "$2")
rows=$(realpath "$3")
plug_in=$(realpath "$4")
major=$5
folder=$6
tests=$(realpath "$(dirname "$0")")
. "$tests/../support/cli.sh"
if ! command -v gimp-console >/dev/null; then
  echo 'ok 1 the plug-in in GIMP # SKIP GIMP is not installed'
  echo '1..1'
  exit 0
fi

# GIMP gets a folder with these plug-ins only, because it queries each plug-in, and no user settings.
mkdir -p plug-ins/reverie config
for own in script-fu file-png file-pnm; do ln -s "$folder/plug-ins/$own" plug-ins/; done
ln -s "$plug_in" plug-ins/reverie/reverie
echo "(plug-in-path \"$here/plug-ins\")" >config/gimprc
export GIMP2_DIRECTORY="$here/config" GIMP3_DIRECTORY="$here/config" HOME="$here"
screen=
trap 'kill $screen 2>/dev/null; rm -rf "$here"' EXIT
interpreter=
# GIMP 3.0 ends the batch at an error and continues to run; --quit ends GIMP.
[ "$major" -eq 2 ] || interpreter='--quit --batch-interpreter=plug-in-script-fu-eval'

# gimp_runs PROGRAM FILE: runs the Scheme file FILE in PROGRAM, gimp or gimp-console.
gimp_runs() {
  # shellcheck disable=SC2086
  timeout $((200 * REVERIE_TEST_SLOWER)) "$1" -d -f -s $interpreter \
    -b "(begin (define tests \"$tests\") (load \"$tests/prelude-$major.scm\") (load \"$tests/$2\"))" -b '(gimp-quit 1)' >out 2>err
}
said() { grep -qF -- "$1" said || { echo "# missing line: $1"; false; }; }
refused() { # refused NAME WORDS: the line NAME of the file "said" has WORDS in its error, and an unchanged image
  line=$(grep -F "$1 " said) && case $line in *"$2"*' layers 1 dirty 0 ') true ;; *) echo "# $line"; false ;; esac
}
until_file() { # until_file FILE TEXT: waits until the file contains the text
  for _ in $(seq $((600 * REVERIE_TEST_SLOWER))); do
    grep -qs -- "$2" "$1" && return
    sleep 0.1
  done
  echo "# timeout: $1 does not contain $2"
  return 1
}

"$draw" lake photo.png 48
"$draw" lake large.png 600
"$draw" waves painting.png 48
"$reverie" style photo.png painting.png -o cli-style.png --exact --threads 1 -n 3 --start-size 0 -q
"$reverie" style photo.png --learned hokusai-wave -o cli-learned.png --threads 1 -q
"$reverie" dream photo.png -o cli-dream.png --preset test --exact --threads 1 -q

# Each row gets a value that the option refuses; texts get the name of a missing file.
"$rows" style style-learned dream >rows
while read -r job option type _; do
  wrong=nonsense
  case $job in
  style) call='style image "painting.png"' ;;
  style-learned) call='learned image ""' ;;
  dream) call='dream image ""' ;;
  esac
  [ "$type" != text ] || wrong=/nonsense/none.none
  echo "(say \"row $job $option:\" (attempt (lambda () ($call \"{\\\"$option\\\": \\\"$wrong\\\"}\"))))"
done <rows >rows.scm

# In GIMP 3.0 each row is also an argument. GIMP accepts its value; the library then refuses the wrong value of `bits`.
[ "$major" -eq 2 ] || while read -r job option type value; do
  case $job in style) procedure=style ;; style-learned) procedure=learned ;; *) procedure=dream ;; esac
  case $type in
  bool) if [ "$value" = yes ]; then value=TRUE; else value=FALSE; fi ;;
  choice | text) value="\"$value\"" ;;
  esac
  echo "(say \"argument $job $option:\" (attempt (lambda () (plug-in-reverie-$procedure #:run-mode RUN-NONINTERACTIVE" \
    "#:image image #:drawables (one image) #:$option $value #:settings \"{\\\"bits\\\": \\\"nonsense\\\"}\"))))"
done <rows >>rows.scm
echo "(load (string-append tests \"/only-$major.scm\"))" >>rows.scm

rows_reached() { # whether each error names the option or its missing file
  while read -r job option type _; do
    case $(grep -F "row $job $option: " said) in
    *"'$option'"* | */nonsense/none.none*) ;;
    *) echo "# not reached: $option of $job"; return 1 ;;
    esac
  done <rows
}

# In GIMP 2.10 forms are made from the same rows as the help.
are_told() { # whether the help has each row
  while read -r job option _; do
    grep -q "^$option: " "help-$job" || { echo "# not in the help: $option of $job"; return 1; }
  done <rows
}
are_arguments() { # whether each row is accepted as an argument
  while read -r job option _; do
    grep -F "argument $job $option: " said | grep -qF "'bits' needs a number" || { echo "# no argument: $option of $job"; return 1; }
  done <rows
}

ok 'GIMP runs the cases' gimp_runs gimp-console cases.scm
for procedure in style learned dream; do
  ok "$procedure: the image gets a layer" said "$procedure #t 2"
  ok "$procedure: the layer has the bytes of the program" cmp "$procedure.ppm" "cli-$procedure.ppm"
done
ok 'an open image is the painting' cmp style-after.ppm cli-style.ppm
ok 'the resolution is kept' said 'resolution 300.0 200.0'
ok 'the layer has the name of the style' said 'name Learned style: hokusai-wave'
ok 'the layer has the recipe' said '"settings":{"preset":"test"'
ok 'inputs are given by roles' said 'dream-toward #t 2'
ok 'a dream from noise has its own size' said 'noise 64 64'
ok 'without a selection there is no mask' said 'unmasked -1'
ok 'the selection is the mask' said "masked 300.0 $((72 * 48 - 300)).0"
for kind in u8 u16 float u8-linear alpha grey; do
  ok "$kind: with strength 0, pixels and profile stay" said "$kind 0.0 #t"
done
ok 'a missing painting is refused' refused no-painting 'choose a painting'
ok 'a missing file is refused' refused no-file ' failed' # GIMP 3.0 checks the file itself
ok 'settings that are no JSON are refused' refused no-json 'line 1'
ok 'an unknown setting is refused' refused no-setting "did you mean 'strength'?"
ok 'an unknown role is refused' refused no-role 'gide'
ok 'a role without a file is refused' refused no-list "'guide'"
ok 'an unknown style is refused' refused no-style 'nobody'
ok 'every row of the tables is a setting' rows_reached
if [ "$major" -eq 2 ]; then
  ok 'every row of the tables is in the help' are_told
else
  ok 'every row of the tables is an argument' are_arguments
  ok 'arguments are given by name' said 'named #t 2'
  ok 'the run with named arguments has the bytes of the program' cmp named.ppm cli-style.ppm
fi

# Kills the plug-in during the run, as GIMP's Cancel does.
kill_plug_in() {
  until_file steps.log iteration || return 1
  for process in /proc/[0-9]*; do
    [ "$(readlink "$process/exe")" != "$plug_in" ] || kill -9 "${process#/proc/}"
  done
}
rm -f steps.log
gimp_runs gimp-console killed.scm &
gimp_pid=$!
ok 'the plug-in is killed during a run' kill_plug_in
wait $gimp_pid
ok 'the killed procedure returns an error' grep -q '^killed .*[a-z]' said
ok 'the image has no new layer' said 'layers 1 dirty 0'
ok 'the image has the same bytes' cmp after.ppm photo.ppm
ok 'the image can be painted afterwards' said 'again #t'

# Tests that need a screen.
if ! command -v Xvfb >/dev/null || ! command -v xdotool >/dev/null; then
  echo "ok $((count + 1)) dialogs and undo # SKIP Xvfb or xdotool is not installed"
  echo "1..$((count + 1))"
  exit 0
fi
Xvfb -displayfd 3 -screen 0 1280x1000x24 3>display 2>/dev/null &
screen=$!
until_file display '[0-9]' || exit 1
DISPLAY=:$(cat display)
export DISPLAY

press() { # press WINDOW KEY: presses KEY in the window of the name WINDOW
  for _ in $(seq $((300 * REVERIE_TEST_SLOWER))); do
    window=$(xdotool search --onlyvisible --name "$1" 2>/dev/null | head -1) && [ -n "$window" ] && break
    sleep 0.1
  done
  sleep 1 # a window is visible before it accepts input
  xdotool mousemove --window "$window" 150 150 key "$2"
}
becomes() { # becomes FILE WORDS: waits until FILE exists, and compares its line with WORDS
  until_file "$1" layers && sleep 1 && { grep -qx "$2" "$1" || { sed 's/^/# /' "$1"; false; }; }
}

# A dream needs no other picture.
gimp_runs gimp-console dialog.scm &
gimp_pid=$!
press Dream Escape
ok 'a closed dialog paints nothing' becomes closed '#f layers 1 '
press Dream alt+o
ok 'OK in the dialog adds a layer' becomes taken '#t layers 2 '
press Dream alt+o
press Dream Escape
ok 'Cancel during the run adds no layer' becomes cancelled '#f layers 1 '
wait $gimp_pid

gimp_runs gimp undo.scm &
gimp_pid=$!
ok 'a displayed image is painted' becomes painted 'layers 2 '
press GIMP ctrl+z
ok 'one undo removes the layer' becomes undone 'layers 1 '
wait $gimp_pid
echo "1..$count"
