#!/bin/sh
# test-network.sh MODULE REVERIE DRAW -- two machines with addresses of their own and a wire between them, made of network
# namespaces: Open MPI reaches the other one by its own TCP. As root, where the kernel has them. Prints TAP.
set -u
module=$(realpath "$1")
reverie=$(realpath "$2")
draw=$(realpath "$3")
. "$(realpath "$(dirname "$0")")/../support/cli.sh"
a=rva$$
b=rvb$$

skip() {
  count=$((count + 1))
  echo "ok $count $1 # SKIP $2"
}
wire() {
  ip netns add $a && ip netns add $b && ip link add $a netns $a type veth peer name $b netns $b &&
    ip -n $a addr add 10.77.0.1/24 dev $a && ip -n $b addr add 10.77.0.2/24 dev $b &&
    ip -n $a link set $a up && ip -n $b link set $b up && ip -n $a link set lo up && ip -n $b link set lo up
}
trap 'ip netns del $a 2>/dev/null; ip netns del $b 2>/dev/null; rm -rf "$here"' EXIT
if ! command -v mpirun.openmpi >/dev/null || ! wire 2>/dev/null; then
  skip 'two machines' 'no Open MPI here, or no network namespaces'
  all_done
fi
# In place of ssh: what it is given for the second address runs there, under another name.
cat >agent.sh <<END
#!/bin/sh
while [ \$# -gt 0 ] && [ "\$1" != 10.77.0.2 ]; do shift; done
shift
exec ip netns exec $b unshare --uts sh -c "hostname machine-b; \$*"
END
chmod +x agent.sh
export REVERIE_CLUSTER="$module" OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
two() { # two COMMAND...: two ranks on each
  timeout -k 5 $((100 * REVERIE_TEST_SLOWER)) ip netns exec $a unshare --uts sh -c 'hostname machine-a; exec "$@"' sh \
    mpirun.openmpi --mca plm_rsh_agent "$here/agent.sh" --mca btl tcp,self --mca btl_tcp_if_include 10.77.0.0/24 \
    --mca oob_tcp_if_include 10.77.0.0/24 --host 10.77.0.1:2,10.77.0.2:2 --bind-to none -n 4 "$@" </dev/null >out 2>err
}

"$draw" waves content.png 120
"$draw" glass style.png 80
style="style content.png style.png -q -t 1 --exact --bits 16 --size 160 --tile 64 --climb-from 0 --margin 0 --style-layers conv1_1,conv2_1 --content-layers conv2_1 -n 6"
"$reverie" $style -o one.png
both() {
  two "$reverie" $style -o both.png --force && cmp -s one.png both.png
}
names() { # of the machine, where a rank alone cannot go on
  printf '#!/bin/sh\n[ "$OMPI_COMM_WORLD_RANK" != 3 ] || cd /\nexec "$@"\n' >last.sh
  chmod +x last.sh
  two "$here/last.sh" "$reverie" $style -o none.png
  [ $? -eq 1 ] && grep -q '^reverie: rank 3 on machine-b: cannot open content.png' err
}
ok 'two machines: the same bytes' both
ok 'the machine that cannot see a file is named' names
if ip netns exec $a tc qdisc add dev $a root netem delay 10ms loss 1% 2>/dev/null &&
  ip netns exec $b tc qdisc add dev $b root netem delay 10ms loss 1%; then
  ok '10 ms of delay, 1 % of packets lost' both
else
  skip '10 ms of delay, 1 % of packets lost' 'no netem in this kernel'
fi
all_done
