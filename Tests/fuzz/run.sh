#!/bin/sh
# Fuzzes one target for some seconds: Tests/fuzz/run.sh TARGET SECONDS
# TARGET is a .swift file of this directory: sse, ndjson, eventstream, json, hotpath, joiner, dialects,
# requests, stores. The seed corpus stays as it is (that of dialects and requests is in Tests/Golden); what is found beyond it, and
# crashes, go to .build/fuzz/TARGET.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH= cd -- "$here/../.." && pwd)
if [ $# -ne 2 ] || [ "$1" = Support ] || [ ! -f "$here/$1.swift" ]; then
  sed -n '2,5s/^# //p' "$0" >&2
  exit 2
fi
target=$1
seconds=$2
out=$root/.build/fuzz
mkdir -p "$out/$target"

# SwiftPM makes a module of the C target by itself.
echo "module CMemory { header \"$root/Sources/CMemory/include/memory.h\" export * }" > "$out/memory.modulemap"
cc -O1 -g -c -I "$root/Sources/CMemory/include" "$root/Sources/CMemory/memory.c" -o "$out/memory.o"

# One module after the other, without the package manager: the fuzzer brings a main of its own.
flags="-O -swift-version 6 -sanitize=fuzzer,address -parse-as-library -package-name llm -I $out -Xcc -fmodule-map-file=$root/Sources/CSystem/module.modulemap -Xcc -fmodule-map-file=$out/memory.modulemap"
modules="LLMCore LLMWire" more="" corpus=$here/corpus/$target
case $target in
  dialects) seeds=response.bin ;;
  requests) seeds=request.json ;;
  json) seeds= more=$root/Tests/LLMTestSupport/JanssonOracle.swift ;;
  stores) seeds= modules="$modules LLMConfig LLMDialects LLMCatalog LLMPolicy" ;;
  *) seeds= ;;
esac
if [ -n "$seeds" ]; then
  modules="$modules LLMConfig LLMDialects" more="$more $root/Tests/LLMDialectsTests/TestEndpoint.swift $root/Tests/LLMDialectsTests/Recording.swift"
  corpus=$out/golden-$target
  rm -rf "$corpus"
  mkdir "$corpus"
  # The first byte of an input chooses the dialect, by its place in DialectKind.
  place=0
  for dialect in openai-chat openai-responses openai-completions anthropic-messages gemini-generate ollama-chat cohere-chat \
    bedrock-converse; do
    for case in "$root/Tests/Golden/$dialect"/*/"$seeds"; do
      [ ! -f "$case" ] || (printf '%b' "\\0$place"; cat "$case") > "$corpus/$dialect-$(basename "$(dirname "$case")")"
    done
    place=$((place + 1))
  done
fi
common="$root/Sources/CSystem $root/Sources/CMemory $here/run.sh"
objects=
for module in $modules; do
  object=$out/$module.o
  # Anew where anything is younger: its sources, or a module below.
  # shellcheck disable=SC2086
  if [ ! -e "$object" ] || [ -n "$(find "$root/Sources/$module" $common $objects -newer "$object")" ]; then
    (cd "$out" && swiftc $flags -wmo -enable-testing -emit-module -c -module-name "$module" -o "$object" \
      $(find "$root/Sources/$module" -name '*.swift'))
  fi
  objects="$objects $object"
done
# shellcheck disable=SC2086
swiftc $flags -module-name Fuzz "$here/Support.swift" "$here/$target.swift" $more $objects "$out/memory.o" -lcurl -ljansson -lm \
  -o "$out/fuzz-$target"

cd "$out"
exec "$out/fuzz-$target" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=1024 -max_len=16384 \
  -artifact_prefix="$out/$target-" "$out/$target" "$corpus"
