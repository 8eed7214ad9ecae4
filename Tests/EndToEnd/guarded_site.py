"""A site behind the gate, in the test's own process: it tells what reached it. And a
gate that lets everybody in."""

import base64
import contextlib
import hashlib
import http.server
import json
import socket
import struct
import threading

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, 1.3


class GuardedSite(http.server.ThreadingHTTPServer):
    """Answers with the request as it came; `/upload` counts bytes, `/events` sends
    some and waits, `/socket` is a WebSocket that echoes, `/set` has forbidden headers."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.port = self.server_address[1]
        # Paths that were asked for: of those that were refused, none is here.
        self.seen = []
        # An open stream goes on when this is set.
        self.go_on = threading.Event()
        # Answers to /set have these fields.
        self.fields = []
        # Bytes of an upload that have arrived so far.
        self.arrived = 0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        """A client that goes away is no fault of the site."""

    def close(self):
        self.go_on.set()
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self):
        self.server.seen.append(self.path)
        action = {"/upload": self.count, "/events": self.stream, "/socket": self.echo, "/set": self.set_fields}
        action.get(self.path.partition("?")[0], self.tell)()

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_PROPFIND = answer

    def tell(self):
        body = b"".join(self.body())
        self.reply(json.dumps({
            "method": self.command, "path": self.path, "body": body.decode("latin-1"),
            # As bytes: names may hold anything.
            "headers": [[name, value] for name, value in self.headers.items()]}).encode())

    def count(self):
        digest = hashlib.sha256()
        self.server.arrived = 0
        for part in self.body():
            digest.update(part)
            self.server.arrived += len(part)
        self.reply(json.dumps({"bytes": self.server.arrived, "sha256": digest.hexdigest()}).encode())

    def body(self):
        if self.headers.get("Transfer-Encoding") == "chunked":
            while length := int(self.rfile.readline(), 16):
                yield self.rfile.read(length)
                self.rfile.readline()
            self.rfile.readline()
            return
        left = int(self.headers.get("Content-Length") or 0)
        while left:
            part = self.rfile.read(min(left, 1 << 16))
            if not part:
                return
            left -= len(part)
            yield part

    def set_fields(self):
        self.reply(b"{}", self.server.fields)

    def reply(self, body, fields=()):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in fields:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def stream(self):
        """In chunks, or until the connection ends."""
        chunked = self.path.endswith("?chunked")
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header(*("Transfer-Encoding", "chunked") if chunked else ("Connection", "close"))
        self.end_headers()
        for text in [b"data: first\n\n", b"data: second\n\n"]:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(text), text) if chunked else text)
            self.server.go_on.wait(60)
        if chunked:
            self.wfile.write(b"0\r\n\r\n")

    def echo(self):
        """What comes is sent back, byte for byte, but with no mask."""
        if (self.headers.get("Upgrade", "").lower(), self.headers.get("Connection", "").lower()) != ("websocket", "upgrade"):
            self.send_error(426)
            return
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", accept(self.headers["Sec-WebSocket-Key"]))
        self.end_headers()
        self.close_connection = True
        while (message := receive(self.rfile)) is not None:
            self.wfile.write(frame(message))


def accept(key):
    return base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()


def frame(message, mask=b""):
    """A binary message of at most 65535 bytes (RFC 6455, 5.2)."""
    length = bytes([len(message)]) if len(message) < 126 else b"\x7e" + struct.pack(">H", len(message))
    head = b"\x82" + bytes([length[0] | (0x80 if mask else 0)]) + length[1:]
    return head + mask + (masked(message, mask) if mask else message)


def masked(message, mask):
    return bytes(byte ^ mask[index % 4] for index, byte in enumerate(message))


def receive(file):
    """The next message; None if there is no more."""
    head = file.read(2)
    if len(head) < 2 or head[0] & 0x0F == 8:
        return None
    length = head[1] & 0x7F
    if length == 126:
        length = struct.unpack(">H", file.read(2))[0]
    mask = file.read(4) if head[1] & 0x80 else b""
    message = file.read(length)
    return masked(message, mask) if mask else message


class WebSocket:
    """A client; `status` is what the handshake got."""

    def __init__(self, port, path, headers, host="127.0.0.1", wrap=lambda raw: raw):
        self.socket = wrap(socket.create_connection((host, port), timeout=30))
        key = base64.b64encode(b"0123456789abcdef").decode()
        fields = {
            "Host": f"{host}:{port}", "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": key, **headers}
        lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items() if value), "", ""]
        self.socket.sendall("\r\n".join(lines).encode())
        self.file = self.socket.makefile("rb")
        self.status = int(self.file.readline().split()[1])
        self.fields = {}
        while line := self.file.readline().strip():
            name, _, value = line.decode().partition(": ")
            self.fields[name.lower()] = value
        if self.status == 101:
            assert self.fields["sec-websocket-accept"] == accept(key)

    def body(self):
        if self.fields.get("transfer-encoding") != "chunked":
            return self.file.read(int(self.fields["content-length"]))
        whole = b""
        while length := int(self.file.readline(), 16):
            whole += self.file.read(length)
            self.file.readline()
        return whole

    def exchange(self, message):
        self.socket.sendall(frame(message, b"\x01\x02\x03\x04"))
        return receive(self.file)

    def close(self):
        self.file.close()
        self.socket.close()


class CountingGate:
    """Lets everybody in, and counts the connections of nginx (FastCGI specification, 3.3)."""

    ANSWER = b"Status: 204 No Content\r\nRemote-User: somebody\r\n\r\n"

    def __init__(self, path):
        self.connections = 0
        self.requests = 0
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen(64)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                self.connections += 1
                threading.Thread(target=self.serve, args=[connection.makefile("rwb")], daemon=True).start()

    def serve(self, file):
        while len(head := file.read(8)) == 8:
            _, kind, request, length, padding = struct.unpack(">BBHHBx", head)
            file.read(length + padding)
            if kind == 5 and not length:
                self.requests += 1
                answer = self.ANSWER + b" " * (-len(self.ANSWER) % 8)
                file.write(struct.pack(">BBHHBx", 1, 6, request, len(self.ANSWER), len(answer) - len(self.ANSWER)) + answer)
                file.write(struct.pack(">BBHHBx", 1, 3, request, 8, 0) + bytes(8))
                file.flush()
