#!/usr/bin/env python3
"""What the shipped library is made of, in bytes for each layer, from the copy of it that kept its symbols.

    size.py LIBRARY                 print the table
    size.py LIBRARY --write PAGE    renew the table of a page
    size.py LIBRARY --check PAGE    fail where a part has grown by more than the page allows

A function belongs to the layer whose folder its source file is in, as the debug information says. What the compiler made
without a place in the sources belongs to the layer of the type that its name begins with, else to the standard library.
"""
import argparse
import collections
import json
import os
import re
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MAY_GROW = 2048
# A text of this length in the constants is one of the catalogue's tables.
TABLE_LENGTH = 4096
BEGIN, END = "<!-- sizes -->\n", "<!-- /sizes -->\n"

CATALOGUE, CONSTANTS = "constants: the catalogue's tables", "constants: sentences, words, tables"
STANDARD, SHARED = "code: standard library and its generic copies", "code: pieces that functions share"
DATA, LINKING = "data", "relocations, symbols, headers"


def output(*command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, **options).stdout


def tool(name):
    """A tool of the Swift toolchain, which may not be on the PATH."""
    swift = shutil.which("swiftc")
    beside = os.path.join(os.path.dirname(os.path.realpath(swift)), name) if swift else name
    return beside if os.path.exists(beside) else name


def compiler():
    return re.search(r"Swift version \S+", output("swiftc", "--version", stderr=subprocess.DEVNULL)).group()


class Sources:
    """Which layer a file or a type is in."""

    def __init__(self):
        self.layer_of_type = {}
        for folder, _, files in os.walk(os.path.join(ROOT, "Sources")):
            for file in files:
                if file.endswith(".swift"):
                    self.read(os.path.join(folder, file))

    def read(self, path):
        with open(path, encoding="utf-8") as file:
            for name in re.findall(r"\b(?:class|struct|enum|protocol) (\w+)", file.read()):
                self.layer_of_type.setdefault(name, self.layer(path))

    @staticmethod
    def layer(path):
        match = re.search(r"/Sources/(\w+)/", path)
        return match.group(1) if match else None

    def layer_of_name(self, mangled):
        """The layer of the first type of ours in a mangled name: a length and that many letters."""
        rest = mangled.partition("LLMProviderABI")[2]
        match = re.match(r"(\d+)", rest)
        if not match:
            return None
        start = match.end()
        return self.layer_of_type.get(rest[start:start + int(match.group())])


class Library:
    def __init__(self, path):
        self.path = path
        self.sections = {}
        for line in output("readelf", "-SW", path).splitlines():
            match = re.match(r" +\[ *\d+\] (\S+) +(\S+) +([0-9a-f]+) ([0-9a-f]+) ([0-9a-f]+) \S+ +(\w*) ", line)
            if match:
                name, kind, address, offset, size, flags = match.groups()
                self.sections[name] = (kind, int(address, 16), int(offset, 16), int(size, 16), flags)

    def functions(self):
        """(address, size, name) of each place in the code; folded functions share one."""
        found = {}
        for line in output("nm", "-S", "--defined-only", self.path).splitlines():
            fields = line.split()
            if len(fields) == 4 and fields[2] in "tTwW":
                found.setdefault(int(fields[0], 16), (int(fields[1], 16), fields[3]))
        return [(address, size, name) for address, (size, name) in sorted(found.items())]

    def files(self, addresses):
        """The source file of the function at each address: of the outermost frame, not of what was inlined into it."""
        lines = output(tool("llvm-symbolizer"), "--obj=" + self.path, "--output-style=JSON",
                       input="\n".join(map(hex, addresses)))
        return [json.loads(line)["Symbol"][-1]["FileName"] for line in lines.splitlines()]

    def tables(self):
        """The bytes of the constants that are in long texts."""
        _, _, offset, size, _ = self.sections[".rodata"]
        with open(self.path, "rb") as file:
            file.seek(offset)
            texts = file.read(size).split(b"\0")
        return sum(len(text) + 1 for text in texts if len(text) >= TABLE_LENGTH)


def measure(path):
    library, sources = Library(path), Sources()
    functions = library.functions()
    sizes = collections.Counter()
    for (_, size, name), file in zip(functions, library.files([address for address, _, _ in functions])):
        if name.startswith("OUTLINED_FUNCTION_"):
            sizes[SHARED] += size
        else:
            layer = sources.layer(file) or sources.layer_of_name(name)
            sizes["code: " + layer if layer else STANDARD] += size
    for name, (kind, _, _, size, flags) in library.sections.items():
        if name == ".text":
            sizes[SHARED] += size - sum(sizes[part] for part in sizes if part.startswith("code: "))
        elif name == ".rodata":
            sizes[CATALOGUE] = library.tables()
            sizes[CONSTANTS] = size - sizes[CATALOGUE]
        elif name in (".data", ".data.rel.ro"):
            sizes[DATA] += size
        elif "A" in flags and kind != "NOBITS":
            sizes[LINKING] += size
    return dict(sorted(sizes.items()))


def rows(sizes):
    total = sum(sizes.values())
    lines = [f"| {part} | {size:,} |" for part, size in [*sizes.items(), ("all of it", total)]]
    return "\n".join(["| part | bytes |", "| --- | ---: |", *lines]) + "\n"


def page_table(page):
    """(before, table, after) of the marked part of a page."""
    with open(page, encoding="utf-8") as file:
        text = file.read()
    before, found, rest = text.partition(BEGIN)
    table, ended, after = rest.partition(END)
    if not (found and ended):
        sys.exit(f"size: {page} has no {BEGIN.strip()} … {END.strip()}")
    return before, table, after


def write(page, sizes):
    before, _, after = page_table(page)
    with open(page, "w", encoding="utf-8") as file:
        file.write(f"{before}{BEGIN}{compiler()}\n\n{rows(sizes)}{END}{after}")


def check(page, sizes):
    """What is wrong, a line each. Another compiler makes other code, of which the page says nothing."""
    _, table, _ = page_table(page)
    if compiler() not in table:
        print(f"size: the table is that of another compiler than {compiler()}, and not compared")
        return []
    allowed = {part: int(size.replace(",", "")) for part, size in re.findall(r"^\| (.+?) \| ([\d,]+) \|$", table, re.M)}
    return [f"{part} grew from {allowed.get(part, 0):,} to {size:,} bytes" for part, size in sizes.items()
            if size > allowed.get(part, 0) + MAY_GROW]


def main():
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    arguments.add_argument("library", help="the shared library with its symbols")
    arguments.add_argument("--write", metavar="PAGE")
    arguments.add_argument("--check", metavar="PAGE")
    options = arguments.parse_args()
    sizes = measure(options.library)
    if options.write:
        write(options.write, sizes)
    elif options.check:
        grown = check(options.check, sizes)
        if grown:
            sys.exit("\n".join([*grown, f"`make size` renews {options.check}; say there in a sentence why"]))
    else:
        print(rows(sizes), end="")


if __name__ == "__main__":
    main()
