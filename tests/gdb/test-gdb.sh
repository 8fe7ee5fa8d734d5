#!/bin/sh
# test-gdb.sh PROGRAM PRINTERS -- tests that GDB prints the values of PROGRAM (values.c) with PRINTERS
# (tools/gdb-reverie.py). Prints TAP.
echo 1..5
if ! command -v gdb >/dev/null || ! gdb --batch -nx -ex 'break stop_here' -ex run "$1" 2>/dev/null | grep -q '^Breakpoint 1, '; then
  for i in 1 2 3 4 5; do echo "ok $i printers for GDB # SKIP no gdb, or it may not run programs"; done
  exit 0
fi
printed=$(gdb --batch -nx -ex "source $2" -ex 'break stop_here' -ex run -ex 'print tensor->shape' -ex 'print *tensor' -ex 'print *half' \
  -ex 'print *program' -ex 'print *error' "$1" 2>&1)
count=0
prints() { # prints NAME LINE: the output of GDB has LINE
  count=$((count + 1))
  if echo "$printed" | grep -qF -- "$2"; then echo "ok $count $1"; else
    echo "not ok $count $1"
    echo "$printed" | sed 's/^/# /'
  fi
}
prints 'a shape' '$1 = [2, 5]'
prints 'a tensor' '$2 = f32 [2, 5] {0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, ...}'
prints 'a tensor of 16 bits' '$3 = f16 [2, 5] {0.5, 1.5,'
prints 'a program' '  0: 1 [2, 5] = RV_OP_ADD (0, 0)'
prints 'an error' ': the inputs do not fit'
