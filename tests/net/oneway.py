# SPDX-License-Identifier: GPL-2.0-or-later
"""A line that is not the same both ways: oneway.py DEVICE DEVICE FILE

Carries every frame between two devices.  FILE says, one line for each direction, how many percent
of the ESP it loses and by how many milliseconds it is late: "0 25 0" is the first device's, "1 0 40"
the other's.  It is read again when it changes."""
import heapq
import os
import random
import select
import socket
import sys
import time

ports = []
for device in sys.argv[1:3]:
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    s.bind((device, 0))
    s.setblocking(False)
    ports.append(s)
random.seed(8762)
loss, delay = [0, 0], [0.0, 0.0]
waiting, count, seen = [], 0, None


def is_esp(frame):
    if frame[12:14] != b"\x08\x00":
        return False
    head = 14 + 4 * (frame[14] & 15)
    if frame[23] == 50:
        return True
    return frame[23] == 17 and frame[head + 2 : head + 4] == (4500).to_bytes(2, "big") and frame[head + 8 : head + 12] != bytes(4)


while True:
    now = time.monotonic()
    try:
        stat = os.stat(sys.argv[3]).st_mtime_ns
    except FileNotFoundError:
        stat = None
    if stat and stat != seen:
        seen = stat
        for line in open(sys.argv[3]):
            way, percent, msec = line.split()
            loss[int(way)], delay[int(way)] = int(percent), int(msec) / 1000
    while waiting and waiting[0][0] <= now:
        _, _, out, frame = heapq.heappop(waiting)
        try:
            ports[out].send(frame)
        except OSError:
            pass
    timeout = min(0.05, waiting[0][0] - now) if waiting else 0.05
    for s in select.select(ports, [], [], max(0, timeout))[0]:
        way = ports.index(s)
        frame, address = s.recvfrom(65536)
        if address[2] == socket.PACKET_OUTGOING:
            continue
        if is_esp(frame) and random.random() * 100 < loss[way]:
            continue
        count += 1
        heapq.heappush(waiting, (time.monotonic() + delay[way], count, 1 - way, frame))
