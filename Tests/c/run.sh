#!/bin/bash
# run.sh PREFIX [GROUP-OR-CASE...]: compiles the C suite through pkg-config against the library installed in PREFIX, and
# runs it against the test server, once as it is and, unless LLM_TEST_QUICK is set, once under valgrind.
set -uo pipefail
cd "$(dirname "$0")/../.."
prefix=$(realpath "${1:?usage: run.sh PREFIX [GROUP-OR-CASE...]}")
shift
source Tests/tap.sh
work=$(mktemp -d)
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig LD_LIBRARY_PATH=$prefix/lib

make -s -C Tests/server || exit 1
gcc -std=gnu11 -O1 -g -Wall -Wextra -Werror Tests/c/*.c -o "$work/suite" -pthread \
  $(pkg-config --cflags --libs llm-provider jansson) || exit 1

quick=${LLM_TEST_QUICK:-}
# Another libcurl than the one that was linked with.
[ -z "${LLM_TEST_CURL:-}" ] || LD_LIBRARY_PATH=$LLM_TEST_CURL:$LD_LIBRARY_PATH
# The suite sees no variable of ours but those that lead to its server.
unset $(compgen -e | grep -E '_(API_KEY|TOKEN|HOST|BASE_URL)$|^LLM_|_(proxy|PROXY)$')

# with_server COMMAND...: a server of its own for each run, so that each meets every script at its start.
with_server() {
  local status kind port
  coproc server { Tests/server/build/llm-test-server --scripts Tests/server/scripts --tls-fault stall --until-stdin-closes; }
  local input=${server[1]} process=$server_PID
  while read -r kind port <&"${server[0]}"; do
    case $kind in
    listening-tls-stall) export LLM_TEST_TLS_STALL_PORT=$port ;;
    listening)
      export LLM_TEST_PORT=$port
      break
      ;;
    esac
  done
  "$@"
  status=$?
  exec {input}>&-
  wait "$process"
  return "$status"
}

under_valgrind() {
  LLM_TEST_SLOW=1 with_server timeout 1200 valgrind -q --leak-check=full --errors-for-leak-kinds=definite,indirect \
    --show-leak-kinds=definite,indirect --error-exitcode=99 --log-file="$work/valgrind" "$work/suite" "$@"
}

# Both runs wait more than they work, so they are made side by side, and told of one after the other.
if [ -z "$quick" ]; then
  under_valgrind "$@" >"$work/slow" 2>&1 &
  slow=$!
fi
with_server timeout 600 "$work/suite" "$@"
status=$?
same "the C suite ran to its end" 0 "$((status > 1 ? status : 0))"
[ "$status" -eq 0 ] || failed=1

if [ -z "$quick" ]; then
  wait "$slow"
  status=$?
  cat "$work/slow"
  same "no invalid access and no leak" "" "$(cat "$work/valgrind")"
  [ "$status" -eq 0 ] || failed=1
fi

rm -rf "$work"
finish
