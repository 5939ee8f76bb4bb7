#!/bin/bash
# run.sh PREFIX: compiles every example as its first lines tell, through pkg-config against the library installed in
# PREFIX, and checks what it prints: with the built-in mock provider, and with a server on this machine.
set -uo pipefail
cd "$(dirname "$0")/.."
source Tests/tap.sh
prefix=$(realpath "${1:?usage: run.sh PREFIX}")
work=$(mktemp -d)
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig LD_LIBRARY_PATH=$prefix/lib

# -- The server: echoes at /__echo/v1, and ends when our side of its standard input closes ------------------------

make -s -C Tests/server
coproc server { Tests/server/build/llm-test-server --scripts Tests/server/scripts --until-stdin-closes; }
server_input=${server[1]}
read -r _ port <&"${server[0]}"
trap 'exec {server_input}>&-; rm -rf "$work"' EXIT

# service PATH: the configuration of an OpenAI-compatible service there.
service() {
  printf '{"type":"openai","base_url":"http://127.0.0.1:%s/%s/v1","api_key":"k","model":"m"}' "$port" "$1"
}

# mock RESPONSES [MEMBERS]: a provider that answers as told.
mock() {
  printf '{"type":"mock","mock":{"responses":[%s]%s}}' "$1" "${2:-}"
}

# -- Checks --------------------------------------------------------------------------------------------------------

# compile NAME: with the packages and flags of the comment at its top, and no warning.
compile() {
  local source=examples-c/$1.c packages=llm-provider others
  others=$(sed -nE "s,^ \\* +cc $1\\.c ([a-z_]+\\.c) .*,examples-c/\\1,p" "$source" | head -n 1)
  grep -qE 'llm_provider_jansson.h|<jansson.h>' "$source" && packages="llm-provider jansson"
  grep -q 'pthread.h' "$source" && set -- "$1" -pthread
  gcc -std=c99 -O2 -Wall -Wextra -pedantic -Werror "$source" $others -o "$work/$1" \
    $(pkg-config --cflags --libs $packages) "${@:2}"
}

# plugin NAME: as a shared object that does not need the library.
plugin() {
  gcc -std=c99 -O2 -Wall -Wextra -pedantic -Werror -shared -fPIC "examples-c/$1.c" -o "$work/$1.so" \
    $(pkg-config --cflags llm-provider) $(grep -q '<jansson.h>' "examples-c/$1.c" && pkg-config --libs jansson)
}

# says STATUS PATTERN... -- COMMAND...: the command ends with the status, and prints text that matches each pattern.
says() {
  local wanted=$1 patterns=() output status
  shift
  while [ "$1" != -- ]; do
    patterns+=("$1")
    shift
  done
  shift
  output=$(timeout 60 "$@" 2>&1 </dev/null)
  status=$?
  printf '%s\n' "$output"
  [ "$status" -eq "$wanted" ] || { echo "status $status, not $wanted"; return 1; }
  for pattern in "${patterns[@]}"; do
    grep -qE -- "$pattern" <<<"$output" || { echo "nothing matches $pattern"; return 1; }
  done
}

# run NAME STATUS PATTERN... -- COMMAND...
run() {
  local name=$1 status=$2
  shift 2
  check "$name" says "$status" "$@"
}

for source in examples-c/*.c; do
  grep -q '^int main' "$source" && check "$(basename "$source") compiles" compile "$(basename "$source" .c)"
  grep -q 'llm_plugin_register' "$source" &&
    check "$(basename "$source") compiles as a plugin" plugin "$(basename "$source" .c)"
done

readme_program() {
  sed -n '/^```c$/,/^```$/p' README.md | sed '/^```/d' | diff examples-c/minimal.c -
}
check "the program in README.md is minimal.c" readme_program

weather='{"tool_calls":[{"name":"get_weather","arguments":{"city":"Paris"}},
  {"name":"get_weather","arguments":{"city":"Oslo"}},{"name":"add","arguments":{"numbers":[2,3]}}]}'
rivers='"{\"rivers\":[{\"name\":\"Danube\",\"length_km\":2850},{\"name\":\"Rhine\",\"length_km\":1230}]}"'
story='"Once upon a time there was a stream that never wanted to end, and went on and on and on."'
thoughts='{"reasoning_content":"Think first.","content":"Then speak."}'
limited='{"error":{"status":429,"code":"rate_limited","message":"Slow down.","retry_after_ms":1500}}'
truncated='{"content":"half of what was to be said","truncate_after":4}'

run "minimal with the mock" 0 '"object": ?"chat.completion"' 'Say hello' '^Say goodbye\.$' -- \
  "$work/minimal" '{"type":"mock"}'
run "minimal with a server" 0 '"object": ?"chat.completion"' 'Say hello' '^Say goodbye\.$' -- \
  "$work/minimal" "$(service __echo)"
run "minimal with a wrong configuration" 1 invalid_config base_url -- \
  "$work/minimal" '{"type":"openai","base_ulr":"http://127.0.0.1"}'

run "stream with the mock" 0 '^Hi "you"' '10 bytes of text, 0 of reasoning, 1 terminal event' -- \
  "$work/stream" '{"type":"mock"}' 'Hi "you"\o'
run "stream with reasoning" 0 '^Then speak\.' '11 bytes of text, 12 of reasoning, 1 terminal event' -- \
  "$work/stream" "$(mock "$thoughts")"
run "stream with a server" 0 '^Hello' '1 terminal event' -- "$work/stream" "$(service ok-stream)"
run "stream that breaks off" 1 '^half' stream_truncated '"partial"' '1 terminal event' -- \
  "$work/stream" "$(mock "$truncated")"
run "stream of a server that breaks off" 1 stream_truncated '1 terminal event' -- \
  "$work/stream" "$(service stream-cut-mid-event)"

run "pull with the mock" 0 '^Count to five\.' '"object": ?"chat.completion"' -- "$work/pull" '{"type":"mock"}'
run "pull waits" 0 'waited [1-9]' -- "$work/pull" "$(mock '"slow"' ',"first_delay_ms":350')"
run "pull with a server" 0 'Count to five' -- "$work/pull" "$(service __echo)"

run "cancel with the mock" 0 '^Once upon' '^\[cancelled\]' '^cancelled: .*"partial"' -- \
  "$work/cancel" "$(mock "$story" ',"delay_ms":50')"
run "cancel with a server that says no more" 0 '^\[cancelled\]' '^cancelled: ' -- \
  "$work/cancel" "$(service never-after-text)"

run "Ctrl-C in Python ends a blocking call" 130 '^stopped: cancelled$' -- \
  timeout --preserve-status -s INT 1 python3 examples-c/progress.py "$prefix/lib/libllmprovider.so" \
  "$(mock '"late"' ',"first_delay_ms":600000')"
run "a blocking call in Python that nobody stops" 0 '^ok: .*early' -- \
  python3 examples-c/progress.py "$prefix/lib/libllmprovider.so" "$(mock '"early"')"

run "tools with the mock" 0 '^get_weather\(.*Paris.*18' '^get_weather\(.*Oslo' '^add\(.*"sum": ?5' '^It is 18' -- \
  "$work/tools" "$(mock "$weather, \"It is 18 degrees.\"")"
run "tools that never end" 1 'still asking' -- "$work/tools" "$(mock "$weather" ',"loop":true')"
run "tools with a server" 0 '^get_weather\(' -- "$work/tools" "$(service tool-then-answer)"

run "structured with the mock" 0 '^Danube +2850 km$' '^Rhine +1230 km$' -- "$work/structured" "$(mock "$rivers")"
run "structured, not as the schema says" 1 'does not follow' -- "$work/structured" "$(mock '"no JSON"')"

run "replay_test with its recordings" 0 '^ok What a' '^ok The train' '^ok I want' '^passed' -- \
  "$work/replay_test" examples-c/recordings
run "replay_test, recorded anew" 0 '^passed' -- \
  "$work/replay_test" "$work/recordings" '{"type":"openai","base_url":"http://127.0.0.1:'"$port"'/v1","api_key":"k"}'
same "recordings are called the same each time" "$(ls examples-c/recordings)" "$(ls "$work/recordings")"
run "replay_test with new recordings" 0 '^passed' -- "$work/replay_test" "$work/recordings"
run "replay_test without recordings" 1 'holds no recording of this request' '^failed' -- "$work/replay_test" "$work"

run "embeddings with a server" 0 'The cat sleeps\. \| A kitten is napping\.' -- \
  "$work/embeddings" "$(service __echo)"

run "observe with a server" 0 '^span of [0-9]+ ms$' 'gen_ai.operation.name = "chat"' 'gen_ai.provider.name = "openai"' \
  'gen_ai.request.model = "m"' 'server.address = "127.0.0.1"' "server.port = $port" 'gen_ai.request.temperature = 0.5' \
  'gen_ai.response.finish_reasons = \["stop"\]' 'gen_ai.usage.input_tokens = [0-9]+' -- "$work/observe" "$(service __echo)"
run "observe, refused" 0 'error.type = "authentication"' -- "$work/observe" "$(service status-401)"
run "metrics with a server" 0 'llm_calls_total\{provider="openai",type="openai",model="m",code="ok"\} 2' -- \
  "$work/observe" "$(service __echo)" metrics
check "the metrics are as Prometheus wants them" \
  bash -c '"$0" "$1" metrics | python3 Tests/metrics/check.py' "$work/observe" "$(service __echo)"
check "the metrics of a provider with an odd name, too" \
  bash -c '"$0" "$1" metrics | python3 Tests/metrics/check.py' "$work/observe" '{"type":"mock","name":"a\"b\\c\nd,e}"}'
check "a checker that finds nothing wrong would find this" \
  bash -c '! printf "# TYPE a_total counter\na_total 1\na_total 1\n" | python3 Tests/metrics/check.py'

run "jansson with the mock" 0 '^Paris$' -- "$work/jansson" "$(mock '"Paris"')"
run "jansson with a server" 0 'capital of France' -- "$work/jansson" "$(service __echo)"
run "jansson, refused" 1 '^authentication: ' -- "$work/jansson" "$(service status-401)"

run "errors with the mock" 0 'nearest|model' '^request: invalid_request' 'param: /messages/0/content' '^answer: Hello!' -- \
  "$work/errors" '{"type":"mock"}'
run "errors, rate limited" 0 '^answer: rate_limited' 'retry after: 1500 ms' 'Slow down' -- \
  "$work/errors" "$(mock "$limited" ',"loop":true')"
run "errors, broken off" 0 '^answer: stream_truncated' 'had arrived: half' -- "$work/errors" "$(mock "$truncated")"

run "chat, once" 0 '^Why is the sky blue\?$' -- "$work/chat" --config '{"type":"mock"}' --once 'Why is the sky blue?'
run "chat with a server" 0 '^Hello' -- "$work/chat" --config "$(service ok-stream)" --once Hi
run "chat with a configuration in a file" 0 '^from a file$' -- \
  bash -c 'mock=$(mktemp) && echo "{\"type\":\"mock\"}" >"$mock" && "$0" --config "$mock" --once "from a file"' "$work/chat"
run "chat, refused" 1 '^authentication: ' -- "$work/chat" --config "$(service status-401)" --once Hi
run "chat, wrong usage" 2 '^usage: ' -- "$work/chat" --nonsense
run "chat says who answers, and what a mock is" 0 'built-in mock' 'OPENAI_API_KEY' '^\[mock, mock\]$' -- \
  bash -c 'echo Hi | "$0" --config "{\"type\":\"mock\"}"' "$work/chat"
run "chat names a service" 0 '^\[openai, m\]$' -- bash -c 'echo Hi | "$0" --config "$1"' "$work/chat" "$(service ok-stream)"
run "chat in a terminal" 0 -- python3 examples-c/terminal.py "$work/chat" --config '{"type":"mock"}'
run "chat, several turns" 0 '^> one$' '^ONE$' '^model: other$' '^TWO$' -- \
  bash -c 'printf "%s\n" one "/model other" two /reset /quit | "$0" --config "$1"' "$work/chat" "$(mock '"ONE","TWO"')"
run "chat, Ctrl-C stops the answer and not the program" 0 '^Once upon' '^\[stopped\]$' '^> /quit$' -- \
  python3 examples-c/interrupt.py "$work/chat" --config "$(mock "$story" ',"delay_ms":50')"

run "custom_config" 0 'one.example/v1/chat/completions.*Bearer \[redacted\]' 'two.example/generate.*"X-Api-Key":"\[redacted\]".*"max_tokens":20' \
  'three.example/api/chat/completions\?token=\[redacted\]' 'four.example/v1/messages.*Token \[redacted\].*"X-Team":"blue"' \
  '"http://127.0.0.1:8080/v1/chat/completions","headers":\{"Content-Type":"application/json"\}' -- "$work/custom_config"
check "custom_config sends no seed where it is refused" \
  bash -c '! "$0" | grep two.example | grep -E "seed|secret"' "$work/custom_config"

run "router" 0 '^\[shaky failed with overloaded: asking steady\]$' '^Say hello\.$' '^attempt 1: shaky overloaded$' \
  '^attempt 2: steady ok$' '^shaky is error$' '^steady is connected$' -- "$work/router"
run "router with servers" 0 '^attempt 1: openai authentication$' '^attempt 2: openai ok$' -- "$work/router" \
  "{\"type\":\"router\",\"models\":[{\"name\":\"x\",\"provider\":$(service status-401)},{\"name\":\"x\",\"provider\":$(service __echo)}]}"
run "router with a gateway file" 0 '^Say hello\.$' '^attempt 1: echo ok$' -- bash -c \
  'echo "{\"providers\":{\"echo\":$1},\"models\":[{\"name\":\"any\",\"provider\":\"echo\"}]}" >"$2" && "$0" "$2" any' \
  "$work/router" "$(service __echo)" "$work/gateway.json"
run "router with a plugin" 0 '^Greetings from a plugin\.$' '^attempt 1: greeter ok$' -- "$work/router" \
  "{\"type\":\"router\",\"plugins\":[\"$work/plugin.so\"],\"models\":[{\"name\":\"x\",\"provider\":{\"type\":\"greeter\"}}]}"
run "router, refused" 1 '^invalid_config: .*did you mean .*provider' -- \
  "$work/router" '{"type":"router","models":[{"name":"x","provder":{"type":"mock"}}]}'

# own NAME: the configuration of the invented service of custom_dialect.c, as a script of the server plays it.
own() {
  printf '{"type":"sayer","base_url":"http://127.0.0.1:%s/%s","retry":{"delay_ms":1}}' "$port" "$1"
}
run "custom_dialect" 0 '^Something naïve\.$' '"completion_tokens":3' -- "$work/custom_dialect" "$(own sayer)"
run "custom_dialect, busy and then broken off" 1 '^Never ending' '"code":"overloaded","status":503' stream_truncated -- \
  "$work/custom_dialect" "$(own sayer-busy)"
run "custom_dialect without an address" 1 'base_url' -- "$work/custom_dialect" '{"type":"sayer"}'
run "custom_engine" 0 '^the [a-z ]+$' '"finish_reason":"length"' '"completion_tokens":12' -- "$work/custom_engine"
run "custom_engine with words of its own" 0 '^a b a b a b' -- "$work/custom_engine" '{"type":"babbler","text":"a b a"}'
run "custom_engine without words" 1 'no words to learn from' '"param":"/text"' -- \
  "$work/custom_engine" '{"type":"babbler","text":" "}'
run "custom_engine with a wrong key" 1 'did you mean .*text' -- "$work/custom_engine" '{"type":"babbler","txt":"a"}'
run "plugin" 0 'Greetings from a plugin\.' -- "$work/plugin_host" "$work/plugin.so" '{"type":"greeter"}'
run "plugin by a path that is not absolute" 1 '"code":"plugin".*absolute' -- \
  "$work/plugin_host" plugin.so '{"type":"greeter"}'
run "plugin with a type that it does not bring" 1 'unknown type' -- \
  "$work/plugin_host" "$work/plugin.so" '{"type":"griever"}'
check "a plugin needs no library of ours" bash -c '! readelf -d "$0" | grep -q llmprovider' "$work/plugin.so"

finish
