"""interrupt.py CHAT ARGUMENT...: asks chat a question, sends it SIGINT in the middle of the answer, and leaves.

Waits for what chat prints rather than for time to pass.
"""

import signal
import subprocess
import sys


def read_until(stream, wanted):
    seen = b""
    while wanted not in seen:
        byte = stream.read(1)
        if not byte:
            break
        seen += byte
    sys.stdout.write(seen.decode())


chat = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0)
chat.stdin.write(b"Tell me a story.\n")
read_until(chat.stdout, b"Once upon")
chat.send_signal(signal.SIGINT)
read_until(chat.stdout, b"[stopped]")
chat.stdin.write(b"/quit\n")
sys.stdout.write(chat.stdout.read().decode())
sys.exit(chat.wait())
