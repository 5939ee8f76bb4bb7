#!/bin/bash
# demo.sh: make demo says in a few quiet lines what it does, and where Swift is missing, that, in one.
set -uo pipefail
cd "$(dirname "$0")/../.."
source Tests/tap.sh

# What the library does is tested elsewhere: without keys, and where no local server answers, this is the mock.
demo() {
  env -i HOME="$HOME" PATH="$PATH" make --no-print-directory demo 2>&1
}
says() { grep -qF -- "$1" <<<"$transcript"; }
transcript=$(demo)
check "make demo asks" says '> Hello! Who are you?'
if says '[mock, mock]'; then
  check "says that the mock is one, and how to have a model" says 'The built-in mock answers'
  check "is answered" test "$(grep -cxF 'Say that in five words.' <<<"$transcript")" = 1
fi
same "has nothing else to say" "" "$(sed 11q <<<"$transcript" | diff - <(printf '%s\n' "$transcript"))"

without_swift() {
  env -i HOME="$HOME" PATH=/usr/bin:/bin make --no-print-directory demo 2>&1 | grep -v '^make: '
}
if [ ! -e /usr/bin/swiftc ]; then
  same "in a sentence, that Swift is missing" \
    "llm-provider is built with Swift 6.3 or later, which is not here: see https://www.swift.org/install/" \
    "$(without_swift)"
fi

finish
