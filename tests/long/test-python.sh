#!/bin/sh
# test-python.sh PYTHON PACKAGE RUN REVERIE DRAW -- the Python package, installed by pip into an empty environment, with
# all that its tests can use: numpy, Pillow, mypy, and a kernel for examples/notebook.ipynb.
set -u
python=$1 package=$2 run=$3 reverie=$4 draw=$5
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
if ! { "$python" -m venv "$room/venv" &&
  "$room/venv/bin/pip" install -q numpy pillow mypy nbclient ipykernel matplotlib; } >"$room/log" 2>&1; then
  echo '1..1'
  echo 'ok 1 the Python package, installed # SKIP no environment could be made here'
  exit 0
fi
cp -r "$package" "$room/package" # pip builds next to the sources
"$room/venv/bin/pip" install -q "$room/package" || exit 1
unset PYTHONPATH
PATH="$room/venv/bin:$PATH" REVERIE_TEST_SLOW=1 "$room/venv/bin/python" "$run" "$reverie" "$draw"
