#!/bin/sh
# docs-pictures.sh BUILD -- renews the pictures of README.md and docs/ that show painting, dreaming and samples. Their
# inputs come from `make demo`. Pictures of the studio: studio-pictures.py.
set -eu
build=$1
for style in strokes waves glass; do
  "$build"/src/cli/reverie style demo/table.jpg demo/$style.jpg -o demo/table-$style.png --size 512 --force
done
"$build"/src/cli/reverie style demo/lake.jpg demo/waves.jpg -o demo/lake-regions.png --size 320 --regions auto \
  --regions-sheet docs/pictures/regions.jpg --quality 80 --force
"$build"/examples/sheet docs/pictures/lake-strokes.jpg demo/lake.jpg demo/strokes.jpg demo/style.png
"$build"/examples/sheet docs/pictures/table.jpg demo/table-strokes.png demo/table-waves.png demo/table-glass.png
"$build"/src/cli/reverie explore learned demo/lake.jpg -o docs/pictures/styles.jpg --cell 320 --quality 85 --no-recipe --force
cp demo/dream-compare.jpg docs/pictures/lake-dream.jpg
"$build"/examples/sheet docs/pictures/skies.jpg demo/vae-samples.png demo/vae-manifold.png
cp demo/vae-samples.png demo/vae-mixture.png
"$build"/src/cli/reverie vae train demo/skies -o demo/vae.safetensors --latent 6 --width 16 --depth 3 --batch 32 \
  --likelihood gaussian --sigma learned --learning-rate 0.003 --epochs 16 --prior normal --resume
"$build"/src/cli/reverie vae sample demo/vae.safetensors -o demo/vae-normal.png --force
"$build"/examples/sheet docs/pictures/vae-prior.jpg demo/vae-normal.png demo/vae-mixture.png

# docs/models.md: needs squeezenet.safetensors, and the ONNX files that are made as described there.
for name in lite0 lite1 lite2 ocr-det ocr-rec ocr-cls; do [ -e $name.onnx ] || exit 0; done
[ -e squeezenet.safetensors ] || exit 0
network() { # network NAME OPTIONS...: a dream of the lake
  name=$1
  shift
  "$build"/src/cli/reverie dream demo/lake.jpg -o demo/dream-"$name".png --size 384 --force "$@"
}
network builtin
network squeezenet --weights squeezenet.safetensors
for lite in lite0 lite1 lite2; do network $lite --network $lite.onnx --preprocessing 'rgb_0_255 minus 127 divided by 128'; done
network ocr-det --network ocr-det.onnx --preprocessing 'bgr_0_1 minus 0.485,0.456,0.406 divided by 0.229,0.224,0.225'
for ocr in ocr-rec ocr-cls; do network $ocr --network $ocr.onnx --preprocessing 'bgr_0_1 minus 0.5 divided by 0.5'; done
"$build"/examples/sheet demo/networks-1.png demo/dream-builtin.png demo/dream-squeezenet.png demo/dream-lite0.png demo/dream-lite1.png
"$build"/examples/sheet demo/networks-2.png demo/dream-lite2.png demo/dream-ocr-det.png demo/dream-ocr-rec.png demo/dream-ocr-cls.png
ffmpeg -v error -y -i demo/networks-1.png -i demo/networks-2.png -filter_complex 'vstack,scale=1184:-1' -q:v 5 docs/pictures/networks.jpg
