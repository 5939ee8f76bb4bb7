#!/bin/bash
# library.sh PREFIX: the installed shared library is what it promises to be.
set -uo pipefail
cd "$(dirname "$0")/../.."
source Tests/tap.sh
prefix=${1:?usage: library.sh PREFIX}
library=$prefix/lib/libllmprovider.so
dynamic=$(readelf -dW "$library")

same "needs libc, libcurl, libjansson and nothing else" "$(printf '%s\n' libc libcurl libjansson)" \
  "$(sed -n 's/.*(NEEDED).*\[\([a-z]*\)\.so.*/\1/p' <<<"$dynamic" | LC_ALL=C sort)"
same "SONAME" "libllmprovider.so.0" "$(sed -n 's/.*(SONAME).*\[\(.*\)\]/\1/p' <<<"$dynamic")"
same "no RPATH, no RUNPATH, no text relocations" "" "$(grep -E '\((RPATH|RUNPATH|TEXTREL)\)' <<<"$dynamic")"
check "bound at load time" grep -q 'BIND_NOW\|Flags: NOW' <<<"$dynamic"
check "relocations are made read-only" grep -q GNU_RELRO <(readelf -lW "$library")
same "the stack is not executable" "RW" "$(readelf -lW "$library" | awk '$1 == "GNU_STACK" {print $(NF - 1)}')"

# newer_than_glibc LIBRARY: what of it a glibc of 2.34 does not know.
newer_than_glibc() {
  readelf -dW "$1" | grep -oE '\((RELR|RELRSZ|RELRENT)\)'
  readelf -VW "$1" | grep -oE 'GLIBC_(2\.[0-9]+|ABI_[A-Z_]+)' | sort -u | awk -F. '/ABI/ || $2 > 34'
}
same "loads where glibc is 2.34" "" "$(newer_than_glibc "$library")"
redis=$prefix/lib/libllmprovider-redis.so
[ ! -e "$redis" ] || same "so does the store in Redis" "" "$(newer_than_glibc "$redis")"

same "stripped" "" "$(readelf -SW "$library" | grep -oE '\.(symtab|debug_[a-z]+)')"
check "at most 1.25 MiB" test "$(stat -L -c %s "$library")" -le 1310720
same "no path of the machine it was built on" "" "$(strings -a "$library" | grep -F "$(cd "$prefix/../.." && pwd)")"

program=$(mktemp)
trap 'rm -f "$program"' EXIT
guest() {
  gcc -std=c99 -Wall -Wextra -pedantic -Werror -I"$prefix/include" Tests/install/guest.c -ldl -o "$program" &&
    env -i "$program" "$library"
}
same "a good guest: no signal, thread, descriptor or variable changed, nothing printed" "" "$(guest 2>&1)"

finish
