# SPDX-License-Identifier: GPL-2.0-or-later
"""Records what leaves by a device as ESP in UDP, and sends it again and again.

    replay_storm.py DEVICE COUNT TIMES UDP-TABLE

UDP-TABLE is the /proc/PID/net/udp of whoever is to receive it: no round starts before the last was
read there, so that every copy is really seen.  Prints "recorded", then "done".
"""
import socket
import sys
import time

ETH_P_ALL, PACKET_OUTGOING = 3, 4
PORT = 4500


def record(s, count):
    """Frames of UDP to port 4500 over IPv4 that carry ESP, each only once."""
    frames, limit = [], time.monotonic() + 30
    s.settimeout(5)
    while len(frames) < count and time.monotonic() < limit:
        frame, where = s.recvfrom(65536)
        udp = frame[34:42]
        if (
            where[2] == PACKET_OUTGOING
            and frame[12:15] == b"\x08\x00\x45"
            and frame[23] == 17
            and udp[2:4] == PORT.to_bytes(2, "big")
            and frame[42:46] != b"\0\0\0\0"
        ):
            if len(frame) > 1514:
                sys.exit("a frame of %d bytes is no single packet" % len(frame))
            frames.append(frame)
    return frames


def waiting(table):
    """Bytes that wait in the sockets of the port, and packets that found no room in them."""
    queued = lost = 0
    with open(table) as f:
        for words in (line.split() for line in f.readlines()[1:]):
            if words[1].endswith(":%04X" % PORT):
                queued += int(words[4].split(":")[1], 16)
                lost += int(words[-1])
    return queued, lost


def main():
    device, count, times, table = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    s.bind((device, ETH_P_ALL))
    frames = record(s, count)
    print("recorded", len(frames), flush=True)
    s.close()
    out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    out.bind((device, 0))
    limit = time.monotonic() + 60
    for _ in range(times):
        for frame in frames:
            out.send(frame)
        while waiting(table)[0] and time.monotonic() < limit:
            pass
    print("done, %d found no room" % waiting(table)[1], flush=True)


main()
