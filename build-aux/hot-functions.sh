#!/bin/bash
# The names in hot-functions.txt are for people, and those of the compiler and the linker are not: this turns one into the
# other, by the symbols of the object that was compiled.
#
#   hot-functions.sh readable < NAMES  readable names, each once
#   hot-functions.sh resolve LIST LEAST OBJECT...
#                                      the linker's names of the functions in LIST, in its order; fails where fewer than
#                                      LEAST in a hundred are found, and says which are not
set -euo pipefail
export LC_ALL=C

# Nothing of ours is in two modules, and what is private is told apart well enough by its name.
readable() {
  swift demangle | sed -E 's/\(([^ ()]+) in _[0-9A-F]{32}\)/\1/g; s/\b(LLMProviderABI|Swift|__C)\.//g'
}

# symbols OBJECT...: the linker's name and the readable one, with a tab between.
symbols() {
  nm --defined-only "$@" | awk '$2 ~ /[tTwW]/ && $3 !~ /^(OUTLINED_FUNCTION_|\.L)/ { print $3 }' | sort -u >"$work/names"
  readable <"$work/names" >"$work/readable"
  paste "$work/names" "$work/readable"
}

resolve() {
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  symbols "${@:3}" >"$work/symbols"
  awk -F'\t' -v list="$1" -v least="$2" '
    FNR == NR { if ($2 in names) names[$2] = names[$2] "\n" $1; else names[$2] = $1; next }
    { total++ }
    $0 in names { found++; print names[$0]; next }
    { missing = missing "\n  " $0 }
    END {
      if (found * 100 >= total * least) exit
      print list ": " total - found " of " total " functions are gone; `make hot` renews it" missing > "/dev/stderr"
      exit 1
    }' "$work/symbols" "$1"
}

case ${1-} in
readable) readable | awk '!seen[$0]++' ;;
resolve) resolve "${@:2}" ;;
*)
  sed -n '2,/^set/{/^set/d;p}' "$0" >&2
  exit 2
  ;;
esac
