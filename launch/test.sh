#!/usr/bin/env bash
# Sets up, builds everything and runs every test: the quick ones first, then those that drive the program.
#
#   launch/test.sh                  all
#   launch/test.sh -R rotation      arguments go to ctest
set -euo pipefail
cd "$(dirname "$0")/.."
start=$SECONDS

launch/setup.sh
cmake --preset default
cmake --build --preset default
ctest --preset default --label-regex '^unit$' "$@"
ctest --preset default --label-exclude '^unit$' "$@"
echo "test: everything passed, $((SECONDS - start)) s"
