#!/bin/sh
# test-hostile.sh REVERIE DRAW PUT-RECIPE -- files that a stranger made: one clear line, nothing opened, run or shown
# that they chose. Prints TAP.
set -u
reverie=$(realpath "$1")
draw=$(realpath "$2")
put_recipe=$(realpath "$3")
. "$(realpath "$(dirname "$0")")/../support/cli.sh"

"$draw" waves content.png 96
"$draw" glass style.png 80
picture='style content.png style.png -o a.png -q --size 48 -n 1'

nested() { # nested N: N brackets in one another
  printf "%$1s" '' | tr ' ' '['
  printf "%$1s" '' | tr ' ' ']'
}

# safetensors HEADER: a file with that header and 64 bytes after it.
safetensors() {
  length=$(printf '%s' "$1" | wc -c)
  for shift in 0 8 16 24 32 40 48 56; do printf "\\$(printf %o $((length >> shift & 255)))"; done
  printf '%s' "$1"
  head -c 64 /dev/zero
}

# ---- JSON whose reading would end the stack
{ printf '{"size":'; nested 1000000; printf '}'; } >deep.json
safetensors "{/*\"*/\"a\":$(nested 100000)}" >comment.safetensors
safetensors "{'\"':1,\"a\":$(nested 100000)}" >quote.safetensors
{ printf '{"command":'; nested 28000; printf '}'; } | "$put_recipe" content.png deep.png
ulimit -s 1024 # kB: as on a system that gives less
ok 'deep settings' run 1 'more than 64 brackets' $picture --settings deep.json
ok 'deep header behind a comment' run 1 'damaged JSON' $picture --weights comment.safetensors
ok 'deep header behind a quote' run 1 'damaged JSON' model info quote.safetensors
ok 'deep recipe' run 1 'more than 64 brackets' info deep.png
ok 'deep recipe made again' run 1 'more than 64 brackets' redo deep.png -o a.png
ok 'kernels of a deep recipe' run 1 'more than 64 brackets' $picture --kernels deep.png

# ---- settings of anybody's
for text in '{"size":48,}' '{"size":48,"size":64}' '{"size":NaN}' '{"size":1e999}' '{size:48}' '{} x' ''; do
  printf '%s' "$text" >wrong.json
  ok "settings: $text" run 1 'wrong.json is damaged JSON: ' $picture --settings wrong.json
done
printf '\357\273\277{}' >wrong.json
ok 'settings with a byte order mark' run 1 'byte order mark' $picture --settings wrong.json
printf '\377\376{\000}\000' >wrong.json
ok 'settings in UTF-16' run 1 'UTF-8' $picture --settings wrong.json
ok 'endless settings' run 1 'is too long' $picture --settings /dev/zero
ok 'settings from a pipe' sh -c 'echo "{\"size\":48}" | "$0" style content.png style.png -o piped.png -q -n 1 --settings /dev/stdin' "$reverie"

echo "1..$count"
