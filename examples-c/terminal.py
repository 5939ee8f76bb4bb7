"""terminal.py CHAT ARGUMENT...: talks to chat in a terminal as people do, and checks what comes of it.

The mock answers with what it was asked. Waits for what chat prints rather than for time to pass.
"""

import os
import pty
import re
import sys

PASTE = "\033[200~{}\033[201~"
UP, ENTER, END = "\033[A", "\r", "\004"


class Terminal:
    def __init__(self, command):
        child, self.side = pty.fork()
        if child == 0:
            os.execvp(command[0], command)
        self.seen = ""

    def type(self, text):
        data = text.encode()
        while data:
            data = data[os.write(self.side, data[:1024]):]
            if data:
                self.read()  # or chat could not go on showing what it reads

    def read(self):
        try:
            data = os.read(self.side, 65536)
        except OSError:  # the program is gone
            data = b""
        # What moves the cursor is not of interest, nor is where the terminal puts its line ends.
        self.seen += re.sub(r"\033(\[[0-9;?]*[A-Za-z]|[78])", "", data.decode(errors="replace")).replace("\r", "")
        return data

    def until(self, wanted):
        """What was printed up to there; all of it if that never comes."""
        while wanted not in self.seen and self.read():
            pass
        before, found, self.seen = self.seen.partition(wanted)
        return before + found


def check(name, holds):
    print(("ok " if holds else "not ok ") + name)
    return holds


def main():
    terminal = Terminal(sys.argv[1:])
    terminal.until("> ")

    long = "word " * 2000 + "end"
    terminal.type(PASTE.format(long) + ENTER)
    terminal.until("\n")
    good = check("a pasted line of 10,000 bytes arrives whole", long in terminal.until("end\n"))

    terminal.until("> ")
    terminal.type(PASTE.format("first\rsecond\rthird") + ENTER)
    terminal.until("third\n")
    good &= check("a pasted paragraph is one question", "first\nsecond\nthird" in terminal.until("third\n"))

    terminal.until("> ")
    terminal.type(UP + UP + UP + "\033[B" + ENTER)
    terminal.until("third\n")
    good &= check("arrows bring back what was asked", "first\nsecond\nthird\n" in terminal.until("third\n"))

    terminal.until("> ")
    terminal.type("ä\177o\177\177ok" + ENTER + "typed early" + ENTER)
    terminal.until("ok\n")
    answer = terminal.until("> ")
    good &= check("what is typed early waits for its prompt", "ok\n" in answer and "typed" not in answer)
    good &= check("and is asked then", "typed early\ntyped early\n" in terminal.until("> "))

    terminal.type(END)
    terminal.until("never")
    return 0 if good else 1


sys.exit(main())
