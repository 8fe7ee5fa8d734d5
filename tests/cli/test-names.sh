#!/bin/sh
# test-names.sh REVERIE DRAW -- tests file names of any bytes and length, with commas and colons in lists; pipes,
# devices, folders and links instead of files. Prints TAP.
set -u
reverie=$(realpath "$1")
draw=$(realpath "$2")
. "$(realpath "$(dirname "$0")")/../support/cli.sh"

small="-n 1 -q --exact --size 48 --start-size 0 --threads 1 --style-layers conv1_1 --content-layers conv1_1"
latin=$(printf 'bild-\374')
accent=$(printf 'E\314\201.png') # decomposed, as on macOS
line=$(printf 'two\nlines\033[31m')
"$draw" lake content.png 64
"$draw" waves painting.png 64
"$draw" glass white.png 64
long() { printf "%$1s" '' | tr ' ' a; } # long N: a name of N bytes

# made NAME: makes NAME.png with the painting NAME-in.png, and repeats it from its recipe.
made() {
  cp painting.png "./$1-in.png"
  # shellcheck disable=SC2086
  run 0 '' style content.png "./$1-in.png" -o "$1.png" $small --log "$1.log" --plot "$1.svg" && [ -s "./$1.png" ] &&
    [ -s "./$1.log" ] && [ -s "./$1.svg" ] && run 0 'reverie style' info "./$1.png" &&
    run 0 '' redo "./$1.png" -o again.png -q -f && cmp "./$1.png" again.png
}
for name in 'bild-ü' 'маска' '画' 'a b' "it's" 'a,b' 'c:d' 'http:x' 'e[1]' 'f[page=1]' 'g%d' '-h' '--force' 'i"<&>' '~' '$HOME' "$latin" "$line"; do
  ok "files called $(printf %s "$name" | tr -dc '[:alnum:][:punct:] ')" made "$name"
done
# shellcheck disable=SC2086
for name in 'pic[page=2]' 'x.png[n]' "a['b]" '[]'; do
  cp painting.png "$name"
  ok "a picture called $name is read" run 0 '' style "$name" "$name" -o bracket.png -f $small
done
LC_ALL=C
export LC_ALL
ok 'file names work in the locale C' made 'c-ö'
ok 'escapes of file names are not printed' sh -c '! grep -q "$(printf "\033")" err'
unset LC_ALL

# quiet_terminal ARGUMENTS...: the run succeeds, and prints no escape characters of file names.
quiet_terminal() { run 0 '\u001b[31m' "$@" && ! cat out err | grep -q "$(printf '\033')"; }
# shellcheck disable=SC2086
{
  cp painting.png "$line.png"
  ok 'style escapes names of inputs and outputs' quiet_terminal style content.png "$line.png" -o "x$line.png" -n 1 --size 48 --threads 1
  ok 'flow escapes names of inputs and outputs' quiet_terminal flow painting.png "$line.png" -o "$line.flo"
  ok 'the error of an unknown command escapes its name' sh -c '"$0" "$1" 2>&1 | grep -qF "\u001b"' "$reverie" "$line"
}

# ---- lengths -------------------------------------------------------------------------------------------------------

# shellcheck disable=SC2086
{
  whole=$(long 251).png
  ok 'an output name may have 255 bytes' run 0 '' style content.png painting.png -o "$whole" $small
  ok 'the output with the long name is written' [ -s "$whole" ]
  ok 'a longer name is refused before the run' run 1 'too long' style content.png painting.png -o "a$whole" -n 100000 -q --size 48
  ok 'a name too long for --save-every is refused before the run' run 1 'too long' style content.png painting.png -o "$(long 240).png" -n 100000 -q --size 48 --save-every 1
  ok 'a log name that is too long is refused before the run' run 1 'too long' style content.png painting.png -o x.png -n 100000 -q --size 48 --log "$(long 256)"
  ok 'a run with a long name is stopped' interrupted_with "$whole" style content.png painting.png -o "$whole" -n 4000 -q -f --size 48 --threads 1
  ok 'the long name has a checkpoint' sh -c 'ls | grep -q "^aaa.*\.state\.safetensors$"'
  ok 'the run with the long name is resumed' run 0 '' style content.png painting.png -o "$whole" -n 4000 --size 48 --threads 1 --resume --dry-run
  rm ./*.state.safetensors "$whole"
  ok 'a folder may have a name of 255 bytes' mkdir "$(long 255)"
  ok 'a path that is too long is refused' run 1 'too long' style content.png painting.png -o "$(for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17; do printf '%s/' "$(long 255)"; done)x.png" $small
}

# ---- lists ---------------------------------------------------------------------------------------------------------

mkdir 'in,1' photos
for n in 90 100; do "$draw" lake photos/$n.png $n; done
# shellcheck disable=SC2086
{
  cp painting.png 星月夜.png
  cp painting.png 神奈川.png
  cp painting.png "$latin.png"
  cp painting.png "$accent"
  cp painting.png 'É.jpg'
  cp painting.png "$(long 200).png"
  ok 'paintings of any name are learned' run 0 '' learn 星月夜.png 神奈川.png "$latin.png" "$accent" É.jpg "$(long 200).png" --photos photos --from-scratch --crop 64 --batch 1 -n 1 --threads 1 -q -o 'in,1/p:q.safetensors'
  ok 'style names keep the letters of the file names' run 0 星月夜 learn --list --from 'in,1/p:q.safetensors'
  ok 'style names are unique' sh -c '[ "$(sort -u out | wc -l)" -eq 6 ] && grep -qx é out && grep -qx é-2 out && grep -qx bild-- out'
  with='in,1/p:q.safetensors'
  ok 'a style network with comma and colon in its path is used' run 0 '' style content.png --learned "$with:星月夜" -o w1.png -q --threads 1
  ok 'a built-in style with a weight is used' run 0 '' style content.png --learned "hokusai-wave:2" -o w2.png -q --threads 1
  ok 'two styles of that network have weights' run 0 '' style content.png --learned "$with:星月夜:2,$with:é" -o w3.png -q --threads 1
  ok 'a backslash escapes a comma' run 0 '' style content.png --learned 'in\,1/p:q.safetensors:é' -o w4.png -q --threads 1
  ok 'a wrong weight is named' run 2 "hokusai-wave is neither a file nor an input, and '-1' is no weight" style content.png --learned hokusai-wave:-1 -o w5.png -q
  ok 'a missing style network is refused' run 2 'neither a file' style content.png --learned 'in,1/r.safetensors' -o w5.png -q
  ok 'a sheet of these styles is made' run 0 '' explore with content.png --learned "$with:星月夜,$with:é" -o sheet.png -q
  ok 'redo repeats the sheet' run 0 '' redo sheet.png --inputs in,1 -o sheet2.png -q
  ok 'the repeated sheet has the same bytes' cmp sheet.png sheet2.png
  mkdir else
  cp white.png "else/12:30, sky $latin.png"
  cp white.png 'a:b,c:d.png'
  ok 'masks of words have commas and colons in their paths' run 0 '' dream content.png -o d.png -n 1 -q --exact --threads 1 --toward "birds:else/12:30, sky $latin.png,castle:2:a:b,c:d.png,hen"
  ok 'redo repeats the dream with masks of words' run 0 '' redo d.png --inputs else -o d2.png -q
  ok 'the repeated dream has the same bytes' cmp d.png d2.png
  ok 'an unknown word after such a mask is refused' run 2 "has no word 'hem'" dream content.png -o x.png --toward 'castle:a:b,c:d.png,hem'
}

# ---- pipes, devices, folders, links ---------------------------------------------------------------------------------

# shellcheck disable=SC2086
{
  mkdir folder.png
  mkfifo pipe.png
  ok 'a pipe is refused as a picture' run 1 'not a regular file; copy' style pipe.png painting.png -o x.png $small
  ok 'info reads standard input from a file' sh -c '"$0" info /dev/stdin <d.png | grep -q "reverie dream"' "$reverie"
  ok '/dev/null is refused as a picture' run 1 'not a regular file' style /dev/null painting.png -o x.png $small
  ok 'a pipe at standard input is refused as a picture' sh -c 'cat content.png | "$0" style /dev/stdin painting.png -o x.png 2>&1 | grep -q "copy its contents into one"' "$reverie"
  ok 'a pipe is refused as weights' run 1 'not a regular file' network info pipe.png
  (timeout 60 cat pipe.png >piped.png &)
  ok 'a pipe is accepted as output' run 0 '' style content.png painting.png -o pipe.png $small
  ok 'the pipe is not replaced' [ -p pipe.png ]
  ok 'a folder is refused as output' run 1 'it is a folder' style content.png painting.png -o folder.png -n 100000 -q
  ok 'a folder is refused as output with --force' run 1 'it is a folder' style content.png painting.png -o folder.png -n 100000 -q -f
  echo kept >target.png
  ln -s target.png link.png
  ok 'a link to an existing file is refused as output' run 1 'exists' style content.png painting.png -o link.png $small
  ok '--force writes through a link' run 0 '' style content.png painting.png -o link.png $small -f
  ok 'the link stays, its target is replaced' sh -c '[ -L link.png ] && [ ! -L target.png ] && ! grep -q kept target.png'
  ln -s nothing.png dangling.png
  ok 'a link to a missing file is accepted as output' run 0 '' style content.png painting.png -o dangling.png $small
  ok 'the target of the link is made' sh -c '[ -L dangling.png ] && [ -s nothing.png ]'
  ln -s loop.png loop.png
  ok 'a link to itself is refused as output' run 1 'symbolic links' style content.png painting.png -o loop.png -n 100000 -q
  ok 'the log is written to standard output' sh -c '"$0" style content.png painting.png -o l.png --log /dev/stdout $1 | grep -q "\"iteration\": 1"' "$reverie" "$small"
}
cp painting.png ./-x.png
ok 'a file like an option' run 2 'there is no option -x.png; the file of that name is ./-x.png' style content.png -x.png -o y.png
for command in 'style content.png painting.png' 'style content.png --learned hokusai-wave' 'dream content.png'; do
  # shellcheck disable=SC2086
  ok "a picture to standard output: $command" run 2 '-o - writes a video to standard output, and content.png is a picture' $command -o -
done
ok 'a picture is refused as content of a video' run 2 '-o x.mp4 writes a video, and content.png is a picture' style content.png painting.png -o x.mp4
"$reverie" style painting.png --learned hokusai-wave --width 400 --height 8 -o thin.png -q
ok 'a painting that is too thin' run 1 'style picture 1: a picture of 48 x 1 px is too small' style content.png thin.png -o y.png -n 1 -q --size 48
ok 'a scale that is too small for the painting' run 1 'each side must have at least 16 px; raise --start-size' style content.png painting.png -o y.png -n 1 -q --network builtin --start-size 1
for option in --protect --mask --live --init --learned -o; do
  ok "an empty file name of $option" run 2 'is empty: a variable of a script may be unset' style content.png painting.png -q $option ''
done
ok 'an empty file name after =' run 2 '--guide is empty: a variable of a script may be unset' dream content.png -o y.png --guide=
ok 'an empty file name in a settings file means none' sh -c 'echo "{\"live\": \"\"}" >none.json; "$0" style content.png painting.png -o none.png --settings none.json $1' "$reverie" "$small"
ok 'an empty file name' run 2 'a file name is empty' style '' painting.png -o y.png
cp painting.png locked.png
chmod 0 locked.png
unprivileged=
[ "$(id -u)" -ne 0 ] || unprivileged='setpriv --bounding-set=-dac_override,-dac_read_search'
ok 'a file that may not be read' sh -c '$1 "$0" style locked.png painting.png -o y.png 2>err; grep -qF "locked.png: cannot be read: Permission denied" err' "$reverie" "$unprivileged"
echo "1..$count"
