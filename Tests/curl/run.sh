#!/bin/bash
# run.sh PREFIX [PYCURL-VERSION...]: the C suite, without valgrind, and HTTP/2 with newer versions of libcurl than the
# system's, which the wheels of pycurl bring along; without versions, with all that are listed here. A wheel that cannot be
# fetched is skipped with a word.
set -uo pipefail
cd "$(dirname "$0")/../.."
prefix=$(realpath "${1:?usage: run.sh PREFIX [PYCURL-VERSION...]}")
shift
source Tests/tap.sh

# libcurl 8.12.1, 8.16.0, 8.19.0, 8.22.0 and 8.23.0.
versions=("$@")
[ $# -gt 0 ] || versions=(7.45.6 7.45.7 7.46.0 7.48.0 7.49.0)
place=$PWD/build/curl
mkdir -p "$place"

# fetch VERSION: unpacks the wheel, unless that was done before.
fetch() {
  local folder=$place/$1
  [ -e "$folder/libcurl.so.4" ] && return
  python3 -m pip download -q --no-deps --only-binary :all: --retries 0 --timeout 10 -d "$place" "pycurl==$1" \
    >"$place/log" 2>&1 || return
  rm -rf "$folder"
  mkdir -p "$folder"
  python3 -m zipfile -e "$place/pycurl-$1"-*.whl "$folder" || return
  ln -s "$(find "$folder" -name 'libcurl*.so.*' | head -1)" "$folder/libcurl.so.4"
}

# in_suite LABEL COMMAND...: the checks of a suite, under the name of the version. What goes well is one line.
in_suite() {
  local label=$1 output status
  shift
  output=$("$@" 2>&1)
  status=$?
  if [ "$status" -eq 0 ]; then
    echo "ok $label: $(grep -c '^ok ' <<<"$output") checks"
  else
    grep -vE '^ok |no version information' <<<"$output" | sed "s|^not ok |not ok $label: |"
    failed=1
  fi
}

for version in "${versions[@]}"; do
  if ! fetch "$version"; then
    echo "skipping the libcurl of pycurl $version, which cannot be fetched: $(tail -1 "$place/log")"
    continue
  fi
  library=$place/$version/libcurl.so.4
  label="libcurl $(LD_LIBRARY_PATH=$(dirname "$(realpath "$library")") python3 - "$library" <<'PYTHON'
import ctypes, sys
version = ctypes.CDLL(sys.argv[1]).curl_version
version.restype = ctypes.c_char_p
print(version().decode().split()[0].split("/")[1])
PYTHON
  )"
  export LLM_TEST_CURL="$place/$version:$(dirname "$(realpath "$library")")"
  in_suite "$label, C suite" env LLM_TEST_QUICK=1 Tests/c/run.sh "$prefix"
  in_suite "$label, HTTP/2" Tests/http2/run.sh "$prefix"
done
finish
