#!/usr/bin/env bash
# run.sh SCRIPT PROGRAM: runs one *_test.sh in a fresh folder with what they share: $ESPALIER, $SOURCE, mpi, expect.
set -euo pipefail
script=$(realpath "$1")
export ESPALIER SOURCE
ESPALIER=$(realpath "$2")
SOURCE=$(cd "$(dirname "$0")/../.." && pwd)
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

# mpi RANKS VERB ...: the program on that many ranks, under a deadline.
mpi() { local ranks=$1; shift; timeout 300 mpirun -n "$ranks" --oversubscribe --bind-to none "$ESPALIER" "$@"; }

fail() { echo "FAILED: $*" >&2; exit 1; }

# expect CODE TEXT COMMAND...: the command ends with CODE and says TEXT (a fixed string) somewhere.
expect() {
  local code=$1 text=$2 got=0; shift 2
  "$@" >expect.out 2>&1 || got=$?
  [ "$got" -eq "$code" ] || { cat expect.out; fail "exit code $got instead of $code: $*"; }
  grep -qF -- "$text" expect.out || { cat expect.out; fail "'$text' is not said by: $*"; }
}

# shellcheck source=/dev/null
source "$script"
echo "passed: $(basename "$script")"
