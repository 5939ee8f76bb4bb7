#!/bin/bash
# run.sh PREFIX: what every provider must do, asked of the mock, of a service behind a socket, and of providers of the
# program's own, of either kind; and what becomes of those that break the rules. Against the library installed in PREFIX.
set -uo pipefail
cd "$(dirname "$0")/../.."
prefix=$(realpath "${1:?usage: run.sh PREFIX}")
work=$(mktemp -d)
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig LD_LIBRARY_PATH=$prefix/lib
failed=0

make -s -C Tests/server
coproc server { Tests/server/build/llm-test-server --scripts Tests/server/scripts --until-stdin-closes; }
server_input=${server[1]}
read -r _ port <&"${server[0]}"
trap 'exec {server_input}>&-; rm -rf "$work"' EXIT

# build NAME SOURCE FLAG...
build() {
  gcc -std=c99 -D_POSIX_C_SOURCE=200809L -O1 -g -Wall -Wextra -pedantic -Werror -pthread "$2" -o "$work/$1" \
    $(pkg-config --cflags --libs llm-provider jansson) "${@:3}" || { echo "not ok $2 compiles"; failed=1; }
}
build contract Tests/contract/contract.c
build rules Tests/contract/rules.c
build babbler.so examples-c/custom_engine.c -shared -fPIC
build sayer.so examples-c/custom_dialect.c -shared -fPIC
build loading Tests/contract/loading.c
build data.so Tests/contract/plugins/data.c -shared -fPIC
build nested.so Tests/contract/plugins/nested.c -shared -fPIC

# named NAME COMMAND...: TAP, with the name in every line.
named() {
  "${@:2}" | sed -E "s/^(ok|not ok) [0-9]+ - /&$1: /"
  [ "${PIPESTATUS[0]}" -eq 0 ] || failed=1
}

contract=("$work/contract" --plugin "$work/babbler.so" --plugin "$work/sayer.so")
here=http://127.0.0.1:$port
named mock "${contract[@]}" '{"type":"mock"}'
named "a service" "${contract[@]}" \
  "{\"type\":\"openai-compatible\",\"base_url\":\"$here/__echo/v1\",\"auth\":\"none\",\"model\":\"echo-large\"}"
named "a service, byte by byte" "${contract[@]}" \
  "{\"type\":\"openai-compatible\",\"base_url\":\"$here/__echo/write-1/v1\",\"auth\":\"none\",\"model\":\"echo-large\"}"
named "an engine" "${contract[@]}" '{"type":"babbler"}'
named "a dialect" "${contract[@]}" "{\"type\":\"sayer\",\"base_url\":\"$here/sayer-any\"}"
named rules "$work/rules"
"$work/loading" "$work/data.so" "$work/nested.so" || failed=1
named "rules, no memory lost or misused" valgrind -q --leak-check=full --error-exitcode=1 "$work/rules"

# A test that cannot fail is none: a provider that keeps too few promises must be caught.
if "${contract[@]}" '{"type":"mock","mock":{"responses":[{"content":"half","truncate_after":1}]}}' >/dev/null; then
  echo "not ok the contract catches a provider that breaks off"
  failed=1
else
  echo "ok the contract catches a provider that breaks off"
fi
exit "$failed"
