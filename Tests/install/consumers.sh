#!/bin/bash
# consumers.sh PREFIX: programs find and link the installed library: by pkg-config, from a moved prefix, by CMake, and
# statically, also beside another library written in Embedded Swift.
set -uo pipefail
cd "$(dirname "$0")/../.."
source Tests/tap.sh
prefix=$(realpath "${1:?usage: consumers.sh PREFIX}")
here=$PWD/Tests/install
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

expected=$(sed -n 's/^#define LLM_VERSION "\(.*\)"/\1 ok/p' include/llm_provider.h)
flags=(-std=c99 -Wall -Wextra -pedantic -Werror)

# outputs EXPECTED COMMAND...
outputs() {
  local wanted=$1
  shift
  diff <(printf '%s\n' "$wanted") <("$@" 2>&1)
}

# by_pkg_config PREFIX PROGRAM
by_pkg_config() {
  gcc "${flags[@]}" "$here/consumer.c" -o "$2" \
    $(PKG_CONFIG_PATH=$1/lib/pkgconfig pkg-config --cflags --libs llm-provider) &&
    outputs "$expected" env LD_LIBRARY_PATH="$1/lib" "$2"
}

by_cmake() {
  cmake -S "$here/cmake" -B "$work/cmake" -DCMAKE_PREFIX_PATH="$1" -DCMAKE_BUILD_TYPE=Release &&
    cmake --build "$work/cmake" && outputs "$expected" "$work/cmake/consumer" &&
    outputs "$expected" "$work/cmake/consumer_static"
}

# by_cmake_with_redis PREFIX
by_cmake_with_redis() {
  rm -rf "$work/cmake"
  cmake -S "$here/cmake" -B "$work/cmake" -DCMAKE_PREFIX_PATH="$1" -DCOMPONENTS=redis &&
    cmake --build "$work/cmake" && outputs "${expected/%ok/ok redis ok}" "$work/cmake/consumer_redis" &&
    outputs "${expected/%ok/ok redis ok}" "$work/cmake/consumer_redis_static"
}

# not_found_by_cmake PREFIX COMPONENT
not_found_by_cmake() {
  rm -rf "$work/cmake"
  ! cmake -S "$here/cmake" -B "$work/cmake" -DCMAKE_PREFIX_PATH="$1" -DCOMPONENTS="$2" >"$work/cmake.log" 2>&1 &&
    grep -q "the component $2 is not installed" "$work/cmake.log"
}

static_alone() {
  gcc "${flags[@]}" -I"$prefix/include" "$here/consumer.c" "$prefix/lib/libllmprovider.a" -lcurl -ljansson \
    -o "$work/static" && outputs "$expected" "$work/static"
}

# The other library brings its own copy of what it uses of the Swift standard library.
build_other_swift_library() {
  swiftc -parse-as-library -wmo -O -enable-experimental-feature Embedded -module-name Other -c "$here/other.swift" \
    -o "$work/other.o" && ar rcs "$work/libother.a" "$work/other.o"
}

# beside_other_swift LIBRARY...: in either order, which decides whose definitions the linker sees first.
beside_other_swift() {
  gcc "${flags[@]}" -DWITH_OTHER -I"$prefix/include" "$here/consumer.c" "$@" -lcurl -ljansson -o "$work/beside" &&
    outputs "$expected 3" "$work/beside"
}

foreign_globals() {
  nm -g --defined-only "$prefix/lib/libllmprovider.a" | awk 'NF == 3 && $3 !~ /^llm_/'
}

check "pkg-config" by_pkg_config "$prefix" "$work/by_pkg_config"
cp -r "$prefix" "$work/moved"
check "pkg-config from a moved prefix" by_pkg_config "$work/moved" "$work/by_pkg_config_moved"
check "CMake" by_cmake "$prefix"
rm -rf "$work/cmake"
check "CMake from a moved prefix" by_cmake "$work/moved"
# with_older_jansson: as on Ubuntu 22.04, whose libjansson is without what 2.14 brought. A name that is spelt otherwise is
# not found.
with_older_jansson() {
  mkdir "$work/older"
  LC_ALL=C sed -E 's/json_object_(getn|setn_new|deln|update_recursiv|iter_key_le)/json_object_\U\1/g' \
    "$(ldconfig -p | awk '/libjansson\.so\.4 / {print $NF; exit}')" >"$work/older/libjansson.so.4" &&
    nm -D --defined-only "$work/older/libjansson.so.4" | grep json_object_GETN >/dev/null &&
    outputs "$expected" env LD_LIBRARY_PATH="$work/older:$prefix/lib" "$work/by_pkg_config"
}

check "runs with libjansson 2.13" with_older_jansson
if [ -e "$prefix/lib/libllmprovider-redis.so" ]; then
  check "CMake with the store in Redis" by_cmake_with_redis "$work/moved"
fi
rm -f "$work/moved/lib/cmake/llm-provider/llm-provider-redis.cmake"
check "CMake says where the store in Redis is not installed" not_found_by_cmake "$work/moved" redis
check "CMake says that there is no such component" not_found_by_cmake "$work/moved" valkyrie
check "static, with gcc, libcurl and libjansson alone" static_alone
same "only llm_* is global in the static library" "" "$(foreign_globals)"
check "another Embedded Swift library builds" build_other_swift_library
check "static before another Swift library" beside_other_swift "$prefix/lib/libllmprovider.a" "$work/libother.a"
check "static after another Swift library" beside_other_swift "$work/libother.a" "$prefix/lib/libllmprovider.a"

finish
