#!/bin/bash
# Prints llm_provider_ffi.h: what llm_provider.h and llm_provider_extend.h declare, for bindings that read C but have no
# preprocessor, such as Python's cffi and LuaJIT's ffi. The types of <stdint.h> and <stddef.h> are taken as known.
set -euo pipefail
cd "$(dirname "$0")/.."

cat <<'HEAD'
/* llm_provider_ffi.h: the declarations of llm_provider.h and llm_provider_extend.h, without a preprocessor's directives
 * and without inline functions. Made from them by a script; what the functions do is said there.
 *
 * Python: ffi.cdef(open(path).read()); lib = ffi.dlopen("libllmprovider.so.0")
 * LuaJIT: ffi.cdef(io.open(path):read("*a")); local lib = ffi.load("llmprovider")
 *
 * Not for C and C++ programs. */
HEAD
number=$(sed -n 's/^#define LLM_VERSION_NUMBER //p' include/llm_provider.h)
echo "enum { LLM_VERSION_NUMBER = $number };"
sed '/^#include/d' include/llm_provider.h include/llm_provider_extend.h | "${CC:-cc}" -E -P -DLLM_API= - |
  sed -e '/^static inline /,/^}/d' -e 's/^ \([^ ]\)/\1/'
