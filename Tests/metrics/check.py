#!/usr/bin/env python3
"""check.py: reads metrics in Prometheus's text format 0.0.4 from standard input, and says what is wrong with them.

The rules are those of the format and of `promtool check metrics`: families declared once and kept together, names and
labels well formed, counters that end in _total, base units, no series twice, histograms that add up.
"""
import re
import sys

NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? ([^ ]+)( -?\d+)?')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"')
WRONG_UNITS = ("_ms", "_milliseconds", "_us", "_minutes", "_cents", "_kb", "_mb", "_percent")
problems = []


def problem(number, text):
    problems.append(f"line {number}: {text}")


def labels_of(number, text):
    """The labels as a dictionary; their order does not matter."""
    labels, place = {}, 0
    while text and place < len(text):
        match = LABEL.match(text, place)
        if not match:
            problem(number, f"no label at {text[place:]!r}")
            break
        if match[1] in labels:
            problem(number, f"the label {match[1]} twice")
        labels[match[1]] = match[2]
        place = match.end()
        if place < len(text) and text[place] != ",":
            problem(number, f"no comma at {text[place:]!r}")
            break
        place += 1
    return labels


def family_of(name, types):
    for suffix in ("_bucket", "_sum", "_count"):
        if name.endswith(suffix) and types.get(name[: -len(suffix)]) == "histogram":
            return name[: -len(suffix)]
    return name


def check_histogram(family, samples):
    series = {}
    for name, labels, value in samples:
        key = tuple(sorted((k, v) for k, v in labels.items() if k != "le"))
        series.setdefault(key, {"buckets": []})
        if name.endswith("_bucket"):
            series[key]["buckets"].append((float(labels.get("le", "nan")), value))
        else:
            series[key][name[len(family):]] = value
    for key, parts in series.items():
        buckets = parts["buckets"]
        bounds, counts = [b for b, _ in buckets], [c for _, c in buckets]
        if bounds != sorted(set(bounds)) or not bounds or bounds[-1] != float("inf"):
            problems.append(f"{family}{key}: bounds that do not rise to +Inf: {bounds}")
        if counts != sorted(counts):
            problems.append(f"{family}{key}: buckets that are not cumulative: {counts}")
        if "_sum" not in parts or "_count" not in parts or counts[-1:] != [parts["_count"]]:
            problems.append(f"{family}{key}: _sum and _count are missing or differ from the last bucket")


def main():
    text = sys.stdin.read()
    types, helps, finished, samples, seen = {}, set(), set(), {}, set()
    current = None
    if not text.endswith("\n"):
        problems.append("no line feed at the end")

    def enter(number, family):
        nonlocal current
        if family != current:
            if family in finished:
                problem(number, f"{family} is not kept together")
            if current:
                finished.add(current)
            current = family

    for number, line in enumerate(text.split("\n")[:-1], 1):
        if line.startswith("# "):
            words = line.split(" ", 3)
            if words[1] not in ("HELP", "TYPE") or not NAME.fullmatch(words[2]):
                continue
            enter(number, words[2])
            if words[1] == "HELP":
                if words[2] in helps:
                    problem(number, f"a second HELP of {words[2]}")
                helps.add(words[2])
                continue
            if words[2] in types or words[2] in samples:
                problem(number, f"TYPE of {words[2]} comes twice, or late")
            if words[3] not in ("counter", "gauge", "histogram", "summary", "untyped"):
                problem(number, f"no such type: {words[3]}")
            types[words[2]] = words[3]
            continue
        if not line:
            continue
        match = SAMPLE.fullmatch(line)
        if not match:
            problem(number, f"no sample: {line!r}")
            continue
        name, labels = match[1], labels_of(number, match[2])
        family = family_of(name, types)
        enter(number, family)
        if family not in types:
            problem(number, f"{name} has no TYPE before it")
        try:
            value = float(match[3])
        except ValueError:
            problem(number, f"no number: {match[3]}")
            continue
        key = (name, tuple(sorted(labels.items())))
        if key in seen:
            problem(number, f"{name} with these labels twice")
        seen.add(key)
        if types.get(family) == "counter" and value < 0:
            problem(number, "a counter below 0")
        samples.setdefault(family, []).append((name, labels, value))

    for family, kind in types.items():
        if (kind == "counter") != family.endswith("_total"):
            problems.append(f"{family}: counters, and no others, end in _total")
        if family.removesuffix("_total").endswith(WRONG_UNITS):
            problems.append(f"{family}: not a base unit")
        if kind == "histogram":
            check_histogram(family, samples.get(family, []))
    for line in problems:
        print(line)
    print(f"{len(types)} families, {len(seen)} samples, {len(problems)} problems")
    return 1 if problems or not seen else 0


sys.exit(main())
