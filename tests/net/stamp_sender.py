# SPDX-License-Identifier: GPL-2.0-or-later
"""A Session-Sender of somebody else's, after RFC 8762, RFC 8972 and RFC 5357 (TWAMP-Light).

stamp_sender.py MODE SOURCE TARGET PORT [KEY]: asks ten times, and says what is wrong with the answers.
MODE: plain, auth, twamp, tlv"""
import hashlib
import hmac
import os
import socket
import struct
import sys
import time

mode, source, target, port = sys.argv[1:4] + [int(sys.argv[4])]
key = sys.argv[5].encode() if len(sys.argv) > 5 else b""
EPOCH = 2208988800
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind((source, 0))
s.settimeout(3)
ssid = 0x4711


def ntp(t):
    return (int(t) + EPOCH) << 32 | int((t % 1) * 2**32)


def mac(data):
    return hmac.new(key, data, hashlib.sha256).digest()[:16]


def request(seq, stamp):
    if mode == "twamp":
        return struct.pack(">IQH", seq, stamp, 0x0001) + os.urandom(27)
    if mode == "auth":
        base = struct.pack(">I12xQHH68x", seq, stamp, 0x0001, ssid)
        return base + mac(base)
    base = struct.pack(">IQHH28x", seq, stamp, 0x0001, ssid)
    if mode == "tlv":  # padding, one that nobody knows, and one that is cut off
        base += bytes([0x80, 1, 0, 4]) + b"\xaa" * 4
        base += bytes([0x80, 239, 0, 3]) + b"abc"
        base += bytes([0x80, 2, 0, 99]) + b"zz"
    return base


def must(ok, what):
    if not ok:
        sys.exit(f"{mode}: {what}")


for i in range(10):
    stamp = ntp(time.time())
    sent = request(i, stamp)
    s.sendto(sent, (target, port))
    data, peer = s.recvfrom(4096)
    must(peer == (target, port), f"an answer from {peer}")
    must(len(data) == max(len(sent), 44), f"{len(data)} bytes back for {len(sent)}")
    if mode == "auth":
        seq, t3, est, sid, t2, sseq, st1, sest, ttl = struct.unpack(">I12xQHH4xQ8xI12xQH6xB15x", data[:96])
        must(data[96:112] == mac(data[:96]), "wrong HMAC")
    else:
        seq, t3, est, sid, t2, sseq, st1, sest, ttl = struct.unpack(">IQHHQIQH2xB3x", data[:44])
    must(seq == i, f"number {seq} where it should count {i}")
    must((sseq, st1, sest) == (i, stamp, 1), "what we sent is not what came back")
    must(sid == (0 if mode == "twamp" else ssid), f"session {sid}")
    must(ttl in (63, 64), f"TTL {ttl}")
    must(est & 0xFF, "a multiplier of 0")
    now = ntp(time.time())
    must(stamp <= t2 + (1 << 32) and t2 <= t3 <= now + (1 << 32), f"times {stamp} {t2} {t3} {now}")
    must(abs(t3 - stamp) < 5 << 32, "the reflector's clock is not ours")
    if mode == "tlv":
        tlvs = data[44:]
        must(tlvs[0] == 0 and tlvs[1:8] == sent[45:52], f"padding came back as {tlvs[:8].hex()}")
        must(tlvs[8] == 0x80 and tlvs[9:15] == sent[53:59], "the unknown one is not flagged U")
        must(tlvs[15] == 0xC0 and tlvs[16:] == sent[60:], "the cut one is not flagged M")
print(f"{mode}: good")
