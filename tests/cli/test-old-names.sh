#!/bin/sh
# test-old-names.sh REVERIE FILES -- reads the files in FILES, which contain names of options from before 0.1.0. Prints
# TAP.
set -u
reverie=$(realpath "$1")
files=$(realpath "$2")
. "$(realpath "$(dirname "$0")")/../support/cli.sh"
cp "$files"/* .

# again NAME TEXT...: repeats NAME.png from its recipe; the new recipe has each TEXT.
again() {
  name=$1 && shift
  run 0 '' redo "$name.png" -o "$name-2.png" -q && "$reverie" info "$name-2.png" --json >recipe || return 1
  for text in "$@"; do grep -qF "$text" recipe || return 1; done
}
ok 'the recipe of a style is repeated' again style '"start-size":"30"' '"denoise-style":"no"'
ok 'the recipe of a learned style is repeated' again learned '"learned":"builtin:hokusai-wave:1"'
ok 'the recipe of a sheet is repeated' again sheet '"explore learned"' '"learned":"builtin:hokusai-wave:1"'
ok 'the recipe of a dream is repeated' again dream '"init":"noise"' '"objective":"mean"' '"scale-channels":"no"' '"random-rotate":"10"' '"random-scale":"0.1"' '= thin"'
ok 'settings of a style are read' run 0 '' style content.png painting.png -o a.png --settings style.json --size 32 -q
ok 'settings of a dream are read' run 0 '' dream -o b.png --settings dream.json --size 32 -q
ok 'a VAE is read' run 0 '' vae sample vae.safetensors -o c.png -q
# The checkpoint is from training on two pictures of 28 x 28 px. Their pixels are bytes of vae.safetensors, so that no
# library needs to decode them.
{ printf '\0\0\010\003\0\0\0\002\0\0\0\034\0\0\0\034' && head -c 1568 vae.safetensors; } >pixels.idx
cp vae-checkpoint.safetensors mine-checkpoint.safetensors
ok 'a checkpoint of a VAE is read' run 0 '' vae train pixels.idx -o mine.safetensors --resume --epochs 2 --size 28 --batch 2 --micro-batches 2 \
  --latent 2 --width 1 --dense 4 --threads 1 -q
# The file of the built-in styles was written before 0.1.0.
ok 'licenses of built-in styles are read' sh -c '"$0" learn --list | grep -q "^hokusai-wave *public domain$"' "$reverie"
ok 'old names of commands are accepted' sh -c '"$0" model list >/dev/null && "$0" explore with content.png -o d.png --learned hokusai-wave --cell 64 -q' "$reverie"
echo "1..$count"
