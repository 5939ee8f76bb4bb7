#!/bin/sh
# Checks that the server does what README.md says of it. Needs curl and python3.
set -eu
cd "$(dirname "$0")"
exec python3 -B selftest.py "${1:-build/llm-test-server}"
