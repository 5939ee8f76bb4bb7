#!/usr/bin/env python3
"""Makes the binary bodies of this folder: make_frames.py turns each CASE/frames.jsonl into CASE/response.bin.

A line of frames.jsonl is a message of an AWS event stream:
  {"event": "contentBlockDelta", "data": {...}}       an event
  {"exception": "throttlingException", "data": {...}}  an exception in the place of one
  {"error": "InternalError", "message": "..."}         an error without a payload
"damage": "prelude" or "message" spoils that checksum; "cut": N leaves out the last N bytes.
"""
import json
import pathlib
import struct
import zlib


def header(name, value):
    name, value = name.encode(), value.encode()
    return bytes([len(name)]) + name + b"\x07" + struct.pack(">H", len(value)) + value


def headers(line):
    if "exception" in line:
        names = {":exception-type": line["exception"], ":content-type": "application/json", ":message-type": "exception"}
    elif "error" in line:
        names = {":error-code": line["error"], ":error-message": line["message"], ":message-type": "error"}
    else:
        names = {":event-type": line["event"], ":content-type": "application/json", ":message-type": "event"}
    return b"".join(header(name, value) for name, value in names.items())


def message(line):
    head = headers(line)
    payload = json.dumps(line["data"], separators=(",", ":"), ensure_ascii=False).encode() if "data" in line else b""
    prelude = struct.pack(">II", 16 + len(head) + len(payload), len(head))
    prelude += struct.pack(">I", zlib.crc32(prelude) ^ (line.get("damage") == "prelude"))
    whole = prelude + head + payload
    whole += struct.pack(">I", zlib.crc32(whole) ^ (line.get("damage") == "message"))
    return whole[: len(whole) - line.get("cut", 0)]


def main():
    for source in sorted(pathlib.Path(__file__).parent.rglob("frames.jsonl")):
        lines = [json.loads(text) for text in source.read_text(encoding="utf-8").splitlines() if text.strip()]
        source.with_name("response.bin").write_bytes(b"".join(message(line) for line in lines))


if __name__ == "__main__":
    main()
