#!/bin/bash
# run.sh PREFIX: HTTP/2 over TLS against nghttpd, which serves one answer as a file.
set -uo pipefail
cd "$(dirname "$0")/../.."
prefix=$(realpath "${1:?usage: run.sh PREFIX}")
source Tests/tap.sh
work=$(mktemp -d)
trap 'kill "$server" 2>/dev/null; rm -rf "$work"' EXIT
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig LD_LIBRARY_PATH=$prefix/lib

cc -std=c11 -Wall -Wextra -Werror Tests/http2/http2.c -o "$work/http2" -pthread \
  $(pkg-config --cflags --libs llm-provider jansson) || exit 1
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

read -r _ right _ opened _ reused < <(timeout 60 "$work/http2" "https://127.0.0.1:$port/v1" "$work/cert.pem")
same "100 answers over HTTP/2 from four threads" 100 "${right:-none}"
check "a connection for each thread at most (${opened:-none} opened)" test "${opened:-99}" -le 4
check "which all their calls use (${reused:-none} times)" test "${reused:-0}" -ge 96
finish
