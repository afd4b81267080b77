# SPDX-License-Identifier: GPL-2.0-or-later
"""A long TCP stream, bit-exact or not: both ends hash what they sent and what they got.

    bulk.py serve ADDRESS both|each          takes one connection
    bulk.py ask FROM ADDRESS both|each BYTES prints one line of figures

`both`: the two streams run at the same time; `each`: one after the other.
"""
import hashlib
import os
import socket
import struct
import sys
import threading
import time

PORT = 7071
CHUNK = 1 << 16
# A length that shares no factor with packet sizes: a stream that lost or gained a packet differs.
BLOCK = (1 << 22) + 15
PATIENCE = 60


def send_stream(s, size):
    """Random bytes, repeated; the digest goes last."""
    block = os.urandom(BLOCK)
    double = memoryview(block + block[:CHUNK])
    digest, at = hashlib.sha256(), 0
    s.sendall(struct.pack("!Q", size))
    while size:
        part = double[at : at + min(CHUNK, size)]
        digest.update(part)
        s.sendall(part)
        size -= len(part)
        at = (at + len(part)) % BLOCK
    s.sendall(digest.digest())


def take(s, n):
    data = b""
    while len(data) < n:
        part = s.recv(n - len(data))
        if not part:
            raise EOFError("the stream ended early")
        data += part
    return data


def receive_stream(s):
    (size,) = struct.unpack("!Q", take(s, 8))
    digest, buffer = hashlib.sha256(), bytearray(CHUNK)
    left = size
    while left:
        n = s.recv_into(buffer, min(CHUNK, left))
        if not n:
            raise EOFError("%d bytes are missing" % left)
        digest.update(memoryview(buffer)[:n])
        left -= n
    if take(s, 32) != digest.digest():
        raise ValueError("the stream of %d bytes arrived changed" % size)
    return size


def serve(address, at_once):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.create_server((address, PORT), family=family) as server:
        s, _ = server.accept()
    with s:
        s.settimeout(PATIENCE)
        (size,) = struct.unpack("!Q", take(s, 8))
        sender = threading.Thread(target=send_stream, args=(s, size))
        if at_once:
            sender.start()
        receive_stream(s)
        if not at_once:
            sender.start()
        sender.join()
        take(s, 1)  # until the other end has all


def ask(source, address, size, at_once):
    start = time.monotonic()
    with socket.create_connection((address, PORT), PATIENCE, (source, 0)) as s:
        s.settimeout(PATIENCE)
        s.sendall(struct.pack("!Q", size))
        sender = threading.Thread(target=send_stream, args=(s, size))
        sender.start()
        if not at_once:
            sender.join()
        there_and_back = receive_stream(s)
        sender.join()
        s.sendall(b".")
    if there_and_back != size:
        raise ValueError("asked for %d bytes, got %d" % (size, there_and_back))
    took = time.monotonic() - start
    print("%d bytes each way in %.1f s, %.0f Mbit/s" % (size, took, 16e-6 * size / took))


verb, both = sys.argv[1], "both" in sys.argv
if verb == "ask":
    ask(sys.argv[2], sys.argv[3], int(sys.argv[5]), both)
else:
    serve(sys.argv[2], both)
