# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets of given sizes there and back, compared byte by byte.

    echo.py serve ADDRESS                      turns every bit of a UDP datagram over and sends it back
    echo.py ask udp|icmp FROM TO SIZE...       one after the other; every answer must be right

A size is that of the payload.  The kernel at the other end answers ICMP.
"""
import os
import socket
import struct
import sys
import zlib

PORT = 7070
PATIENCE = 5
INVERT = bytes(255 - i for i in range(256))


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def pattern(size, salt):
    """No two packets of a run share bytes, so that none can pass for another."""
    seed = zlib.crc32(b"%d %d" % (size, salt))
    words = (size + 3) // 4
    out = bytearray()
    for _ in range(words):
        seed = (seed * 1664525 + 1013904223) & 0xFFFFFFFF
        out += struct.pack("!I", seed)
    return bytes(out[:size])


def serve(address):
    s = socket.socket(family(address), socket.SOCK_DGRAM)
    # Whatever fits into a datagram goes out, cut into fragments where it must be.
    allow_fragments(s, address)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    s.bind((address, PORT))
    while True:
        data, peer = s.recvfrom(65536)
        s.sendto(data.translate(INVERT), peer)


def allow_fragments(s, address):
    if family(address) == socket.AF_INET:
        s.setsockopt(socket.IPPROTO_IP, 10, 0)  # IP_MTU_DISCOVER, IP_PMTUDISC_DONT


def ask_udp(source, target, size):
    with socket.socket(family(target), socket.SOCK_DGRAM) as s:
        allow_fragments(s, target)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        s.settimeout(PATIENCE)
        s.bind((source, 0))
        s.connect((target, PORT))
        data = pattern(size, os.getpid())
        s.send(data)
        if s.recv(65536).translate(INVERT) != data:
            raise ValueError("came back changed")


def ask_icmp(source, target, size):
    v6 = family(target) == socket.AF_INET6
    protocol = socket.IPPROTO_ICMPV6 if v6 else socket.IPPROTO_ICMP
    ident, data = os.getpid() & 0xFFFF, pattern(size, os.getpid())
    head = struct.pack("!BBHHH", 128 if v6 else 8, 0, 0, ident, size & 0xFFFF)
    if not v6:
        head = head[:2] + struct.pack("!H", checksum(head + data)) + head[4:]
    with socket.socket(family(target), socket.SOCK_RAW, protocol) as s:
        allow_fragments(s, target)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        s.settimeout(PATIENCE)
        s.bind((source, 0))
        s.sendto(head + data, (target, 0))
        while True:
            reply, peer = s.recvfrom(65536)
            icmp = reply if v6 else reply[(reply[0] & 15) * 4 :]
            if icmp[0] == (129 if v6 else 0) and icmp[4:8] == head[4:8] and peer[0] == target:
                break
        if icmp[8:] != data:
            raise ValueError("came back changed")


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    total = (total >> 16) + (total & 0xFFFF)
    return 0xFFFF - ((total >> 16) + (total & 0xFFFF)) & 0xFFFF


def main():
    if sys.argv[1] == "serve":
        serve(sys.argv[2])
    kind, source, target = sys.argv[2:5]
    for word in sys.argv[5:]:
        try:
            (ask_udp if kind == "udp" else ask_icmp)(source, target, int(word))
        except (OSError, ValueError) as e:
            sys.exit("%s of %s bytes from %s to %s: %r" % (kind, word, source, target, e))


main()
