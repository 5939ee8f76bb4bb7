#!/bin/bash
# run.sh PREFIX: HTTP/2 over TLS: against nghttpd, which serves one answer as a file, and against a server that goes away,
# refuses and breaks off.
set -uo pipefail
cd "$(dirname "$0")/../.."
prefix=$(realpath "${1:?usage: run.sh PREFIX}")
source Tests/tap.sh
work=$(mktemp -d)
trap 'kill "$server" 2>/dev/null; rm -rf "$work"' EXIT
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig LD_LIBRARY_PATH=$prefix/lib

for program in http2 one; do
  cc -std=c11 -Wall -Wextra -Werror Tests/http2/$program.c -o "$work/$program" -pthread \
    $(pkg-config --cflags --libs llm-provider jansson) || exit 1
done
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/key.pem" -out "$work/cert.pem" -days 2 -subj /CN=localhost \
  -addext subjectAltName=IP:127.0.0.1 2>/dev/null || exit 1
mkdir -p "$work/root/v1/chat"
cat >"$work/root/v1/chat/completions" <<'JSON'
{"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"finish_reason":"stop",
"message":{"role":"assistant","content":"Over HTTP/2."}}]}
JSON

# A port that is free now; nghttpd cannot choose one itself.
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
nghttpd --address=127.0.0.1 -d "$work/root" "$port" "$work/key.pem" "$work/cert.pem" >"$work/log" 2>&1 &
server=$!
for _ in $(seq 100); do
  curl -s -o "$work/probe" --cacert "$work/cert.pem" "https://127.0.0.1:$port/v1/chat/completions" && break
  kill -0 "$server" || break
done

# Another libcurl than the one that was linked with.
[ -z "${LLM_TEST_CURL:-}" ] || LD_LIBRARY_PATH=$LLM_TEST_CURL:$LD_LIBRARY_PATH

read -r _ right _ opened _ reused < <(timeout 60 "$work/http2" "https://127.0.0.1:$port/v1" "$work/cert.pem")
same "100 answers over HTTP/2 from four threads" 100 "${right:-none}"
check "a connection for each thread at most (${opened:-none} opened)" test "${opened:-99}" -le 4
check "which all their calls use (${reused:-none} times)" test "${reused:-0}" -ge 96

coproc frames { env -u LD_LIBRARY_PATH python3 Tests/http2/frames.py "$work/cert.pem" "$work/key.pem"; }
input=${frames[1]}
# A copy, since the shell closes its own when the server has ended.
exec {output}<&"${frames[0]}"
declare -A ports
while read -r name port <&"$output" && [ "$name" != ready ]; do ports[$name]=$port; done

# told WAY ATTEMPTS CALLS: what calls to a way of answering become.
told() {
  timeout 60 "$work/one" "https://127.0.0.1:${ports[$1]}/v1" "$work/cert.pem" "$2" "$3"
}

# well NAME CALLS TOLD: so many calls were answered, in as many attempts as it took: some versions of libcurl ask again by
# themselves where the server says that it has not looked at the request.
well() { same "$1" "$2" "$(grep -cE '^ok [12] ' <<<"$3")"; }

# lines_of NAME EXPECTED TOLD: status and attempts of each call.
lines_of() { same "$1" "$2" "$(cut -d' ' -f1,2 <<<"$3")"; }

well "a server that goes away without the request is asked again" 1 "$(told goaway-unprocessed 3 1)"
well "also on a connection that has served" 2 "$(told goaway-below 3 2)"
well "and one that goes away with an error" 1 "$(told goaway-broken 3 1)"
lines_of "a request that was lost with its connection is sent again" "ok 2" "$(told goaway-processed 3 1)"
lines_of "a refused stream is sent again" "ok 1" "$(told refused-once 1 1)"
refused=$(told refused-always 3 1)
lines_of "and again, within the attempts" "connection 2" "$refused"
check "an error that says so" grep -q "refused the request without processing" <<<"$refused"
lines_of "a response that ends after its head is asked for again" "ok 2" "$(told reset-after-head 3 1)"
lines_of "a response without a status is none" "protocol 1" "$(told status-000 3 1)"
lines_of "a head of 1 MB is too large" "too_large 1" "$(told large-head 3 1)"
check "no word of another library's insides" bash -c '! grep -i nghttp2' <<<"$(told goaway-broken 1 1)$(told large-head 1 1)"

exec {input}>&-
declare -A counts
while read -r name count <&"$output"; do counts[$name]=$count; done
check "a refused request goes out once more for each attempt at most (${counts[refused-always]} times)" \
  test "${counts[refused-always]}" -le 4
finish
