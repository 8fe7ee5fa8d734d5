#!/bin/sh
# test-model.sh REVERIE DRAW MAKE-NET SERVE SOURCE -- tests reverie network: list, info, get from a server on 127.0.0.1,
# verify and import. SOURCE is the repository. Prints TAP.
set -u
reverie=$(realpath "$1")
draw=$(realpath "$2")
make_net=$(realpath "$3")
serve=$(realpath "$4")
source=$(realpath "$5")
. "$(realpath "$(dirname "$0")")/../support/cli.sh"
export XDG_CONFIG_DIRS="$here/none"
unset http_proxy https_proxy HTTPS_PROXY all_proxy ALL_PROXY REVERIE_OFFLINE

"$draw" waves content.png 96
"$make_net" squeezenet published.safetensors
"$make_net" squeezenet torchvision.safetensors torchvision
"$serve" published.safetensors >port &
server=$!
trap 'kill $server; rm -rf "$here"' EXIT
while [ ! -s port ]; do sleep 0.1; done
bytes=$(wc -c <published.safetensors)
md5=$(md5sum published.safetensors | cut -d' ' -f1)
url() { echo "http://127.0.0.1:$(cat port)/$1/squeezenet.h5"; }

sources() { # sources MODE...: writes the user's table with a URL for each MODE, in order; removes all networks
  mkdir -p config/reverie
  printf '[squeezenet]\nfile=squeezenet.h5\nbytes=%s\nmd5=%s\nlicense=none of note\nurls=' "$bytes" "$md5" >config/reverie/sources.ini
  for way in "$@"; do printf '%s;' "$(url "$way")"; done >>config/reverie/sources.ini
  rm -rf models
}
in_place() { cmp -s models/squeezenet.h5 published.safetensors && [ ! -e models/squeezenet.h5.part ]; }
nothing_in_place() { [ ! -e models/squeezenet.h5 ]; }

ok 'list prints the size and license of a network' run 0 'to download   80 MB  CC BY 4.0' network list
ok 'list has seven networks' [ "$(grep -cE '^(builtin|googlenet|inception_v3|resnet50|squeezenet|vgg16|vgg19) ' out)" -eq 7 ]
ok 'list --json is accepted' run 0 '"downloadable" : true' network list --json
ok 'info prints the MD5 of a network that is not installed' run 0 '253f8cb515780f3b799900260a226db6' network info vgg19
ok 'info --json is accepted' run 0 '"stride" : 2' network info squeezenet --json
ok 'info prints the hash of the built-in network' run 0 "$(sha256sum "$source/data/builtin.safetensors" | cut -d' ' -f1)" network info builtin
ok 'info --json prints the preprocessing of the built-in network' run 0 '"preprocessing" : "rgb_0_255' network info builtin --json

printf '#!/bin/sh\nkill -INT $PPID\nsleep 0.2\nexit 1\n' >helper
printf '\211HDF\r\n\032\n' >keras.h5
chmod +x helper
ok 'Ctrl-C during an import leaves no partial file' sh -c 'REVERIE_HELPER=$PWD/helper "$0" network import keras.h5 -o keras.safetensors; [ $? -eq 130 ] && [ -z "$(find . -name "*.part-*")" ] && [ ! -e keras.safetensors ]' "$reverie"

sources ok
ok 'get downloads a network' run 0 'models/squeezenet.h5' network get squeezenet
ok 'the downloaded file is complete' in_place
ok 'the hash is stored in a file beside the network' sh -c 'cd models && sha256sum -c --quiet squeezenet.h5.sha256'
ok 'a second get downloads nothing' run 0 'installed and complete' network get squeezenet
ok 'list shows the network as installed' run 0 'installed' network list
ok 'info prints the MD5 of the installed network' run 0 "$md5" network info squeezenet
printf x | dd of=models/squeezenet.h5 bs=1 seek=100000 conv=notrunc 2>/dev/null
ok 'verify reports a changed byte' run 1 'is not the published file: its MD5 is' network verify squeezenet
printf '\377\377\377\377' | dd of=models/squeezenet.h5 bs=4 seek=25000 conv=notrunc 2>/dev/null
ok 'verify reports a number that is not finite' run 1 'is not the published file: its MD5 is' network verify squeezenet
ok 'info detects the damaged network' run 0 'network      squeezenet' network info squeezenet
ok 'a network with a number that is not finite is refused' run 1 'holds a number that is not finite' dream content.png -o no.png --network squeezenet
ok 'get replaces a damaged file' run 0 'models/squeezenet.h5' network get squeezenet
ok 'the replaced file is complete' in_place

sources 404 wrong short cut
ok 'get tries mirrors in order and resumes' run 0 '' network get squeezenet
ok 'the file of several mirrors is complete' in_place
for mode in 404:'status 404' wrong:'another file: its MD5 is' short:'bytes, not' long:'more than' loop:'redirect' downgrade:'rotocol'; do
  sources "${mode%%:*}"
  ok "a server in mode ${mode%%:*} is refused" run 1 "${mode#*:}" network get squeezenet -q
  ok 'no file of a refused server is left' nothing_in_place
done
ok 'get --from accepts a URL' run 0 '' network get squeezenet --from "$(url redirect)"
ok 'the file of --from is complete' in_place
ok '--from with an invalid URL is refused' run 2 '--from works only with one network' network get squeezenet --from ftp://example.org/x

if command -v openssl >openssl.path; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key.pem -out own.pem -days 2 \
    -subj /CN=tests -addext subjectAltName=IP:127.0.0.1 2>openssl.log
  cp published.safetensors squeezenet.h5
  openssl s_server -accept 127.0.0.1:0 -key key.pem -cert own.pem -WWW >tls 2>&1 &
  trap 'kill $server $!; rm -rf "$here"' EXIT
  while ! grep -q ACCEPT tls; do sleep 0.1; done
  https=https://127.0.0.1:$(sed -n 's/^ACCEPT.*://p' tls)/squeezenet.h5
  rm -rf models
  ok 'HTTPS with an unknown certificate is refused' run 1 'certificate' network get squeezenet -q --from "$https"
  SSL_CERT_FILE=own.pem ok 'HTTPS accepts the certificate in SSL_CERT_FILE' run 0 '' network get squeezenet --from "$https"
  ok 'the file by HTTPS is complete' in_place
else
  count=$((count + 1))
  echo "ok $count https # SKIP no openssl"
fi

sources ok
ok '--offline prevents a download' run 1 'is not installed, and downloads are off' network get squeezenet --offline
REVERIE_OFFLINE=1 ok 'REVERIE_OFFLINE prevents a download' run 1 'is not installed, and downloads are off' network get squeezenet
ok 'offline runs leave no file' nothing_in_place
ok 'a run without a terminal names the command for the download' run 1 "'reverie network get squeezenet' downloads them" dream content.png -o x.png --network squeezenet
ok 'a classic preset names the command, size and license' run 1 "'reverie network get vgg19' downloads them (80 MB, licence CC BY 4.0)" style content.png content.png -o x.png --network vgg19
ok 'an offline run names the folder for the file' run 1 'and downloads are off: put vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5 into' style content.png content.png -o x.png --network vgg19 --offline

dream="$reverie dream content.png -o t.png --network squeezenet --octaves 1 -n 1"
if has_terminal; then
  terminal n "$dream"
  ok 'a run on a terminal offers the download' grep -q 'Download it? .* MB, licence none of note \[Y/n\]' out
  ok 'the answer n downloads nothing' nothing_in_place
  terminal y "$dream"
  ok 'the answer y makes the picture' [ -s t.png ]
  ok 'the answer y downloads the network' in_place
else
  echo "ok $((count += 1)) on a terminal it asks # SKIP no script(1), or no terminals"
fi

echo '[vgg19' >config/reverie/sources.ini
for command in list 'info vgg19' verify 'get vgg16'; do
  ok "a damaged table of sources is reported by $command" run 1 'is not a table of sources' network $command
done

sources slow
"$reverie" network get squeezenet -q >first 2>&1 &
one=$!
"$reverie" network get squeezenet -q >second 2>&1 &
two=$!
wait $one && wait $two
ok 'two simultaneous downloads leave a complete file' in_place
sources slow
"$reverie" network get squeezenet -q >out 2>err &
one=$!
for i in $(seq 400); do [ ! -s models/squeezenet.h5.part ] || break; sleep 0.05; done
kill -INT $one
wait $one
ok 'an interrupted download has exit code 130' [ $? -eq 130 ]
ok 'an interrupted download keeps its partial file' [ -s models/squeezenet.h5.part ]
ok 'an interrupted download has no final file' nothing_in_place
ok 'get continues an interrupted download' run 0 '' network get squeezenet
ok 'the continued download is complete' in_place

ok 'verify checks the built-in network' run 0 'builtin: complete, outputs are right' network verify builtin
ok 'verify checks the built-in network with one thread' run 0 'builtin: complete, outputs are right' network verify builtin --threads 1
ok 'verify checks a copy of the built-in network' run 0 'weights of builtin, outputs are right' network verify "$source/data/builtin.safetensors"
ok 'verify prints the most likely preprocessing of an unknown file' run 0 'likelier' network verify torchvision.safetensors
sources ok
mv config/reverie/sources.ini config/reverie/none
ok 'verify reports wrong outputs' run 1 'its outputs are wrong' network verify published.safetensors
mkdir -p torch/hub/checkpoints
cp torchvision.safetensors torch/hub/checkpoints/squeezenet1_1-b8a52dc0.pth
ok "a network is found in PyTorch's folder" run 0 'torch/hub/checkpoints/squeezenet1_1-b8a52dc0.pth' network list
ok 'verify compares the hash in the file name' run 1 'is damaged: its SHA-256 is' network verify squeezenet
ok 'verify without arguments checks all installed networks' run 1 'builtin: complete' network verify

ok 'import writes a network with half floats' run 0 'small.safetensors: squeezenet, 2.5 MB, given rgb_0_1 minus 0.485' network import torchvision.safetensors -o small.safetensors --f16
ok 'the file with half floats has half the size' [ "$(wc -c <small.safetensors)" -lt $(($(wc -c <torchvision.safetensors) * 51 / 100)) ]
ok 'an imported network is imported again' run 0 'squeezenet, 2.5 MB' network import small.safetensors -o again.safetensors --network squeezenet
ok 'a dream uses the imported network' run 0 '' dream content.png -o d.png --weights small.safetensors --octaves 1 -n 1 -q
ok 'an existing file is not replaced' run 1 'exists; --force replaces it' network import torchvision.safetensors -o small.safetensors
ok 'import needs an output' run 2 'an output is missing' network import torchvision.safetensors
ok 'import refuses weights of another network' run 1 'these are weights of squeezenet, not of vgg19' network import torchvision.safetensors -o x.safetensors --network vgg19
ok 'import accepts a preprocessing' run 0 'given bgr_0_255 minus 1,2,3 divided by 4' network import torchvision.safetensors -o said.safetensors --preprocessing 'bgr_0_255 minus 1,2,3 divided by 4'
ok 'import refuses an invalid preprocessing' run 1 'is not understood' network import torchvision.safetensors -o x.safetensors --preprocessing nonsense
golden="$source/tests/golden"
ok 'import refuses weights of an unknown network' run 1 'belong to no known network' network import "$golden/pytorch-files/zip.pth" -o x.safetensors
for file in pytorch-files/zip.pth pytorch-files/legacy.pth caffe-files/v1.caffemodel keras-files/model.h5; do
  [ -z "${REVERIE_HELPER-}" ] && [ "${file#keras}" != "$file" ] && continue
  ok "import --all accepts $file" run 0 'unknown network' network import "$golden/$file" -o all.safetensors --all --force
  "$reverie" network info "$golden/$file" | grep -E '(f32|f64|f16|bf16) +\[' >before
  "$reverie" network info all.safetensors | grep -E '(f32|f64|f16|bf16) +\[' >after
  ok 'the imported file has all tensors of the original' cmp -s before after
done
ok 'a pickle that calls a function is refused' run 1 "contains 'posix.system', which tensors do not need; none of it was run" network import "$golden/pytorch-files/hostile-system.pth" -o x.safetensors --all
ok 'the function of the pickle was not called' [ ! -e hostile ] && [ ! -e x.safetensors ]

ok 'a wrong name gets a suggestion' run 2 "did you mean 'vgg19'" network get vg19
ok 'get needs a name' run 2 'usage: reverie network get NAME...' network get
ok 'list takes no arguments' run 2 'usage: reverie network list' network list vgg19
ok 'an unknown subcommand gets a suggestion' run 2 "did you mean 'verify'" network verfy

echo "1..$count"
