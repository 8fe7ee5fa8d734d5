#!/bin/sh
# test-vulkan.sh REVERIE DRAW SHAPES -- tests that runs on a Vulkan device have the losses of runs on the processor.
# Skipped without a device; with REVERIE_REQUIRE_GPU=1 a missing device is a failure. Prints TAP.
set -u
reverie=$(realpath "$1")
draw=$(realpath "$2")
shapes=$(realpath "$3")
. "$(realpath "$(dirname "$0")")/../support/cli.sh"
export G_DEBUG=fatal-criticals # a message of the validation layers ends the run

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

# same_losses COMMAND...: runs COMMAND on both backends, and compares their losses.
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

ok 'style has the losses of the processor' same_losses style content.png style.png -o s.png --size 48 -n 1 --exact
ok 'style in tiles has the losses of the processor' same_losses style content.png style.png -o s.png --size 48 -n 1 --exact \
  --style-loss mean-var --content-layers conv2_1 --style-layers conv1_1,conv2_1 --tile 32
ok 'dream has the losses of the processor' same_losses dream content.png -o d.png --size 48 -n 2 --exact
ok 'a learned style is painted' "$reverie" style content.png --learned hokusai-wave --backend vulkan -o w.png -q
ok 'training of a style network has the losses of the processor' same_losses learn style.png -o l.safetensors --photos photos --from-scratch --crop 64 --batch 1 -n 1 --exact
ok 'training of a VAE of dense layers has the losses of the processor' same_losses vae train few -o m.safetensors --architecture mlp --width 16 --latent 2 --batch 50 -e 1
ok 'training of a VAE of convolutions has the losses of the processor' same_losses vae train few -o c.safetensors --architecture conv --width 4 --latent 2 --batch 90 -e 1

# with_fault FAULT CACHE LINE COMMAND...: a run with FAULT has the losses of the last run on the processor, and prints
# LINE once. CACHE: the folder of caches, which stores the result of the self-test.
with_fault() {
  fault=$1 cache=$2 line=$3
  shift 3
  XDG_CACHE_HOME=$here/$cache REVERIE_VULKAN_FAULT=$fault "$reverie" "$@" --backend vulkan --log vulkan.log -f -q \
    >out 2>err || return 1
  [ "$(grep -c "$line" err)" = 1 ] && [ "$(wc -l <err)" -le 2 ] && compare_logs
}
# fails_with LINE VARIABLE=VALUE: a run whose device cannot be opened prints LINE and fails.
fails_with() {
  ! env "$2" "$reverie" style content.png style.png -o no.png --backend vulkan -q >out 2>err &&
    [ "$(grep -c "$1" err)" = 1 ] && [ "$(wc -l <err)" = 1 ]
}

lost='the GPU was lost: its driver has reset it; the processor goes on'
wrong='the GPU computes wrong numbers; the processor goes on'
skipped='computes wrong numbers; plain C replaces: pad'
set -- style content.png style.png -o s.png --size 32 -n 2 --exact --threads 1 --style-loss mean-var --content-layers conv1_1 \
  --style-layers conv1_1
ok 'two iterations have the losses of the processor' same_losses "$@"
ok 'a kernel that computes nothing is replaced' with_fault 'skip pad' other "$skipped" "$@"
ok 'the processor replaces a device lost in the self-test' with_fault 'lost 20' none "$lost" "$@"
ok 'the processor replaces a device lost in an iteration' with_fault 'lost 40' cache "$lost" "$@"
ok 'the processor replaces a device with numbers that are not finite' with_fault 'nan 3' cache "$wrong" "$@"
set -- vae train few -o m.safetensors --architecture mlp --width 16 --latent 2 --batch 50 -e 1 --threads 1
ok 'an epoch has the losses of the processor' same_losses "$@"
ok 'the processor replaces a device lost in training' with_fault 'lost 150' cache "$lost" "$@"
ok 'a driver that cannot open its device is reported' fails_with 'cannot run on this machine: the GPU driver failed' REVERIE_VULKAN_FAULT='device 1'
ok 'a missing driver is reported' fails_with 'cannot run on this machine: .*no' VK_DRIVER_FILES=/nothing VK_ICD_FILENAMES=/nothing

# selftest_on NUMBER: whether the self-test uses the device NUMBER. The result of the self-test does not matter.
selftest_on() {
  stdbuf -oL "$reverie" selftest --gpu "$1" >out 2>err &
  pid=$!
  while kill -0 $pid 2>/dev/null && ! grep -q '^  networks:' out; do sleep 0.05; done
  kill -KILL $pid
  wait $pid 2>/dev/null
  grep -q "backend vulkan: GPU $1, " out
}

# ---- devices: two files that name the library of lavapipe give two devices

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
ok 'two devices are found' sh -c '[ -z "$1" ] || [ "$2" -eq 1 ]' - "$icd" "$last"
ok 'each device has number, type, driver and memory' [ "$(grep -cE '^[0-9]: .+, (discrete|integrated|virtual|other|in software), driver .+ \([0-9a-f]+\), [0-9.]+ [MG]B$' gpus)" -eq $((last + 1)) ]
ok 'a number selects a device' selftest_on "$last"
ok 'a name selects a device, without --backend' run 0 'iterations on vulkan: peak' $plan --gpu "$part" --dry-run
ok 'a number selects a device, with --backend' run 0 'iterations on vulkan: peak' $plan --backend vulkan --gpu "$last" --dry-run
ok 'the plan has the memory on the device' grep -q 'B, and [0-9.]* [kMG]*B on the GPU, about' out
ok 'an unknown number is refused' run 2 "there is no GPU '77'; there are: 0 (" $plan --gpu 77
ok 'an unknown name is refused' run 2 "there is no GPU 'voodoo'; there are: 0 (" $plan --gpu voodoo
ok '--gpu cannot be combined with another backend' run 2 '--gpu cannot be combined with --backend cpu' $plan --gpu 0 --backend cpu
ok 'too little memory for a tile is refused' env REVERIE_VULKAN_BUDGET=1M sh -c '"$0" "$@" 2>err; [ $? -eq 1 ] && [ "$(wc -l <err)" -eq 1 ] && grep -q "of the GPU.s memory even in small tiles, and" err' "$reverie" $plan --gpu 0
ok 'the last device paints a picture' run 0 '' $plan -n 1 --gpu "$last"
ok 'the recipe names the device' sh -c '"$0" info n.png | grep -q "^device  *.*, driver "' "$reverie"
ok 'redo repeats the picture' run 0 '' redo n.png -o again.png
ok 'the repeated picture has the same bytes' cmp n.png again.png
ok 'compiled shaders are stored in a file' [ "$(ls cache/reverie/pipelines-*.bin | wc -l)" -ge 1 ]
tests_kernels() { # whether painting in a learned style compares the kernels with plain C
  XDG_CACHE_HOME=$here/learned G_MESSAGES_DEBUG=all "$reverie" style content.png --learned hokusai-wave -o l.png -f --gpu "$last" >out 2>&1 &&
    grep -q 'comparing the kernels' out
}
tests_once() { tests_kernels && ! tests_kernels && grep -q 'px in' out; }
ok 'the kernels are tested once for each device, also if all runs paint in learned styles' tests_once

# ---- auto: a fault makes a device in software count as a GPU, and a changed file of kernels makes it fast

auto='style content.png style.png --size 48 --style-loss mean-var --content-layers conv1_1 --style-layers conv1_1'
gpu='hardware 1'
kernels=$here/auto/reverie/kernels-*.txt
# planned BACKEND FAULT ARGUMENTS...: whether a run is planned on BACKEND, vulkan or processor.
planned() {
  on=$1 fault=$2
  shift 2
  REVERIE_VULKAN_FAULT=$fault run 0 '' $auto -o p.png --dry-run "$@" || return 1
  if [ "$on" = vulkan ]; then grep -q ' on vulkan: ' out; else grep -q ' on [cr][a-z]*: ' out; fi
}
# bf16_stays: whether bf16 is planned on the processor, or refused by one without it.
bf16_stays() { planned processor "$gpu" --precision bf16 || grep -q 'no fast bf16' err; }
if [ -n "$icd" ]; then
  export XDG_CACHE_HOME="$here/auto"
  ok 'auto opens no driver without a GPU' planned processor ''
  ok 'auto measures a GPU' env REVERIE_VULKAN_FAULT="$gpu" "$reverie" $auto -o p.png -n 1 -f -q
  ok 'auto remembers a slower GPU' grep -q '^auto t.* = c' $kernels
  ok 'auto ignores a slower GPU' planned processor "$gpu"
  sed -i '/^auto /s/ = .*/ = vulkan/' $kernels
  ok 'auto takes a faster GPU, without a new measurement' planned vulkan "$gpu"
  ok 'auto ignores a device in software' planned processor 'hardware 0'
  ok 'auto takes a faster GPU for a dream' env REVERIE_VULKAN_FAULT="$gpu" sh -c '"$0" dream content.png -o p.png --size 48 --dry-run | grep -q " on vulkan: "' "$reverie"
  ok 'auto with --exact stays with the processor' planned processor "$gpu" --exact
  ok 'auto with bf16 stays with the processor' bf16_stays
  ok 'auto paints on a GPU' env REVERIE_VULKAN_FAULT="$gpu" "$reverie" $auto -o auto.png -n 1 -q
  ok 'the recipe names the device that auto chose' sh -c '"$0" info auto.png | grep -q "^device  *.*, driver "' "$reverie"
  ok 'redo works without the GPU' run 0 '' redo auto.png -o redone.png -q
  export REVERIE_VULKAN_FAULT="$gpu"
  ok 'a run on a GPU is stopped' interrupted_with int.png.state.safetensors $auto -o int.png -q -n 100000 --until 60
  unset REVERIE_VULKAN_FAULT
  ok 'a stopped run is resumed without the GPU' run 0 '' $auto -o int.png -q -n 100000 --until 60 --resume
  sed -i '/^auto /s/ driver / former driver /' $kernels
  ok 'auto measures again with another driver' planned processor "$gpu"
fi
echo "1..$count"
