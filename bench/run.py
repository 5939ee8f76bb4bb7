#!/usr/bin/env python3
"""Runs the benchmark: the hand-written baseline and llm-provider in turn, against the test server, and one table.

Every figure is explained in README.md. Timing never makes this fail: only errors and wrong answers do.
"""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.join(HERE, "build")
SERVER_FOLDER = os.path.join(HERE, "..", "Tests", "server")
QUESTION = "Tell me what sans-IO means, in a few words."
CFLAGS = ["-std=c11", "-D_GNU_SOURCE", "-O2", "-g", "-Wall", "-Wextra", "-pedantic"]


def run(command, **options):
    """The standard output of a command; a failing command ends the benchmark."""
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"bench: {' '.join(command)} failed with {done.returncode}")
    return done.stdout


# ---- building ----

def packages(names, environment, *what):
    return run(["pkg-config", *what, *names], env=environment).split()


def compile_program(name, sources, flags):
    output = os.path.join(BUILD, name)
    compiler = os.environ.get("CC", "cc")
    run([compiler, *CFLAGS, *[os.path.join(HERE, source) for source in sources], *flags, "-o", output])
    return output


def prefix_environment(prefix):
    """pkg-config finds the installed library, wherever below the prefix the distribution likes it."""
    folders = [os.path.join(folder, "pkgconfig") for folder, _, _ in os.walk(prefix)
               if os.path.isdir(os.path.join(folder, "pkgconfig"))]
    path = ":".join(folders + [os.environ.get("PKG_CONFIG_PATH", "")])
    return {**os.environ, "PKG_CONFIG_PATH": path}


class Programs:
    def __init__(self, prefix):
        os.makedirs(BUILD, exist_ok=True)
        run(["make", "-s", "-C", SERVER_FOLDER])
        self.load = compile_program("load", ["load.c"], [])
        self.counter = compile_program("count_alloc.so", ["count_alloc.c"], ["-shared", "-fPIC"])
        curl = packages(["libcurl", "jansson"], None, "--cflags", "--libs")
        self.baseline = compile_program("baseline", ["baseline.c", "measure.c"], curl)
        self.ours, self.library = self.baseline, None
        if prefix is not None:
            self.ours, self.library = self.compile_ours(prefix)

    @staticmethod
    def compile_ours(prefix):
        environment = prefix_environment(prefix)
        (folder,) = packages(["llm-provider"], environment, "--variable=libdir")
        flags = packages(["llm-provider"], environment, "--cflags", "--libs")
        program = compile_program("ours", ["ours.c", "measure.c"], [*flags, "-Wl,-rpath," + folder])
        return program, os.path.realpath(os.path.join(folder, "libllmprovider.so"))


class Server:
    def __enter__(self):
        command = [os.path.join(SERVER_FOLDER, "build", "llm-test-server"), "--until-stdin-closes", "--no-record"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().split()[1])
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()

    def url(self, resource):
        return f"http://127.0.0.1:{self.port}/{resource}/v1"


# ---- taking figures ----

class Workload:
    """One kind of call, made a number of times against one resource of the server; `turns` in each round."""

    def __init__(self, mode, resource, calls, events_per_call=0, turns=1):
        self.mode, self.resource, self.calls, self.turns = mode, resource, calls, turns
        self.events_per_call = events_per_call

    def expected_text(self):
        """How many bytes of text the calls must have brought. Each event has its number and one separator."""
        if self.events_per_call == 0:
            return self.calls * len(QUESTION)
        return self.calls * sum(len(str(number)) + 1 for number in range(self.events_per_call))

    def units(self):
        """What a figure is divided by: events of a stream, or plain calls."""
        return self.calls * (self.events_per_call or 1)

    def with_calls(self, calls):
        return Workload(self.mode, self.resource, calls, self.events_per_call)

    def measure(self, program, server, wrapper=(), **options):
        command = [*wrapper, program, self.mode, server.url(self.resource), str(self.calls)]
        figures = parse(run(command, **options))
        if figures["text"] != self.expected_text():
            sys.exit(f"bench: {program} got {figures['text']:.0f} bytes of text, not {self.expected_text()}")
        return figures


def stream(events, calls, option=""):
    return Workload("stream", f"__gen/{events}/340{option}", calls, events)


WORKLOADS = {
    "stream": stream(200_000, 1),
    "short": stream(1_000, 100),
    "each": stream(20_000, 2, "/each"),
    "plain": Workload("plain", "__echo", 500, turns=8),
}

# Plain calls with limits, breaker and budget switched on, which only ours has: measured against its own plain calls.
GUARDED = Workload("guarded", "__echo", 500, turns=8)


def parse(line):
    return {key: float(value) for key, value in (pair.split("=") for pair in line.split())}


def in_turn(programs, rounds, measure):
    """Measures baseline and ours in turn, A B A B …, so that a slow spell of the machine hits both."""
    baseline, ours = [], []
    for _ in range(rounds):
        baseline.append(measure(programs.baseline))
        ours.append(measure(programs.ours))
    return baseline, ours


def column(samples, key, divisor=1.0):
    return [sample[key] / divisor for sample in samples]


class Table:
    """Lines of a title, the samples of both, a unit, and the budget, which is a number of the unit or a ratio."""

    HEADER = ["figure", "baseline", "min–max", "ours", "min–max", "ratio", "budget", ""]

    def __init__(self):
        self.lines = [self.HEADER]

    def add(self, title, unit, baseline, ours, budget=None, budget_ratio=None, budget_more=None):
        middle = statistics.median(ours)
        reference = statistics.median(baseline) if baseline else None
        limits = {"": budget}
        if reference is not None:
            limits["×"] = budget_ratio * reference if budget_ratio is not None else None
            limits["+"] = budget_more + reference if budget_more is not None else None
        limit = next((value for value in limits.values() if value is not None), None)
        verdict = "" if limit is None else "ok" if round(middle, 3) <= limit else "OVER"
        ratio = f"{middle / reference:.3f}" if reference else ""
        told = (f"≤ {budget:g}" if budget is not None else f"≤ {budget_ratio:g} ×" if budget_ratio is not None
                else f"≤ baseline + {budget_more:g}" if budget_more is not None else "")
        self.lines.append([f"{title}, {unit}" if unit else title, *self.cells(baseline), *self.cells(ours), ratio, told, verdict])

    @staticmethod
    def cells(samples):
        if not samples:
            return ["", ""]
        return [f"{statistics.median(samples):.3f}", f"{min(samples):.3f}–{max(samples):.3f}"]

    def print(self):
        widths = [max(len(line[i]) for line in self.lines) for i in range(len(self.HEADER))]
        for line in self.lines:
            cells = [cell.ljust(width) if i == 0 else cell.rjust(width)
                     for i, (cell, width) in enumerate(zip(line, widths))]
            print("  ".join(cells).rstrip())


def add_calls(table, programs, server, rounds):
    taken = {name: in_turn(programs, rounds * workload.turns, lambda program: workload.measure(program, server))
             for name, workload in WORKLOADS.items()}

    def add(title, unit, name, key, divisor, **budget):
        table.add(title, unit, *(column(samples, key, divisor) for samples in taken[name]), **budget)

    units = {name: workload.units() for name, workload in WORKLOADS.items()}
    add("CPU per streamed event", "µs", "stream", "cpu_us", units["stream"], budget=0.5)
    add("CPU per event, short streams", "µs", "short", "cpu_us", units["short"])
    add("CPU per event, one write each", "µs", "each", "cpu_us", units["each"])
    add("CPU per plain call", "µs", "plain", "cpu_us", units["plain"], budget_ratio=1.1)
    add("wall per streamed event", "µs", "stream", "wall_us", units["stream"])
    add("wall per plain call", "µs", "plain", "wall_us", units["plain"])
    add("peak memory, stream", "MiB", "stream", "peak_rss_kib", 1024)
    add("peak memory, plain", "MiB", "plain", "peak_rss_kib", 1024)


def add_gates(table, programs, server, rounds):
    without, guarded = [], []
    for _ in range(rounds * GUARDED.turns):
        without.append(WORKLOADS["plain"].measure(programs.ours, server))
        guarded.append(GUARDED.measure(programs.ours, server))
    table.add("CPU per plain call, without / with limits", "µs", column(without, "cpu_us", GUARDED.units()),
              column(guarded, "cpu_us", GUARDED.units()), budget_more=2)


def add_allocations(table, programs, server):
    counted = {**os.environ, "LD_PRELOAD": programs.counter}
    both = (programs.baseline, programs.ours)
    workload = stream(20_000, 1)
    steady = [[figures["steady_allocations"] / figures["steady_events"]]
              for figures in (workload.measure(program, server, env=counted) for program in both)]
    table.add("allocations per event, steady", "", *steady, budget=0)
    workload = WORKLOADS["plain"].with_calls(100)
    plain = [[workload.measure(program, server, env=counted)["allocations"] / 100] for program in both]
    table.add("allocations per plain call", "", *plain)


def instructions_per_unit(program, server, workload, few, many):
    """Instructions of the calls alone: what starting up and the first call take is in both counts, and goes."""
    counts = []
    for calls in (few, many):
        with tempfile.NamedTemporaryFile("r") as report:
            wrapper = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", f"--log-file={report.name}"]
            workload.with_calls(calls).measure(program, server, wrapper)
            (line,) = [line for line in report if "Collected" in line]
            counts.append(int(line.split(":")[-1]))
    return (counts[1] - counts[0]) / ((many - few) * (workload.events_per_call or 1))


def add_instructions(table, programs, server):
    for title, workload, few, many in (("event", stream(2_000, 1), 1, 4), ("plain call", WORKLOADS["plain"], 20, 120)):
        counts = [[instructions_per_unit(program, server, workload, few, many)]
                  for program in (programs.baseline, programs.ours)]
        table.add(f"instructions per {title}", "", *counts)
    if programs.library is not None:
        pair = [[instructions_per_unit(programs.ours, server, workload, 20, 120)]
                for workload in (WORKLOADS["plain"], GUARDED)]
        table.add("instructions per plain call, without / with limits", "", *pair)


def library_path(program, name):
    """Where the program finds a shared library."""
    lines = [line.split() for line in run(["ldd", program]).splitlines()]
    return next(words[2] for words in lines if words[0].startswith(name))


def add_loading(table, programs, server):
    curl = library_path(programs.baseline, "libcurl.so")
    libraries = (curl, programs.library or curl)
    times = ([], [])
    for _ in range(20):
        for library, samples in zip(libraries, times):
            samples.append(parse(run([programs.load, library]))["load_us"] / 1000)
    table.add("loading libcurl / the library", "ms", *times, budget_more=2)
    news = [[parse(run([program, "new", server.url("__echo"), "1000"]))["median_us"]]
            for program in (programs.baseline, programs.ours)]
    table.add("curl_easy_init / llm_provider_new", "µs", *news, budget=50)


def stripped_size(library):
    with tempfile.TemporaryDirectory() as folder:
        stripped = os.path.join(folder, "stripped")
        run(["strip", "-o", stripped, library])
        return os.path.getsize(stripped)


def add_size(table, programs):
    if programs.library is not None:
        table.add("size of the library, stripped", "KiB", [], [stripped_size(programs.library) / 1024], budget=1280)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--prefix", help="where llm-provider is installed")
    which.add_argument("--self-check", action="store_true", help="measure the baseline against itself")
    parser.add_argument("--rounds", type=int, default=5, help="how often both are run in turn (5)")
    parser.add_argument("--instructions", action="store_true", help="count instructions by valgrind, too; slow")
    arguments = parser.parse_args()
    if arguments.instructions and shutil.which("valgrind") is None:
        parser.error("--instructions needs valgrind")

    programs = Programs(arguments.prefix)
    table = Table()
    with Server() as server:
        add_calls(table, programs, server, arguments.rounds)
        if programs.library is not None:
            add_gates(table, programs, server, arguments.rounds)
        add_allocations(table, programs, server)
        if arguments.instructions:
            add_instructions(table, programs, server)
        add_loading(table, programs, server)
        add_size(table, programs)
    table.print()


if __name__ == "__main__":
    main()
