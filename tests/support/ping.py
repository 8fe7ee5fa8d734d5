"""ping.py ADDRESS N -- sends N ICMP echo requests, 1 ms apart. Needs root.

Prints "BACK FASTEST": the number of replies until 1 s after the last request, and the shortest round trip in whole ms
(0 without a reply)."""

import os
import socket
import struct
import sys
import time


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def echo(number):
    """Returns an ICMP echo request with the sequence number @number (RFC 792)."""
    rest = struct.pack("!HH", os.getpid() & 0xFFFF, number)
    return struct.pack("!BBH", 8, 0, checksum(struct.pack("!BBH", 8, 0, 0) + rest)) + rest


def main():
    address, n = sys.argv[1], int(sys.argv[2])
    wire = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    wire.settimeout(0.001)
    asked, took = {}, []
    while len(asked) < n or time.monotonic() < asked[n - 1] + 1:
        if len(asked) < n:
            number = len(asked)
            asked[number] = time.monotonic()
            wire.sendto(echo(number), (address, 0))
        try:
            kind, _, _, who, number = struct.unpack("!BBHHH", wire.recv(1500)[20:28])
        except TimeoutError:
            continue
        if kind == 0 and who == os.getpid() & 0xFFFF:
            took.append(time.monotonic() - asked[number])
    print(len(took), int(1e3 * min(took, default=0)))


main()
