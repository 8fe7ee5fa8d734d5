#!/bin/sh
# test-classic.sh REVERIE DRAW MAKE-NET SAMPLES -- the classic presets and weights files through the program. Prints TAP.
set -u
reverie=$(realpath "$1")
draw=$(realpath "$2")
make_net=$(realpath "$3")
samples=$(realpath "$4")
. "$(realpath "$(dirname "$0")")/../support/cli.sh"

"$draw" waves content.png 96
"$draw" glass style.png 80
"$make_net" vgg19 vgg19.safetensors

if slow_cases; then
  ok 'keras: 400 px high, one scale' run 0 '533 x 400 px, 1 scale, 4000 iterations' style content.png style.png --preset keras --weights vgg19.safetensors --dry-run --threads 2
  ok 'd2l: 450 x 300 px' run 0 '450 x 300 px, 1 scale, 500 iterations' style content.png style.png --preset d2l --weights vgg19.safetensors --dry-run --threads 2
  all_done
fi
ok 'a size wins over the preset' run 0 '64 x 48 px, 1 scale, 3 iterations' style content.png style.png --preset d2l --weights vgg19.safetensors --dry-run --size 64 -n 3
ok 'a picture, and one every so often' run 0 '' style content.png style.png -o k.png -q --preset keras --weights vgg19.safetensors --height 48 -n 2 --save-every 1
ok 'under the classic names' [ -s k_at_iteration_1.png -a -s k_at_iteration_2.png ]
ok 'the weights say which network' run 0 '' style content.png style.png -o g.png -q --weights vgg19.safetensors --size 64 -n 1 --content-layers block4_conv2 --style-layers relu1_1,conv2_1:pre,block3_pool
mkdir models
ln -s ../vgg19.safetensors models/vgg19.safetensors
ok 'found in the model folder' run 0 '64 x 48 px' style content.png style.png --preset keras --size 64 --dry-run
ok 'layers of the preset' run 0 'conv5_4' style --list-layers --preset keras
ok 'presets' run 0 'd2l' style --list-presets
ok 'another network than its weights' run 1 'these are weights of vgg19, not of vgg16' style content.png style.png -o x.png --network vgg16 --weights vgg19.safetensors
ok 'weights of nothing known' run 1 'belong to no known network' style content.png style.png -o x.png --weights "$samples/model.h5"
ok 'a layer the weights do not have' run 2 'has no layer' style content.png style.png -o x.png --weights vgg19.safetensors --content-layers conv9_9
ok 'no strength in the presets of other programs' run 2 'does not work with the preset keras' style content.png style.png -o x.png --preset keras --strength 70

ok 'info of a file' run 0 'published by torchvision' network info vgg19.safetensors
ok 'its pre-processing' grep -q 'RGB 0..1 minus 0.485,0.456,0.406 divided by 0.229,0.224,0.225' out
ok 'its parameters' grep -q '20,024,384' out
ok 'info of a network' run 0 'conv5_2' network info builtin
ok 'info of one that is not here' run 0 'not installed' network info vgg16
ok 'info of a file of no network' run 0 'block1_conv1.weight' network info "$samples/keras3.keras"
ok 'info of a damaged file' run 1 'is damaged or not a Keras weights file' network info "$samples/hostile-huge.h5"
ok 'a name mistyped' run 2 "did you mean 'vgg19'" network info vg19
ok 'no subcommand' run 2 'reverie network with one of: list' network
ok 'no file' run 1 'No such file' network info nothing.safetensors

echo "1..$count"
