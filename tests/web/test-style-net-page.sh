#!/bin/sh
# test-style-net-page.sh REVERIE DRAW -- tests the page of `reverie learn --export` in headless Chromium: it paints a
# dropped picture as `reverie style --learned` does. Skipped without Chromium. Prints TAP.
set -u
reverie=$(realpath "$1")
draw=$(realpath "$2")
chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
if [ -z "$chromium" ]; then
  echo 'ok 1 the page in a browser # SKIP Chromium is not installed'
  echo '1..1'
  exit 0
fi
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
cd "$here" || exit 1
"$draw" lake lake.png 90 # 135 x 90 px: sides that are not divisible by 4, the product of the strides
"$reverie" learn --export style.html -q
"$reverie" style lake.png --learned hokusai-wave -o painted.png -q --no-recipe

cat style.html - >page.html <<END
<script>
const load = text => Uint8Array.from(atob(text), c => c.charCodeAt(0));
const dropped = new File([load('$(base64 -w0 lake.png)')], 'lake.png', {type: 'image/png'});
const wanted = model.styles.findIndex(style => style.name === 'hokusai-wave');
element('styles').children[wanted].click();
canvas.addEventListener('painted', async () => {
  const right = await createImageBitmap(new Blob([load('$(base64 -w0 painted.png)')])), sheet = document.createElement('canvas');
  sheet.width = right.width, sheet.height = right.height;
  sheet.getContext('2d').drawImage(right, 0, 0);
  const of = from => from.getContext('2d').getImageData(0, 0, right.width, right.height).data;
  const ours = of(canvas), theirs = of(sheet);
  let worst = 0, brightest = 0;
  for (let i = 0; i < ours.length; i++)
    if (i % 4 < 3) worst = Math.max(worst, Math.abs(ours[i] - theirs[i])), brightest = Math.max(brightest, theirs[i]);
  document.body.append('painted: off by ' + worst + ' of ' + brightest + ' at ' + canvas.width + ' x ' + canvas.height);
});
// The clock of a headless browser runs ahead of workers, unless the page is busy.
let painted = false, busy = 0;
canvas.addEventListener('painted', () => painted = true);
const wait = () => {
  for (let i = 0; i < 2e7; i++) busy += i % 7;
  if (!painted) setTimeout(wait, 50);
};
wait();
const transfer = new DataTransfer();
transfer.items.add(dropped);
document.dispatchEvent(new DragEvent('drop', {dataTransfer: transfer, cancelable: true}));
</script>
END
"$chromium" --headless --no-sandbox --disable-gpu --virtual-time-budget=30000 --dump-dom "file://$here/page.html" >dom 2>err
said=$(grep -o 'painted: off by [0-9]* of [0-9]* at [0-9]* x [0-9]*' dom | tail -1)
echo "# ${said:-the page has no result}"
if echo "$said" | awk '{ exit !(NF == 10 && $4 <= 1 && $6 > 50 && $8 == 135) }'; then echo 'ok 1 the page paints'; else echo 'not ok 1 the page paints'; fi
if grep -qE 'https?://|src=' style.html; then echo 'not ok 2 no file is fetched'; else echo 'ok 2 no file is fetched'; fi
echo '1..2'
