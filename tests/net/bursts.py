# SPDX-License-Identifier: GPL-2.0-or-later
"""Bursts of UDP through several tunnels at once: every packet arrives once, whole, and unchanged.

    bursts.py serve CONTROL ROUNDS PEERS               prints "whole" when all rounds were
    bursts.py send CONTROL ROUNDS FROM,TO [FROM,TO...] one pair for each peer

In each round every peer sends BURST packets in one call (UDP_SEGMENT), one peer right after the
other.  The next round begins when the last one's packets have all arrived, which CONTROL tells (a
TCP connection beside the tunnels).
"""
import random
import socket
import struct
import sys

PORT = 7072
BURST = 40
SIZE = 1300
LAST = 700 # bytes of a burst's last packet, in every second round
UDP_SEGMENT = 103
SO_RCVBUFFORCE = 33


def payload(turn, peer, index):
    length = LAST if index == BURST - 1 and turn % 2 else SIZE
    head = struct.pack("!III", turn, peer, index)
    return head + random.Random(head).randbytes(length - len(head))


def take(udp, turn, peers):
    """All packets of a round: a list of what is wrong with it."""
    missing = {(p, i) for p in range(peers) for i in range(BURST)}
    udp.settimeout(5)
    while missing:
        try:
            got = udp.recv(65536)
        except socket.timeout:
            return ["round %d: %d packets lost, as %s" % (turn, len(missing), min(missing))]
        if len(got) < 12:
            return ["round %d: a packet of %d bytes" % (turn, len(got))]
        at, peer, index = struct.unpack("!III", got[:12])
        if at != turn or (peer, index) not in missing:
            return ["round %d: packet %d of peer %d of round %d twice" % (turn, index, peer, at)]
        if got != payload(at, peer, index):
            return ["round %d: packet %d of peer %d is damaged" % (turn, index, peer)]
        missing.remove((peer, index))
    return []


def serve(control, rounds, peers):
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
    udp.bind(("", PORT))
    listener = socket.create_server((control, PORT))
    conn, _ = listener.accept()
    for turn in range(rounds):
        trouble = take(udp, turn, peers)
        conn.sendall(b"n" if trouble else b"y")
        if trouble:
            sys.exit(trouble[0])
    print("whole")


def send(control, rounds, pairs):
    sockets = []
    for pair in pairs:
        source, target = pair.split(",")
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, SIZE)
        s.bind((source, 0))
        s.connect((target, PORT))
        sockets.append(s)
    conn = socket.create_connection((control, PORT))
    for turn in range(rounds):
        bursts = [b"".join(payload(turn, p, i) for i in range(BURST)) for p in range(len(sockets))]
        for s, burst in zip(sockets, bursts):
            s.send(burst)
        if conn.recv(1) != b"y":
            sys.exit("round %d was not whole" % turn)


if sys.argv[1] == "serve":
    serve(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
else:
    send(sys.argv[2], int(sys.argv[3]), sys.argv[4:])
