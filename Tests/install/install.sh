#!/bin/bash
# Installing below DESTDIR puts the right files in place, and uninstalling leaves none of them.
set -uo pipefail
cd "$(dirname "$0")/../.."
source Tests/tap.sh

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
files() { (cd "$root" && find . ! -type d | LC_ALL=C sort); }
run() { make --no-print-directory "$@" DESTDIR="$root"; }

version=$(sed -n 's/^#define LLM_VERSION "\(.*\)"/\1/p' include/llm_provider.h)
expected=$({
  printf './opt/llm/include/%s\n' $(cd include && ls *.h) llm_provider_ffi.h
  printf './opt/llm/share/doc/llm-provider/%s\n' LICENSE README.md CHANGELOG.md SECURITY.md docs/*.md examples-c/*.[ch]
  printf './opt/llm/lib64/%s\n' cmake/llm-provider/llm-provider-config{,-version}.cmake libllmprovider.{a,so} \
    libllmprovider.so.{0,"$version"} pkgconfig/llm-provider.pc
} | LC_ALL=C sort)

check "install below DESTDIR" run install PREFIX=/opt/llm LIBDIR=/opt/llm/lib64
same "what is installed" "$expected" "$(files)"
same "the links" "libllmprovider.so.0 libllmprovider.so.$version" \
  "$(echo $(readlink "$root"/opt/llm/lib64/libllmprovider.so{,.0}))"
same "pkg-config finds a library folder of another name" "$root/opt/llm/lib64" \
  "$(realpath "$(PKG_CONFIG_PATH=$root/opt/llm/lib64/pkgconfig pkg-config --variable=libdir llm-provider)")"
same "no file names DESTDIR" "" "$(grep -rlF "$root" "$root")"
check "install the store in Redis" run install-redis PREFIX=/opt/llm LIBDIR=/opt/llm/lib64
check "which is there" test -e "$root/opt/llm/lib64/libllmprovider-redis.a"
check "uninstall" run uninstall PREFIX=/opt/llm LIBDIR=/opt/llm/lib64
same "what is left" "" "$(files)"

finish
