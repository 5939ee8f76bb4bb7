#!/bin/bash
# ffi.sh PREFIX: the installed llm_provider_ffi.h declares what the headers do, and bindings read it as it is: Python's
# cffi and LuaJIT, where they are installed, make a call with it.
set -uo pipefail
cd "$(dirname "$0")/../.."
source Tests/tap.sh
prefix=$(realpath "${1:?usage: ffi.sh PREFIX}")
header=$prefix/include/llm_provider_ffi.h
library=$prefix/lib/libllmprovider.so.0

same "no directive, no macro, no function body" "" \
  "$(grep -nE '^[[:space:]]*#|LLM_API|__attribute__|static|return' <(sed '1,/\*\//d' "$header"))"
# The ledger's, without those of the header that is about jansson's types.
functions=$(cut -d' ' -f1 docs/symbols.txt | while read -r name; do
  grep -qhE "^LLM_API .*\b$name\(" "$prefix"/include/llm_provider{,_extend}.h && echo "$name"
done)
same "declares each function" "$functions" \
  "$(grep -oE '^[a-z][a-z0-9_ ]*[ *]llm_[a-z0-9_]+\(' "$header" | grep -oE 'llm_[a-z0-9_]+\($' | tr -d '(' | LC_ALL=C sort)"
check "is C" gcc -std=c99 -Wall -Wextra -pedantic -Werror -fsyntax-only -include stdint.h -include stddef.h -x c "$header"
check "LLM_API may be defined before the header" bash -c \
  'printf "#define LLM_API extern\n#include \"llm_provider.h\"\n" | gcc -std=c99 -Werror -Iinclude -fsyntax-only -x c -'

with_cffi() {
  "$1" - "$header" "$library" <<'PYTHON'
import sys, cffi
ffi = cffi.FFI()
ffi.cdef(open(sys.argv[1]).read())
lib = ffi.dlopen(sys.argv[2])
provider, text, seen = ffi.new("llm_provider **"), ffi.new("char **"), []

@ffi.callback("llm_event_fn")
def on_event(event, user_data):
    if event.type == lib.LLM_EVENT_TEXT:
        seen.append(ffi.string(event.data).decode())
    return 0

assert lib.LLM_VERSION_NUMBER == lib.llm_version_number()
assert lib.llm_provider_new(b'{"type":"mock"}', provider, text) == lib.LLM_OK
assert lib.llm_stream(provider[0], b'{"prompt":"from Python"}', on_event, ffi.NULL, text) == lib.LLM_OK
assert "".join(seen) == "from Python", seen
lib.llm_free(text[0])
lib.llm_provider_free(provider[0])
PYTHON
}

with_luajit() {
  luajit - "$header" "$library" <<'LUA'
local ffi = require("ffi")
ffi.cdef(io.open(arg[1]):read("*a"))
local lib = ffi.load(arg[2])
local provider, text = ffi.new("llm_provider *[1]"), ffi.new("char *[1]")
assert(lib.LLM_VERSION_NUMBER == lib.llm_version_number())
assert(lib.llm_provider_new('{"type":"mock"}', provider, text) == lib.LLM_OK)
assert(lib.llm_chat(provider[0], '{"prompt":"from Lua"}', text) == lib.LLM_OK)
assert(ffi.string(text[0]):find("from Lua", 1, true))
lib.llm_free(text[0])
lib.llm_provider_free(provider[0])
LUA
}

for python in python3 /usr/bin/python3; do
  if "$python" -c 'import cffi' 2>/dev/null; then
    check "Python's cffi" with_cffi "$python"
    break
  fi
done
if command -v luajit >/dev/null; then check "LuaJIT" with_luajit; fi

finish
