#!/usr/bin/env python3
"""frames.py CERTIFICATE KEY: an HTTP/2 server that answers frame by frame, as no well-behaved one would.

Each way of answering has a port of its own, printed as "NAME PORT"; GET of nothing is needed: a way plays its steps
from one request to the next, over all connections. The last line is "ready". It ends with its standard input.
"""
import os
import socket
import ssl
import struct
import sys
import threading

DATA, HEADERS, RST_STREAM, SETTINGS, GOAWAY, WINDOW_UPDATE, CONTINUATION = 0, 1, 3, 4, 7, 8, 9
END_STREAM, END_HEADERS, ACK = 1, 4, 1
NO_ERROR, INTERNAL_ERROR, REFUSED_STREAM = 0, 2, 7
ANSWER = (
    b'{"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"finish_reason":"stop",'
    b'"message":{"role":"assistant","content":"Over HTTP/2."}}]}'
)


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def field(name, value):
    """A header field as HPACK writes one that it does not remember, without Huffman's code."""

    def text(data):
        prefix = bytes([len(data)]) if len(data) < 127 else b"\x7f" + varint(len(data) - 127)
        return prefix + data

    return b"\x00" + text(name.encode()) + text(value.encode())


def varint(value):
    out = b""
    while value >= 128:
        out += bytes([value % 128 + 128])
        value //= 128
    return out + bytes([value])


def head(status="200", fields=(), flags=0, stream=1):
    block = b"".join(field(*pair) for pair in [(":status", status), ("content-type", "application/json"), *fields])
    first, rest = block[:16384], block[16384:]
    out = frame(HEADERS, flags | (0 if rest else END_HEADERS), stream, first)
    while rest:
        first, rest = rest[:16384], rest[16384:]
        out += frame(CONTINUATION, 0 if rest else END_HEADERS, stream, first)
    return out


def answer(stream):
    return head(stream=stream) + frame(DATA, END_STREAM, stream, ANSWER)


def goaway(last, code=NO_ERROR):
    return frame(GOAWAY, 0, 0, struct.pack(">II", last, code))


def reset(stream, code):
    return frame(RST_STREAM, 0, stream, struct.pack(">I", code))


CLOSE = None

# What each request is answered with, in their order; the last step is repeated.
WAYS = {
    "goaway-unprocessed": [lambda s: [goaway(0), CLOSE], lambda s: [answer(s)]],
    "goaway-below": [lambda s: [answer(s)], lambda s: [goaway(s - 2), CLOSE], lambda s: [answer(s)]],
    "goaway-processed": [lambda s: [goaway(2**31 - 1), CLOSE], lambda s: [answer(s)]],
    "goaway-broken": [lambda s: [goaway(0, INTERNAL_ERROR), CLOSE], lambda s: [answer(s)]],
    "refused-always": [lambda s: [reset(s, REFUSED_STREAM)]],
    "refused-once": [lambda s: [reset(s, REFUSED_STREAM)], lambda s: [answer(s)]],
    "reset-after-head": [lambda s: [head(stream=s), reset(s, NO_ERROR)], lambda s: [answer(s)]],
    "status-000": [lambda s: [head("000", stream=s) + frame(DATA, END_STREAM, s, ANSWER)]],
    "large-head": [lambda s: [head(fields=[(f"x-{n}", "x" * 1000) for n in range(1000)], stream=s)]],
}


class Way:
    def __init__(self, steps, context):
        self.steps, self.context, self.count, self.lock = steps, context, 0, threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def next(self, stream):
        with self.lock:
            step = self.steps[min(self.count, len(self.steps) - 1)]
            self.count += 1
        return step(stream)

    def serve(self, connection):
        try:
            connection = self.context.wrap_socket(connection, server_side=True)
            self.talk(connection)
        except (OSError, ssl.SSLError, EOFError):
            pass
        finally:
            connection.close()

    def talk(self, connection):
        def read(count):
            data = b""
            while len(data) < count:
                more = connection.recv(count - len(data))
                if not more:
                    raise EOFError
                data += more
            return data

        read(24)
        connection.sendall(frame(SETTINGS, 0, 0))
        while True:
            header = read(9)
            length = int.from_bytes(header[:3], "big")
            kind, flags, stream = header[3], header[4], int.from_bytes(header[5:], "big")
            read(length)
            if kind == SETTINGS and not flags & ACK:
                connection.sendall(frame(SETTINGS, ACK, 0))
            if kind in (HEADERS, DATA) and flags & END_STREAM:
                for part in self.next(stream):
                    if part is CLOSE:
                        return
                    connection.sendall(part)


def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    context.set_alpn_protocols(["h2"])
    ways = {name: Way(steps, context) for name, steps in WAYS.items()}
    for name, way in ways.items():
        print(name, way.listener.getsockname()[1])
    print("ready", flush=True)
    # How many requests there were of each is told at the end.
    sys.stdin.read()
    for name, way in ways.items():
        print(name, way.count)
    sys.stdout.flush()
    os._exit(0)


main()
