"""far-wire.py A B MS PERCENT SEED -- a long wire, as the kernel's netem would make it, which few kernels have. A and B are the
network devices at its ends: it makes them and says so; whoever wants moves them into network namespaces. What goes in at
one comes out at the other, in order and MS later, but for PERCENT of the packets, which are lost. Until it is killed."""

import collections
import fcntl
import os
import random
import select
import struct
import sys
import time

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 1, 0x1000  # linux/if_tun.h


def device(name):
    """A TUN device. Packets sent to it are read here, none larger than its MTU, with checksums."""
    end = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(end, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    return end


def main():
    ends = [device(name) for name in sys.argv[1:3]]
    other = dict(zip(ends, reversed(ends)))
    delay, loss, chance = float(sys.argv[3]) / 1e3, float(sys.argv[4]) / 100, random.Random(sys.argv[5])
    print("ready", flush=True)
    way = collections.deque()  # (arrival time, end, packet)
    while True:
        wait = max(way[0][0] - time.monotonic(), 0) if way else None
        for end in select.select(ends, [], [], wait)[0]:
            packet = os.read(end, 65536)
            if chance.random() >= loss:
                way.append((time.monotonic() + delay, other[end], packet))
        while way and way[0][0] <= time.monotonic():
            _, end, packet = way.popleft()
            try:
                os.write(end, packet)
            except OSError:
                pass  # the end is down


main()
