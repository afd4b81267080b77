# SPDX-License-Identifier: GPL-2.0-or-later
"""Many small flows at an even pace, each answered, to see who loses what.

    flows.py serve ADDRESS
    flows.py ask FROM ADDRESS FLOWS SECONDS [LOST-AT-MOST]
    flows.py sink ADDRESS                             takes, and never answers
    flows.py push FROM ADDRESS FLOWS SECONDS          what a sink takes

Every flow sends a packet each 10 ms and gets it back.  `ask` prints one line, "FLOWS flows, SENT
sent, LOST lost", and fails when more are lost than allowed (0), or anything comes back changed.
"""
import select
import socket
import struct
import sys
import time

PORT = 7073
SINK = 7074
PACE = 0.01
SO_RCVBUFFORCE = 33


def serve(address):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    # A machine that is busy with something else loses nothing here
    s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
    s.bind((address, PORT))
    while True:
        data, peer = s.recvfrom(2048)
        s.sendto(data, peer)


def sink(address):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((address, SINK))
    while True:
        s.recv(2048)


def push(source, target, count, seconds):
    sockets = [flow(source, target, SINK) for _ in range(count)]
    begin = time.monotonic()
    while time.monotonic() < begin + seconds:
        for s in sockets:
            s.send(bytes(100))
        time.sleep(PACE)


def flow(source, target, port=PORT):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((source, 0))
    s.connect((target, port))
    s.setblocking(False)
    return s


def collect(sockets, waiting, until, whole):
    while waiting or whole:
        left = until - time.monotonic()
        if left <= 0:
            return
        for s in select.select(sockets, [], [], left)[0]:
            try:
                got = s.recv(2048)
            except OSError:
                continue
            key = struct.unpack("!II", got[:8])
            if got != struct.pack("!II", *key) + bytes(92):
                sys.exit("a reply is damaged")
            waiting.discard(key)


def ask(source, target, count, seconds, allowed):
    sockets = [flow(source, target) for _ in range(count)]
    waiting, sent = set(), 0
    begin = time.monotonic()
    turn = 0
    while time.monotonic() < begin + seconds:
        for i, s in enumerate(sockets):
            try:
                s.send(struct.pack("!II", i, turn) + bytes(92))
            except OSError:
                pass # counted: no reply will come
            waiting.add((i, turn))
            sent += 1
        turn += 1
        collect(sockets, waiting, begin + turn * PACE, True)
    collect(sockets, waiting, time.monotonic() + 3, False)
    print("%d flows, %d sent, %d lost" % (count, sent, len(waiting)))
    sys.exit(len(waiting) > allowed)


if sys.argv[1] == "serve":
    serve(sys.argv[2])
elif sys.argv[1] == "sink":
    sink(sys.argv[2])
elif sys.argv[1] == "push":
    push(sys.argv[2], sys.argv[3], int(sys.argv[4]), float(sys.argv[5]))
else:
    ask(sys.argv[2], sys.argv[3], int(sys.argv[4]), float(sys.argv[5]),
        int(sys.argv[6]) if len(sys.argv) > 6 else 0)
