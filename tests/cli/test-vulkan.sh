#!/bin/sh
# test-vulkan.sh REVERIE DRAW SHAPES -- whole runs on a Vulkan device have the losses of the processor's. Skipped without
# a device; with REVERIE_REQUIRE_GPU=1 that is a failure. Prints TAP.
set -u
reverie=$(realpath "$1")
draw=$(realpath "$2")
shapes=$(realpath "$3")
. "$(realpath "$(dirname "$0")")/../support/cli.sh"
export G_DEBUG=fatal-criticals # messages of the validation layers

if ! "$reverie" --version --verbose | grep -q '^ *backend vulkan: ' ||
  "$reverie" --version --verbose | grep -q '^ *backend vulkan: .*(not on this machine)'; then
  count=1
  if [ "${REVERIE_REQUIRE_GPU:-}" = 1 ]; then echo 'not ok 1 a Vulkan device'; else
    echo 'ok 1 whole runs # SKIP no Vulkan device'
    "$reverie" --version --verbose | sed -n 's/^ *backend vulkan/# &/p'
  fi
  all_done
fi

# compare_logs: compares the losses in cpu.log and vulkan.log to 1e-4.
compare_logs() {
  for backend in cpu vulkan; do
    sed 's/.*"loss": \([-0-9.e+]*\).*/\1/' $backend.log >$backend.losses
  done
  paste cpu.losses vulkan.losses | tee losses | awk '
    { d = ($1 - $2) / $1; if (!(d < 1e-4 && d > -1e-4)) wrong = 1 }
    END { exit wrong || NR == 0 }'
}

# same_losses COMMAND...: runs it on both backends, and compares their losses.
same_losses() {
  for backend in cpu vulkan; do
    "$reverie" "$@" --backend $backend --log $backend.log -f -q >out 2>err || return 1
  done
  compare_logs
}

"$draw" waves content.png 48
"$draw" glass style.png 40
"$shapes" shapes
mkdir photos few
for n in 64 72; do "$draw" lake photos/lake$n.png $n; done
{ # 200 pictures of 28 x 28
  printf '\000\000\010\003\000\000\000\310\000\000\000\034\000\000\000\034'
  tail -c +17 shapes/t10k-images-idx3-ubyte | head -c 156800
} >few/train-images-idx3-ubyte
{
  printf '\000\000\010\001\000\000\000\310'
  tail -c +9 shapes/t10k-labels-idx1-ubyte | head -c 200
} >few/train-labels-idx1-ubyte

ok 'style' same_losses style content.png style.png -o s.png --size 48 -n 1 --exact
ok 'style in tiles, with other losses' same_losses style content.png style.png -o s.png --size 48 -n 1 --exact \
  --style-loss mean-var --content-layers conv2_1 --style-layers conv1_1,conv2_1 --tile 32
ok 'dream' same_losses dream content.png -o d.png --size 48 -n 2 --exact
ok 'a learned style' "$reverie" style content.png --learned hokusai-wave --backend vulkan -o w.png -q
ok 'a style network' same_losses learn style.png -o l.safetensors --photos photos --from-scratch --crop 64 --batch 1 -n 1 --exact
ok 'an autoencoder of matrices' same_losses vae train few -o m.safetensors --architecture mlp --width 16 --latent 2 --batch 50 -e 1
ok 'an autoencoder of convolutions' same_losses vae train few -o c.safetensors --architecture conv --width 4 --latent 2 --batch 90 -e 1

# with_fault FAULT CACHE LINE COMMAND...: a run with a fault has the losses of the last run on the processor, and the
# user reads LINE once. CACHE: a folder, with the result of the self-test.
with_fault() {
  fault=$1 cache=$2 line=$3
  shift 3
  XDG_CACHE_HOME=$here/$cache REVERIE_VULKAN_FAULT=$fault "$reverie" "$@" --backend vulkan --log vulkan.log -f -q \
    >out 2>err || return 1
  [ "$(grep -c "$line" err)" = 1 ] && [ "$(wc -l <err)" -le 2 ] && compare_logs
}
# fails_with LINE VARIABLE=VALUE: without a device the run ends with LINE.
fails_with() {
  ! env "$2" "$reverie" style content.png style.png -o no.png --backend vulkan -q >out 2>err &&
    [ "$(grep -c "$1" err)" = 1 ] && [ "$(wc -l <err)" = 1 ]
}

lost='the GPU was lost: its driver has reset it; the processor goes on'
wrong='the GPU computes wrong numbers; the processor goes on'
skipped='computes wrong numbers; plain C replaces: pad'
set -- style content.png style.png -o s.png --size 32 -n 2 --exact --threads 1 --style-loss mean-var --content-layers conv1_1 \
  --style-layers conv1_1
ok 'two iterations' same_losses "$@"
ok 'a kernel that computes nothing' with_fault 'skip pad' other "$skipped" "$@"
ok 'a device that is lost in the self-test' with_fault 'lost 20' none "$lost" "$@"
ok 'a device that is lost in an iteration' with_fault 'lost 40' cache "$lost" "$@"
ok 'numbers that are not finite' with_fault 'nan 3' cache "$wrong" "$@"
set -- vae train few -o m.safetensors --architecture mlp --width 16 --latent 2 --batch 50 -e 1 --threads 1
ok 'an epoch' same_losses "$@"
ok 'a device that is lost in training' with_fault 'lost 150' cache "$lost" "$@"
ok 'a driver that cannot open its device' fails_with 'cannot run on this machine: the GPU driver failed' REVERIE_VULKAN_FAULT='device 1'
ok 'no driver' fails_with 'cannot run on this machine: .*no' VK_DRIVER_FILES=/nothing VK_ICD_FILENAMES=/nothing

# selftest_on NUMBER: whether the self-test is of that device; not its result.
selftest_on() {
  stdbuf -oL "$reverie" selftest --gpu "$1" >out 2>err &
  pid=$!
  while kill -0 $pid 2>/dev/null && ! grep -q '^  networks:' out; do sleep 0.05; done
  kill -KILL $pid
  wait $pid 2>/dev/null
  grep -q "backend vulkan: GPU $1, " out
}

# ---- devices: with lavapipe two of them, by two files that name its library

icd=$(ls /usr/share/vulkan/icd.d/lvp_icd*.json 2>/dev/null | head -n 1)
if [ -n "$icd" ]; then
  cp "$icd" first.json
  cp "$icd" second.json
  export VK_DRIVER_FILES="$here/first.json:$here/second.json" VK_ICD_FILENAMES="$here/first.json:$here/second.json"
fi
"$reverie" --version --verbose | sed -n 's/^ *gpu //p' >gpus
last=$(($(wc -l <gpus) - 1))
part=$(sed -n '1s/^0: \(.....\).*/\1/p' gpus | tr '[:lower:]' '[:upper:]')
plan='style content.png style.png -o n.png --size 48 --exact --style-loss mean-var --content-layers conv1_1 --style-layers conv1_1'
ok 'two devices' sh -c '[ -z "$1" ] || [ "$2" -eq 1 ]' - "$icd" "$last"
ok 'number, type, driver, memory' [ "$(grep -cE '^[0-9]: .+, (discrete|integrated|virtual|other|in software), driver .+ \([0-9a-f]+\), [0-9.]+ [MG]B$' gpus)" -eq $((last + 1)) ]
ok 'a device by its number' selftest_on "$last"
ok 'a device by its name, without backend' run 0 'iterations on vulkan: peak' $plan --gpu "$part" --dry-run
ok 'the last device, with backend' run 0 'iterations on vulkan: peak' $plan --backend vulkan --gpu "$last" --dry-run
ok 'the plan says the memory on the device' grep -q 'B, and [0-9.]* [kMG]*B on the GPU, about' out
ok 'a number that is not there' run 2 "there is no GPU '77'; there are: 0 (" $plan --gpu 77
ok 'a name that is not there' run 2 "there is no GPU 'voodoo'; there are: 0 (" $plan --gpu voodoo
ok 'not with another backend' run 2 '--gpu cannot be combined with --backend cpu' $plan --gpu 0 --backend cpu
ok 'less memory than a tile takes' env REVERIE_VULKAN_BUDGET=1M sh -c '"$0" "$@" 2>err; [ $? -eq 1 ] && [ "$(wc -l <err)" -eq 1 ] && grep -q "of the GPU.s memory even in small tiles, and" err' "$reverie" $plan --gpu 0
ok 'a picture by the last device' run 0 '' $plan -n 1 --gpu "$last"
ok 'its recipe names the device' sh -c '"$0" info n.png | grep -q "^device  *.*, driver "' "$reverie"
ok 'redo uses it again' run 0 '' redo n.png -o again.png
ok 'the same bytes' cmp n.png again.png
ok 'a file of compiled shaders' [ "$(ls cache/reverie/pipelines-*.bin | wc -l)" -ge 1 ]
echo "1..$count"
