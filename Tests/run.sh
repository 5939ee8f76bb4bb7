#!/bin/bash
# Tests/run.sh PREFIX: runs the shell-level tests against the library installed in PREFIX and sums them up.
set -uo pipefail
cd "$(dirname "$0")/.."
prefix=${1:?usage: Tests/run.sh PREFIX}

log=$(mktemp)
trap 'rm -f "$log" "$log.ahead"' EXIT
passed=0 failed=0 times=()

# suite NAME COMMAND...: counts the checks that a suite reports, or the suite as one if it reports none.
suite() {
  local name=$1 began=$SECONDS status good bad
  shift
  echo "== $name"
  "$@" 2>&1 | tee "$log"
  status=${PIPESTATUS[0]}
  good=$(grep -c '^ok ' "$log")
  bad=$(grep -c '^not ok ' "$log")
  if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
  if [ "$status" -eq 0 ] && [ "$((good + bad))" -eq 0 ]; then good=1; fi
  passed=$((passed + good)) failed=$((failed + bad))
  times+=("$((SECONDS - began)) s $name")
}

# ahead COMMAND...: starts what waits more than it works; `told STATUS` says what it said, once it has ended.
ahead() {
  "$@" >"$log.ahead" 2>&1 &
  started=$!
}
told() {
  cat "$log.ahead"
  return "$1"
}

suite "headers" Tests/headers/check.sh
suite "exports" Tests/headers/exports.sh "$prefix"
suite "bindings" Tests/headers/ffi.sh "$prefix"
suite "library" Tests/install/library.sh "$prefix"
suite "installation" Tests/install/install.sh
suite "consumers" Tests/install/consumers.sh "$prefix"
suite "test server" make -s -C Tests/server test
ahead Tests/curl/run.sh "$prefix" 7.49.0
suite "C suite" Tests/c/run.sh "$prefix"
suite "HTTP/2" Tests/http2/run.sh "$prefix"
wait "$started"
suite "a newer libcurl" told $?
suite "examples" examples-c/run.sh "$prefix"
suite "torture" Tests/torture/run.sh "$prefix" --points 4
suite "contract" Tests/contract/run.sh "$prefix"
suite "shared stores" Tests/redis/run.sh "$prefix"
suite "demo" Tests/docs/demo.sh
suite "documentation" python3 Tests/docs/pages.py "$prefix"
suite "adding a provider" Tests/docs/adding-a-provider.sh "$prefix"

printf '%s\n' "${times[@]}" | sort -rn | head -8
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
