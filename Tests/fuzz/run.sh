#!/bin/sh
# Fuzzes one target for some seconds: Tests/fuzz/run.sh TARGET SECONDS
# TARGET is a .swift file of this directory: sse, ndjson, eventstream, json, hotpath, joiner. The seed corpus stays as it
# is; what is found beyond it, and crashes, go to .build/fuzz/TARGET.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH= cd -- "$here/../.." && pwd)
if [ $# -ne 2 ] || [ "$1" = Support ] || [ ! -f "$here/$1.swift" ]; then
  sed -n '2,4s/^# //p' "$0" >&2
  exit 2
fi
target=$1
seconds=$2
out=$root/.build/fuzz
mkdir -p "$out/$target"

# One module after the other, without the package manager: the fuzzer brings a main of its own.
flags="-O -swift-version 6 -sanitize=fuzzer,address -parse-as-library -I $out -Xcc -fmodule-map-file=$root/Sources/CSystem/module.modulemap"
for module in LLMCore LLMWire; do
  # shellcheck disable=SC2086
  (cd "$out" && swiftc $flags -wmo -enable-testing -emit-module -c -module-name "$module" -o "$out/$module.o" \
    "$root/Sources/$module"/*.swift)
done
# shellcheck disable=SC2086
swiftc $flags -module-name Fuzz "$here/Support.swift" "$here/$target.swift" "$out/LLMCore.o" "$out/LLMWire.o" -lm \
  -o "$out/fuzz-$target"

cd "$out"
exec "$out/fuzz-$target" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=1024 -max_len=4096 \
  -artifact_prefix="$out/$target-" "$out/$target" "$here/corpus/$target"
