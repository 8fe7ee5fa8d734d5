#!/bin/sh
# test-classic.sh REVERIE DRAW MAKE-NET SAMPLES -- tests presets of other programs, weights files, and network info.
# Prints TAP.
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
ok 'options replace the size and iterations of the preset' run 0 '64 x 48 px, 1 scale, 3 iterations' style content.png style.png --preset d2l --weights vgg19.safetensors --dry-run --size 64 -n 3
ok '--save-every is accepted' run 0 '' style content.png style.png -o k.png -q --preset keras --weights vgg19.safetensors --height 48 -n 2 --save-every 1
ok 'intermediate pictures have the classic names' [ -s k_at_iteration_1.png -a -s k_at_iteration_2.png ]
ok 'the network is detected from the weights' run 0 '' style content.png style.png -o g.png -q --weights vgg19.safetensors --size 64 -n 1 --content-layers block4_conv2 --style-layers relu1_1,conv2_1:pre,block3_pool
mkdir models
ln -s ../vgg19.safetensors models/vgg19.safetensors
ok 'weights are found in the model folder' run 0 '64 x 48 px' style content.png style.png --preset keras --size 64 --dry-run
ok "--list-layers lists the layers of the preset's network" run 0 'conv5_4' style --list-layers --preset keras
ok '--list-presets lists the presets' run 0 'd2l' style --list-presets
ok 'a network that differs from the weights is refused' run 1 'these are weights of vgg19, not of vgg16' style content.png style.png -o x.png --network vgg16 --weights vgg19.safetensors
ok 'weights of an unknown network are refused' run 1 'belong to no known network' style content.png style.png -o x.png --weights "$samples/model.h5"
ok 'an unknown layer is refused' run 2 'has no layer' style content.png style.png -o x.png --weights vgg19.safetensors --content-layers conv9_9
ok '--strength is refused with presets of other programs' run 2 'does not work with the preset keras' style content.png style.png -o x.png --preset keras --strength 70

ok 'info prints the naming of a weights file' run 0 'published by torchvision' network info vgg19.safetensors
ok 'info prints the preprocessing' grep -q 'RGB 0..1 minus 0.485,0.456,0.406 divided by 0.229,0.224,0.225' out
ok 'info prints the number of parameters' grep -q '20,024,384' out
ok 'info prints the layers of a network' run 0 'conv5_2' network info builtin
ok 'info prints that a network is not installed' run 0 'not installed' network info vgg16
ok 'info prints the tensors of a file of no network' run 0 'block1_conv1.weight' network info "$samples/keras3.keras"
ok 'info refuses a damaged file' run 1 'is damaged or not a Keras weights file' network info "$samples/hostile-huge.h5"
ok 'a wrong name gets a suggestion' run 2 "did you mean 'vgg19'" network info vg19
ok 'network needs a subcommand' run 2 'reverie network with one of: list' network
ok 'info refuses a missing file' run 1 'No such file' network info nothing.safetensors

echo "1..$count"
