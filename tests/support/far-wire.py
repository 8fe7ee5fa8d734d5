"""far-wire.py A B MS PERCENT SEED -- simulates a slow network link, like netem, which few kernels have.

Creates the network devices A and B at its ends and prints "ready". The caller can move them into network namespaces.
Packets sent to one device arrive at the other, in order and MS milliseconds later. PERCENT of the packets are lost.
Runs until killed."""

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
    """Creates a TUN device and returns its file descriptor. A read returns one packet, with checksums."""
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
                pass  # the device is down


main()
