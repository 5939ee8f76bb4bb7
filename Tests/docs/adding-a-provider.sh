#!/bin/bash
# adding-a-provider.sh PREFIX: follows docs/adding-a-provider.md with the library installed in PREFIX. A C program of the
# page goes to the file that its first line names, the commands are run as they stand, and what they print must be what
# the page shows. Links within the page must lead somewhere.
set -uo pipefail
cd "$(dirname "$0")/../.."
source Tests/tap.sh
prefix=$(realpath "${1:?usage: adding-a-provider.sh PREFIX}")
page=$PWD/docs/adding-a-provider.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig LD_LIBRARY_PATH=$prefix/lib

# Blocks, numbered, as files: 01.c, 02.sh, 03.text, ...
mkdir "$work/blocks" "$work/desk"
awk -v folder="$work/blocks" '
  /^```(c|sh|text)$/ { file = sprintf("%s/%02d.%s", folder, ++number, substr($0, 4)); inside = 1; next }
  /^```/ { inside = 0 }
  inside { print > file }' "$page"

for program in "$work"/blocks/*.c; do
  name=$(sed -nE '1s,^/\* ([a-z_]+\.c): .*,\1,p' "$program")
  check "$(basename "$program") is called $name" test -n "$name"
  cp "$program" "$work/desk/$name"
  check "$name compiles without a warning" gcc -std=c99 -Wall -Wextra -pedantic -Werror -fsyntax-only \
    $(pkg-config --cflags llm-provider) "$program"
done

commands=0
for script in "$work"/blocks/*.sh; do
  number=$(basename "$script" .sh)
  shown=$work/blocks/$(printf %02d $((10#$number + 1))).text
  same "$(tail -n 1 "$script") prints what the page shows" "$(cat "$shown")" \
    "$(cd "$work/desk" && timeout 60 bash -euo pipefail "$script" 2>&1)"
  commands=$((commands + 1))
done
check "the page has commands" test "$commands" -ge 3

# Every file and heading that the page links to.
missing_links() {
  local target
  grep -oE '\]\([^)]+\)' "$page" | sed -E 's/^\]\(|\)$//g' | grep -v '^https:' | while read -r target; do
    case $target in
    '#'*)
      sed -nE 's/^#+ //p' "$page" | tr 'A-Z' 'a-z' | tr ' ' '-' | tr -d ':,.' | grep -qx -- "${target#'#'}" || echo "$target"
      ;;
    *) [ -e "docs/$target" ] || echo "$target" ;;
    esac
  done
}
same "its links lead somewhere" "" "$(missing_links)"

finish
