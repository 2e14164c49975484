#!/usr/bin/env bash
# Builds the unit tests under sanitizers and runs them. Needs libclang-rt-14-dev.
#
#   tests/sanitizers.sh asan tsan
set -euo pipefail
cd "$(dirname "$0")/.."

for preset; do
  cmake --preset "$preset"
  cmake --build --preset "$preset"
  # What a preset does not build is no test of its own.
  built=$(cd "build-$preset/tests" && echo *_test | tr ' ' '|')
  ctest --test-dir "build-$preset" --output-on-failure --no-tests=error -R "^unit\\.(${built//_test/})\$"
done
