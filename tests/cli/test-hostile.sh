#!/bin/sh
# test-hostile.sh REVERIE DRAW PUT-RECIPE WEIGHTS -- tests hostile files: they cause a one-line error; the program opens
# no files, runs no code and prints no escapes that they contain. Prints TAP.
set -u
reverie=$(realpath "$1")
draw=$(realpath "$2")
put_recipe=$(realpath "$3")
weights=$(realpath "$4")
. "$(realpath "$(dirname "$0")")/../support/cli.sh"

"$draw" waves content.png 96
"$draw" glass style.png 80
picture='style content.png style.png -o a.png -q --size 48 -n 1'

nested() { # nested N: N nested brackets
  printf "%$1s" '' | tr ' ' '['
  printf "%$1s" '' | tr ' ' ']'
}

# safetensors HEADER: prints a file with HEADER and 64 bytes of data.
safetensors() {
  length=$(printf '%s' "$1" | wc -c)
  for shift in 0 8 16 24 32 40 48 56; do printf "\\$(printf %o $((length >> shift & 255)))"; done
  printf '%s' "$1"
  head -c 64 /dev/zero
}

# ---- JSON that would overflow the stack
{ printf '{"size":'; nested 1000000; printf '}'; } >deep.json
safetensors "{/*\"*/\"a\":$(nested 100000)}" >comment.safetensors
safetensors "{'\"':1,\"a\":$(nested 100000)}" >quote.safetensors
{ printf '{"command":'; nested 28000; printf '}'; } | "$put_recipe" content.png deep.png
ulimit -s 1024 # kB, as on systems with a smaller stack
ok 'deeply nested settings are refused' run 1 'more than 64 nested brackets' $picture --settings deep.json
ok 'a deeply nested header after a comment is refused' run 1 'damaged JSON' $picture --weights comment.safetensors
ok 'a deeply nested header after a quote is refused' run 1 'damaged JSON' network info quote.safetensors
ok 'info refuses a deeply nested recipe' run 1 'more than 64 nested brackets' info deep.png
ok 'redo refuses a deeply nested recipe' run 1 'more than 64 nested brackets' redo deep.png -o a.png
ok '--kernels refuses a deeply nested recipe' run 1 'more than 64 nested brackets' $picture --kernels deep.png

# ---- untrusted settings
for text in '{"size":48,}' '{"size":48,"size":64}' '{"size":NaN}' '{"size":1e999}' '{size:48}' '{} x' ''; do
  printf '%s' "$text" >wrong.json
  ok "settings: $text" run 1 'wrong.json is damaged JSON: ' $picture --settings wrong.json
done
printf '\357\273\277{}' >wrong.json
ok 'settings with a byte order mark are refused' run 1 'byte order mark' $picture --settings wrong.json
printf '\377\376{\000}\000' >wrong.json
ok 'settings in UTF-16 are refused' run 1 'UTF-8' $picture --settings wrong.json
printf '{"size":48}' >right.json
ok 'settings are an input' run 1 'right.json is an input; write to another file' $picture --settings right.json --log ./right.json -f
ln -s right.json right-link.json
ok 'settings are an input by another name, too' run 1 'right.json is an input; write to another file' $picture --settings right.json --log right-link.json -f
printf '{"settings":"right.json"}' >nested.json
ok 'settings of settings are refused' run 1 'nested.json: a settings file cannot name another' $picture --settings nested.json
ok 'endless settings are refused' run 1 'is too long' $picture --settings /dev/zero
ok 'settings are read from a pipe' sh -c 'echo "{\"size\":48}" | "$0" style content.png style.png -o piped.png -q -n 1 --settings /dev/stdin' "$reverie"

# ---- text of files is escaped
recipe() { # recipe INPUTS SETTINGS: prints a recipe
  printf '{"reverie":"0.1.0","command":"style","inputs":[%s],"width":64,"height":48,"settings":{%s}}' "$1" "$2"
}
plain() { # plain CODE TEXT ARGUMENTS...: as run; in addition, the output has no control characters
  run "$@" && ! cat out err | LC_ALL=C grep -q "$(printf '[\001-\010\013-\037\177\233]')"
}
input='{"role":"content","file":"content.png","sha256":"0"},{"role":"style","file":"style.png","sha256":"0"}'
evil='\u001b]0;PWN\u0007\u001b[2Jx\u009b31m\u202e\nreverie: all is well'
recipe "{\"role\":\"content\",\"file\":\"$evil\"}" "\"$evil\":\"$evil\"" | "$put_recipe" content.png escape.png
recipe "$input" '' | "$put_recipe" content.png other.png
safetensors "{\"__metadata__\":{\"license\":\"$evil\"},\"$evil\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}" >escape.safetensors
safetensors "{\"$evil\":7}" >wrong.safetensors
ok 'info escapes text of a recipe' plain 0 '\u001b]0;PWN' info escape.png
ok 'info --json escapes text of a recipe' plain 0 '\u001b]0;PWN' info --json escape.png
ok 'diff escapes text of a recipe' plain 0 '\u001b]0;PWN' diff escape.png other.png
recipe "{\"role\":\"content\",\"file\":\"$evil\"}" '' | "$put_recipe" content.png escape.png
ok 'redo escapes text of a recipe' plain 1 'not in its folder' redo escape.png -o a.png
ok 'network info escapes text of weights' plain 0 '\u001b]0;PWN' network info escape.safetensors
ok 'network info --json escapes text of weights' plain 0 '\u001b]0;PWN' network info --json escape.safetensors
mkdir -p "$REVERIE_MODELS"
cp escape.safetensors "$REVERIE_MODELS/googlenet.safetensors"
ok 'network list escapes text of weights' plain 0 '\u001b]0;PWN' network list
rm "$REVERIE_MODELS/googlenet.safetensors"
ok 'errors escape text of weights' plain 1 '\u001b]0;PWN' network info wrong.safetensors
printf '{"\\u001b[31m":1}' >wrong.json
ok 'errors escape text of settings' plain 1 '\u001b[31m' $picture --settings wrong.json
cp content.png "$(printf 'a\033[31m.png')"
ok 'messages escape file names' plain 0 'a\u001b[31m.jpg' style --style style.png "$(printf 'a\033[31m.png')" -o '{content}.jpg' --size 48 -n 1

ok 'learn --export escapes its file name' plain 0 'a\u001b[31m.html' learn --export "$(printf 'a\033[31m.html')"

# The built-in network with a hostile class name of the same length.
LC_ALL=C sed 's/goldfish/\\u001b[J/' "$weights" >words.safetensors
ok '--list-words escapes words' plain 0 "u001b" dream --list-words --weights words.safetensors
ok '--what escapes words' plain 0 '%' dream content.png --what --weights words.safetensors

# ---- names in recipes
recipe "$input" '"init":"/etc/passwd"' | "$put_recipe" content.png init.png
ok 'a path as init in a recipe is refused' run 1 'an unknown choice' redo init.png -o a.png
for name in /etc/passwd ../content.png ./content.png . .. ''; do
  recipe "{\"role\":\"content\",\"file\":\"$name\"}" '' | "$put_recipe" content.png named.png
  ok "a recipe with the input '$name' is refused" run 1 'damaged' redo named.png -o a.png
done
recipe "$(for i in $(seq 500); do printf '{"role":"style","file":"style.png"},'; done)$input" '' | "$put_recipe" content.png many.png
ok 'a recipe with too many inputs is refused' run 1 'too many inputs' redo many.png -o a.png
for option in output kernels weights settings log mask; do
  recipe "$input" "\"$option\":\"x.png\"" | "$put_recipe" content.png named.png
  ok "a file for --$option" run 1 "an unknown setting '$option'" redo named.png -o a.png
done
ok 'refused recipes write nothing' [ ! -e a.png ]

# ---- recipes of earlier versions, whose default is now the preset gallery1
earlier() { # earlier SETTINGS SHOWN: redo of a recipe with SETTINGS makes a recipe that contains SHOWN
  recipe "$input" "$1" | "$put_recipe" content.png earlier.png
  "$reverie" redo earlier.png -o again.png -q --force && "$reverie" info again.png | grep -q -- "$2"
}
ok 'a recipe of the earlier default has the preset gallery1' earlier '"preset":"gallery","iterations":"1"' '--preset gallery1'
ok 'a recipe of the earlier default has its own content target' earlier '"preset":"gallery","iterations":"1"' '--content-target own'
ok 'a recipe of the default has the preset gallery' earlier '"preset":"gallery","content-target":"matched","iterations":"1"' '--preset gallery$'

# ---- numbers out of range
ok 'a layer with a number out of range is refused' run 2 'has no layer' $picture --style-layers relu99999999999999999999_1
ok 'a cell with a number out of range is refused' run 2 'there is no' explore dream content.png -o a.png --pick 4294967297a

# ---- inputs in other folders
mkdir -p elsewhere alone
recipe "$input" '"iterations":"1"' | "$put_recipe" content.png alone/made.png
mv content.png style.png elsewhere
ok 'missing inputs are reported with --inputs' run 1 '--inputs FOLDER' redo alone/made.png -o a.png
ok '--inputs finds the inputs' run 0 '' redo alone/made.png --inputs elsewhere -o a.png -q
ok '--inputs=FOLDER finds the inputs' run 0 '' redo alone/made.png -o a.png -q --inputs=elsewhere/ --force
ok '--inputs needs a folder that exists' run 1 'no such folder' redo alone/made.png -o b.png --inputs nowhere
ok '--inputs needs a folder' run 2 'needs a folder' redo alone/made.png -o b.png --inputs
mv elsewhere/*.png .

echo "1..$count"
