"""hostile.py MODE: a server that is no good Redis. Prints its port, and serves until its input is closed. MODE is how it
answers each command: drip (a byte at a time, for ever), array and bulk (the beginning of an answer larger than all
memory), quote (an error that has the whole command in it), swap (never swapped, never there), garbage, half, unasked (more
answers than commands)."""
import socket
import sys
import threading
import time

ANSWERS = {
    "array": b"*2147483647\r\n",
    "bulk": b"$2147483647\r\n" + b"x" * 100000,
    "garbage": b"\x00\xff nonsense",
    "half": b"$5\r\nab",
    "unasked": b"+OK\r\n:1\r\n",
}


def read_command(stream):
    count = int(stream.readline()[1:])
    command = []
    for _ in range(count):
        command.append(stream.read(int(stream.readline()[1:])))
        stream.read(2)
    return command


def answer(connection, mode, command):
    if mode == "drip":
        connection.sendall(b"$900000\r\n")
        while True:
            connection.sendall(b"x")
            time.sleep(0.02)
    if mode == "quote":
        connection.sendall(b"-ERR invalid " + b" ".join(command).replace(b"\r\n", b" ") + b"\r\n")
    elif mode == "swap":
        reads = command[0].upper() == b"GET"
        connection.sendall(b"$-1\r\n" if reads else b"-NOSCRIPT\r\n" if command[0] == b"EVALSHA" else b":0\r\n")
    else:
        connection.sendall(ANSWERS[mode])


def serve(connection, mode):
    stream = connection.makefile("rb")
    try:
        while True:
            answer(connection, mode, read_command(stream))
    except (OSError, ValueError, IndexError):
        connection.close()


listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)


def accept():
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0], sys.argv[1]), daemon=True).start()


threading.Thread(target=accept, daemon=True).start()
sys.stdin.read()
