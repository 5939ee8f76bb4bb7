#!/bin/bash
# run.sh PREFIX [OPTION...]: tortures the library installed in PREFIX; torture.c has the options. For one point, with the
# reason: run.sh PREFIX --only SCENARIO --fault NAME --at NUMBER once|lasting
set -uo pipefail
cd "$(dirname "$0")/../.."
prefix=$(realpath "${1:?usage: run.sh PREFIX [OPTION...]}")
shift
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig LD_LIBRARY_PATH=$prefix/lib
mkdir -p build
# Without builtins: a compiler that knows malloc leaves it out where it can.
gcc -std=gnu11 -O1 -g -Wall -Wextra -Werror -fno-builtin -rdynamic Tests/torture/*.c Tests/server/tls.c -o build/torture -pthread \
  $(pkg-config --cflags --libs llm-provider jansson openssl) || exit 1
unset $(compgen -e | grep -E '_(API_KEY|TOKEN|HOST|BASE_URL)$|^LLM_|_(proxy|PROXY)$')
exec ${TORTURE_WRAPPER:-} build/torture "$@"
