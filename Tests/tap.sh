# Sourced by the shell tests: every check prints "ok NAME" or "not ok NAME" with what it had to say.
# A script ends with `finish`, whose status tells whether all went well.

failed=0

# check NAME COMMAND...: the command must succeed.
check() {
  local name=$1 output
  shift
  if output=$("$@" 2>&1); then
    echo "ok $name"
  else
    echo "not ok $name"
    printf '%s\n' "$output" | sed 's/^/  | /'
    failed=1
  fi
}

# same NAME EXPECTED ACTUAL: the texts must be equal.
same() {
  check "$1" diff <(printf '%s\n' "$2") <(printf '%s\n' "$3")
}

finish() {
  exit "$failed"
}
