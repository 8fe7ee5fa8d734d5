#!/bin/sh
# test-network.sh MODULE REVERIE DRAW -- tests Open MPI's TCP between two machines that are simulated by network
# namespaces. The link between them is slow and loses packets. Needs root and support by the kernel. Prints TAP.
set -u
module=$(realpath "$1")
reverie=$(realpath "$2")
draw=$(realpath "$3")
support=$(realpath "$(dirname "$0")/../support")
. "$support/cli.sh"
a=rva$$
b=rvb$$

skip() {
  count=$((count + 1))
  echo "ok $count $1 # SKIP $2"
}
end_of_wire() { # end_of_wire NAME ADDRESS: sets up a device in the namespace NAME; its queue buffers packets
  ip link set "$1" txqueuelen 5000 && ip link set "$1" netns "$1" && ip -n "$1" addr add "$2"/24 dev "$1" && ip -n "$1" link set "$1" up && ip -n "$1" link set lo up
}
wire() { # makes both namespaces and the link: delay 10 ms, loss 1 %
  ip netns add $a && ip netns add $b || return 1
  [ -e /dev/net/tun ] || { mkdir -p /dev/net && mknod /dev/net/tun c 10 200; } # missing in a container
  python3 "$support/far-wire.py" $a $b 10 1 0 >ready &
  wire=$!
  while kill -0 $wire && [ ! -s ready ]; do sleep 0.02; done
  end_of_wire $a 10.77.0.1 && end_of_wire $b 10.77.0.2
}
wire=
trap '[ -z "$wire" ] || kill $wire; ip netns del $a 2>/dev/null; ip netns del $b 2>/dev/null; rm -rf "$here"' EXIT
if ! command -v mpirun.openmpi >/dev/null || ! wire 2>/dev/null; then
  skip 'two machines' 'no Open MPI here, or no network namespaces or tun devices'
  all_done
fi
# Replacement for ssh: commands for the second address run there, with another host name.
cat >agent.sh <<END
#!/bin/sh
while [ \$# -gt 0 ] && [ "\$1" != 10.77.0.2 ]; do shift; done
shift
exec ip netns exec $b unshare --uts sh -c "hostname machine-b; \$*"
END
chmod +x agent.sh
export REVERIE_CLUSTER="$module" OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
two() { # two COMMAND...: runs two ranks on each machine
  timeout -k 5 $((100 * REVERIE_TEST_SLOWER)) ip netns exec $a unshare --uts sh -c 'hostname machine-a; exec "$@"' sh \
    mpirun.openmpi --mca plm_rsh_agent "$here/agent.sh" --mca btl tcp,self --mca btl_tcp_if_include 10.77.0.0/24 \
    --mca oob_tcp_if_include 10.77.0.0/24 --host 10.77.0.1:2,10.77.0.2:2 --bind-to none -n 4 "$@" </dev/null >out 2>err
}

# packets NAME COUNTER: packets sent or received at one end of the link, counted by the kernel. lost: packets lost so
# far.
packets() { ip netns exec "$1" cat "/sys/class/net/$1/statistics/$2"; }
lost() { echo $(($(packets $a tx_packets) - $(packets $b rx_packets) + $(packets $b tx_packets) - $(packets $a rx_packets))); }
is_long() {
  ip netns exec $a python3 "$support/ping.py" 10.77.0.2 1000 >out 2>err && read -r back fastest <out && cat out &&
    [ "$fastest" -ge 20 ] && [ "$back" -lt 1000 ] && [ "$back" -gt 900 ] && [ "$(lost)" -ge $((1000 - back)) ]
}
ok 'round trips take 20 ms or more, and packets are lost' is_long

"$draw" waves content.png 120
"$draw" glass style.png 80
quick='-q -t 1 --exact --bits 16'
style="style content.png style.png --preset gallery1 $quick --size 160 --tile 64 --start-size 0 --margin 0 --style-layers conv1_1,conv2_1 --content-layers conv2_1 -n 6"
dream="dream content.png $quick --size 192 --tile 128 --octaves 2 -n 2"
same() { # same WHOLE ARGUMENTS...: the picture has the bytes of WHOLE, and packets were lost
  whole=$1
  shift
  before=$(lost)
  two "$reverie" "$@" -o both.png --force && cmp -s "$whole" both.png || return 1
  sleep 0.1 # packets in flight
  echo "# packets so far: $(packets $a tx_packets) from the one, $(packets $b tx_packets) from the other; lost this time: $(($(lost) - before))"
  [ "$(lost)" -gt "$before" ]
}
names() { # whether the error names the machine of a single failing rank
  printf '#!/bin/sh\n[ "$OMPI_COMM_WORLD_RANK" != 3 ] || cd /\nexec "$@"\n' >last.sh
  chmod +x last.sh
  two "$here/last.sh" "$reverie" $style -o none.png
  [ $? -eq 1 ] && grep -q '^reverie: rank 3 on machine-b: cannot open content.png' err
}
"$reverie" $style -o style1.png
"$reverie" $dream -o dream1.png
ok 'style on two machines has the same bytes' same style1.png $style
ok 'a dream on two machines has the same bytes' same dream1.png $dream
ok 'the error names the machine that cannot open a file' names
all_done
