#!/bin/bash
# Every header compiles alone and included twice, in each language and compiler, without a warning.
set -uo pipefail
cd "$(dirname "$0")/../.."
source Tests/tap.sh

# clang may be the system's, or the one beside swift.
swift_bin=$(dirname "$(readlink -f "$(command -v swift)")")
clang=$(command -v clang || echo "$swift_bin/clang")
clangxx=$(command -v clang++ || echo "$swift_bin/clang++")

# compile LANGUAGE HEADER COMPILER STANDARD
compile() {
  printf '#include "%s"\n' "$2" "$2" |
    "$3" "-std=$4" -Wall -Wextra -pedantic -Werror -Iinclude -x "$1" -fsyntax-only -
}

for header in include/*.h; do
  header=$(basename "$header")
  for compiler in gcc "$clang"; do
    for standard in c99 c11 c17; do
      check "$header as $standard with $(basename "$compiler")" compile c "$header" "$compiler" "$standard"
    done
  done
  for compiler in g++ "$clangxx"; do
    for standard in c++11 c++20; do
      check "$header as $standard with $(basename "$compiler")" compile c++ "$header" "$compiler" "$standard"
    done
  done
done

# The header's constants are an interface, too: values never change, and each has its documented neighbour.
version=$(sed -n 's/^#define LLM_VERSION "\(.*\)"/\1/p' include/llm_provider.h)
from_numbers=$(printf '#include "llm_provider.h"\nLLM_VERSION_MAJOR LLM_VERSION_MINOR LLM_VERSION_PATCH LLM_VERSION_NUMBER\n' |
  gcc -Iinclude -E -P -x c - | tail -n 1)
read -r major minor patch number <<<"$from_numbers"
same "LLM_VERSION is its parts" "$version" "$major.$minor.$patch"
same "LLM_VERSION_NUMBER is its parts" "$((number))" "$(((major << 16) | (minor << 8) | patch))"

finish
