#!/bin/sh
# test-kill.sh REVERIE DRAW -- kills runs at twenty random times: each leaves OUT unchanged or complete. Prints TAP.
set -u
reverie=$(realpath "$1")
draw=$(realpath "$2")
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
export XDG_CACHE_HOME="$here/cache"
cd "$here" || exit 1
"$draw" waves content.png 512
"$draw" glass style.png 80
"$reverie" style content.png style.png -o whole.png -q --size 512 -n 1 --start-size 0 --exact || exit 1
failed=
for moment in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  echo old >out.png
  "$reverie" style content.png style.png -o out.png -q --size 512 -n 1 --start-size 0 --exact --force &
  pid=$!
  sleep "$(awk -v m="$moment" -v s="$$" 'BEGIN { srand (s + m); printf "%.3f", 0.02 + 0.7 * rand () }')"
  kill -9 $pid 2>/dev/null
  wait $pid 2>/dev/null
  [ "$(cat out.png)" = old ] || cmp -s out.png whole.png || failed="$failed $moment"
done
[ -z "$failed" ] && echo 'ok 1 kills leave whole files' || echo "not ok 1 kills leave whole files:$failed"
echo '1..1'
