#!/bin/bash
# The layers of docs and Package.swift hold: who imports whom, where curl may be used, and what must not be written.
set -uo pipefail
cd "$(dirname "$0")/.."
source Tests/tap.sh

# The modules that each layer may import, beside the standard library's own; a layer that is not listed may not exist.
declare -A may_import=(
  [LLMEmbeddedUnicode]=""
  [LLMCore]="CSystem CMemory"
  [LLMWire]="LLMCore CSystem"
  [LLMConfig]="LLMCore"
  [LLMCatalog]="LLMCore LLMConfig"
  [LLMDialects]="LLMCore LLMWire LLMConfig CSystem"
  [LLMPolicy]="LLMCore LLMWire LLMConfig LLMCatalog LLMDialects"
  [LLMTransport]="LLMCore CSystem"
  [LLMClient]="LLMCore LLMWire LLMConfig LLMCatalog LLMDialects LLMPolicy LLMTransport CSystem"
  [LLMProviderABI]="LLMCore LLMWire LLMConfig LLMCatalog LLMDialects LLMPolicy LLMTransport LLMClient CSystem CLLMProvider"
)

# Sources with comments and the insides of string literals blanked, as FILE:LINE:TEXT.
code_of() {
  find -L "$@" -name '*.swift' -print0 | sort -z | xargs -0 -r awk '
    FNR == 1 { in_comment = 0; in_text = 0 }
    {
      line = $0
      if (in_text) { if (index(line, "\"\"\"")) in_text = 0; next }
      if (in_comment) { if (!match(line, /\*\//)) next; line = substr(line, RSTART + 2); in_comment = 0 }
      gsub(/\\\\/, "", line); gsub(/\\"/, "", line)
      if (match(line, /"""/)) { line = substr(line, 1, RSTART - 1); in_text = 1 }
      gsub(/"[^"]*"/, "\"\"", line)
      sub(/\/\/.*/, "", line)
      gsub(/\/\*[^*]*\*\//, "", line)
      if (match(line, /\/\*/)) { line = substr(line, 1, RSTART - 1); in_comment = 1 }
      print FILENAME ":" FNR ":" line
    }'
}

# code_matches PATTERN FOLDER...
code_matches() {
  code_of "${@:2}" | grep -E "^[^:]+:[0-9]+:.*($1)"
}

imports_beyond_layer() {
  local module allowed
  while IFS=: read -r file line text; do
    module=$(grep -oE 'import +((struct|class|enum|func|protocol|var|let|typealias) +)?[A-Za-z_]+' <<<"$text" | awk '{print $NF}')
    allowed=" ${may_import[$1]} Synchronization "
    [[ $allowed == *" $module "* ]] || echo "$file:$line: $module"
  done < <(code_of "Sources/$1" | grep -E '^[^:]+:[0-9]+:(@[A-Za-z_]+ +|public +|package +|internal +|private +|fileprivate +)*import ')
}

for folder in Sources/LLM*; do
  layer=$(basename "$folder")
  check "$layer is a layer" test "${may_import[$layer]+listed}"
  if [ "${may_import[$layer]+listed}" ]; then
    same "$layer imports only what is below it" "" "$(imports_beyond_layer "$layer")"
  fi
done

same "curl is used by the transport alone" "" \
  "$(code_matches '\b(curl_[a-z_]+|CURL[A-Z]*_[A-Z_]+|llm_curl_[a-z_]+)\b' $(ls -d Sources/LLM* | grep -v LLMTransport))"

# What ships is compiled as one module, in which Swift asks for it.
same "every file has a name of its own" "" \
  "$(find Sources -name '*.swift' -not -path '*/LLMEmbeddedUnicode/*' -printf '%f\n' | sort | uniq -d)"

# A trap is a crash of the program that linked us.
same "no construct that traps on purpose" "" \
  "$(code_matches '\b(try!|as!|fatalError|precondition|preconditionFailure|assert|assertionFailure|unowned)([^A-Za-z0-9_]|$)' Sources)"
# `name!` is an unwrapping, `Type!` is how Swift writes a C pointer in a signature that a header prescribes.
same "no forced unwrapping" "" "$(code_matches '([a-z0-9_][A-Za-z0-9_]*|[]})])!([^=]|$)' Sources | grep -vE '(Pointer(<[^!]*>)?|_fn|[>?])!')"
same "no unchecked arithmetic mode, no unsafe flags" "" "$(grep -nE 'Ounchecked|unsafeFlags' -r Package.swift Makefile Sources)"
same "no untyped throws" "" "$(code_matches '\bthrows +(->|\{|where)' Sources)"
same "no Foundation" "" "$(code_matches '\bimport +(Foundation|Glibc|Darwin|Musl)' Sources)"

finish
