#!/bin/sh
# test-onnx.sh REVERIE DRAW FILES -- networks from ONNX files: layers, dreams and paintings, recipes, refused files. FILES
# is tests/golden/onnx-files. Prints TAP.
set -u
reverie=$(realpath "$1")
draw=$(realpath "$2")
files=$(realpath "$3")
. "$(realpath "$(dirname "$0")")/../support/cli.sh"

"$draw" waves content.png 64
cp "$files/small.onnx" "$files/operator.onnx" "$files/nodes.onnx" .
dream="dream content.png --network small.onnx -q --exact --threads 1 --octaves 1 -n 2 --smallest 1"

ok 'layers for dreams' run 0 '/bn1/BatchNormalization_output_0' dream --network small.onnx --list-layers
ok 'looks' run 0 'features' dream --network small.onnx --list-looks
ok 'layers for paintings' run 0 'logits' style --network small.onnx --list-layers
ok 'layers of --weights' run 0 'logits' dream --weights small.onnx --list-layers
ok 'info' run 0 'from a file: 6 convolutions' network info small.onnx
ok 'info of the layers' run 0 'mixed' network info small.onnx
ok 'verify' run 0 'small.onnx: complete' network verify small.onnx

# shellcheck disable=SC2086
{
  ok 'a dream' run 0 '' $dream -o dream.png
  ok 'of a layer' run 0 '' $dream -o layer.png --layers mixed:1
  ok 'is another one' sh -c '! cmp -s dream.png layer.png'
  ok 'the plan has the preprocessing' run 0 'small.onnx: input rgb_0_1 minus 0.485' $dream -o no.png --dry-run
  ok 'another preprocessing' run 0 '' $dream -o tf.png --preprocessing tf
  ok 'makes another dream' sh -c '! cmp -s dream.png tf.png'
  ok 'an unknown preprocessing' run 2 "--preprocessing is imagenet, caffe, tf, unit" $dream -o no.png --preprocessing x
}
cp "$files/three.onnx" .
ok 'BGR is refused where it would be wrong' run 1 'three channels behind the picture, which works only with RGB' \
  dream content.png -o no.png -q -n 1 --network three.onnx --layers y --preprocessing caffe
ok 'RGB works there' run 0 '' dream content.png -o three.png -q -n 1 --octaves 1 --network three.onnx --layers y --threads 1
ok 'a painting' run 0 '' style content.png content.png -o painting.png --network small.onnx -q -n 2 --size 48 --threads 1
ok 'the recipe' run 0 'network    small.onnx (sha256' info tf.png
ok 'made again' run 0 '' redo tf.png -o again.png -q
ok 'with the same preprocessing' cmp tf.png again.png
cp "$files/blocks.onnx" .
ok 'squeeze and excitation' run 0 'classes' dream --network blocks.onnx --list-layers
ok 'a dream on it' run 0 '' dream content.png -o blocks.png -q -n 1 --octaves 1 --network blocks.onnx --layers gated:1
ok 'tiles are refused there' run 2 'its global_pool reads the whole picture' \
  dream content.png -o no.png -q -n 1 --octaves 1 --network blocks.onnx --layers gated:1 --tile 32
cp "$files/outside.onnx" "$files/outside.data" .
gated='-q -n 1 --octaves 1 --layers gated:1 --exact --threads 1 --no-recipe'
# shellcheck disable=SC2086
{
  ok 'weights in one file' run 0 '' dream content.png -o inside.png --network blocks.onnx $gated
  ok 'weights in another file' run 0 '' dream content.png -o outside.png --network outside.onnx $gated
}
ok 'are the same weights' cmp inside.png outside.png
sed 's|outside.data|outs/de.data|' outside.onnx >folder.onnx
ok 'not in another folder' run 1 'must be one file of the same folder' network info folder.onnx
head -c 100 outside.data >short.data
sed 's|outside.data|./short.data|' outside.onnx >dot.onnx
ok 'nor by a path' run 1 'must be one file of the same folder' network info dot.onnx
mv short.data outside.data
ok 'which is long enough' run 1 'the file of its external data is too short' network info outside.onnx
rm outside.data
ok 'and exists' run 1 'cannot open ./outside.data' network info outside.onnx
mkdir other
mv small.onnx other/
ok 'without its network' run 1 'small.onnx' redo tf.png -o no.png -q
ok 'with its network elsewhere' run 0 '' redo tf.png -o elsewhere.png -q --network other/small.onnx
ok 'is the same' cmp tf.png elsewhere.png

ok 'imported' run 0 'half.safetensors' network import other/small.onnx -o half.safetensors --f16
ok 'has its layers' run 0 'mixed' network info half.safetensors
ok 'and dreams' run 0 '' dream content.png -o half.png --weights half.safetensors --octaves 1 -n 1 --smallest 1 --threads 1

printf 'tench, Tinca tinca\r\nmacaw\nboat house\nfour\nfive\n' >labels.txt
ok 'labels' run 0 '' network import blocks.onnx -o words.safetensors --labels labels.txt
ok 'are words' run 0 'boat house' dream --weights words.safetensors --list-words
ok 'no words' run 2 'has no words' dream --weights half.safetensors --list-words
ok 'without groups of ImageNet' sh -c '! "$1" dream --weights words.safetensors --list-words | grep -q birds' sh "$reverie"
ok 'of dreams' run 0 '' dream content.png -o word.png --weights words.safetensors --toward 'boat house' --octaves 1 -n 2 -q
ok 'made again' run 0 '' redo word.png -o words.png -q
ok 'no such word' run 2 "did you mean 'macaw'" dream content.png -o no.png --weights words.safetensors --toward macav -q
head -n 4 labels.txt >few.txt
ok 'too few labels' run 1 'few.txt: has 4 lines for 5 classes' network import blocks.onnx -o no.safetensors --labels few.txt
ok 'no classes' run 2 'nodes.onnx does not end in classes' network import nodes.onnx -o no.safetensors --labels few.txt

ok 'an operator that is not supported' run 1 'operator.onnx: operator Erf (node erf1) is not supported' \
  dream content.png -o no.png --network operator.onnx
ok 'no such file' run 1 'none.onnx' dream content.png -o no.png --network none.onnx
ok 'no such network' run 2 "did you mean 'vgg16'" dream content.png -o no.png --network vgg61
ok 'nor with --list-layers' run 2 "did you mean 'vgg16'" dream --network vgg61 --list-layers
head -c 5000 other/small.onnx >cut.onnx
ok 'cut short' run 1 'cut.onnx' dream content.png -o no.png --network cut.onnx
ok 'nothing was written' [ ! -e no.png ]
ok 'nor weights' [ ! -e no.safetensors ]
echo "1..$count"
