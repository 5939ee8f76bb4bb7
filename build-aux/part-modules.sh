#!/bin/bash
# part-modules.sh OBJECT-LIST FOLDER: copies the listed object files to the folder, with the names of constant arrays made
# different from module to module where they could be mistaken for each other.
#
# Embedded Swift compiles a copy of a function into every module that uses it, and its constant arrays beside it. It
# numbers the arrays of a function anew in each module, not always in the same order, and calls them the same: the linker
# would pair one module's copy of the function with the arrays of another's, and a table lookup would answer with another
# row. A function of one array is safe, and its copies may stay one.
set -euo pipefail
list=$1 folder=$2
objcopy=${OBJCOPY:-objcopy}

rm -rf "$folder"
mkdir -p "$folder"
mapfile -t objects < <(tr -d "'" <"$list")

# Every array as `NAME SIZE`; names end in Tv_r, Tv0_r, Tv1_r …, or the same without the r.
arrays() { nm -S "$@" | awk 'NF == 4 && $4 ~ /Tv[0-9]*_r?$/ {print $4, $2}'; }

# The functions with several arrays, or with one that is not the same everywhere.
arrays "${objects[@]}" | awk '{
  function_name = $1; sub(/Tv[0-9]*_r?$/, "", function_name)
  if ($1 ~ /Tv[0-9]+_r?$/ || (($1 in size) && size[$1] != $2)) print function_name
  size[$1] = $2
}' | sort -u >"$folder/ambiguous"

for object in "${objects[@]}"; do
  module=$(basename "$(dirname "$object")" .build)
  nm "$object" | awk -v module="$module" -v ambiguous="$folder/ambiguous" '
    BEGIN { while ((getline line < ambiguous) > 0) is_ambiguous[line] }
    NF < 4 && $NF ~ /Tv[0-9]*_r?$/ {
      function_name = $NF; sub(/Tv[0-9]*_r?$/, "", function_name)
      if (function_name in is_ambiguous) print $NF, $NF "." module
    }' | sort -u >"$folder/names"
  "$objcopy" --redefine-syms="$folder/names" "$object" "$folder/$module.$(basename "$object")"
done
