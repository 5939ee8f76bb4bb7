#!/bin/bash
# run.sh PREFIX: processes that share a store hold one limit, also while it is killed or spoilt: with a Redis (or Valkey)
# server of our own, and with a file.
set -uo pipefail
cd "$(dirname "$0")/../.."
prefix=$(realpath "${1:?usage: run.sh PREFIX}")
source Tests/tap.sh
work=$(mktemp -d)
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig LD_LIBRARY_PATH=$prefix/lib
unset $(compgen -e | grep -E '^LLM_')

gcc -std=gnu11 -O1 -g -Wall -Wextra -Werror Tests/redis/limits.c -o "$work/limits" -pthread \
  $(pkg-config --cflags --libs llm-provider-redis) || exit 1
gcc -std=c99 -O2 -Wall -Wextra -pedantic -Werror -Iexamples-c examples-c/plugin_host.c -o "$work/plugin_host" \
  $(pkg-config --cflags --libs llm-provider) || exit 1

# -- The server ----------------------------------------------------------------------------------------------------

server=$(command -v redis-server || command -v valkey-server)
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
server_id=

start_server() {
  "$server" --port "$port" --bind 127.0.0.1 --save '' --appendonly no --requirepass secret >"$work/server.log" 2>&1 &
  server_id=$!
  until grep -qi 'ready to accept' "$work/server.log"; do
    kill -0 "$server_id" 2>/dev/null || return 1
    sleep 0.02
  done
}

kill_server() {
  kill -9 "$server_id" 2>/dev/null
  wait "$server_id" 2>/dev/null
}
trap 'kill_server; rm -rf "$work"' EXIT

# -- Processes -----------------------------------------------------------------------------------------------------

window=2 limit=200

# config STORE [MEMBERS-OF-RATE-LIMIT] [MEMBERS]
config() {
  local limits=${2:-"\"requests_per_minute\":$limit"}
  printf '{"type":"mock","name":"shared","mock":{"responses":["Hi"]},"rate_limit":{"window_ms":%d000,%s},"store":%s%s}' \
    "$window" "$limits" "$1" "${3:-}"
}

redis() {
  printf '{"type":"%s","url":"redis://:secret@127.0.0.1:%d","prefix":"%s:"}' "$1" "$port" "$2"
}

# load NAME CONFIG SECONDS [MEANWHILE]: four processes; MEANWHILE runs beside them, $workers are their ids.
load() {
  local number
  workers=()
  for number in 1 2 3 4; do
    "$work/limits" load "$2" "$3" "$work/$1.$number" >"$work/$1.$number.out" 2>"$work/$1.$number.err" &
    workers+=($!)
  done
  if [ $# -gt 3 ]; then "$4"; fi
  wait "${workers[@]}" 2>/dev/null
}

# most_of NAME WORD WINDOW: the most in any window, and how many in all.
most_of() { python3 Tests/redis/windows.py "$2" "$3" "$work/$1".[1-4]; }

# holds NAME WORD WINDOW [LIMIT]: no window holds more.
holds() {
  local most total
  read -r most total <<<"$(most_of "$1" "$2" "$3")"
  echo "$most in a window, $total in all"
  [ "$total" -gt 0 ] && [ "$most" -le "${4:-$limit}" ]
}

# uses NAME WORD SECONDS: at least 95 of 100.
uses() {
  local most total
  read -r most total <<<"$(most_of "$1" "$2" "$window")"
  echo "$total of $((limit * $3 / window))"
  [ "$((total * 100))" -ge "$((95 * limit * $3 / window))" ]
}

# none_failed NAME [COUNT]: so many processes came to their end, and none of their calls failed.
none_failed() {
  cat "$work/$1".*.out "$work/$1".*.err
  [ "$(grep -lE '^succeeded=[1-9][0-9]* failed=0 ' "$work/$1".*.out | wc -l)" -eq "${2:-4}" ]
}

# every NAME PATTERN: each process's summary matches.
every() {
  cat "$work/$1".*.out
  [ "$(grep -lE "$2" "$work/$1".*.out | wc -l)" -eq 4 ]
}

# -- Redis ---------------------------------------------------------------------------------------------------------

check "the library exports what it says" diff <(nm -D --defined-only "$prefix/lib/libllmprovider-redis.so" |
  awk '$2 != "A" {print $3}' | sort) - <<<"$(printf '%s@@LLM_REDIS_0\n' llm_plugin_register llm_redis_store)"
check "the library needs only what it says" diff <(readelf -d "$prefix/lib/libllmprovider-redis.so" |
  sed -n 's/.*NEEDED.*\[\(.*\)\.so.*/\1/p' | sort) - <<<"$(printf '%s\n' libc libjansson)"
start_server
same "a server starts" 0 "$?"

load plain "$(config "$(redis spy plain)")" 10
check "four processes, one Redis: never more than the limit in any window" holds plain leave "$window"
check "four processes, one Redis: at least 95 of 100 are used" uses plain seen 10
check "four processes, one Redis: no call is lost" none_failed plain

load swap "$(config "$(redis swap swap)")" 10
check "without scripts: never more than the limit in any window" holds swap leave "$window"
check "without scripts: at least 95 of 100 are used" uses swap seen 10
check "without scripts: no call is lost" none_failed swap

# trips: how often each command was asked of the server since it started, or was told to forget.
trips() { redis-cli -p "$port" -a secret --no-auth-warning info commandstats | sed -n 's/^cmdstat_\([a-z|]*\):calls=\([0-9]*\).*/\1=\2/p' | tr '\n' ' '; }
one_trip() {
  local commands
  redis-cli -p "$port" -a secret --no-auth-warning config resetstat >/dev/null
  "$work/limits" call "$(config "$(redis redis trips)" '"tokens_per_minute":100000')" || return 1
  commands=$(trips)
  echo "$commands"
  [[ " $commands" == *" evalsha=2 "* && " $commands" == *" set=2 "* ]]
}
check "a limit costs a call two trips: one to take, one to settle" one_trip

outage() {
  sleep 2
  kill_server
  sleep 2
  start_server
}
load outage "$(config "$(redis redis outage)")" 8 outage
check "Redis killed under load: no call is lost" none_failed outage
check "Redis killed under load: each process tells of it, once" every outage ' lost=1 recovered=1 state=connected$'
check "Redis killed under load: the status says lost meanwhile" grep -q '^state lost$' "$work/outage.1"
check "Redis killed under load: each process still holds the limit" holds outage seen 1.9 "$((4 * limit))"

hang() {
  sleep 1
  kill -STOP "$server_id"
  sleep 2
  kill -CONT "$server_id"
}
load hang "$(config "$(redis redis hang)")" 5 hang
check "Redis that hangs under load: no call is lost" none_failed hang
check "Redis that hangs under load: lost, and found again" every hang ' lost=1 recovered=1 state=connected$'

kill_server
load gone "$(config "$(redis redis gone)")" 3
check "no Redis from the start: no call is lost" none_failed gone
check "no Redis from the start: the status says so" every gone ' lost=1 recovered=0 state=lost$'
start_server
same "the server starts again" 0 "$?"

# slots STORE: a process that dies gives its slot back.
slots() {
  local holder limits word took
  limits='"concurrency":1,"lease_ms":1500'
  : >"$work/held"
  "$work/limits" hold "$(config "$1" "$limits" | sed 's/\["Hi"\]/["Hi there"],"delay_ms":60000/')" >"$work/held" &
  holder=$!
  until grep -q held "$work/held"; do
    kill -0 "$holder" || return 1
    sleep 0.02
  done
  kill -9 "$holder"
  wait "$holder" 2>/dev/null
  read -r word took <<<"$("$work/limits" call "$(config "$1" "$limits")")"
  echo "$word after $took ms"
  [ "$word" = ok ] && [ "$took" -ge 200 ] && [ "$took" -le 3000 ]
}
check "Redis: the slot of a process that died comes back" slots "$(redis redis slots)"

says() {
  local output
  output=$("${@:2}" 2>&1)
  printf '%s\n' "$output"
  grep -qE -- "$1" <<<"$output"
}
check "a wrong address is told" says '"param": ?"/store/url"' "$work/limits" call "$(config '{"type":"redis","url":"http://x"}')"
check "a wrong key is told" says 'unknown key' "$work/limits" call "$(config '{"type":"redis","ulr":"redis://x"}')"
check "a wrong type is told" says '/store/type' "$work/limits" call "$(config '{"type":"rediss"}')"
check "a wrong password loses the store and no call" says '^ok ' "$work/limits" call \
  "$(config "{\"type\":\"redis\",\"url\":\"redis://127.0.0.1:$port\",\"password\":\"wrong\"}")"
check "it can be loaded as a plugin" says 'Hello' "$work/plugin_host" "$(realpath "$prefix/lib/libllmprovider-redis.so")" \
  "$(config "$(redis redis plugin)" | sed 's/"Hi"/"Hello"/')"

# hostile MODE STORE-TYPE PATTERN: a call against a server that is no good Redis comes to its end, well.
hostile() {
  local hostile_port hostile_id status output
  coproc hostile_server { python3 Tests/redis/hostile.py "$1"; }
  hostile_id=$hostile_server_PID
  read -r hostile_port <&"${hostile_server[0]}"
  output=$(LLM_LOG=debug timeout 20 "$work/limits" call "$(config \
    "{\"type\":\"$2\",\"url\":\"redis://:hunter2@127.0.0.1:$hostile_port\"}" '"requests_per_minute":100' \
    ',"budget":{"usd":1},"breaker":{}')" 2>&1)
  status=$?
  kill "$hostile_id"
  wait "$hostile_id" 2>/dev/null
  printf '%s\n' "$output"
  [ "$status" -eq 0 ] && grep -qE '^ok ' <<<"$output" && grep -q 'store_lost' <<<"$output" &&
    ! grep -q hunter2 <<<"$output"
}
for mode in drip array bulk quote garbage half unasked; do
  check "a server that answers wrongly ($mode) costs no call, and is not quoted" hostile "$mode" redis
done

cached() { config "$(redis redis answers)" '' ',"cache":{"type":"store"}' | sed "s/\"Hi\"/\"$1\"/;s/\"rate_limit\":{[^}]*},//"; }
check "an answer is kept in Redis" says 'First' "$work/plugin_host" "$(realpath "$prefix/lib/libllmprovider-redis.so")" \
  "$(cached First)"
check "another process is played it" says '"text":"First".*"cached":true' "$work/plugin_host" "$(realpath "$prefix/lib/libllmprovider-redis.so")" \
  "$(cached Second)"

# -- A file --------------------------------------------------------------------------------------------------------

file() { printf '{"type":"file","path":"%s"}' "$work/$1.store"; }

load file "$(config "$(file file)")" 10
check "four processes, one file: never more than the limit in any window" holds file seen 1.9
check "four processes, one file: at least 95 of 100 are used" uses file seen 10
check "four processes, one file: no call is lost" none_failed file

kill_worker() {
  sleep 0.5
  kill -9 "${workers[0]}"
}
load death "$(config "$(file death)")" 5 kill_worker
check "a process killed under load: the others hold the limit" holds death seen 1.9
check "a process killed under load: no call of the others is lost" none_failed death 3

head -c 100000 /dev/urandom >"$work/spoilt.store"
spoil() {
  sleep 1
  head -c 100000 /dev/urandom | dd of="$work/spoilt.store" conv=notrunc status=none
  sleep 1
  truncate -s 100 "$work/spoilt.store"
  sleep 1
  rm "$work/spoilt.store"
}
load spoilt "$(config "$(file spoilt)")" 5 spoil
check "a file spoilt, cut short and removed under load: no call is lost" none_failed spoilt
check "a file spoilt, cut short and removed under load: it is there again" test -s "$work/spoilt.store"

hold_lock() {
  sleep 0.5
  python3 -c 'import fcntl, sys, time; file = open(sys.argv[1], "r+"); fcntl.lockf(file, fcntl.LOCK_EX); time.sleep(2)' \
    "$work/held.store"
}
load held "$(config "$(file held)")" 5 hold_lock
check "a process that does not let go of the file: no call is lost" none_failed held
check "a process that does not let go of the file: lost, and found again" every held ' lost=1 recovered=1 state=connected$'

load nowhere "$(config '{"type":"file","path":"/nowhere/at/all"}')" 2
check "a file that cannot be: no call is lost" none_failed nowhere
check "a file that cannot be: the status says so" every nowhere ' lost=1 recovered=0 state=lost$'
check "the file: the slot of a process that died comes back" slots "$(file slots)"

finish
