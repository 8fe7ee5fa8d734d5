#!/bin/sh
# test-page.sh REVERIE SHAPES -- tests the page of reverie vae export in headless Chromium: after a drag in the map, the
# picture equals that of reverie vae decode at the same position. Skipped without Chromium. Prints TAP.
set -u
reverie=$(realpath "$1")
shapes=$(realpath "$2")
chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
if [ -z "$chromium" ]; then
  echo 'ok 1 the page in a browser # SKIP Chromium is not installed'
  echo '1..1'
  exit 0
fi
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
cd "$here" || exit 1
"$shapes" shapes
count=0

# check NAME OPTIONS...: trains a model with OPTIONS and compares its page with the decoded picture at (1.2, 1.2).
check() {
  name=$1
  shift
  "$reverie" vae train shapes -o m.safetensors --latent 2 --epochs 1 -q -f "$@" && "$reverie" vae export m.safetensors -o m.html -f -q
  printf '1.2,1.2\n' >z.csv
  "$reverie" vae decode m.safetensors z.csv -o z.png -f -q
  cat m.html - >page.html <<END
<script>
const shot = new Image();
shot.onload = () => {
  const box = map.getBoundingClientRect();
  for (const [type, x, y] of [['pointerdown', .2, .2], ['pointermove', .5, .6], ['pointermove', .7, .3]])
    map.dispatchEvent(new PointerEvent(type, {clientX: box.left + x * box.width, clientY: box.top + y * box.height, buttons: 1}));
  const sheet = document.createElement('canvas'), context = sheet.getContext('2d');
  sheet.width = shot.width, sheet.height = shot.height;
  context.drawImage(shot, 0, 0);
  const ours = document.getElementById('picture').getContext('2d').getImageData(0, 0, 28, 28).data;
  let worst = 0, brightest = 0;
  for (let i = 0; i < 28; i++)
    for (let j = 0; j < 28; j++) { // a cell is enlarged to double size, with a gap of 4 px around
      const right = context.getImageData(4 + 2 * j, 4 + 2 * i, 1, 1).data[0];
      worst = Math.max(worst, Math.abs(ours[4 * (28 * i + j)] - right));
      brightest = Math.max(brightest, right);
    }
  document.body.append('dragged: off by ' + worst + ' of ' + brightest);
};
shot.src = 'data:image/png;base64,$(base64 -w0 z.png)';
</script>
END
  "$chromium" --headless --no-sandbox --disable-gpu --virtual-time-budget=20000 --dump-dom "file://$here/page.html" >dom 2>err
  said=$(grep -o 'dragged: off by [0-9]* of [0-9]*' dom | tail -1)
  echo "# $name: ${said:-the page has no result}"
  count=$((count + 1))
  if echo "$said" | awk '{ exit !(NF == 6 && $4 <= 1 && $6 > 50) }'; then echo "ok $count $name"; else echo "not ok $count $name"; fi
}
check 'conv' --width 8
check 'mlp' --architecture mlp --width 64
echo "1..$count"
