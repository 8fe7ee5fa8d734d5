#!/bin/sh
# test-old-names.sh REVERIE FILES -- reads the files in FILES, which have the names of options before 0.1.0. Prints TAP.
set -u
reverie=$(realpath "$1")
files=$(realpath "$2")
. "$(realpath "$(dirname "$0")")/../support/cli.sh"
cp "$files"/* .

# again NAME TEXT...: makes NAME.png again from its recipe; the new recipe has each TEXT.
again() {
  name=$1 && shift
  run 0 '' redo "$name.png" -o "$name-2.png" -q && "$reverie" info "$name-2.png" --json >recipe || return 1
  for text in "$@"; do grep -qF "$text" recipe || return 1; done
}
ok 'a style' again style '"start-size":"30"' '"denoise-style":"no"'
ok 'a learned style' again learned '"learned":"builtin:hokusai-wave:1"'
ok 'a sheet' again sheet '"explore learned"' '"learned":"builtin:hokusai-wave:1"'
ok 'a dream' again dream '"init":"noise"' '"objective":"mean"' '"scale-channels":"no"' '"random-rotate":"10"' '"random-scale":"0.1"' '= thin"'
ok 'settings of a style' run 0 '' style content.png painting.png -o a.png --settings style.json --size 32 -q
ok 'settings of a dream' run 0 '' dream -o b.png --settings dream.json --size 32 -q
ok 'a model' run 0 '' vae sample vae.safetensors -o c.png -q
# The checkpoint is of training on two pictures of 28 x 28 px: bytes of vae.safetensors, which no library decodes.
{ printf '\0\0\010\003\0\0\0\002\0\0\0\034\0\0\0\034' && head -c 1568 vae.safetensors; } >pixels.idx
cp vae-checkpoint.safetensors mine-checkpoint.safetensors
ok 'a checkpoint' run 0 '' vae train pixels.idx -o mine.safetensors --resume --epochs 2 --size 28 --batch 2 --micro-batches 2 \
  --latent 2 --width 1 --dense 4 --threads 1 -q
# The built-in styles are a file of that time.
ok 'licenses of styles' sh -c '"$0" learn --list | grep -q "^hokusai-wave *public domain$"' "$reverie"
ok 'commands' sh -c '"$0" model list >/dev/null && "$0" explore with content.png -o d.png --learned hokusai-wave --cell 64 -q' "$reverie"
echo "1..$count"
