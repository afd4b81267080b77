# SPDX-License-Identifier: GPL-2.0-or-later
"""probe_server.py KIND PORT [STATUS-FILE] [PEM]: a tcp, udp (echo), http, https or junk server."""
import http.server
import os
import socket
import ssl
import sys

kind, port = sys.argv[1], int(sys.argv[2])
if kind == "udp":
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("", port))
    while True:
        data, peer = s.recvfrom(2048)
        s.sendto(data, peer)
if kind in ("tcp", "junk"):
    s = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)
    while True:
        c, _ = s.accept()
        try:
            if kind == "junk":
                c.recv(1024)
                c.sendall(b"220 what do you want\r\n" * 100000)
        except OSError:
            pass
        c.close()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        status = int(open(sys.argv[3]).read()) if self.path == "/alive" else 404
        body = os.urandom(300000)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            pass

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("", port), Handler)
if kind == "https":
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[4])
    server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
