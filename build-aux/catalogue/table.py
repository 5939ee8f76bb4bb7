"""Our own table of models: sections of lines, read as Sources/LLMCatalog/Models/Models.swift explains them."""
import dataclasses
import pathlib
import re

from facts import TOKENS, Facts, known, price

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "Sources" / "LLMCatalog"
MODELS, PROVIDERS = FOLDER / "Models" / "Models.swift", FOLDER / "Providers" / "Providers.swift"
SECTION = re.compile(r'(ModelSection\(\s*"([\w-]+)",\s*"""\n)(.*?)( *""")', re.S)
LETTERS = {"t": "tools", "p": "parallel_tools", "j": "json_schema", "v": "vision", "a": "audio_input", "f": "files",
           "r": "reasoning"}
DATE = re.compile(r"\d{4}-\d\d-\d\d")
COLUMNS = 7


@dataclasses.dataclass
class Row:
    """One line: the id, seven columns as they are written, and words."""

    id: str
    columns: list[str]
    words: list[str]

    @staticmethod
    def parse(line):
        fields = line.split()
        columns = fields[1:1 + COLUMNS]
        return Row(fields[0], columns + ["-"] * (COLUMNS - len(columns)), fields[1 + COLUMNS:])

    def line(self):
        fields = [self.id, *self.columns, *self.words]
        while fields[-1] == "-":
            fields.pop()
        return " ".join(fields)

    @property
    def is_rule(self):
        return self.id.endswith("*")

    @property
    def letters(self):
        return self.columns[6].partition("!")[0].strip("-")

    def word(self, key):
        """The value of `key=value`."""
        return next((word[len(key) + 1:] for word in self.words if word.startswith(key + "=")), None)

    def end(self):
        """The day it ends, and what follows it."""
        word = next((word for word in self.words if DATE.match(word)), None)
        return (None, None) if word is None else (word[:10], word[11:] or None)


def sections():
    """The rows of each service."""
    return {name: [Row.parse(line) for line in lines.splitlines() if line.strip()]
            for _, name, lines, _ in SECTION.findall(MODELS.read_text(encoding="utf-8"))}


def written(rows):
    """The text of Models.swift with those rows in place of its own."""
    def section(match):
        head, name, _, tail = match.groups()
        return head + "".join(f"      {row.line()}\n" for row in rows[name]) + tail
    return SECTION.sub(section, MODELS.read_text(encoding="utf-8"))


def relatives():
    """Services that serve another's models, and whether at its prices."""
    found = re.findall(r'\("([\w-]+)", "([\w-]+)", (true|false)\)', MODELS.read_text(encoding="utf-8"))
    return {service: (other, same == "true") for service, other, same in found}


def defaults():
    """The default model of each service that has one."""
    text = re.sub(r" *\\\n *", " ", PROVIDERS.read_text(encoding="utf-8"))
    return dict(re.findall(r"^ *([\w-]+) \|.*? model=(\S+)", text, re.M))


def addresses():
    """The base URL of each service."""
    text = re.sub(r" *\\\n *", " ", PROVIDERS.read_text(encoding="utf-8"))
    return dict(re.findall(r"^ +([\w-]+) \|[^|]*\|[^|]*\| *([^ |]+)", text, re.M))


def aliases():
    """Other names of services."""
    text = PROVIDERS.read_text(encoding="utf-8").partition("let aliases")[2].partition("let ended")[0]
    return dict(re.findall(r"^ +([\w./-]+) ([\w-]+)$", text, re.M))


def facts(service, row, rows):
    """What a row says, with the rules of its family under it."""
    rules = sorted((rule for rule in rows if rule.is_rule and row.id.startswith(rule.id[:-1])), key=lambda rule: len(rule.id))
    # What rules say of prices is said in multiples of the row's own.
    said = Facts(service, row.id, "ours", prices=known(dict(zip(TOKENS, map(number, row.columns[2:6])))))
    for line in [*rules, row]:
        add(line, said)
    return said


def add(row, said):
    window, size = (number(column) for column in row.columns[:2])
    said.embedding = said.embedding or "e" in row.letters or "k" in row.letters
    said.window = said.window if window is None else int(window)
    if size is not None:
        setattr(said, "dimensions" if said.embedding else "output", int(size))
    has, _, lacks = row.columns[6].partition("!")
    said.abilities |= {LETTERS[letter]: True for letter in has if letter in LETTERS}
    said.abilities |= {LETTERS[letter]: False for letter in lacks if letter in LETTERS}
    ends, successor = row.end()
    said.ends, said.successor = ends or said.ends, successor or said.successor
    for word in row.words:
        add_word(word, said)


def add_word(word, said):
    key, _, value = word.partition("=")
    if key == "long":
        said.prices |= known({"cache_write_long": relative(value, said.prices.get("input"))})
    elif key in ("search", "call"):
        said.prices[key] = float(value)
    elif key == "audio":
        parts = [number(part) for part in value.split(",")]
        said.prices |= known(dict(zip(("audio_input", "audio_output"), parts)))
    elif key.startswith(">"):
        said.tiers = [tier for tier in said.tiers if tier[0] != int(key[1:])]
        if value != "-":
            said.tiers = sorted([*said.tiers, (int(key[1:]), changed(value, said.prices))])
    elif key.startswith("@"):
        said.modes.pop(key[1:], None)
        if value != "-":
            said.modes[key[1:]] = changed(value, said.prices)


def changed(value, prices):
    """The prices of a tier or a mode. What the list leaves out moves with the input."""
    parts = value.split(",")
    found = {}
    for name, part in zip(TOKENS, parts):
        found[name] = relative(part, prices.get(name))
    for name in TOKENS[len(parts):]:
        if prices.get("input") and found.get("input") is not None and name in prices:
            found[name] = price(prices[name] * found["input"] / prices["input"])
    return known(found)


def relative(text, base):
    """`x2` is twice the base."""
    if not text.startswith("x"):
        return number(text)
    return None if base is None else price(base * float(text[1:]))


def number(text):
    return None if text in ("-", "") else float(text)
