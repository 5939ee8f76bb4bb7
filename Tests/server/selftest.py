"""The checks behind selftest.sh: each fault, as README.md describes it, seen from a raw socket or from curl."""
import base64
import gzip
import json
import os
import re
import resource
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest

SERVER = sys.argv.pop(1)


class Server:
    """A server of our own, which ends when its standard input does."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.ca = os.path.join(self.folder.name, "ca.pem")
        self.log = os.path.join(self.folder.name, "log.jsonl")
        self.unix = os.path.join(self.folder.name, "socket")
        faults = [word for fault in ("stall", "garbage", "wrong-name", "expired") for word in ("--tls-fault", fault)]
        self.process = subprocess.Popen(
            [SERVER, "--scripts", "scripts", "--until-stdin-closes", "--tls", "--ca-out", self.ca]
            + ["--log", self.log, "--unix", self.unix] + faults,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ports = {}
        while "listening" not in self.ports:
            name, value = self.process.stdout.readline().split()
            self.ports[name] = value
        self.port = int(self.ports["listening"])

    def stop(self):
        self.process.stdin.close()
        status = self.process.wait(timeout=10)
        self.process.stdout.close()
        self.folder.cleanup()
        return status


def setUpModule():
    global server
    server = Server()


def tearDownModule():
    assert server.stop() == 0, "the server ends well when its standard input closes"


def connect():
    peer = socket.create_connection(("127.0.0.1", server.port), timeout=10)
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return peer


def request_bytes(path, body=b"{}", headers=(), method="POST"):
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def receive_all(peer):
    """Everything up to the end, and how it ended: "closed", "reset" or "open"."""
    received = b""
    try:
        while piece := peer.recv(1 << 20):
            received += piece
        return received, "closed"
    except ConnectionResetError:
        return received, "reset"
    except TimeoutError:
        return received, "open"


def ask_raw(script, body=b"{}", headers=(), timeout=10.0):
    with connect() as peer:
        peer.settimeout(timeout)
        peer.sendall(request_bytes(f"/{script}/v1/chat/completions", body, headers))
        return receive_all(peer)


def ask(script, body=b"{}", headers=()):
    """Like ask_raw, but the server is asked to close after the answer."""
    return ask_raw(script, body, ("Connection: close", *headers))


def curl(*arguments, body=None):
    """curl's exit status, the HTTP status and the body; `body` is sent as it is, whatever its size."""
    sending = ["--data-binary", "@-"] if body is not None else []
    command = ["curl", "-s", "-m", "10", "-w", "\n%{http_code}", *sending, *arguments]
    run = subprocess.run(command, input=body, capture_output=True)
    body, _, status = run.stdout.rpartition(b"\n")
    return run.returncode, int(status), body


def url(path):
    return f"http://127.0.0.1:{server.port}{path}"


def define(name, text):
    return curl("-X", "PUT", url(f"/__scripts/{name}"), body=text.encode())


def records(prefix=""):
    return json.loads(curl(url(f"/__requests{prefix}"))[2])


def body_of(response):
    return response.partition(b"\r\n\r\n")[2]


def events_of(body):
    """The JSON of the events of a stream, [DONE] left out."""
    lines = [line[6:] for line in body.decode().split("\n") if line.startswith("data: ")]
    return [json.loads(line) for line in lines if line != "[DONE]"]


def text_of(body):
    deltas = [choice["delta"] for event in events_of(body) for choice in event["choices"]]
    return "".join(delta.get("content") or "" for delta in deltas)


class Scripts(unittest.TestCase):
    def test_every_script_shipped_can_be_read(self):
        for name in sorted(os.listdir("scripts")):
            with open(os.path.join("scripts", name)) as file:
                status, code, body = define("syntax", file.read())
            self.assertEqual((0, 200), (status, code), f"{name}: {body}")

    def test_responses_come_in_sequence(self):
        define("sequence", "HTTP/1.1 200 OK\n<<E\none\nE\n@repeat 2\n===\nHTTP/1.1 503 No\n")
        answers = [curl(url("/sequence/v1/x"))[1:] for _ in range(4)]
        self.assertEqual([(200, b"one\n"), (200, b"one\n"), (503, b"")], answers[:3])
        self.assertEqual(500, answers[3][0])
        self.assertIn(b"script_exhausted", answers[3][1])

    def test_tags_have_positions_of_their_own(self):
        define("tagged", "HTTP/1.1 201 A\n===\nHTTP/1.1 202 B\n@repeat\n")
        order = [curl(url(f"/tagged~{tag}/v1/x"))[1] for tag in "ababa"]
        self.assertEqual([201, 201, 202, 202, 202], order)

    def test_deleting_the_requests_rewinds(self):
        define("rewound", "HTTP/1.1 201 A\n===\nHTTP/1.1 202 B\n")
        self.assertEqual(201, curl(url("/rewound/v1/x"))[1])
        curl("-X", "DELETE", url("/__requests"))
        self.assertEqual([], records())
        self.assertEqual(201, curl(url("/rewound/v1/x"))[1])

    def test_a_bad_script_is_refused_with_its_line(self):
        for text, complaint in [("HTTP/1.1 200 OK\n@nonsense", b":2: unknown directive"), ("# nothing", b"no response"),
                                ("HTTP/1.1 200 OK\n<<END\nx", b"ends the body"), ("X-Header: 1", b"status line")]:
            _, code, body = define("bad", text)
            self.assertEqual(400, code)
            self.assertIn(complaint, body)

    def test_an_unknown_script_is_not_found(self):
        self.assertEqual(404, curl(url("/no-such-script/v1/x"))[1])
        self.assertEqual(404, curl("--path-as-is", url("/../v1/x"))[1])

    def test_variables_in_headers(self):
        head = ask("redirect-elsewhere")[0].decode()
        self.assertIn(f"Location: http://localhost:{server.port}/ok-plain/", head)

    def test_body_from_a_file(self):
        define("filed", "HTTP/1.1 200 OK\n<ok-plain.txt\n")
        with open("scripts/ok-plain.txt", "rb") as file:
            self.assertEqual(file.read(), body_of(ask("filed")[0]))

    def test_matches(self):
        good = ["-H", "Authorization: Bearer k", "-H", "Content-Type: application/json", "-d", '{"messages":[]}']
        self.assertEqual(200, curl(*good, url("/checks-key/v1/chat/completions"))[1])
        for change, complaint in [((1, "Authorization: Bearer x"), b"Bearer k"), ((5, "{}"), b"the body lacks")]:
            bad = list(good)
            bad[change[0]] = change[1]
            _, code, body = curl(*bad, url("/checks-key/v1/chat/completions"))
            self.assertEqual(400, code)
            self.assertIn(complaint, body)
        define("negative", "@match no-header X-A\n@match no-body secret\nHTTP/1.1 200 OK\n@repeat\n")
        codes = [curl(*arguments, url("/negative/v1/x"))[1] for arguments in
                 (["-d", "{}"], ["-H", "X-A: 1", "-d", "{}"], ["-d", "a secret"])]
        self.assertEqual([200, 400, 400], codes)


class Bodies(unittest.TestCase):
    def test_plain_answer(self):
        status, code, body = curl("-d", "{}", url("/ok-plain/v1/chat/completions"))
        self.assertEqual((0, 200), (status, code))
        self.assertEqual("stop", json.loads(body)["choices"][0]["finish_reason"])

    def test_streams(self):
        for script in ("ok-stream", "ok-stream-crlf", "slow-tokens", "stream-no-done", "line-3mb"):
            body = curl(url(f"/{script}/v1/chat/completions"))[2].replace(b"\r\n", b"\n")
            self.assertEqual("Hello! How can I help you today?", text_of(body), script)
        self.assertEqual("Grüße aus 東京 🎌", text_of(curl(url("/ok-stream-split/v1/x"))[2]))

    def test_gzip(self):
        for script in ("gzip-plain", "gzip-stream"):
            received = ask(script)[0]
            self.assertIn(b"Content-Encoding: gzip\r\n", received)
            self.assertEqual(0, curl("--compressed", url(f"/{script}/v1/x"))[0])
        self.assertEqual(text_of(curl("--compressed", url("/gzip-stream/v1/x"))[2]), "Hello! How can I help you today?")
        json.loads(gzip.decompress(body_of(ask("gzip-plain")[0])))

    def test_gzip_bomb(self):
        packed = body_of(ask("gzip-bomb")[0])
        self.assertLess(len(packed), 1 << 20)
        self.assertEqual(64 << 20, len(gzip.decompress(packed)))

    def test_bytes_and_fill(self):
        define("raw", "HTTP/1.1 200 OK\n@bytes a\\x00\\xff\\\\\\r\\n\n@fill 3 ab\n")
        self.assertEqual(b"a\x00\xff\\\r\nababab", body_of(ask("raw")[0]))

    def test_lengths(self):
        for script, difference in (("length-too-long", 50), ("length-too-short", -50)):
            received = ask(script)[0]
            promised = int(re.search(rb"Content-Length: (\d+)", received)[1])
            self.assertEqual(difference, promised - len(body_of(received)))
        self.assertEqual(18, curl(url("/length-too-long/v1/x"))[0], "curl sees a partial file")
        received, end = ask_raw("length-none")
        self.assertNotIn(b"Content-Length", received)
        self.assertEqual("closed", end)

    def test_chunk_oddities(self):
        received = ask("chunked-odd")[0]
        self.assertIn(b'\r\n\r\n5;name="a;b"\r\n', received)
        self.assertTrue(received.endswith(b"\r\n0\r\nX-Checksum: 1234\r\n\r\n"))
        status, _, body = curl(url("/chunked-odd/v1/x"))
        self.assertEqual(0, status)
        json.loads(body)
        self.assertEqual(56, curl(url("/chunked-broken/v1/x"))[0])
        self.assertEqual(18, curl(url("/chunked-unterminated/v1/x"))[0])

    def test_statuses(self):
        names = [name[:-4] for name in os.listdir("scripts") if name.startswith("status-")]
        self.assertGreater(len(names), 12)
        for name in names:
            _, code, body = curl(url(f"/{name}/v1/x"))
            self.assertEqual(int(name.split("-")[1]), code)
            if code not in (502,) and "empty" not in name:
                self.assertIn("message", json.loads(body)["error"])


class Time(unittest.TestCase):
    """Only lower bounds are checked: a slow machine must not fail these."""

    def arrival_times(self, script, body=b"{}"):
        with connect() as peer:
            start = time.monotonic()
            peer.sendall(request_bytes(f"/{script}/v1/x", body, ["Connection: close"]))
            arrivals = []
            while piece := peer.recv(1 << 20):
                arrivals.append((time.monotonic() - start, piece))
            return arrivals

    def test_delays(self):
        self.assertGreaterEqual(self.arrival_times("slow-first-byte")[0][0], 0.5)
        self.assertGreaterEqual(self.arrival_times("slow-tokens")[-1][0], 0.5)
        token = next(when for when, piece in self.arrival_times("slow-first-token") if b"data:" in piece)
        self.assertGreaterEqual(token, 0.5)

    def test_split_makes_writes_of_their_own(self):
        define("split", "HTTP/1.1 200 OK\n@split 5 20\n<<E\nabcdefghij\nE\n")
        pieces = [piece for _, piece in self.arrival_times("split")]
        self.assertEqual([b"HTTP/", b"1.1 2"], pieces[:2])
        self.assertTrue(all(len(piece) <= 5 for piece in pieces))


class Connections(unittest.TestCase):
    def test_keep_alive_and_pipelining(self):
        with connect() as peer:
            one = request_bytes("/ok-plain~pipe/v1/x", b'{"n":1}')
            last = request_bytes("/ok-plain~pipe/v1/x", b'{"n":2}', ["Connection: close"])
            peer.sendall(one + one + last)
            received, end = receive_all(peer)
        self.assertEqual((3, "closed"), (received.count(b"HTTP/1.1 200"), end))
        seen = records("/ok-plain~pipe")
        self.assertEqual([1, 2, 3], [record["request"] for record in seen])
        self.assertEqual(1, len({record["connection"] for record in seen}))

    def test_requests_byte_by_byte(self):
        with connect() as peer:
            for byte in request_bytes("/__echo/v1/embeddings", b'{"input":"a"}', ["Connection: close"]):
                peer.sendall(bytes([byte]))
            self.assertIn(b"200 OK", receive_all(peer)[0])

    def test_chunked_requests(self):
        body = '{"messages":[{"role":"user","content":"%s"}]}' % ("z" * 300000)
        _, code, answer = curl("-H", "Transfer-Encoding: chunked", url("/__echo/v1/chat/completions"),
                               body=body.encode())
        self.assertEqual(200, code)
        self.assertEqual("z" * 300000, json.loads(answer)["choices"][0]["message"]["content"])

    def test_close_and_reset(self):
        self.assertEqual((b"", "closed"), ask_raw("close-at-once"))
        self.assertEqual((b"", "reset"), ask_raw("reset-at-once"))
        received, end = ask_raw("reset-mid-body")
        self.assertEqual("reset", end)
        self.assertIn(b"chatcmpl-1", received)
        self.assertEqual("closed", ask_raw("close-each")[1])
        self.assertEqual("open", ask_raw("ok-plain", timeout=0.2)[1])

    def test_never(self):
        self.assertEqual((b"", "open"), ask_raw("never", timeout=0.2))
        received, end = ask_raw("never-after-text", timeout=0.2)
        self.assertEqual(("open", True), (end, b"Hello" in received))

    def test_aborted_answers_are_counted(self):
        before = json.loads(curl(url("/__stats"))[2])["aborted"]
        ask_raw("never", timeout=0.1)
        deadline = time.monotonic() + 10
        while json.loads(curl(url("/__stats"))[2])["aborted"] == before:
            self.assertLess(time.monotonic(), deadline)

    def test_garbage(self):
        self.assertTrue(ask("garbage")[0].startswith(b"\x16\x03"))
        self.assertEqual(400, curl("-H", "A" * 10 + "\x01", "-X", "G T", url("/x"))[1])

    def test_unfinished_streams(self):
        received, end = ask_raw("stream-cut-mid-event")
        self.assertEqual("closed", end)
        self.assertFalse(received.endswith(b"0\r\n\r\n"))
        self.assertEqual(18, curl(url("/stream-cut-mid-event/v1/x"))[0])
        self.assertEqual(0, curl(url("/stream-no-end/v1/x"))[0])

    def test_sequences_over_faults(self):
        define("drop", "@close\n===\nHTTP/1.1 200 OK\n")
        self.assertEqual(52, curl(url("/drop/v1/x"))[0])
        self.assertEqual(200, curl(url("/drop/v1/x"))[1])
        self.assertEqual([429, 200, 200], [curl(url("/429-then-ok~self/v1/x"))[1] for _ in range(3)])

    def test_unix_socket(self):
        self.assertEqual(200, curl("--unix-socket", server.unix, "http://localhost/ok-plain/v1/x")[1])

    def test_many_connections(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        count = min(10000, hard - 200)
        peers = [connect() for _ in range(count)]
        try:
            for peer in peers:
                peer.sendall(request_bytes("/__gen/2/300/v1/chat/completions", b'{"stream":true}'))
            for peer in peers:
                received = b""
                while not received.endswith(b"0\r\n\r\n"):
                    received += peer.recv(65536)
            self.assertGreaterEqual(json.loads(curl(url("/__stats"))[2])["open"], count)
        finally:
            for peer in peers:
                peer.close()
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class Continue(unittest.TestCase):
    HEAD = b"POST /%s/v1/x HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"

    def first_answer(self, script, timeout=10.0):
        with connect() as peer:
            peer.settimeout(timeout)
            peer.sendall(self.HEAD % script)
            try:
                first = peer.recv(65536)
            except TimeoutError:
                first = b""
            peer.sendall(b"{}")
            return first, receive_all(peer)[0]

    def test_said_by_default(self):
        first, rest = self.first_answer(b"ok-plain")
        self.assertEqual(b"HTTP/1.1 100 Continue\r\n\r\n", first)
        self.assertTrue(rest.startswith(b"HTTP/1.1 200"))

    def test_withheld(self):
        first, rest = self.first_answer(b"continue-withheld", timeout=0.3)
        self.assertEqual(b"", first)

    def test_refused_before_the_body(self):
        self.assertTrue(self.first_answer(b"continue-refused")[0].startswith(b"HTTP/1.1 413"))
        self.assertEqual(413, curl(url("/continue-refused/v1/x"), body=b"x" * 3000000)[1])

    def test_unasked(self):
        received = ask("continue-unasked")[0]
        statuses = [part.split(b"\r\n")[0] for part in received.split(b"\r\n\r\n")[:3]]
        self.assertEqual([b"HTTP/1.1 100 Continue", b"HTTP/1.1 103 Early Hints", b"HTTP/1.1 200 OK"], statuses)
        self.assertEqual((0, 200), curl(url("/continue-unasked/v1/x"))[:2])


class Tls(unittest.TestCase):
    def tls_url(self, fault="", host="localhost"):
        return f"https://{host}:{server.ports['listening-tls' + fault]}/ok-plain/v1/x"

    def test_good(self):
        for host in ("localhost", "127.0.0.1"):
            self.assertEqual((0, 200), curl("--cacert", server.ca, self.tls_url(host=host))[:2])
        self.assertTrue(records("/ok-plain/")[-1]["tls"])

    def test_large_bodies_both_ways(self):
        content = "q" * 2000000
        body = json.dumps({"messages": [{"role": "user", "content": content}]})
        address = self.tls_url().replace("ok-plain", "__echo").replace("/x", "/chat/completions")
        answer = curl("--cacert", server.ca, address, body=body.encode())[2]
        self.assertEqual(content, json.loads(answer)["choices"][0]["message"]["content"])

    def test_faults(self):
        self.assertEqual(60, curl(self.tls_url())[0], "not trusted without the authority")
        self.assertEqual(60, curl("--cacert", server.ca, self.tls_url("-wrong-name"))[0])
        self.assertEqual(60, curl("--cacert", server.ca, self.tls_url("-expired"))[0])
        self.assertEqual(35, curl("--cacert", server.ca, self.tls_url("-garbage"))[0])
        self.assertEqual(28, curl("-m", "0.3", "--cacert", server.ca, self.tls_url("-stall"))[0])

    def test_cut_gives_no_close_notify(self):
        define("cut", "HTTP/1.1 200 OK\n@length +5\n<<E\nabc\nE\n@cut\n")
        self.assertNotEqual(0, curl("--cacert", server.ca, self.tls_url().replace("ok-plain", "cut"))[0])


class BuiltIn(unittest.TestCase):
    CHAT = ('{"model":"m","stream":%s,"messages":'
            '[{"role":"user","content":"one"},{"role":"user","content":"zwölf Boxkämpfer"}]}')

    def test_generated_streams(self):
        want = "".join(f"{i}" + ("\n" if i % 16 == 15 else " ") for i in range(500))
        for options in ("", "/each", "/chunks", "/write-100", "/chunks/write-7", "/each/pause-1"):
            status, code, body = curl("-d", self.CHAT % "true", url(f"/__gen/500/340{options}/v1/chat/completions"))
            self.assertEqual((0, 200), (status, code), options)
            self.assertEqual(want, text_of(body), options)
            events = body.decode().split("\n\n")
            self.assertEqual({340}, {len(event) + 2 for event in events[1:501]}, options)
            self.assertEqual(["data: [DONE]", ""], events[-2:], options)
            self.assertEqual(500, events_of(body)[-1]["usage"]["completion_tokens"])
            self.assertEqual([], events_of(body)[-1]["choices"])

    def test_writes_of_a_generated_stream(self):
        request = request_bytes("/__gen/50/340/each/pause-5/v1/chat/completions", b'{"stream":true}')
        with connect() as peer:
            peer.sendall(request)
            pieces = []
            while not pieces or not pieces[-1].endswith(b"0\r\n\r\n"):
                pieces.append(peer.recv(1 << 20))
        self.assertGreater(len(pieces), 25, "one event per write")

    def test_echo(self):
        body = curl("-d", self.CHAT % "false", url("/__echo/v1/chat/completions"))[2]
        self.assertEqual("zwölf Boxkämpfer", json.loads(body)["choices"][0]["message"]["content"])
        body = curl("-d", self.CHAT % "true", url("/__echo/v1/chat/completions"))[2]
        self.assertEqual("zwölf Boxkämpfer", text_of(body))
        parts = '{"messages":[{"role":"user","content":[{"type":"text","text":"a\\"b"},{"type":"text","text":"c"}]}]}'
        body = curl("-d", parts, url("/__echo/v1/chat/completions"))[2]
        self.assertEqual('a"bc', json.loads(body)["choices"][0]["message"]["content"])

    def test_embeddings(self):
        body = curl("-d", '{"input":["ab","c"],"dimensions":3}', url("/__echo/v1/embeddings"))[2]
        vectors = [item["embedding"] for item in json.loads(body)["data"]]
        self.assertEqual([[0.97, 0.98, 0.99], [0.0, 0.01, 0.02]], vectors)
        body = curl("-d", '{"input":"ab","dimensions":3,"encoding_format":"base64"}', url("/__echo/v1/embeddings"))[2]
        packed = base64.b64decode(json.loads(body)["data"][0]["embedding"])
        self.assertEqual([0.97, 0.98, 0.99], [round(number, 6) for number in struct.unpack("<3f", packed)])

    def test_models(self):
        names = [model["id"] for model in json.loads(curl(url("/__echo/v1/models"))[2])["data"]]
        self.assertEqual(["echo-large", "echo-small"], names)
        self.assertEqual("echo-small", json.loads(curl(url("/__echo/v1/models/echo-small"))[2])["id"])
        self.assertEqual(404, curl(url("/__echo/v1/models/none"))[1])

    def test_bad_requests(self):
        self.assertEqual(400, curl("-d", "{", url("/__echo/v1/chat/completions"))[1])
        self.assertEqual(404, curl("-d", "{}", url("/__gen/many/340/v1/chat/completions"))[1])
        self.assertEqual(404, curl("-d", "{}", url("/__echo/v1/nothing"))[1])

    def test_records_and_log(self):
        curl("-H", "X-Test: yes", "-d", '{"a":"ü"}', url("/ok-plain~recorded/v1/chat/completions?q=1"))
        (record,) = records("/ok-plain~recorded")
        self.assertEqual(("POST", 10, '{"a":"ü"}'), (record["method"], record["body_length"], record["body"]))
        self.assertIn(["X-Test", "yes"], record["headers"])
        with open(server.log) as log:
            self.assertEqual(record, [line for line in map(json.loads, log) if "recorded" in line["path"]][-1])

    def test_bodies_that_are_no_text(self):
        curl(url("/ok-plain~binary/v1/x"), body=b"\xff\x01")
        self.assertEqual("ff01", records("/ok-plain~binary")[0]["body_hex"])


if __name__ == "__main__":
    unittest.main()
