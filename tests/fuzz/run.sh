#!/usr/bin/env bash
# run.sh SECONDS [NAME ...]: runs each fuzz target, or those named, for SECONDS on its committed corpus. FUZZ_BUILD names
# the build folder of the preset `fuzz`. New inputs stay in FUZZ_BUILD/fuzz/corpus; what breaks a target is named
# and the exit code is 1. config_fuzz also takes files of config_mutations.py.
#
#   cmake --preset fuzz && cmake --build --preset fuzz && tests/fuzz/run.sh 300
set -euo pipefail
seconds=${1:?usage: run.sh SECONDS [NAME ...]}; shift
here=$(cd "$(dirname "$0")" && pwd)
build=${FUZZ_BUILD:-$here/../../build-fuzz}/fuzz
[ $# -gt 0 ] || set -- $(cd "$build" && ls -- *_fuzz)
export LSAN_OPTIONS=suppressions=$here/../support/leaks.supp:print_suppressions=0
failed=0
for name in "$@"; do
  found=$build/corpus/$name
  mkdir -p "$found" "$here/corpus/${name%_fuzz}"
  echo "== $name"
  "$build/$name" -max_total_time="$seconds" -rss_limit_mb=2048 -malloc_limit_mb=1024 -timeout=20 -print_final_stats=1 \
    -artifact_prefix="$build/$name-" "$found" "$here/corpus/${name%_fuzz}" || failed=1
done
exit $failed
