#!/usr/bin/env python3
"""Prints the library's functions that a call runs through, in the order in which it comes to them, one name per line.

What the linker puts side by side in that order takes fewer lines of the processor's instruction cache, and a single call
costs little but those. The library below PREFIX must have kept its symbols.
"""
import argparse
import collections
import os
import re
import sys
import tempfile

import run

CALLS = 100
WORKLOADS = [run.WORKLOADS["plain"].with_calls(CALLS), run.GUARDED.with_calls(CALLS), run.stream(1_000, 2)]
# Pieces that the compiler cut out of several functions, whose numbers change with every build; and code without a symbol.
NAMELESS = ("OUTLINED_FUNCTION_", "0x")


class Profile:
    """What a callgrind file says of who calls whom."""

    def __init__(self, path):
        self.library_of, self.callees, self.calls = {}, collections.defaultdict(list), collections.Counter()
        self.names, self.objects = {}, {}
        with open(path, errors="replace") as lines:
            self.read(lines)

    def read(self, lines):
        caller = callee = place = foreign_place = None
        for line in lines:
            key, _, value = line.rstrip("\n").partition("=")
            if key == "ob":
                place = self.expand(self.objects, value)
            elif key == "fn":
                caller = self.expand(self.names, value)
                self.library_of[caller] = place
            elif key == "cob":
                foreign_place = self.expand(self.objects, value)
            elif key == "cfn":
                callee = self.expand(self.names, value)
                self.library_of.setdefault(callee, foreign_place or place)
                foreign_place = None
            elif key == "calls":
                self.callees[caller].append(callee)
                self.calls[callee] += int(value.split()[0])

    @staticmethod
    def expand(known, value):
        """Callgrind writes a name once and its number later."""
        number, name = re.match(r"\((\d+)\)(?: (.*))?$", value).groups()
        if name is not None:
            known[number] = name.split("'")[0]
        return known[number]

    def functions(self, library):
        """Depth first from the program, those that every call comes to."""
        found, waiting = {}, ["main"]
        while waiting:
            name = waiting.pop()
            if name in found:
                continue
            is_ours = os.path.basename(library) == os.path.basename(self.library_of.get(name) or "")
            found[name] = is_ours and self.calls[name] >= CALLS / 2 and not name.startswith(NAMELESS)
            waiting += reversed(self.callees[name])
        return [name for name, is_hot in found.items() if is_hot]


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--prefix", required=True, help="where llm-provider is installed, with its symbols")
    programs = run.Programs(arguments.parse_args().prefix)
    hot = {}
    with run.Server() as server, tempfile.TemporaryDirectory() as folder:
        for workload in WORKLOADS:
            report = os.path.join(folder, "callgrind")
            workload.measure(programs.ours, server,
                             ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={report}"])
            hot.update(dict.fromkeys(Profile(report).functions(programs.library)))
    if not hot:
        sys.exit("hot: the library has no symbols")
    print("\n".join(hot))


if __name__ == "__main__":
    main()
