"""Takes requests on the unix socket that is named and forgets their bodies: the site
behind the uploads of bench/gate."""

import http.server
import socketserver
import sys


class Sink(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_PUT(self):
        left = int(self.headers["Content-Length"])
        buffer = memoryview(bytearray(1 << 20))
        while left:
            count = self.rfile.readinto(buffer[:min(left, len(buffer))])
            if not count:
                return
            left -= count
        self.send_response(204)
        self.end_headers()

    def address_string(self):
        return "unix"

    def log_message(self, *_):
        pass


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


Server(sys.argv[1], Sink).serve_forever()
