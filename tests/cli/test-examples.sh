#!/bin/sh
# test-examples.sh BUILD SOURCE DRAW CC CXX -- builds the examples that use public headers against the installed
# library, as C11 and as C++17, and runs them. Prints TAP.
set -u
build=$(realpath "$1") source=$(realpath "$2") draw=$(realpath "$3") cc=$4 cxx=$5
. "$(realpath "$(dirname "$0")")/../support/cli.sh"
ok 'the library is installed' sh -c \
  'DESTDIR="$1/root" meson install -C "$2" --no-rebuild --tags devel,runtime >out 2>err' sh "$here" "$build"
include=$(dirname "$(dirname "$(find root -name reverie.h)")") library=$(dirname "$(find root -name libreverie.so)")
export LD_LIBRARY_PATH="$here/$library"
others=$(pkg-config --cflags --libs $(sed -n 's/^Requires: //p' "$library/pkgconfig/reverie.pc" | sed 's/[>=]* *[0-9.]*,/ /g'))
warnings='-Wall -Wextra -Wno-unused-parameter -Werror'

built() { # built OUT COMPILER ARGUMENTS...
  binary=$1
  shift
  # shellcheck disable=SC2086
  "$@" -pedantic $warnings "-I$include" -x none $others "-L$library" -lreverie -o "$binary" >out 2>err
}
"$draw" waves c.png 48 && "$draw" glass s.png 48
for example in embed job queue; do
  ok "$example.c is C11" built "$example" "$cc" -std=c11 -x c "$source/examples/$example.c"
  ok "$example.c is C++17" built "$example-cpp" "$cxx" -std=c++17 -x c++ "$source/examples/$example.c"
done
runs() { # runs KIND: runs the examples; KIND is '' or -cpp
  ok "job$1 paints" sh -c '"./job$0" c.png s.png "job$0.png" >out 2>err && test -s "job$0.png"' "$1"
  ok "queue$1: two pictures, and one job is cancelled" sh -c '"./queue$0" c.png s.png >out 2>err &&
    test "$(grep -c done out)" = 2 && test "$(grep -c cancelled out)" = 1' "$1"
}
if slow_cases; then # C11 builds run the same code as C++17 builds; embed paints hundreds of iterations
  runs ''
  for kind in '' -cpp; do
    ok "embed$kind paints" sh -c '"./embed$0" c.png s.png "embed$0.png" >out 2>err && test -s "embed$0.png"' "$kind"
  done
  all_done
fi
runs -cpp
ok 'missing arguments are reported' sh -c '! ./job 2>err && grep -q PHOTO err && ! ./queue 2>err && grep -q PHOTO err'
echo "1..$count"
