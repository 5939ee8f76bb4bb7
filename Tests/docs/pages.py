#!/usr/bin/env python3
"""pages.py PREFIX: what README and docs show is true of the library installed in PREFIX, as it stands on the page.

C programs compile without a warning; JSON that is a configuration (an object with a "type") is valid and its models are
known, and so is each that a command line of README names; every link leads somewhere. docs/adding-a-provider.md has a test of its own, which also runs
what it shows.
"""
import ctypes
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAGES = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md",
         *sorted(glob.glob("docs/*.md", root_dir=ROOT)), *sorted(glob.glob("docs/internals/*.md", root_dir=ROOT)),
         *sorted(glob.glob("Sources/*/README.md", root_dir=ROOT))]
OWN_TEST = "docs/adding-a-provider.md"

failures = 0


def check(name, problems):
    """`problems` is what is wrong, a line each."""
    global failures
    print(("not ok " if problems else "ok ") + name)
    for line in problems:
        print("  | " + line)
    failures += bool(problems)


def read(page):
    with open(os.path.join(ROOT, page), encoding="utf-8") as file:
        return file.read()


def blocks(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", read(page), re.M | re.S)


# ---- C ----

def compiler_says(program, flags):
    complete = ["-fsyntax-only"] if "int main" in program else ["-fsyntax-only", "-include", "llm_provider.h"]
    done = subprocess.run(["gcc", "-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror", *complete, *flags, "-x", "c", "-"],
                          input=program, capture_output=True, text=True)
    return done.stderr.splitlines() if done.returncode else []


# ---- configurations ----

class Library:
    def __init__(self, prefix):
        self.library = ctypes.CDLL(os.path.join(prefix, "lib", "libllmprovider.so.0"))
        redis = os.path.join(prefix, "lib", "libllmprovider-redis.so.0")
        self.has_redis = os.path.exists(redis)
        if self.has_redis:
            assert self.library.llm_load_plugin(redis.encode(), None) == 0

    def says_of(self, configuration):
        text = ctypes.c_char_p()
        status = self.library.llm_config_validate(json.dumps(configuration).encode(), ctypes.byref(text))
        said = json.loads(text.value)
        doubts = [warning["message"] for warning in said.get("warnings", []) if warning["code"] == "unknown_model"]
        return doubts if status >= 0 else [json.dumps(configuration), json.dumps(said.get("errors"))]


def documents(block):
    """The JSON documents of a block, one after the other; an answer that is shown in part is none."""
    decoder, rest = json.JSONDecoder(), block.strip()
    while rest:
        try:
            value, end = decoder.raw_decode(rest)
        except ValueError:
            return
        yield value
        rest = rest[end:].lstrip()


def is_configuration(document):
    return isinstance(document, dict) and isinstance(document.get("type"), str)


def configurations(page):
    for block in blocks(page, "json"):
        yield from filter(is_configuration, documents(block))
    for block in blocks(page, "sh"):
        yield from (json.loads(text) for text in re.findall(r"'(\{.*?\})'", block))


def uses_redis(configuration):
    return configuration.get("store", {}).get("type") == "redis"


# ---- links ----

def anchor(heading):
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def missing_links(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", read(page), flags=re.S)):
        if re.match(r"https?:", target):
            continue
        path, _, heading = target.partition("#")
        path = os.path.normpath(os.path.join(os.path.dirname(page), path)) if path else page
        if not os.path.exists(os.path.join(ROOT, path)):
            yield target
        elif heading and heading not in map(anchor, re.findall(r"^#+ (.+)$", read(path), re.M)):
            yield target


def main():
    prefix = os.path.realpath(sys.argv[1])
    os.environ.update(OPENAI_API_KEY="k", ANTHROPIC_API_KEY="k", GROQ_API_KEY="k", PKG_CONFIG_PATH=prefix + "/lib/pkgconfig")
    flags = subprocess.run(["pkg-config", "--cflags", "llm-provider", "jansson"], check=True, capture_output=True,
                           text=True).stdout.split()
    library = Library(prefix)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.makedirs("tests/recordings")
        for page in PAGES:
            check(f"links of {page}", list(missing_links(page)))
            if page == OWN_TEST:
                continue
            for number, program in enumerate(blocks(page, "c"), 1):
                check(f"C of {page}, {number}", compiler_says(program, flags))
            for number, configuration in enumerate(configurations(page), 1):
                if library.has_redis or not uses_redis(configuration):
                    check(f"configuration of {page}, {number}", library.says_of(configuration))
    return failures > 0


sys.exit(main())
