#!/bin/sh
# test-onnx.sh REVERIE DRAW FILES -- tests networks from ONNX files: layers, dreams and paintings, recipes, refused
# files. FILES is tests/golden/onnx-files. Prints TAP.
set -u
reverie=$(realpath "$1")
draw=$(realpath "$2")
files=$(realpath "$3")
. "$(realpath "$(dirname "$0")")/../support/cli.sh"

"$draw" waves content.png 64
cp "$files/small.onnx" "$files/operator.onnx" "$files/nodes.onnx" .
dream="dream content.png --network small.onnx -q --exact --threads 1 --octaves 1 -n 2 --smallest 1"

ok 'dream lists the layers' run 0 '/bn1/BatchNormalization_output_0' dream --network small.onnx --list-layers
ok 'dream lists the looks' run 0 'features' dream --network small.onnx --list-looks
ok 'style lists the layers' run 0 'logits' style --network small.onnx --list-layers
ok '--weights accepts an ONNX file' run 0 'logits' dream --weights small.onnx --list-layers
ok 'info prints the number of convolutions' run 0 'from a file: 6 convolutions' network info small.onnx
ok 'info prints the layers' run 0 'mixed' network info small.onnx
mkdir photos
cp content.png photos
ok 'learn accepts an ONNX file as --weights' run 0 '1 style, 1 photograph' learn content.png --photos photos --weights small.onnx --dry-run
ok 'verify accepts an ONNX file' run 0 'small.onnx: complete' network verify small.onnx

# shellcheck disable=SC2086
{
  ok 'a dream is made' run 0 '' $dream -o dream.png
  ok 'a dream of one layer is made' run 0 '' $dream -o layer.png --layers mixed:1
  ok 'the dream of one layer differs' sh -c '! cmp -s dream.png layer.png'
  ok 'the plan has the preprocessing' run 0 'small.onnx: input rgb_0_1 minus 0.485' $dream -o no.png --dry-run
  ok 'another preprocessing is accepted' run 0 '' $dream -o tf.png --preprocessing tf
  ok 'another preprocessing changes the dream' sh -c '! cmp -s dream.png tf.png'
  ok 'an unknown preprocessing is refused' run 2 "--preprocessing must be imagenet, caffe, tf, unit" $dream -o no.png --preprocessing x
}
cp "$files/three.onnx" .
ok 'BGR is refused if another layer has three input channels' run 1 'three channels behind the picture, which works only with RGB' \
  dream content.png -o no.png -q -n 1 --network three.onnx --layers y --preprocessing caffe
ok 'RGB is accepted by that network' run 0 '' dream content.png -o three.png -q -n 1 --octaves 1 --network three.onnx --layers y --threads 1
ok 'verify accepts a network that works only with RGB' run 0 'in use: rgb_0_1' network verify three.onnx
cp "$files/large-window.onnx" .
ok 'verify accepts a network that needs larger pictures' run 0 'has too few layers for this check' network verify large-window.onnx
ok 'a painting is made' run 0 '' style content.png content.png -o painting.png --network small.onnx -q -n 2 --size 48 --threads 1
ok 'the recipe has the file name of the network' run 0 'network    small.onnx (sha256' info tf.png
ok 'redo repeats the dream' run 0 '' redo tf.png -o again.png -q
ok 'redo uses the same preprocessing' cmp tf.png again.png
cp "$files/blocks.onnx" .
ok 'a network with squeeze and excitation is read' run 0 'classes' dream --network blocks.onnx --list-layers
ok 'a dream uses squeeze and excitation' run 0 '' dream content.png -o blocks.png -q -n 1 --octaves 1 --network blocks.onnx --layers gated:1
ok 'tiles are refused with squeeze and excitation' run 2 'its global_pool reads the whole picture' \
  dream content.png -o no.png -q -n 1 --octaves 1 --network blocks.onnx --layers gated:1 --tile 32
cp "$files/outside.onnx" "$files/outside.data" .
gated='-q -n 1 --octaves 1 --layers gated:1 --exact --threads 1 --no-recipe'
# shellcheck disable=SC2086
{
  ok 'weights in the ONNX file are read' run 0 '' dream content.png -o inside.png --network blocks.onnx $gated
  ok 'weights in another file are read' run 0 '' dream content.png -o outside.png --network outside.onnx $gated
}
ok 'the dreams of both files are equal' cmp inside.png outside.png
sum=$(cat outside.onnx outside.data | sha256sum | cut -d' ' -f1)
ok 'the hash covers both files' run 0 "$sum" network info outside.onnx
sed 's|outside.data|outs/de.data|' outside.onnx >folder.onnx
ok 'weights in another folder are refused' run 1 'must be one file of the same folder' network info folder.onnx
head -c 100 outside.data >short.data
sed 's|outside.data|./short.data|' outside.onnx >dot.onnx
ok 'weights with a path are refused' run 1 'must be one file of the same folder' network info dot.onnx
mv short.data outside.data
ok 'a weights file that is too short is refused' run 1 'the file of its external data is too short' network info outside.onnx
rm outside.data
ok 'a missing weights file is refused' run 1 'cannot open ./outside.data' network info outside.onnx
mkdir other
mv small.onnx other/
ok 'redo without the network is refused' run 1 'small.onnx' redo tf.png -o no.png -q
ok 'redo --network accepts the network' run 0 '' redo tf.png -o elsewhere.png -q --network other/small.onnx
ok 'the repeated dream has the same bytes' cmp tf.png elsewhere.png

ok 'an ONNX file is imported with half floats' run 0 'half.safetensors' network import other/small.onnx -o half.safetensors --f16
ok 'the imported file has the layers' run 0 'mixed' network info half.safetensors
ok 'a dream uses the imported file' run 0 '' dream content.png -o half.png --weights half.safetensors --octaves 1 -n 1 --smallest 1 --threads 1

cp "$files/resnet.pth" "$files/googlenet.safetensors" .
ok 'a state dict of a ResNet has the layers of torchvision' run 0 'layer2.1.relu_2' dream --network resnet.pth --list-layers
ok 'verify accepts a state dict' run 0 'resnet.pth: complete' network verify resnet.pth
ok 'a dream uses a state dict' run 0 '' dream content.png -o resnet.png -q -n 1 --octaves 1 --network resnet.pth --layers class:1
ok 'redo repeats the dream of a state dict' run 0 '' redo resnet.png -o resnets.png -q
ok 'a state dict is imported' run 0 'imported.safetensors' network import resnet.pth -o imported.safetensors
ok 'the imported state dict makes the same dream' sh -c '"$1" dream content.png -o imported.png -q -n 1 --octaves 1 --network imported.safetensors --layers class:1 --no-recipe --exact && "$1" dream content.png -o dict.png -q -n 1 --octaves 1 --network resnet.pth --layers class:1 --no-recipe --exact && cmp imported.png dict.png' sh "$reverie"
ok 'a state dict is not a network of that name' run 1 'leave out --network' dream --network resnet50 --weights resnet.pth --no-recipe content.png -o no.png
ok 'GoogLeNet of torchvision has its own preprocessing' run 0 'input rgb_0_1 minus 0.5' dream content.png -o no.png --network googlenet.safetensors --dry-run
mkdir timm
cp resnet.pth timm/model.safetensors
config='{"architecture": "%s", "pretrained_cfg": {"mean": [0.4, 0.5, 0.6], "std": [0.1, 0.2, 0.3]}}'
# shellcheck disable=SC2059
printf "$config" resnext17_2x2d >timm/config.json
ok 'config.json has the preprocessing' run 0 'minus 0.4,0.5,0.6 divided by 0.1,0.2,0.3' dream content.png -o no.png --network timm/model.safetensors --dry-run
# shellcheck disable=SC2059
printf "$config" resnetblur50 >timm/config.json
ok 'another architecture in config.json is refused' run 1 "the architecture 'resnetblur50' is not supported" network info timm/model.safetensors
echo '{"architecture": [1], "pretrained_cfg": {}}' >timm/config.json
ok 'an architecture that is no text is ignored' run 0 'convolutions' network info timm/model.safetensors
ok 'without a message of a library' sh -c '! "$0" network info timm/model.safetensors 2>&1 | grep CRITICAL' "$reverie"
echo '{"pretrained_cfg": []' >timm/config.json
ok 'a damaged config.json is refused' run 1 'config.json' network info timm/model.safetensors
head -c 20000 resnet.pth >cut.pth
ok 'a truncated state dict is refused' run 1 'cut.pth' dream content.png -o no.png --network cut.pth

printf 'tench, Tinca tinca\r\nmacaw\nboat house\nfour\nfive\n' >labels.txt
ok 'import --labels is accepted' run 0 '' network import blocks.onnx -o words.safetensors --labels labels.txt
ok 'labels are listed as words' run 0 'boat house' dream --weights words.safetensors --list-words
ok 'a network without labels has no words' run 2 'has no words' dream --weights half.safetensors --list-words
ok 'other labels have no groups of words' sh -c '! "$1" dream --weights words.safetensors --list-words | grep -q birds' sh "$reverie"
ok 'a dream uses a label as a word' run 0 '' dream content.png -o word.png --weights words.safetensors --toward 'boat house' --octaves 1 -n 2 -q
ok 'redo repeats a dream with a label' run 0 '' redo word.png -o words.png -q
ok 'an unknown label gets a suggestion' run 2 "did you mean 'macaw'" dream content.png -o no.png --weights words.safetensors --toward macav -q
ok 'dream --labels is accepted' run 0 '' dream content.png -o direct.png --network blocks.onnx --labels labels.txt --toward 'boat house' --octaves 1 -n 2 -q
plain="dream content.png --toward macaw --octaves 1 -n 2 -q --no-recipe --exact --threads 1"
# shellcheck disable=SC2086
ok 'the words are those of the imported file' sh -c '"$@" -o one.png --weights words.safetensors && "$@" -o other.png --network blocks.onnx --labels labels.txt && cmp one.png other.png' sh "$reverie" $plain
ok 'dream --labels refuses a device' run 1 'there is no regular file of this name' dream content.png -o x.png --network blocks.onnx --labels /dev/null --toward macaw
ok 'redo finds the labels' run 0 '' redo direct.png -o directs.png -q
sed -i 's/four/4/' labels.txt
ok 'redo reports changed labels' run 0 'labels.txt has changed since' redo direct.png -o changed.png
cp blocks.onnx copy.onnx
cp labels.txt copy.txt
ok 'redo accepts other files of the network' run 0 '' redo direct.png -o copies.png --network copy.onnx --labels copy.txt -q
ok 'diff prints the files of the network' sh -c '"$0" diff direct.png copies.png >diff.txt && grep -q "^network.s file *blocks.onnx -> copy.onnx" diff.txt &&
  grep -q "^--labels *labels.txt -> copy.txt" diff.txt && grep -q "^labels. hash" diff.txt' "$reverie"
ok '--labels with the built-in network is refused' run 2 "labels works only with files" dream content.png -o no.png --labels labels.txt -q
head -n 4 labels.txt >few.txt
ok 'too few labels are refused' run 1 'few.txt: has 4 lines for 5 classes' network import blocks.onnx -o no.safetensors --labels few.txt
ok 'labels are refused for a network without classes' run 2 'nodes.onnx does not end in classes' network import nodes.onnx -o no.safetensors --labels few.txt

# ---- style networks
cp "$files/candy.onnx" "$files/twice.onnx" "$files/outputs.onnx" .
candy='style content.png --learned candy.onnx -q --size 45'
# shellcheck disable=SC2086
{
  ok 'a style network is a learned style' run 0 '' $candy -o candy.png
  ok 'the recipe has its file' run 0 'candy.onnx (sha256' info candy.png
  ok 'another range of colours is accepted' run 0 '' $candy -o unit.png --preprocessing unit
  ok 'another range changes the picture' sh -c '! cmp -s candy.png unit.png'
  ok 'the recipe has the range' run 0 'preprocessing unit' info unit.png
  ok 'redo uses the range' run 0 '' redo unit.png -o units.png -q
  ok 'the repeated picture has the same bytes' cmp unit.png units.png
  ok '--strength, --keep-colors and --mask work' run 0 '' $candy -o mixed.png --strength 70 --keep-colors luminance --mask content.png
  ok 'an unknown range is refused' run 2 '--preprocessing must be imagenet' $candy -o no.png --preprocessing grey
  ok 'a picture that does not fit is refused with a size' run 1 'lower --size to' style content.png -o no.png --learned candy.onnx --memory 400M --size 3000
  ok 'the plan has the memory' run 0 'in one pass: peak' $candy -o no.png --dry-run
}
ok 'a sheet of style networks of both kinds is made' run 0 '' explore learned content.png --learned candy.onnx,hokusai-wave -o sheet.png --cell 64 -q
ok 'both kinds paint where their masks are white' run 0 '' style content.png --learned candy.onnx,hokusai-wave --mask content.png --mask content.png -o masks.png -q
ok 'both kinds cannot be blended' run 1 'cannot be blended' style content.png --learned hokusai-wave,candy.onnx -o no.png -q
ok 'a name of its style is refused' run 1 "one style only, without a name, not 'wave'" style content.png --learned candy.onnx:wave -o no.png -q
ok 'a network with two outputs is refused' run 1 'outputs.onnx: this network does not paint' style content.png --learned outputs.onnx -o no.png -q
ok 'a classifier is refused' run 1 'nodes.onnx: this network does not paint' style content.png --learned nodes.onnx -o no.png -q
ok 'a network that enlarges is refused' run 1 'twice.onnx makes no picture of the same size from one of 64 x 43 px' style content.png --learned twice.onnx -o no.png -q --width 64 --height 43
ok '--preprocessing is refused for other learned styles' run 2 'only for networks of other programs' style content.png --learned hokusai-wave -o no.png -q --preprocessing tf
ok '--preprocessing is refused for any' run 2 'preprocessing cannot be combined with' style content.png content.png --learned any -o no.png -q --preprocessing tf
mkdir frames
for n in 1 2; do cp content.png frames/f$n.png; done
ok 'a video is painted' run 0 '' style frames/f%d.png --learned candy.onnx -o frames/p%d.png -q --size 40 --preprocessing tf
ok 'redo repeats the video' run 0 '' redo frames/p%d.png -o frames/r%d.png --inputs frames -q
ok 'the repeated frames have the same bytes' cmp frames/p2.png frames/r2.png

ok 'an unsupported operator is reported' run 1 'operator.onnx: operator Det (node det1) is not supported' \
  dream content.png -o no.png --network operator.onnx
ok 'a missing file is refused' run 1 'none.onnx' dream content.png -o no.png --network none.onnx
ok 'an unknown network gets a suggestion' run 2 "did you mean 'vgg16'" dream content.png -o no.png --network vgg61
ok '--list-layers with an unknown network gets a suggestion' run 2 "did you mean 'vgg16'" dream --network vgg61 --list-layers
cp other/small.onnx tuned.onnx
cp other/small.onnx small.onnx
ok 'a copy has its own name' sh -c '"$0" network verify small.onnx tuned.onnx >names && ! grep -q "tuned.onnx.*weights of" names' "$reverie"
ok 'a network of few layers is complete' run 0 'too few layers' network verify "$files"/linear.onnx
head -c 5000 other/small.onnx >cut.onnx
ok 'a truncated file is refused' run 1 'cut.onnx' dream content.png -o no.png --network cut.onnx
ok 'refused runs write no picture' [ ! -e no.png ]
ok 'refused imports write no weights' [ ! -e no.safetensors ]
echo "1..$count"
