#!/bin/sh
# check-deb.sh SUITE... -- for each Debian release: builds the packages in a fresh root and installs them in another,
# empty one. There it uses the program, and compiles a program with the library. Needs root. Ends with "N passed, N
# failed, N skipped".
set -u
. tools/roots.sh

check() { # check SUITE
  suite=$1
  new_root build "$suite" --include=make,ca-certificates || return
  cp -ax "$roots/build" "$roots/clean"
  mount -t proc proc "$roots/clean/proc" 2>/dev/null || true
  unpack_source build
  ok "$suite: the packages are built" enter build 'cd /reverie && make deb'
  ls "$roots"/build/reverie/dist/*.deb >/dev/null 2>&1 || return
  mkdir "$roots/clean/debs"
  cp "$roots"/build/reverie/dist/*.deb "$roots/clean/debs/"
  cp examples/embed.c "$roots/clean/debs/"
  cp data/lake.jpg "$roots/clean/debs/lake.jpg"
  cp tests/gimp/prelude-*.scm tests/gimp/installed.scm "$roots/clean/debs/"
  ok "$suite: the packages install" enter clean 'apt-get update -qq && apt-get install -y -qq /debs/reverie_*.deb'
  ok "$suite: the program runs" enter clean 'reverie --version --verbose && cd /debs &&
    reverie style lake.jpg lake.jpg -o a.png --size 96 -n 3 -q && reverie info a.png && reverie dream lake.jpg -o b.jpg --size 96 --preset test -q'
  ok "$suite: the HDF5 helper is installed" enter clean '[ -x /usr/libexec/reverie-hdf5 ]'
  ok "$suite: completions and man pages are installed" enter clean '[ -s /usr/share/bash-completion/completions/reverie ] &&
    dpkg -L reverie | grep -q man1/reverie-style.1'
  ok "$suite: a program compiles with the library" enter clean 'apt-get install -y -qq gcc libc6-dev pkg-config /debs/libreverie*.deb &&
    cc /debs/embed.c -o /debs/embed $(pkg-config --cflags --libs reverie) && ldd /debs/embed | grep -q libreverie.so.0'
  ok "$suite: Python paints with the library" enter clean 'apt-get install -y -qq /debs/python3-reverie*.deb && cd /debs &&
    python3 -c "import reverie; reverie.style(\"lake.jpg\", \"lake.jpg\", size=96, iterations=3).save(\"python.png\")" &&
    reverie info python.png'
  ok "$suite: GIMP runs the plug-in" enter clean 'apt-get install -y -qq --no-install-recommends /debs/gimp-reverie*.deb && cd /debs &&
    interpreter= && major=2 && if [ -e /usr/bin/gimp-console-3.0 ]; then interpreter="--quit --batch-interpreter=plug-in-script-fu-eval" && major=3; fi &&
    HOME=/root gimp-console -i -d -f $interpreter -b "(begin (load \"/debs/prelude-$major.scm\") (load \"/debs/installed.scm\"))" -b "(gimp-quit 1)" &&
    [ -s gimp.png ]'
  ok "$suite: ranks share a picture" enter clean 'apt-get install -y -qq --no-install-recommends /debs/reverie-mpi*.deb && cd /debs &&
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 && picture="style lake.jpg lake.jpg --preset gallery1 --size 160 --tile 64 --start-size 0 --margin 0
    --style-layers conv1_1,conv2_1 --content-layers conv2_1 -n 2 -t 1 --exact --no-recipe -q" && reverie $picture -o one.png &&
    mpirun --map-by :OVERSUBSCRIBE --bind-to none -n 2 reverie $picture -o two.png && cmp one.png two.png'
  ok "$suite: they go again" enter clean 'apt-get purge -y -qq reverie reverie-mpi gimp-reverie python3-reverie libreverie0 && [ ! -e /usr/bin/reverie ]'
  remove_root "$roots/build"
  remove_root "$roots/clean"
}

for suite in "$@"; do check "$suite"; done
close
