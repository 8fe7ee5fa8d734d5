#!/bin/sh
# demo-machines.sh BUILD -- paints the demo's style picture at 1024 px on two ranks, demo/machines.png, and on one,
# demo/machine.png. Tiles and threads per rank are equal, and so are the bytes.
set -eu
build=$1
mkdir -p demo
for picture in lake strokes; do
  [ -f demo/$picture.jpg ] || "$build"/examples/pictures/draw $picture demo/$picture.jpg 640
done
# Open MPI refuses root; in a container there are no other users.
[ "$(id -u)" -ne 0 ] || export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
paint='style demo/lake.jpg demo/strokes.jpg --size 1024 --tile 768 --iterations 10 --threads 1 --exact --force'
mpirun.openmpi --map-by :OVERSUBSCRIBE --bind-to none -n 2 "$build"/src/cli/reverie $paint -o demo/machines.png
"$build"/src/cli/reverie $paint -o demo/machine.png
cmp demo/machines.png demo/machine.png
echo 'Two ranks and one made the same bytes: look at demo/machines.png.'
