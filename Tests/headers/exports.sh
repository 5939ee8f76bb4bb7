#!/bin/bash
# exports.sh PREFIX: what the installed headers declare, what the library exports and what docs/symbols.txt lists is the
# same, and every declaration tells since when it exists.
set -uo pipefail
cd "$(dirname "$0")/../.."
source Tests/tap.sh
prefix=${1:?usage: exports.sh PREFIX}

ledger=$(cut -d' ' -f1 docs/symbols.txt)
exported=$(nm -D --defined-only "$prefix/lib/libllmprovider.so" | awk '$2 != "A" {print $3}' | LC_ALL=C sort)

# The functions as a compiler sees them: clang's syntax tree would do as well, and needs more to be installed.
declared=$(cat "$prefix"/include/llm_provider*.h | gcc -fpreprocessed -dD -E -P -x c - 2>/dev/null | tr '\n' ' ' |
  grep -oE 'LLM_API [^;(]*[ *]llm_[a-z0-9_]+\(' | grep -oE 'llm_[a-z0-9_]+\($' | tr -d '(' | LC_ALL=C sort)

same "the ledger is sorted and has no duplicates" "$(LC_ALL=C sort -u docs/symbols.txt)" "$(cat docs/symbols.txt)"
check "the ledger's lines are a name and a version" \
  bash -c '! grep -vE "^llm_[a-z0-9_]+ [0-9]+\.[0-9]+\.[0-9]+$" docs/symbols.txt'
same "declared as listed" "$ledger" "$declared"
same "exported as listed, and nothing else" "$(sed 's/$/@@LLM_0/' <<<"$ledger")" "$exported"

# A comment that ends right before an LLM_API line must hold @since with the ledger's version.
undocumented() {
  awk -v ledger=docs/symbols.txt '
    BEGIN { while ((getline line < ledger) > 0) { split(line, f, " "); since[f[1]] = f[2] } }
    /^\/\*\*/ { comment = "" }
    { comment = comment $0 "\n" }
    /^LLM_API / {
      match($0, /llm_[a-z0-9_]+\(/); name = substr($0, RSTART, RLENGTH - 1)
      if (index(comment, "@since " since[name]) == 0) print name
      comment = ""
    }' "$prefix"/include/llm_provider*.h
}
same "every function tells since when it exists" "" "$(undocumented)"

finish
