# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets that no honest peer sends.  Runs inside a private namespace; bounded; seeded.

    hostile.py junk SOURCE TARGET      random and truncated datagrams to UDP 500, 4500, protocol 50
    hostile.py replay FILE DEVICE      captured ESP again: as it was, cut short, bits flipped
    hostile.py vrrp DEVICE SOURCE      VRRP advertisements with every field wrong in turn
    hostile.py bfd FILE DEVICE SOURCE TARGET   BFD of a session that was captured, spoilt in every way
    hostile.py icmp SOURCE TARGET      echo replies and unreachables that nobody asked for
"""
import random
import socket
import struct
import sys

COUNT = 400
rnd = random.Random(20260101)


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ike_header(length, version=0x20, exchange=34):
    return rnd.randbytes(8) + bytes(8) + bytes([33, version, exchange, 8]) + bytes(4) + struct.pack("!I", length)


def junk(source, target):
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind((source, 0))
    esp = socket.socket(socket.AF_INET, socket.SOCK_RAW, 50)
    esp.bind((source, 0))
    for i in range(COUNT):
        size = rnd.choice([0, 1, 3, 4, 7, 8, 27, 28, 29, 64, 400, 1400])
        body = rnd.randbytes(size)
        udp.sendto(body, (target, 500))
        udp.sendto(body, (target, 4500))
        udp.sendto(bytes(4) + body, (target, 4500))  # with the non-ESP marker
        # a header that promises more, or less, than there is
        udp.sendto(ike_header(28 + rnd.choice([0, 1, 4096, 2**31])) + body, (target, 500))
        udp.sendto(ike_header(28 + size, version=rnd.choice([0x10, 0x20, 0x30, 0xFF]), exchange=i % 256) + body,
                   (target, 500))
        esp.sendto(body, (target, 0))


def frames(path):
    """The frames of a pcap file."""
    data = open(path, "rb").read()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    pos = 24
    while pos + 16 <= len(data):
        size = struct.unpack(order + "I", data[pos + 8:pos + 12])[0]
        yield data[pos + 16:pos + 16 + size]
        pos += 16 + size


def replay(path, device):
    out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    out.bind((device, 0))
    sent = 0
    for frame in list(frames(path))[:COUNT]:
        out.send(frame)
        for cut in (1, 12, len(frame) - 14 - 20 - 4):
            ip = bytearray(frame[14:len(frame) - cut])
            if len(ip) < 20:
                continue
            ip[2:4] = struct.pack("!H", len(ip))
            ip[10:12] = bytes(2)
            ip[10:12] = struct.pack("!H", checksum(bytes(ip[:20])))
            if ip[9] == 17 and len(ip) >= 28:
                ip[24:28] = struct.pack("!HH", len(ip) - 20, 0)
            out.send(frame[:14] + bytes(ip))
        bad = bytearray(frame)
        esp = 42 if bad[23] == 17 else 34
        bad[rnd.randrange(esp + 8, len(bad))] ^= 1 << rnd.randrange(8)
        # a number that was not seen yet, or the replay window refuses it before anybody looks
        number = struct.unpack("!I", bad[esp + 4:esp + 8])[0]
        bad[esp + 4:esp + 8] = struct.pack("!I", number + 5000 + sent)
        if bad[23] == 17:
            bad[40:42] = bytes(2)  # no UDP checksum: let ESP find out
        out.send(bytes(bad))
        sent += 1
    if not sent:
        sys.exit("nothing was captured")


def vrrp(device, source):
    out = socket.socket(socket.AF_INET, socket.SOCK_RAW, 112)
    out.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode())
    out.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(source))
    group = "224.0.0.18"

    def advertisement(version=3, kind=1, vrid=10, priority=255, count=1, addresses=None, good=True):
        addresses = socket.inet_aton("10.1.22.254") if addresses is None else addresses
        head = bytes([version << 4 | kind, vrid, priority, count]) + struct.pack("!HH", 15, 0)
        body = head + addresses
        pseudo = socket.inet_aton(source) + socket.inet_aton(group) + struct.pack("!BBH", 0, 112, len(body))
        value = checksum(pseudo + body) ^ (0 if good else 0x5555)
        return body[:6] + struct.pack("!H", value) + body[8:]

    for i in range(COUNT):
        for ttl, packet in (
            (254, advertisement()),  # routed here from afar
            (255, advertisement(good=False)),
            (255, advertisement(version=i % 16 if i % 16 != 3 else 7)),
            (255, advertisement(kind=2 + i % 14)),
            (255, advertisement(count=0, addresses=b"")),
            (255, advertisement(count=200)),
            (255, advertisement()[:rnd.randrange(1, 12)]),
            (255, bytes([0x31, 10]) + rnd.randbytes(rnd.randrange(0, 60))),
        ):
            out.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, ttl)
            out.sendto(packet, (group, 0))


def icmp(source, target):
    out = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    out.bind((source, 0))
    for _ in range(COUNT):
        payload = rnd.randbytes(rnd.choice([0, 4, 24, 56, 1000]))
        for kind, code, rest in ((0, 0, rnd.randbytes(4)), (3, 1, bytes(4)), (3, 4, struct.pack("!HH", 0, 68))):
            if kind == 3:  # quotes an echo request of the target
                payload = bytes.fromhex("45000054000040004001") + bytes(2) + socket.inet_aton(target) + \
                    socket.inet_aton(source) + bytes([8, 0, 0, 0]) + payload
            body = bytes([kind, code, 0, 0]) + rest + payload
            body = body[:2] + struct.pack("!H", checksum(body)) + body[4:]
            out.sendto(body, (target, 0))


def bfd(path, device, source, target):
    """Captured by a tunnel's device, so its frames are IP packets without Ethernet."""
    seen = [f[28:] for f in frames(path) if f[9] == 17][-COUNT:]
    if not seen or len(seen[-1]) != 52:
        sys.exit("no packets with keyed SHA-1 were captured")
    out = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    out.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode())
    last = seen[-1]
    number = struct.unpack("!I", last[28:32])[0]

    def send(body, ttl=255, port=3784):
        udp = struct.pack("!HHHH", 49152, port, 8 + len(body), 0) + body  # without a checksum
        out.sendto(bytes([0x45, 0xC0]) + struct.pack("!HHHBBH", 20 + len(udp), 0, 0, ttl, 17, 0) +
                   socket.inet_aton(source) + socket.inet_aton(target) + udp, (target, 0))

    def spoilt(at, value, body=last):
        return body[:at] + bytes([value]) + body[at + 1:]

    plain = last[:24]
    plain = spoilt(3, 24, spoilt(1, plain[1] & ~4, plain))
    for i in range(COUNT):
        send(seen[i % len(seen)])  # again, as it was
        send(seen[i % len(seen)], ttl=254)
        send(last[:i % 52])
        send(rnd.randbytes(i % 80))
        send(spoilt(0, rnd.choice([0x00, 0x40, 0xE0])))
        send(spoilt(2, 0))
        send(spoilt(1, last[1] | 1))
        send(last[:4] + bytes(4) + last[8:])  # nobody's
        send(last[:8] + bytes(4) + last[12:])  # Up, and does not know us
        send(last[:8] + rnd.randbytes(4) + last[12:])  # to nobody
        send(spoilt(24, rnd.choice([0, 1, 2, 6, 255])))
        send(spoilt(25, rnd.choice([0, 2, 27, 29, 255])))
        send(spoilt(26, last[26] ^ 1))
        send(spoilt(1, 0x40, plain))  # Down, without authentication
        send(spoilt(1, 0x00, plain[:8] + bytes(4) + plain[12:]))  # AdminDown
        # numbers to come, for AdminDown, and a guessed digest
        for ahead in range(9):
            send(spoilt(1, 4, last[:28] + struct.pack("!I", (number + i + ahead * 100) % 2**32) + rnd.randbytes(20)))


{"junk": junk, "bfd": bfd, "replay": replay, "vrrp": vrrp, "icmp": icmp}[sys.argv[1]](*sys.argv[2:])
