#!/bin/sh
# test-python.sh PYTHON PACKAGE RUN REVERIE DRAW -- tests the Python package, installed by pip into an empty environment
# with the optional packages of its tests: NumPy, Pillow, mypy, and a kernel for examples/notebook.ipynb. Prints TAP.
set -u
python=$1 package=$2 run=$3 reverie=$4 draw=$5
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
if ! { "$python" -m venv "$room/venv" &&
  "$room/venv/bin/pip" install -q numpy pillow mypy nbclient ipykernel matplotlib; } >"$room/log" 2>&1; then
  echo '1..1'
  echo 'ok 1 the Python package, installed # SKIP the environment cannot be made'
  exit 0
fi
cp -r "$package" "$room/package" # pip builds next to the sources
"$room/venv/bin/pip" install -q "$room/package" || exit 1
unset PYTHONPATH
PATH="$room/venv/bin:$PATH" REVERIE_TEST_SLOW=1 "$room/venv/bin/python" "$run" "$reverie" "$draw"
