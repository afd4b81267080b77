# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets that no STAMP sender or reflector should believe: stamp_hostile.py SOURCE TARGET PORT

As a host with the peer's own address could send them."""
import os
import socket
import struct
import sys

source, target, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind((source, int(sys.argv[4]) if len(sys.argv) > 4 else 0))


def reply(seq, stamp, ssid, extra=b""):
    return struct.pack(">IQHHQIQHHB3x", seq, stamp, 0x8001, ssid, stamp, seq, stamp, 0x8001, 0, 64) + extra


# First what must be seen: the flood below may fill the socket.
s.sendto(os.urandom(1400), (target, port))
for n in range(0, 44, 3):
    s.sendto(bytes(n), (target, port))
for i in range(200):
    s.sendto(os.urandom(44), (target, port))
    s.sendto(os.urandom(112), (target, port))
    s.sendto(reply(i, 0xE8D4A51000000000 + i, i), (target, port))
    s.sendto(reply(i, 1 << 63, i, bytes([0, 240, 0, 4]) + b"evil"), (target, port))
    s.sendto(reply(i, 1 << 63, i, bytes([0, 240, 255, 255])), (target, port))
s.sendto(os.urandom(1400), (target, port))
